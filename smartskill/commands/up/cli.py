"""`flask up`."""

import click
from flask import Flask, current_app


@click.command("up")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the API listens on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the API (default: PORT, 5000).")
@click.option(
    "--mail-page-port",
    default=8025,
    show_default=True,
    envvar="SMARTSKILL_MAIL_PAGE_PORT",
    show_envvar=True,
    type=click.IntRange(1, 65535),
)
@click.option(
    "--smtp-port",
    default=1025,
    show_default=True,
    envvar="SMARTSKILL_MAIL_CATCHER_PORT",
    show_envvar=True,
    type=click.IntRange(1, 65535),
)
@click.option("--demo/--no-demo", default=True, help="Fill an empty database with the demo company.", show_default=True)
@click.option("--logs", is_flag=True, help="Show the programs' output here instead of writing it to files.")
def up_command(host: str, port: int | None, mail_page_port: int, smtp_port: int, demo: bool, logs: bool) -> None:
    """Run everything on this machine: servers, API, workers, schedule, mail catcher."""
    from smartskill.commands.up.run import run
    from smartskill.commands.up.stack import Ports

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    ports = Ports(host, port or app.config["PORT"], mail_page_port, smtp_port, not app.config["MAIL_SERVER"])
    run(app, ports, fills_demo=demo, shows_logs=logs)
