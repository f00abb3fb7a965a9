"""The skill catalogue and people's levels."""
