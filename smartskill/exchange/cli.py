"""Commands that bring files in."""

import time
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import with_appcontext

from smartskill.exchange.services.resume.importing import import_resume
from smartskill.exchange.services.taxonomy.plan import Plan, summary
from smartskill.exchange.services.taxonomy.sources import SOURCES, import_taxonomy
from smartskill.kit.cli import skills_commands, user_commands
from smartskill.kit.errors import Problem
from smartskill.kit.parser import read_json
from smartskill.kit.transaction import commit, roll_back
from smartskill.user.services.accounts import find_user

SHOWN = 20
LOTS = ("added", "changed", "unchanged", "removed", "kept", "skipped")


@skills_commands.command("import")
@click.argument("source", type=click.Choice(list(SOURCES)))
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option(
    "--only",
    multiple=True,
    metavar="PART",
    help="esco: digital, language, transversal, digComp; onet: technology, skills; linguist: programming, markup.",
)
@with_appcontext
def import_skills(source: str, path: Path, dry_run: bool, only: tuple[str, ...]) -> None:
    """Bring a taxonomy into the catalogue: SOURCE from the folder or file PATH.

    All of it or nothing. It may be repeated: what is there already is not added again.
    """
    started = time.monotonic()
    try:
        plan = import_taxonomy(source, path, only=only, is_dry_run=dry_run, tell=_Teller())
    except Problem as error:
        roll_back()
        raise click.ClickException(error.detail) from error
    if dry_run:
        roll_back()
    else:
        commit()
    _report(plan, dry_run, time.monotonic() - started)


class _Teller:
    """Prints progress, at most once a second and not at all for what is quick."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if time.monotonic() - self.last > 1:
            self.last = time.monotonic()
            click.echo(f"  {what}: {done:,} of {total:,}", err=True)


def _report(plan: Plan, is_dry_run: bool, seconds: float) -> None:
    counts = summary(plan)
    head = f"{plan.taxonomy.name}: {counts.pop('read'):,} entries read in {seconds:.1f} s"
    click.echo(head + (" (dry run, nothing written)" if is_dry_run else ""))
    for name, number in counts.items():
        click.echo(f"  {name:<10}{number:>8,}")
    _list(
        "adopted: there was a skill of this name", [f"{entry.name} (skill {number})" for number, entry in plan.adopted]
    )
    _list("skipped", [f"{refusal.where}: {refusal.reason}" for refusal in plan.skipped])
    _list("gone from the source, kept here", plan.gone)
    if plan.taxonomy.attribution:
        click.echo(plan.taxonomy.attribution)


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title}:")
        for line in lines[:SHOWN]:
            click.echo(f"  {line}")
        if len(lines) > SHOWN:
            click.echo(f"  … and {len(lines) - SHOWN:,} more")


@user_commands.command("import-resume")
@click.argument("email")
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Also remove what the file does not have.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--strict", is_flag=True, help="Refuse what the JSON Resume schema refuses.")
@with_appcontext
def import_resume_file(email: str, file: BinaryIO, replace: bool, dry_run: bool, strict: bool) -> None:
    """Bring the JSON Resume FILE into the profile of EMAIL. All of it or nothing; may be repeated."""
    owner = find_user(email)
    if owner is None:
        raise click.ClickException(f"There is no account of {email}.")
    how: dict[str, Any] = {"is_replacing": replace, "is_dry_run": dry_run, "is_strict": strict}
    try:
        report = import_resume(owner, _read(file), source="import", **how)
    except Problem as error:
        roll_back()
        raise click.ClickException(_faults(error.errors or {owner.email: [error.detail]})) from error
    commit()
    counts = ", ".join(f"{report[lot]} {lot}" for lot in LOTS)
    click.echo(f"{owner.email}: {counts}" + (" (dry run, nothing written)" if dry_run else ""))
    _list("not as items", [_line(entry) for entry in report["entries"] if entry["action"] in ("kept", "skipped")])
    _list("removed", [_line(entry) for entry in report["entries"] if entry["action"] == "removed"])
    if report["errors"]:
        raise click.ClickException(_faults(report["errors"]))


def _read(file: BinaryIO) -> Any:
    try:
        return read_json(file.read())
    except Problem as error:
        raise click.ClickException(f"{file.name}: {error.detail}") from error


def _line(entry: dict) -> str:
    return f"{entry['entry']}: {entry['detail'] or entry['action']}"


def _faults(errors: dict[str, list[str]]) -> str:
    return "Nothing was imported.\n" + "\n".join(f"  {path}: {' '.join(words)}" for path, words in errors.items())
