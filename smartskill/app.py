"""The application factory: configure, bind, mount. It reads as a table of contents and connects to nothing."""

import importlib
import os
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from smartskill import models
from smartskill.activity.services.noting import LOOKS, write_looks
from smartskill.config import load_settings
from smartskill.extensions import mail
from smartskill.kit.access import configure_tokens
from smartskill.kit.attach import attach_database
from smartskill.kit.broker import connect_queue
from smartskill.kit.cache import configure_cache
from smartskill.kit.cli import GROUPS
from smartskill.kit.docs import register_docs, register_index
from smartskill.kit.headers import configure_headers
from smartskill.kit.health import register_health
from smartskill.kit.json import OrjsonProvider
from smartskill.kit.later import attach_later
from smartskill.kit.limits import configure_limits
from smartskill.kit.logs import configure_logs
from smartskill.kit.openapi import make_api
from smartskill.kit.schema_state import bind_migrations
from smartskill.kit.toolbar import attach_toolbar
from smartskill.notifications.services.breaker import tell_breaker
from smartskill.notifications.services.waiting import tell_waiting
from smartskill.user.services.bearer import load_bearer

ROOT = Path(__file__).parent.parent
FEATURES = (
    "user",
    "skills",
    "experience",
    "qualification",
    "planning",
    "notifications",
    "exchange",
    "engagement",
    "privacy",
    "activity",
)
COMMANDS = ("user", "skills", "planning", "exchange", "engagement", "notifications", "commands")


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
    trusted = app.config["TRUSTED_PROXIES"]
    if trusted:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    configure_logs(app)
    configure_headers(app)


def bind(app: Flask) -> None:
    """The extensions, each to its settings."""
    attach_database(app)
    bind_migrations(app, ROOT / "migrations")
    connect_queue(app)
    configure_cache(app)
    configure_tokens(app, load_bearer)
    configure_limits(app)
    mail.init_app(app)
    attach_later(app, LOOKS, write_looks)
    attach_toolbar(app)


def mount(app: Flask) -> None:
    """The features' addresses, mails and commands."""
    api = make_api(app)
    for feature in FEATURES:
        for blueprint in _of(feature, "blueprints", "views.mounted", "views"):
            api.register_blueprint(blueprint)
        _of(feature, "kinds", "mails")
    register_docs(app)
    register_index(app)
    register_health(app, {"mail": tell_waiting, "breaker": tell_breaker})
    for group in GROUPS:
        app.cli.add_command(group)
    for feature in COMMANDS:
        for command in _of(feature, "commands", "cli.mounted", "cli"):
            app.cli.add_command(command)


def _of(feature: str, name: str, *modules: str) -> tuple:
    """A tuple of that name from the first of a feature's modules that exists."""
    for module in modules:
        path = f"smartskill.{feature}.{module}"
        try:
            return getattr(importlib.import_module(path), name, ())
        except ModuleNotFoundError as error:
            if not path.startswith(error.name or "-"):
                raise
    return ()


__all__ = ["create_app", "models"]
