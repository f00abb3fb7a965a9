"""Accounts, signing in and the organisation."""
