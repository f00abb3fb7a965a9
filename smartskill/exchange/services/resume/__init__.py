"""JSON Resume 1.0.0 in and out: what has a home becomes rows, the rest is kept verbatim and comes back."""
