"""The application factory: configure, bind, mount. It reads as a table of contents and connects to nothing."""

import importlib
import importlib.util
import os
from pathlib import Path
from typing import Any

from flask import Flask

from smartskill import models
from smartskill.config import load_settings
from smartskill.extensions import db, mail, migrate
from smartskill.kit.access import configure_tokens
from smartskill.kit.attach import attach_database
from smartskill.kit.cache import configure_cache
from smartskill.kit.cli import GROUPS
from smartskill.kit.headers import configure_headers
from smartskill.kit.health import register_health
from smartskill.kit.jobs import connect_queue
from smartskill.kit.json import OrjsonProvider
from smartskill.kit.limits import configure_limits
from smartskill.kit.logs import configure_logs
from smartskill.kit.openapi import make_api, register_docs, register_index
from smartskill.user.services.bearer import load_bearer

ROOT = Path(__file__).parent.parent
FEATURES = (
    "user",
    "skills",
    "experience",
    "qualification",
    "notifications",
    "exchange",
    "engagement",
    "privacy",
    "activity",
)
COMMANDS = ("user", "skills", "exchange", "engagement", "notifications", "commands")


def create_app(settings: Any = None) -> Flask:
    """Make an application.

    Args:
        settings: a mapping, a class with upper-case attributes, `"testing"`, or None for the environment's.
    Raises:
        BadSetting: a setting stops the start; the text names it.
    """
    instance = Path(os.environ.get("SMARTSKILL_INSTANCE") or ROOT / "instance").resolve()
    app = Flask("smartskill", instance_path=str(instance), static_folder=None)
    app.config.from_mapping(load_settings(instance, settings))
    configure(app)
    bind(app)
    mount(app)
    return app


def configure(app: Flask) -> None:
    """What every request passes through."""
    app.json = OrjsonProvider(app)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    configure_logs(app)
    configure_headers(app)


def bind(app: Flask) -> None:
    """The extensions, each to its settings."""
    attach_database(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    connect_queue(app)
    configure_cache(app)
    configure_tokens(app, load_bearer)
    configure_limits(app)
    mail.init_app(app)


def mount(app: Flask) -> None:
    """The features' addresses and commands."""
    api = make_api(app)
    for feature in FEATURES:
        for blueprint in _import(feature, "views").blueprints if _has(feature, "views") else ():
            api.register_blueprint(blueprint)
    register_docs(app)
    register_index(app)
    register_health(app)
    for group in GROUPS:
        app.cli.add_command(group)
    for feature in COMMANDS:
        if _has(feature, "cli"):
            for command in getattr(_import(feature, "cli"), "commands", ()):
                app.cli.add_command(command)


def _has(feature: str, role: str) -> bool:
    return importlib.util.find_spec(f"smartskill.{feature}.{role}") is not None


def _import(feature: str, role: str) -> Any:
    return importlib.import_module(f"smartskill.{feature}.{role}")


__all__ = ["create_app", "models"]
