"""Tests of the catalogue and of levels."""
