"""What to learn next, and from whom."""
