"""The rules of planning, by noun."""
