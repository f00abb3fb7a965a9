"""`flask user`: accounts and roles from the command line, which may do all that an admin may."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import marshmallow as ma

from smartskill.database import now
from smartskill.kit.access import ROLES
from smartskill.kit.cli import user_commands
from smartskill.kit.errors import Problem
from smartskill.kit.transaction import commit
from smartskill.user.models import User
from smartskill.user.schemas.accounts import InvitationSchema, RegistrationSchema
from smartskill.user.services import accounts, importing, invitations


@contextmanager
def refusals() -> Iterator[None]:
    """Say what was refused in one line each, and exit with 1."""
    try:
        yield
    except ma.ValidationError as error:
        raise click.ClickException(_lines(error.normalized_messages())) from error
    except Problem as problem:
        raise click.ClickException(_lines(problem.errors) if problem.errors else problem.detail) from problem


def _lines(errors: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())


def _get(email: str) -> User:
    user = accounts.find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return user


@user_commands.command("create-admin")
@click.option("--email", prompt=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--name", help="Full name; by default the address before its @.")
def create_admin(email: str, password: str, name: str | None) -> None:
    """Make an admin, or make an existing account one; its password stays then."""
    existing = accounts.find_user(email)
    with refusals():
        if existing is not None:
            existing.role, existing.is_active = "admin", True
            done = f"{existing.email} is an admin; the password was not touched."
        else:
            given: dict[str, Any] = {"email": email, "password": password} | ({"full_name": name} if name else {})
            user = accounts.create_user(RegistrationSchema().load(given), role="admin", verified_at=now())
            done = f"{user.email} was made an admin."
        commit()
    click.echo(done)


@user_commands.command("invite")
@click.argument("email")
@click.option("--name", help="Full name; by default the address before its @.")
@click.option("--role", type=click.Choice(ROLES), default="employee", show_default=True)
def invite(email: str, name: str | None, role: str) -> None:
    """Invite a person by mail; again for one who has not come yet."""
    with refusals():
        given = InvitationSchema().load({"email": email, "role": role} | ({"full_name": name} if name else {}))
        user = invitations.invite(given, by=None)
        commit()
    click.echo(f"An invitation is on its way to {user.email}.")


@user_commands.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def role(email: str, role: str) -> None:
    """Give an account a role."""
    user = _get(email)
    with refusals():
        accounts.set_role(user, role)
        commit()
    click.echo(f"{user.email} has the role {role}.")


@user_commands.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Switch an account off: its sessions end, its history stays."""
    user = _get(email)
    with refusals():
        accounts.deactivate(user)
        commit()
    click.echo(f"{user.email} is switched off.")


@user_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--invite", "is_inviting", is_flag=True, help="Send new people an invitation.")
def import_file(file: Path, dry_run: bool, is_inviting: bool) -> None:
    """Make and update accounts from a CSV file."""
    with refusals():
        outcome = importing.import_people(file.read_bytes(), by=None, dry_run=dry_run, invite=is_inviting)
        commit()
    for fault in outcome.errors:
        click.echo(f"line {fault['line']}, {fault['field']}: {fault['message']}", err=True)
    tense = "would be" if dry_run else "were"
    click.echo(f"{outcome.created} {tense} made, {outcome.updated} updated, {outcome.unchanged} are as they were.")
    if outcome.teams_created:
        click.echo(f"New teams: {', '.join(outcome.teams_created)}.")
    if outcome.errors:
        raise click.exceptions.Exit(1)
