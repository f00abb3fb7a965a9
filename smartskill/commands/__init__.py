"""Commands that cross features."""
