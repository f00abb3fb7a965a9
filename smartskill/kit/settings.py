"""The running application's settings, for services: they read them here because they know no Flask."""

from pathlib import Path
from typing import Any

from flask import current_app


def setting(name: str) -> Any:
    """The value of a setting of `config.py`."""
    return current_app.config[name]


def instance_folder() -> Path:
    """The folder of what belongs to this machine."""
    return Path(current_app.instance_path)
