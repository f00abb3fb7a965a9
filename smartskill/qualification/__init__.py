"""Degrees, certificates, and when they expire."""
