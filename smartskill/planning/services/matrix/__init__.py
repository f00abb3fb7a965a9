"""Who could do what on a day."""
