"""The learning loop over HTTP: what was decided about me, and for admins runs, models and outcomes."""
