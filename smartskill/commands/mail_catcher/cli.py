"""`flask mail-catcher`."""

from pathlib import Path

import click
from flask import current_app


@click.command("mail-catcher")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--smtp-port", default=1025, show_default=True, envvar="SMARTSKILL_MAIL_CATCHER_PORT")
@click.option("--page-port", default=8025, show_default=True, envvar="SMARTSKILL_MAIL_PAGE_PORT")
@click.option("--trust", multiple=True, help="A further host name the page answers to.")
def mail_catcher_command(host: str, smtp_port: int, page_port: int, trust: tuple[str, ...]) -> None:
    """Catch all mail sent to a local port, and show it on a page."""
    from smartskill.commands.mail_catcher.server import port_taken, serve

    folder = Path(current_app.instance_path) / "mailbox"
    click.echo(f"Mail sent to {host}:{smtp_port} can be read at http://{host}:{page_port}/")
    try:
        serve(folder, host, smtp_port, page_port, list(trust))
    except OSError as error:
        raise click.ClickException(port_taken(error, host, {"SMTP": smtp_port, "page": page_port})) from error
