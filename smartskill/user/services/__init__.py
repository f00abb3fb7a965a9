"""The rules of accounts and the organisation, by noun."""
