"""What people hold on paper: valid, expiring to the day one can look at, expired, renewed, waiting for review."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta

from smartskill.commands.demo.abilities import Abilities
from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.catalogue import CatalogueSkill, CatalogueType
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance, read_table
from smartskill.commands.demo.statements import Statement
from smartskill.qualification.models import Qualification
from smartskill.qualification.services import granting

EXPIRING_IN = (3, 20, 60, 85)  # days; each of several people
EXPIRING_EACH, OVERDUE = 3, 6
SHARES = {"logistics": 0.75, "service": 0.75, "safety": 0.8, "production": 0.5, "calibration": 0.5}
USUAL_SHARE, RENEWED_SHARE, DEGREE_SHARE = 0.35, 0.5, 0.3
STATES = {"verified": 90, "submitted": 4, "draft": 4, "rejected": 2}


@dataclass
class Certificate:
    """A qualification to be, and the one it renews. `type` is None for a degree of a school."""

    person: Person
    type: CatalogueType | None
    title: str
    issuer: str
    kind: str
    issued_on: date
    expires_on: date | None
    state: str = "verified"
    note: str | None = None
    renews: "Certificate | None" = None
    id: int = 0

    @property
    def precision(self) -> str:
        """How precisely its date of issue is known."""
        return "year" if self.type is None else "month" if self.kind == "language" else "day"

    @property
    def shown_on(self) -> date:
        """The earliest day that the date of issue can mean."""
        return self.issued_on.replace(day=1) if self.precision == "month" else self.issued_on

    @property
    def validity(self) -> relativedelta:
        """How long its kind is valid; no time at all for those that don't end."""
        return relativedelta(months=self.type.months or 0 if self.type else 0)


def draw_certificates(
    people: list[Person],
    types: dict[str, CatalogueType],
    abilities: Abilities,
    sole_holders: dict[str, int],
    today: date,
) -> list[Certificate]:
    """What everybody holds, each after what it renews; none that shows less than its holder can, or more than a sole
    holder's colleagues may.
    """
    drawn: list[Certificate] = []
    for person in (person for person in people if person.state in ("here", "left")):
        rng = chance("certificates", person.email)
        if person.account == "employee":
            drawn += _told(person, types, today)
            continue
        able = abilities[person.number]
        kinds = [key for key in _kinds_of(person, rng) if _fits(types[key], able, sole_holders)]
        drawn += [held for key in kinds for held in _chain(person, types[key], rng, today)]
        if rng.random() < DEGREE_SHARE:
            drawn.append(_degree(person, rng))
    _let_expire([held for held in drawn if held.person.state == "here" and held.person.account is None], today)
    return drawn


def fill_certificates(drawn: list[Certificate], people: list[Person]) -> None:
    """Write them, reviewed by HR, whose own were reviewed by another."""
    reviewers = [person for person in people if person.role == "hr"]
    for held, id_ in zip(drawn, reserve_ids(Qualification, len(drawn)), strict=True):
        held.id = id_
    copy_rows(Qualification, (_row(held, reviewers) for held in drawn))


def state_levels(drawn: list[Certificate], skills: dict[str, CatalogueSkill]) -> Iterator[Statement]:
    """The levels that verified certificates show, as the product reckons them."""
    by_place: dict[tuple[int, str], list[granting.Grant]] = defaultdict(list)
    for held in drawn:
        if held.type is None or held.state != "verified":
            continue
        for name, level in held.type.grants.items():
            skill, number = skills[name], held.person.number
            said = granting.Statement(number, skill.id, held.id, level, held.shown_on)
            grant = granting.Grant(said, held.title, held.expires_on, skill.review_months, is_closed=False)
            by_place[number, name].append(grant)
    for (number, name), grants in by_place.items():
        for said, grant in granting.counting(grants).items():
            evidence = {"qualification_id": said.qualification_id, "title": grant.title}
            yield Statement(number, name, said.level, granting.SOURCE, None, said.effective_on, evidence=evidence)


def _fits(type_: CatalogueType, able: dict[str, int], sole_holders: dict[str, int]) -> bool:
    return all(skill not in sole_holders and level >= able.get(skill, 0) for skill, level in type_.grants.items())


def _kinds_of(person: Person, rng: Random) -> list[str]:
    share = SHARES.get(person.trade, USUAL_SHARE)
    kinds = [key for key in read_table("trades")[person.trade]["certificates"] if rng.random() < share]
    if "forklift_yearly" in kinds and "forklift" not in kinds:
        kinds.append("forklift")
    return kinds


