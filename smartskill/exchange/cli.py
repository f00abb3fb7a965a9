"""Commands that bring files in."""

import time
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click
from flask.cli import with_appcontext

from smartskill.exchange.schemas.files import FORMATS
from smartskill.exchange.services.files.imports import describe, start_import
from smartskill.exchange.services.files.owners import find_owner
from smartskill.exchange.services.files.rejects import make_rejects
from smartskill.exchange.services.files.running import perform_import
from smartskill.exchange.services.occupations.importing import READERS, import_occupations
from smartskill.exchange.services.resume.importing import import_resume
from smartskill.exchange.services.taxonomy.plain_csv import write_rejects
from smartskill.exchange.services.taxonomy.plan import Plan, summary
from smartskill.exchange.services.taxonomy.sources import SOURCES, apply_taxonomy, plan_taxonomy
from smartskill.kit.cli import skills_commands, user_commands
from smartskill.kit.errors import Problem
from smartskill.kit.parser import read_json
from smartskill.kit.transaction import commit, roll_back
from smartskill.planning.services.occupations.templates import Outcome
from smartskill.user.services.accounts import find_user

SHOWN = 20
ENDS = {"deleted": "deleted: never used", "retired": "retired: in use", "released": "kept: not the import's"}
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
@click.option("--language", metavar="CODE", help="esco: names in this language, for the skills that are there.")
@click.option("--map", "columns", multiple=True, metavar="OURS=THEIRS", help="csv: name=Skill, category=Area, …")
@click.option("--skip-errors", is_flag=True, help="csv: take the other rows in where some cannot be taken.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="csv: write those rows to this file.")
@click.option("--allow-drops", is_flag=True, help="Even if a fifth of what was imported before is gone.")
@with_appcontext
def import_skills(
    source: str,
    path: Path,
    dry_run: bool,
    only: tuple[str, ...],
    language: str | None,
    columns: tuple[str, ...],
    skip_errors: bool,
    rejects: Path | None,
    allow_drops: bool,
) -> None:
    """Bring a taxonomy into the catalogue: SOURCE from the folder or file PATH.

    All of it or nothing. Repeated with a newer file, it adds what is new, changes what changed there and nobody changed
    here, and drops what is gone: deleted where nobody ever used it, else retired. No rating is ever lost.
    """
    started, tell = time.monotonic(), _Teller()
    mapping = _mapping(columns)
    try:
        plan = plan_taxonomy(source, path, only=only, mapping=mapping, language=language, tell=tell)
        if rejects:
            rejects.write_text(write_rejects(plan), encoding="utf-8", newline="")
        if not dry_run:
            apply_taxonomy(plan, is_skipping=skip_errors, is_dropping=allow_drops, tell=tell)
    except Problem as error:
        roll_back()
        reasons = [f"  {where}: {words[0]}" for where, words in list((error.errors or {}).items())[:SHOWN]]
        raise click.ClickException("\n".join([error.detail, *reasons])) from error
    if dry_run:
        roll_back()
    else:
        commit()
    _report(plan, dry_run, time.monotonic() - started)


def _mapping(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [column.partition("=") for column in columns]
    if strange := [ours for ours, sign, theirs in pairs if not (ours and sign and theirs)]:
        raise click.BadParameter(f"{strange[0]}: say OURS=THEIRS, such as name=Skill.", param_hint="--map")
    return {ours.strip(): theirs for ours, _, theirs in pairs}


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
    curated = [(change.entry.name, change.curated) for change in plan.changed if change.curated]
    _list("changed at the source, and here as curated", [f"{name}: {', '.join(fields)}" for name, fields in curated])
    _list("skipped", [f"{refusal.where}: {refusal.reason}" for refusal in plan.skipped])
    _list("dropped: gone from the source", [f"{drop.name} ({ENDS[drop.end]})" for drop in plan.dropped])
    _list("files beside it that hold no skills", plan.taxonomy.beside)
    if plan.taxonomy.attribution:
        click.echo(plan.taxonomy.attribution)


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title}:")
        for line in lines[:SHOWN]:
            click.echo(f"  {line}")
        if len(lines) > SHOWN:
            click.echo(f"  … and {len(lines) - SHOWN:,} more")


@skills_commands.command("import-roles")
@click.argument("source", type=click.Choice(list(READERS)))
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--occupation", multiple=True, metavar="CODE_OR_URI", help="Only this one; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@with_appcontext
def import_roles(source: str, path: Path, occupation: tuple[str, ...], dry_run: bool) -> None:
    """Bring the occupations of SOURCE from the folder PATH in, as templates to derive role profiles from.

    All of it or nothing. Repeated, it brings the templates up to date; profiles derived from them stay as they are.
    """
    started = time.monotonic()
    try:
        outcome = import_occupations(source, path, occupation, tell=_Teller())
    except Problem as error:
        roll_back()
        raise click.ClickException(error.detail) from error
    if dry_run:
        roll_back()
    else:
        commit()
    _report_roles(outcome, dry_run, time.monotonic() - started)


def _report_roles(outcome: Outcome, is_dry_run: bool, seconds: float) -> None:
    head = f"{outcome.read:,} occupations with {outcome.requirements:,} requirements in {seconds:.1f} s"
    click.echo(head + (" (dry run, nothing written)" if is_dry_run else ""))
    counts = {"added": outcome.added, "changed": outcome.changed, "unchanged": outcome.unchanged}
    for name, number in (counts | {"dropped": len(outcome.dropped)}).items():
        click.echo(f"  {name:<10}{number:>8,}")
    left_out = {
        "asks for a skill that the catalogue lacks": outcome.unknown_demands,
        "asks for a skill that is retired here": outcome.retired_demands,
        "the occupation asks for no skill of the catalogue: no template": outcome.without_skills,
    }
    _list("left out", [f"{number:,} × {why}" for why, number in {**outcome.refused, **left_out}.items() if number])
    _list("dropped by the source", outcome.dropped)
    if outcome.attribution:
        click.echo(outcome.attribution)


@skills_commands.command("import-people")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option("--map", "mapping", type=click.File("r"), help="What columns and words mean, as JSON.")
@click.option("--person", metavar="EMAIL", help="Whose profile a file about one person is; else the address in it.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--skip-errors", is_flag=True, help="Write the rest of a file with rows at fault.")
@click.option("--create-people", is_flag=True, help="Make accounts for unknown addresses.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where to write the rows that were refused.")
@with_appcontext
def import_people_files(
    path: Path, format_: str, mapping: TextIO | None, person: str | None, rejects: Path | None, **options: bool
) -> None:
    """Bring in what is said of people in the file PATH, or in each file of the folder PATH.

    Spreadsheets of skills and levels, Odoo's and OrangeHRM's exports, LinkedIn exports, YAML and JSON résumés. All of a
    file or nothing; may be repeated.
    """
    given = {"format": format_, "mapping": mapping.read() if mapping else "{}", **options}
    files = [path] if path.is_file() else sorted(file for file in path.iterdir() if file.is_file())
    outcomes = [_import_file(file, given, person, rejects) for file in files]
    if not all(outcomes):
        raise click.exceptions.Exit(1)


def _import_file(file: Path, given: dict[str, Any], person: str | None, rejects: Path | None) -> bool:
    started, content = time.monotonic(), file.read_bytes()
    try:
        if person:
            owner = find_user(person)
        else:
            owner = find_owner(content, given["format"], creates_people=given["create_people"])
        row = start_import(file.name, content, given, by=None, owner=owner, is_deferred=False)
        commit()
        state = perform_import(row.id, lambda state, share: None, roll_back)
        commit()
    except Problem as error:
        roll_back()
        errors = error.errors or {"file": [error.detail]}
        said = "; ".join(f"{name}: {' '.join(words)}" for name, words in errors.items())
        click.echo(f"{file.name}: refused: {said}", err=True)
        return False
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in (row.counts or {}).items() if number)
    click.echo(f"{file.name}: {row.format}, {state}: {counts or 'nothing'} in {time.monotonic() - started:.1f} s")
    faults = describe(row)["errors"]
    _list("refused", [f"{fault.place}: {' '.join(said['message'] for said in fault.messages)}" for fault in faults])
    if rejects and faults:
        rejects.write_text("".join(make_rejects(row)), encoding="utf-8", newline="")
    return state != "refused"


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
