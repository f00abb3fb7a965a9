"""Suggesting, piece by piece."""
