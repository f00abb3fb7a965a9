"""Importing these registers their commands with `flask model` and `flask notify`."""

from smartskill.engagement.cli import learning, simulating, telling

__all__ = ["learning", "simulating", "telling"]
