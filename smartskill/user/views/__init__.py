"""The addresses of accounts, signing in and the organisation, by noun."""
