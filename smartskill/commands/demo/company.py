"""Fill an empty database with the demo company: once, whole or not at all."""

from collections.abc import Callable
from datetime import date

from flask import current_app
from psycopg2.errors import UniqueViolation
from sqlalchemy import exists, select, text

from smartskill.activity.services.partitions import ensure_partitions
from smartskill.commands.demo.abilities import draw_abilities, find_sole_holders
from smartskill.commands.demo.accounts import Accounts, find_accounts, keep, make_password, read_password
from smartskill.commands.demo.careers import fill_careers
from smartskill.commands.demo.catalogue import CatalogueSkill, CatalogueType, fill_catalogue
from smartskill.commands.demo.certificates import draw_certificates, fill_certificates, state_levels
from smartskill.commands.demo.history import fill_history
from smartskill.commands.demo.insights import invent_past
from smartskill.commands.demo.levels import fill_levels
from smartskill.commands.demo.organisation import fill_organisation, morning
from smartskill.commands.demo.people import Person, count_regulars, gather_people
from smartskill.commands.demo.roles import fill_roles
from smartskill.commands.demo.scales import fill_scales
from smartskill.commands.demo.searches import fill_searches
from smartskill.commands.demo.sources import SEED
from smartskill.commands.demo.statements import draw_statements
from smartskill.commands.demo.targets import fill_targets
from smartskill.database import Base, now
from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.kit.transaction import commit, roll_back
from smartskill.user.models import User
from smartskill.user.services.passwords import hash_password

FILL_LOCK = 7_301_006  # an arbitrary number that names the lock of filling
PAST_MONTHS = 12  # partitions of events before this month's
Tell = Callable[[str], None]


class DemoDoesNotFit(Exception):
    """Something of the demo company exists already under the same name; the text says what."""


def fill_demo(*, insist: bool = False, today: date | None = None, tell: Tell = lambda line: None) -> Accounts:
    """Fill the database with the demo company unless it is there, and return the printed accounts.

    Returns an empty mapping, and changes nothing, where `find_obstacle` finds one. A password that was lost with the
    instance folder is replaced.

    Args:
        insist: fill it in spite of an obstacle.
        today: the day on which the invented history ends; the same day gives the same company, but for the password.
        tell: is told each step.
    Raises:
        DemoDoesNotFit: an address, a user name or a team of the demo's exists. Skills of the same name are shared.
    """
    try:
        if not insist and find_obstacle():
            return {}
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": FILL_LOCK})
        password = read_password() or make_password()
        if not find_accounts():
            fill_company(password, today or now().date(), tell)
        elif read_password() is None:
            tell("The password was lost; the printed accounts get a new one.")
            replace_password(password)
        accounts = {name: {"email": user.email, "password": password} for name, user in find_accounts().items()}
        keep(accounts)
        commit()
        return accounts
    except UniqueViolation as error:
        raise DemoDoesNotFit(" ".join((error.diag.message_detail or str(error)).split())) from error
    finally:
        roll_back()  # what was not committed; nothing where it was


def find_obstacle() -> str | None:
    """Why this database is not to be filled without being asked twice: production, or other people in it; else None."""
    if current_app.config["ENV"] == "production":
        return "This is production."
    if not find_accounts() and db.session.scalar(select(exists().where(User.id > 0))):
        return "There are people in this database already."
    return None


def fill_company(password: str, today: date, tell: Tell) -> None:
    """Invent and write everything, within the session's transaction."""
    past = invent_past(count_regulars(), today, SEED)
    people = gather_people(past.joined_on, past.lively, today)
    fill_organisation(people, hash_password(password), today)
    tell(f"{len(people)} people in their teams")
    skills, types = fill_catalogue(people, today)
    fill_scales(skills)
    drop_generation("skills")  # the lists of the catalogue that are cached
    tell(f"a catalogue of {len(skills)} skills and {len(types)} kinds of qualification")
    _fill_profiles(people, skills, types, today, tell)
    ensure_partitions(morning(today), before=PAST_MONTHS)
    made, events = fill_history(people, past, today)
    tell(f"{events:,} events and {made:,} decisions of an invented year")
    db.session.execute(text(f"ANALYZE {', '.join(table.name for table in Base.metadata.sorted_tables)}"))


def _fill_profiles(
    people: list[Person], skills: dict[str, CatalogueSkill], types: dict[str, CatalogueType], today: date, tell: Tell
) -> None:
    """Careers, qualifications, and what all that was said about levels comes to."""
    sole_holders = find_sole_holders(people)
    abilities = draw_abilities(people, sole_holders)
    fill_careers(people, abilities, skills, today)
    certificates = draw_certificates(people, types, abilities, sole_holders, today)
    fill_certificates(certificates, people)
    roles = fill_roles(people, skills, types, abilities, certificates, today)
    said = draw_statements(people, abilities, sole_holders, today)
    said += state_levels(certificates, skills)
    fill_levels(people, skills, sorted(said, key=lambda statement: statement.on), today)
    targets = fill_targets(people, skills, types, today)
    fill_searches(skills)
    tell(f"{len(said):,} ratings, {len(certificates)} qualifications, {roles} role profiles, {targets} targets")


def replace_password(password: str) -> None:
    """Give the printed accounts another password."""
    password_hash = hash_password(password)
    for user in find_accounts().values():
        user.password_hash, user.password_changed_at = password_hash, now()
