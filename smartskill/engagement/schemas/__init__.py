"""Decisions, predictions, runs, models and outcomes, field by field."""
