"""The rules of the catalogue and of people's levels."""
