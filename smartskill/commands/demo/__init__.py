"""`flask demo`: an invented company of two hundred people, filled in once."""
