"""Occupations of ESCO and O*NET, read from their files."""
