"""Days as the API writes them."""

from datetime import UTC, datetime, timedelta


def ago(days: int) -> str:
    """A day of the past; of the future, where the number is below zero."""
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()
