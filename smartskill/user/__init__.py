"""Accounts, roles, the organisation, and signing in."""
