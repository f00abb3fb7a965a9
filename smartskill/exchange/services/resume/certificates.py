"""The CV's certificates beside the qualifications held. What HR verified or revoked, a CV does not touch."""

from typing import Any

from sqlalchemy import select

from smartskill.exchange.services.resume.matching import finer, fold, match
from smartskill.exchange.services.resume.reading import Reading
from smartskill.exchange.services.resume.steps import Step
from smartskill.exchange.services.resume.writing import rest_of
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from smartskill.qualification.services.held import add_qualification, change_qualification, remove_qualification
from smartskill.user.models import User

SETTLED = ("verified", "revoked")
OUT_OF_CV = ("rejected", "revoked")


def plan_certificates(owner: User, readings: list[Reading], *, is_replacing: bool) -> list[Step]:
    """A step for each entry, and with `is_replacing` one for each certificate of the CV that has no entry."""
    rows = list(db.session.scalars(_held_by(owner.id)))
    entries = [reading for reading in readings if not reading.is_blank and not reading.kept_because]
    found = match([entry.facts for entry in entries], rows, _names, lambda item: _fact(item, "issued_on"))
    row_of = {entries[place].path: row for place, row in found.items()}
    steps = [_step(reading, row_of.get(reading.path), owner, is_replacing) for reading in readings]
    if is_replacing:
        gone = [row for row in rows if is_in_cv(row) and row.review_state not in SETTLED and row not in found.values()]
        steps += [_removal(row) for row in gone]
    return steps


def find_certificates(user_id: int) -> list[Qualification]:
    """What a person's CV shows: neither rejected nor revoked, and of a chain of renewals the last; the newest first."""
    return [row for row in db.session.scalars(_held_by(user_id)) if is_in_cv(row)]


def is_in_cv(row: Qualification) -> bool:
    """Whether a CV shows it."""
    return row.review_state not in OUT_OF_CV and row.renewed_by_id is None


def _held_by(user_id: int) -> Any:
    order = (Qualification.issued_first_on.desc().nulls_last(), Qualification.title, Qualification.id)
    return select(Qualification).where(Qualification.user_id == user_id).order_by(*order)


def _step(reading: Reading, row: Qualification | None, owner: User, is_replacing: bool) -> Step:
    if reading.is_blank:
        return Step(reading.path, "skipped", "It says nothing.")
    if reading.kept_because:
        return Step(reading.path, "kept", reading.kept_because)
    if row is None:
        facts = reading.facts | {"resume_rest": rest_of(reading.extra, [], [])}
        return Step(reading.path, "added", take=lambda: add_qualification(owner, facts, by=None))
    if row.review_state in SETTLED:
        return Step(reading.path, "unchanged", f"It is {row.review_state}.")
    changes = _changes(reading, row, is_replacing)
    if not changes:
        return Step(reading.path, "unchanged")
    return Step(reading.path, "changed", ", ".join(sorted(changes)), lambda: change_qualification(row, changes))


def _changes(reading: Reading, row: Qualification, is_replacing: bool) -> dict[str, Any]:
    """What the entry says otherwise. What the standard has no key for is not taken back by its absence."""
    facts = reading.facts | {"issued_on": finer(row.issued_on, reading.facts["issued_on"])}
    if facts["expires_on"] is None:
        del facts["expires_on"]
    if facts["credential_no"] is None or row.credential_no is not None:
        del facts["credential_no"]
    if "kind" not in reading.entry:
        del facts["kind"]
    if not is_replacing:
        facts = {name: value for name, value in facts.items() if value is not None}
    old = (row.resume_rest or {}).get("extra", {})
    facts["resume_rest"] = rest_of(reading.extra if is_replacing else old | reading.extra, [], [])
    return {name: value for name, value in facts.items() if getattr(row, name) != value}


def _removal(row: Qualification) -> Step:
    detail = ", ".join(str(part) for part in (row.title, row.issuer, row.issued_on) if part)
    return Step(f"qualification/{row.id}", "removed", detail, lambda: remove_qualification(row))


def _fact(item: Any, name: str) -> Any:
    return item[name] if isinstance(item, dict) else getattr(item, name)


def _names(item: Any) -> tuple[str, str]:
    return fold(_fact(item, "title")), fold(_fact(item, "issuer"))
