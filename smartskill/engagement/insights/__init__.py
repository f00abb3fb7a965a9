"""The bridge to `ml`: rows become columns, columns become scores, odds and figures, and those become rows again."""
