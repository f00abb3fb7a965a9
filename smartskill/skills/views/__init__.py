"""The catalogue and people's levels over HTTP."""
