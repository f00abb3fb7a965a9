"""Planning, from the formulas to the answers."""
