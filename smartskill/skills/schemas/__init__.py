"""The JSON of the catalogue and of levels."""
