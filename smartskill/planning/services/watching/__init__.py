"""Searches that people keep, and what is new about them."""
