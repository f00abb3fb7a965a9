"""Who is an expert, why, and what emptied an answer."""
