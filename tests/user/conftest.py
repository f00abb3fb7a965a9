"""Fixtures of accounts."""

import pytest

from smartskill.kit import attempts


@pytest.fixture
def limits(app, monkeypatch):
    """Counting attempts is on, and begins at nought."""
    monkeypatch.setitem(app.config, "RATE_LIMITS", True)
    windows = attempts.Windows(app)
    windows.shared.storage.reset()
    monkeypatch.setitem(app.extensions, "attempts", windows)
    return windows


@pytest.fixture
def stranger(app):
    """A second client, with no cookie of the first."""
    return app.test_client()
