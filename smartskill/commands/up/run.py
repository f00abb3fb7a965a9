"""The order of things: servers, schema, demo company, programs, readiness; and back."""

import http.client
import json
import os
import time
from pathlib import Path
from typing import Any

import click
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from smartskill.commands.processes import Supervisor
from smartskill.commands.up.instance_lock import AlreadyRunning, hold, write_record
from smartskill.commands.up.stack import Ports, PortTaken, last_words, make_children
from smartskill.engagement.services.registry import search_models
from smartskill.extensions import db
from smartskill.kit import schema_state
from smartskill.kit.embedded.lease import EmbeddedServerUnavailable, leave
from smartskill.kit.jobs import enqueue, queue_redis

GRACE_S = 12.0
READY_WITHIN_S = 60.0
DEATHS_BEFORE_GIVING_UP = 3

Accounts = dict[str, dict[str, str]]


def run(app: Flask, ports: Ports, *, fills_demo: bool, shows_logs: bool) -> None:
    """Run everything until SIGINT or SIGTERM; raises ClickException with one sentence where that can't be."""
    instance = Path(app.instance_path)
    started = time.monotonic()
    try:
        with hold(instance) as record:
            ports.check()
            accounts = _prepare(app, fills_demo)
            _supervise(app, ports, accounts, record, shows_logs, started)
            _leave_servers(app, instance)
    except AlreadyRunning:
        raise click.ClickException(f"Smart-Skill already runs from {instance}; end that one first.") from None
    except (PortTaken, EmbeddedServerUnavailable) as error:
        raise click.ClickException(str(error)) from error


def _prepare(app: Flask, fills_demo: bool) -> Accounts:
    """Servers up, schema current, demo company there; the connections closed: the programs have their own."""
    with app.app_context():
        try:
            schema_state.upgrade()
            queue_redis().ping()
            return _fill_demo() if fills_demo else _known_accounts(Path(app.instance_path))
        except OperationalError as error:
            raise click.ClickException(
                f"The database can't be reached (DATABASE_URL): {_one_line(error.orig)}"
            ) from error
        except RedisError as error:
            raise click.ClickException(f"Redis can't be reached (REDIS_URL): {_one_line(error)}") from error
        finally:
            db.session.remove()
            db.engine.dispose()
            queue_redis().close()


def _fill_demo() -> Accounts:
    from smartskill.commands.demo.company import DemoDoesNotFit, fill_demo, find_obstacle

    try:
        accounts = fill_demo(tell=lambda line: click.echo(f"  {line}"))
    except DemoDoesNotFit as error:
        raise click.ClickException(
            f"The demo company doesn't fit beside what is there: {error} Try --no-demo."
        ) from error
    if not accounts:
        click.echo(f"No demo company: {find_obstacle()}")
    return accounts


def _known_accounts(instance: Path) -> Accounts:
    """Those of an earlier start: the demo's password is kept nowhere else."""
    try:
        accounts: Accounts = json.loads((instance / "demo.json").read_text())["accounts"]
    except (OSError, ValueError, KeyError):
        return {}
    return accounts


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _supervise(app: Flask, ports: Ports, accounts: Accounts, record: Path, shows_logs: bool, started: float) -> None:
    instance = Path(app.instance_path)
    children = make_children(instance, ports, bool(accounts), shows_logs)
    with Supervisor(children, GRACE_S, on_start=lambda: write_record(record, children)) as supervisor:
        if _wait_until_ready(supervisor, ports):
            _write_demo_file(instance, ports, accounts)
            _announce(instance, ports, accounts, time.monotonic() - started)
            if accounts:
                _train_once(app)
            supervisor.run()
        click.echo("Ending …")


def _wait_until_ready(supervisor: Supervisor, ports: Ports) -> bool:
    """Whether it got ready before it was told to stop. Raises ClickException where it doesn't get ready at all."""
    deadline = time.monotonic() + READY_WITHIN_S
    while supervisor.step(0.1):
        if _is_ready(ports.web, "/health/ready") and (
            not ports.catches_mail or _is_ready(ports.mail_page, "/api/messages")
        ):
            return True
        hopeless = next((child for child in supervisor.children if child.deaths >= DEATHS_BEFORE_GIVING_UP), None)
        if hopeless:
            raise click.ClickException(f"The {hopeless.name} program doesn't start. It says:\n{last_words(hopeless)}")
        if time.monotonic() > deadline:
            raise click.ClickException(f"Not ready after {READY_WITHIN_S:.0f} s; see the logs in the instance folder.")
    return False


def _train_once(app: Flask) -> None:
    """Let a worker learn from the demo's history, so that a newcomer sees a model, its verdict and its effect."""
    with app.app_context():
        if db.session.scalar(search_models().limit(1)) is None:
            enqueue("smartskill.engagement.tasks.train", queue="long", job_id="model-train")
        db.session.remove()
        db.engine.dispose()
        queue_redis().close()


def _is_ready(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _write_demo_file(instance: Path, ports: Ports, accounts: Accounts) -> None:
    content: dict[str, Any] = {"url": ports.url, "mail_url": ports.mail_url, "accounts": accounts}
    draft = instance / "demo.json.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(instance / "demo.json")


def _announce(instance: Path, ports: Ports, accounts: Accounts, seconds: float) -> None:
    click.echo(f"\nSmart-Skill is running (ready after {seconds:.0f} s):\n")
    click.echo(f"  {ports.url}")
    click.echo(f"  {ports.url}api/docs   the API, to try out")
    if ports.mail_url:
        click.echo(f"  {ports.mail_url}   the mail it sends")
    if accounts:
        click.echo("\nSign in as:\n")
        width = max(len(account["email"]) for account in accounts.values())
        for role, account in accounts.items():
            click.echo(f"  {role:<9} {account['email']:<{width}}  {account['password']}")
    click.echo(
        f"\nAlso in {instance / 'demo.json'}; logs in {instance / 'logs'}. Ctrl-C ends everything; the data stay.\n"
    )


def _leave_servers(app: Flask, instance: Path) -> None:
    for variable, kind in (("DATABASE_URL", "postgres"), ("REDIS_URL", "valkey")):
        if not app.config[variable] and not leave(instance / kind):
            click.echo(f"The embedded {kind} server stays: another process uses it.")
