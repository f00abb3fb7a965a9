"""Whether what notices say is still so, asked again just before they go: what was settled meanwhile is left out.

Asked for many mails at once, a few queries for each kind.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import select

from smartskill.engagement.services import recommendations, role_gaps, small_things, team_needs
from smartskill.engagement.services.expiry import find_superseded
from smartskill.engagement.services.notices import THINGS
from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.qualification.models import Qualification
from smartskill.qualification.services.renewing import is_live
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Endorsement, UserSkill
from smartskill.skills.services.formulas import stale_sql
from smartskill.user.models import User

Evidence = dict[str, Any]


class Told(NamedTuple):
    """What a notice told, and whom."""

    user_id: int
    kind: str
    evidence: Evidence


def narrow(told: Sequence[Told], today: date) -> list[Evidence | None]:
    """The evidence of each without what no longer holds; None where nothing is left to tell."""
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(told):
        by_kind[one.kind].append(place)
    found: list[Evidence | None] = [None] * len(told)
    for kind, places in by_kind.items():
        for place, evidence in zip(places, CHECKS[kind]([told[place] for place in places], today), strict=True):
            found[place] = evidence
    return found


def _keeping(kind: str, evidence: Evidence, things: list[Any]) -> Evidence | None:
    """The evidence with the things that are left; what its `total` counts goes down with them."""
    if not things:
        return None
    gone = len(evidence[THINGS[kind]]) - len(things)
    total = {"total": evidence["total"] - gone} if "total" in evidence else {}
    return evidence | {THINGS[kind]: things} | total


def _expiring(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """Renewed, corrected, rejected or deleted meanwhile, or told of a later day since: nothing to tell."""
    ids = {one.evidence["qualification_id"] for one in told}
    live = select(Qualification.id, Qualification.expires_on).where(is_one_of(Qualification.id, ids), is_live())
    left = {(row_id, str(last)) for row_id, last in db.session.execute(live)}
    superseded = find_superseded([(one.user_id, one.evidence) for one in told])
    for place, (_, _, evidence) in enumerate(told):
        is_so = (evidence["qualification_id"], evidence["expires_on"]) in left
        yield evidence if is_so and place not in superseded else None


def _review(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    ids = {evidence["qualification_id"] for *_, evidence in told}
    waiting = select(Qualification.id, Qualification.version).where(
        Qualification.id.in_(ids), Qualification.review_state == "submitted"
    )
    version = dict(db.session.execute(waiting).all())
    return [
        evidence if version.get(evidence["qualification_id"]) == evidence["version"] else None for *_, evidence in told
    ]


def _endorsed(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """Those that were not taken back."""
    ids = {thing["id"] for *_, evidence in told for thing in evidence["endorsements"]}
    rows = db.session.execute(select(Endorsement.user_id, Endorsement.id).where(Endorsement.id.in_(ids)))
    left = {tuple(row) for row in rows}
    for user_id, _, evidence in told:
        yield _keeping(
            "endorsed", evidence, [thing for thing in evidence["endorsements"] if (user_id, thing["id"]) in left]
        )


def _stale(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """Those that nobody has spoken for since."""
    skills = {thing["skill_id"] for *_, evidence in told for thing in evidence["skills"]}
    stale = (
        select(UserSkill.user_id, UserSkill.skill_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(
            UserSkill.user_id.in_({one.user_id for one in told}),
            UserSkill.skill_id.in_(skills),
            UserSkill.level.is_not(None),
            Skill.status != "retired",
            stale_sql(today),
        )
    )
    left = {tuple(row) for row in db.session.execute(stale)}
    for user_id, _, evidence in told:
        things = [thing for thing in evidence["skills"] if (user_id, thing["skill_id"]) in left]
        yield _keeping("skill_stale", evidence, things)


def _welcome(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """What is missing still."""
    lacks = small_things.find_missing([one.user_id for one in told])
    for user_id, _, evidence in told:
        yield _keeping("welcome", evidence, [part for part in evidence["missing"] if part in lacks[user_id]])


def _needed(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """What is still needed, with the numbers of now."""
    needs = team_needs.read_needs(_people(told), datetime.combine(today, time.max, UTC))
    for user_id, _, evidence in told:
        now = {need["skill_id"]: need for need in needs.get(user_id, ())}
        yield _keeping(
            "team_need", evidence, [now[one["skill_id"]] for one in evidence["needs"] if one["skill_id"] in now]
        )


def _role_gap(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """What is still lacking for the role, if it is still theirs, and who can be learned from now."""
    people = _people(told)
    gaps = {(user_id, gap.role_id): gap for user_id, mine in role_gaps.read_role_gaps(people).items() for gap in mine}
    chosen = {}
    for user_id, _, evidence in told:
        gap, named = gaps.get((user_id, evidence["role_id"])), {thing["skill_id"] for thing in evidence["gaps"]}
        left = [one for one in gap.named() if one.requirement.target.skill_id in named] if gap else []
        if gap and left:
            chosen[user_id] = (gap, left)
    now = role_gaps.say_gaps(people, chosen)
    return [now.get(one.user_id) for one in told]


def _recommended(told: Sequence[Told], today: date) -> Iterable[Evidence | None]:
    """What is still worth it, with the numbers of now."""
    rows = recommendations.read_recommended(_people(told))
    for user_id, _, evidence in told:
        now = {row["skill_id"]: row for row in rows.get(user_id, ())}
        things = [now[one["skill_id"]] for one in evidence["skills"] if one["skill_id"] in now]
        yield _keeping("skill_recommended", evidence, things)


def _people(told: Sequence[Told]) -> Sequence[User]:
    ids = {one.user_id for one in told}
    return db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)).all()


CHECKS: dict[str, Callable[[Sequence[Told], date], Iterable[Evidence | None]]] = {
    "qualification_expiring": _expiring,
    "review_pending": _review,
    "welcome": _welcome,
    "endorsed": _endorsed,
    "skill_stale": _stale,
    "team_need": _needed,
    "role_gap": _role_gap,
    "skill_recommended": _recommended,
}
