"""`flask doctor`: what of an installation is well, what isn't, and what to do about it."""