def _chain(person: Person, type_: CatalogueType, rng: Random, today: date) -> Iterator[Certificate]:
    """The certificate, and perhaps the one it renews."""
    if type_.months is None:
        yield _certificate(person, type_, today - timedelta(days=rng.randint(60, 2600)), None, _state(rng))
        return
    expires_on = today + timedelta(days=rng.randint(91, type_.months * 30 - 60))
    issued_on = expires_on - relativedelta(months=type_.months)
    before = None
    if rng.random() < RENEWED_SHARE:
        ended = issued_on + timedelta(days=rng.randint(-20, 25))
        before = _certificate(person, type_, ended - relativedelta(months=type_.months), ended)
        yield before
    held = _certificate(person, type_, issued_on, expires_on, _state(rng))
    held.renews = before
    if held.state == "rejected":
        held.note = rng.choice(read_table("careers")["notes"]["rejected"])
    yield held


def _certificate(
    person: Person, type_: CatalogueType, issued_on: date, expires_on: date | None, state: str = "verified"
) -> Certificate:
    return Certificate(person, type_, type_.name, type_.issuer, type_.kind, issued_on, expires_on, state)


def _degree(person: Person, rng: Random) -> Certificate:
    school = rng.choice(read_table("careers")["schools"][person.office])
    title = rng.choice(read_table("trades")[person.trade]["studies"])
    issued_on = date(person.joined_on.year - rng.randint(1, 9), 1, 1)
    return Certificate(person, None, title, school, "degree", issued_on, None, _state(rng))


def _state(rng: Random) -> str:
    return rng.choices(list(STATES), list(STATES.values()))[0]


def _let_expire(drawn: list[Certificate], today: date) -> None:
    """Move the last days of some: to those one can look at, and a few to the past; one is revoked."""
    last = [held for held in drawn if held.expires_on and held.state == "verified" and held.expires_on > today]
    chosen = chance("expiring").sample(last, EXPIRING_EACH * len(EXPIRING_IN) + OVERDUE + 1)
    revoked = chosen.pop()
    revoked.state, revoked.note = "revoked", "Withdrawn by the issuer."
    days = [*EXPIRING_IN * EXPIRING_EACH, *(-7 * (place + 1) for place in range(OVERDUE))]
    for held, left in zip(chosen, days, strict=True):
        held.expires_on = today + timedelta(days=left)
        held.issued_on = held.expires_on - held.validity
        if held.renews:
            held.renews.expires_on = held.issued_on + timedelta(days=5)
            held.renews.issued_on = held.renews.expires_on - held.validity


def _told(person: Person, types: dict[str, CatalogueType], today: date) -> Iterator[Certificate]:
    """The printed employee: one that expires in 20 days and renews another, one submitted, one that has expired."""
    expires_on = today + timedelta(days=20)
    first = expires_on - relativedelta(months=36)
    before = _certificate(person, types["aws_associate"], first - relativedelta(months=36), first)
    yield before
    cloud = _certificate(person, types["aws_associate"], first, expires_on)
    cloud.renews = before
    yield cloud
    ended = today - timedelta(days=9)
    yield _certificate(person, types["kubernetes_developer"], ended - relativedelta(months=24), ended)
    yield _certificate(person, types["english_c1"], today - timedelta(days=12), None, "submitted")


def _row(held: Certificate, reviewers: list[Person]) -> dict[str, Any]:
    number = f"{held.issuer[:2].upper()}-{held.issued_on:%y}{held.id * 7919 % 1_000_000:06d}" if held.type else None
    return {
        "id": held.id,
        "user_id": held.person.id,
        "type_id": held.type and held.type.id,
        "title": held.title,
        "issuer": held.issuer,
        "kind": held.kind,
        "credential_no": number,
        "issued_first_on": held.shown_on,
        "issued_precision": held.precision,
        "expires_on": held.expires_on,
        "renews_id": held.renews and held.renews.id,
        "review_state": held.state,
        **_review(held, reviewers),
    }


def _review(held: Certificate, reviewers: list[Person]) -> dict[str, Any]:
    """Who reviewed it: HR, but nobody their own."""
    is_reviewed = held.state in ("verified", "rejected", "revoked")
    reviewer = next(person for person in reviewers if person is not held.person)
    added_at = morning(max(held.issued_on, held.person.joined_on) + timedelta(days=2), 9)
    reviewed_at = added_at + timedelta(days=3, hours=2) if is_reviewed else None
    return {
        "submitted_at": added_at + timedelta(hours=1) if held.state != "draft" else None,
        "reviewed_by_id": reviewer.id if is_reviewed else None,
        "reviewed_at": reviewed_at,
        "review_note": held.note,
        "created_at": added_at,
        "updated_at": reviewed_at or added_at,
    }
