"""Decisions: gates, odds, caps and what they lead to."""
