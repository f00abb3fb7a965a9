"""The measured claims: `python -m bench` lists them, `python -m bench NAME` prints a table and, last, one JSON line."""
