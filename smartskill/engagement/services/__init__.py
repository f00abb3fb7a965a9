"""Who is to be told what, and why: candidates, decisions, the registry of models, what came of it."""
