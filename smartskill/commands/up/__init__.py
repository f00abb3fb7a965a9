"""`flask up`: everything on one machine, started in order and ended together."""
