"""The house rules as checks: each takes a folder or a text, so that a test can show that it sees a violation."""
