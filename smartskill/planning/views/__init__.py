"""Planning over HTTP, by noun."""
