"""`flask notify send`, `preview`, `bounces`, `breaker` and `suppressions`."""

import sys
from collections import Counter
from pathlib import Path

import click

from smartskill.extensions import db
from smartskill.kit.cli import notify_commands
from smartskill.kit.settings import instance_folder, setting
from smartskill.kit.transaction import commit
from smartskill.notifications.services import breaker, outbox
from smartskill.notifications.services.delivery import deliver_batch
from smartskill.notifications.services.mailboxes import NoMailbox, read_maildir, read_mbox
from smartskill.notifications.services.previews import previews
from smartskill.notifications.services.recovery import recover
from smartskill.notifications.services.rendering import KINDS
from smartskill.notifications.services.reports import MOST_BYTES, read_report
from smartskill.notifications.services.suppressions import SCOPES, search_suppressions, suppress
from smartskill.notifications.services.suppressions import lift as lift_suppression
from smartskill.notifications.services.texts import LANGUAGES


@notify_commands.command("send")
@click.option("--now", "is_now", is_flag=True, help="Also what waits for a better hour, past quiet hours and days off.")
def send(is_now: bool) -> None:
    """Send the mail that is due, here and without a worker.

    Exits with 1 where the mail server cannot be reached or a mail was refused for good.
    """
    counts = recover()
    if is_now:
        outbox.make_due()
    commit()
    result: Counter = Counter()
    while not result["away"]:
        ids = outbox.claim()
        commit()
        if not ids:
            break
        result += deliver_batch(ids, commit)
        click.echo(f"\r{result['sent']} sent", nl=False, err=True)
    _report(result, counts["unknown"])
    if result["away"] or result["failed"]:
        raise SystemExit(1)


def _report(result: Counter, unknown: int) -> None:
    result["unknown"] += unknown
    click.echo("\r", nl=False, err=True)
    if result["away"]:
        click.echo(f"The mail server {setting('MAIL_SERVER')}:{setting('MAIL_PORT')} cannot be reached.", err=True)
    told = [f"{count} {state}" for state, count in sorted(result.items()) if count and state != "away"]
    click.echo(", ".join(told) if told else "Nothing is due.")


@notify_commands.command("preview")
@click.argument("kind", required=False)
@click.option("--language", type=click.Choice(LANGUAGES), help="One language only.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files go. [default: preview/ in the instance folder]",
)
@click.option("--html", "is_html", is_flag=True, help="Also the HTML by itself, to open in a browser.")
def preview(kind: str | None, language: str | None, folder: Path | None, is_html: bool) -> None:
    """Write sample mails as .eml files, of one KIND or of all, in every language.

    They are made of invented evidence by the code that makes the real ones; nothing is needed, stored or sent.
    """
    if kind and kind not in KINDS:
        raise click.ClickException(f"There is no kind {kind}; there are {', '.join(sorted(KINDS)) or 'none'}.")
    folder = folder or instance_folder() / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, letter in previews([kind] if kind else sorted(KINDS), (language,) if language else LANGUAGES):
        forms = {"eml": letter.as_bytes()} | ({"html": (letter.html or "").encode()} if is_html else {})
        for ending, raw in forms.items():
            path = folder / f"{name}.{ending}"
            path.write_bytes(raw)
            click.echo(path)
        written += 1
    if not written:
        raise click.ClickException("Nothing to show: no sample and no mail of this kind yet.")


@notify_commands.command("bounces")
@click.argument("source", default="-", type=click.Path(path_type=Path))
@click.option("--recipient", default="", help="The address that the mail on standard input was delivered to.")
def bounces(source: Path, recipient: str) -> None:
    """Read bounces and complaints from SOURCE: a Maildir, an mbox file, or - for one mail on standard input."""
    try:
        if str(source) == "-":
            result = Counter([read_report(sys.stdin.buffer.read(MOST_BYTES + 1), recipient=recipient)])
            commit()
        else:
            result = read_maildir(source, commit) if source.is_dir() else read_mbox(source, commit)
    except NoMailbox as error:
        raise click.ClickException(str(error)) from error
    breaker.judge()
    commit()
    click.echo(", ".join(f"{count} {said}" for said, count in sorted(result.items())) or "Nothing is new.")


@notify_commands.command("breaker")
@click.option("--close", "is_closing", is_flag=True, help="Let subscription mail go again.")
def tell_breaker(is_closing: bool) -> None:
    """Tell whether subscription mail is stopped because too many bounce or complain; exits with 1 if it is."""
    if is_closing:
        was_open = breaker.close()
        commit()
        click.echo("Subscription mail goes again." if was_open else "It was not stopped.")
        return
    told = breaker.tell_breaker()
    click.echo("Subscription mail goes." if told == "ok" else told)
    if told != "ok":
        raise SystemExit(1)


@notify_commands.command("suppressions")
@click.option("--add", metavar="EMAIL", help="Stop mail to this address.")
@click.option("--scope", type=click.Choice(SCOPES), default="all", show_default=True)
@click.option("--lift", metavar="EMAIL", help="Let mail go to this address again.")
@click.option("--because", help="Why it is lifted.")
def suppressions(add: str | None, scope: str, lift: str | None, because: str | None) -> None:
    """List the addresses that get no mail; add one, or lift one."""
    if lift and not because:
        raise click.ClickException("Say why: --because.")
    if add:
        suppress(add, scope, "by_hand")
    if lift:
        for row in list(db.session.scalars(search_suppressions(email=lift))):
            lift_suppression(row, str(because)[:200])
    commit()
    for row in db.session.scalars(search_suppressions().limit(1000)):
        click.echo(f"{row.email}  {row.scope}  {row.reason}  {row.created_at:%Y-%m-%d}")
