"""The rules of qualifications, by noun."""
