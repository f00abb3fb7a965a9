"""Qualifications over HTTP, by noun."""
