"""The skills that verified certificates show, as ratings: a state computed from the certificates, never added to.

A certificate says "at least this level" on the day it was issued, and says it once: not the reviewer, who looked at
a paper, but nobody in particular is the rater, so that several certificates are one voice, the newest. It ages like
any other rating; that it expired says nothing about what its holder can do, so expiry takes nothing back.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, union, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.qualification.models import GrantedSkill, Qualification
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating
from smartskill.skills.services.formulas import is_within_window
from smartskill.skills.services.projection import hold_skill, refresh_user_skill, today
from smartskill.skills.services.rating import write_rating
from smartskill.user.models import User

SOURCE = "assessment"
NAMED = Rating.evidence["qualification_id"].as_integer()


class Statement(NamedTuple):
    """What a certificate says of a skill: the identity of its rating."""

    user_id: int
    skill_id: int
    qualification_id: int
    level: int
    effective_on: date


@dataclass(frozen=True)
class Grant:
    """A skill that a verified certificate shows, whether or not it comes to a rating."""

    statement: Statement
    title: str
    expires_on: date | None
    review_months: int
    is_closed: bool  # the skill is retired and takes no new ratings

    def outranks(self, other: "Grant") -> bool:
        """Whether it showed a higher level already, and still did on the day that the other was issued.

        A beginner's certificate after an expert's is no news, and lowers nothing.
        """
        mine, day = self.statement, other.statement.effective_on
        is_valid = mine.effective_on <= day and (self.expires_on is None or self.expires_on >= day)
        is_heard = is_within_window(mine.effective_on, self.review_months, day)
        return mine.level > other.statement.level and is_valid and is_heard


def settle_grants(user_id: int) -> int:
    """Make a person's certificate ratings what their certificates say now; returns how many were written or taken back.

    Whoever changes what a certificate says calls it, after the change. Two who do so at once wait for each other.
    """
    db.session.flush()
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    gone, new = _difference_under_lock(user_id)
    if gone:
        db.session.execute(update(Rating).where(Rating.id.in_(gone.values())).values(retracted_at=now()))
    for grant in new:
        _write(grant)
    for skill_id in _touched(gone, new):
        refresh_user_skill(user_id, skill_id)
    return len(gone) + len(new)


def _difference_under_lock(user_id: int) -> tuple[dict[Statement, int], list[Grant]]:
    """What is to be taken back and to be written, each skill of it held: a merge either came before or comes after."""
    locked: set[int] = set()
    while True:
        gone, new = _difference([user_id])
        missing = set(_touched(gone, new)) - locked
        if not missing:
            return gone, new
        for skill_id in sorted(missing):
            hold_skill(skill_id)
        locked |= missing


def _difference(user_ids: Sequence[int]) -> tuple[dict[Statement, int], list[Grant]]:
    wanted, held = _wanted(user_ids), _held(user_ids)
    gone = {statement: rating_id for statement, rating_id in held.items() if statement not in wanted}
    new = [grant for statement, grant in wanted.items() if statement not in held and not grant.is_closed]
    return gone, sorted(new, key=lambda grant: grant.statement)


def _touched(gone: Iterable[Statement], new: Iterable[Grant]) -> list[int]:
    return sorted({statement.skill_id for statement in gone} | {grant.statement.skill_id for grant in new})


def find_unsettled(user_ids: Sequence[int]) -> list[int]:
    """Those of these people whose ratings are not what their certificates say."""
    gone, new = _difference(user_ids)
    return sorted({statement.user_id for statement in gone} | {grant.statement.user_id for grant in new})


def find_holders(*, after_id: int, limit: int, type_id: int | None = None) -> list[int]:
    """The next people with a verified certificate of a type, or with any certificate or rating of one, by id."""
    held = select(Qualification.user_id.label("user_id")).where(
        Qualification.review_state == "verified", Qualification.user_id > after_id
    )
    if type_id is not None:
        found = held.where(Qualification.type_id == type_id).distinct()
        return list(db.session.scalars(found.order_by(Qualification.user_id).limit(limit)))
    rated = select(Rating.user_id).where(_is_grant(), Rating.user_id > after_id)
    people = union(held.where(Qualification.type_id.is_not(None)), rated).subquery()
    return list(db.session.scalars(select(people.c.user_id).order_by(people.c.user_id).limit(limit)))


def find_grants(user_id: int, skill_id: int) -> list[tuple[Grant, bool]]:
    """What a person's verified certificates say of a skill, newest first, each with whether it comes to a rating."""
    grants = [grant for grant in _grants([user_id]) if grant.statement.skill_id == skill_id]
    heard = counting(grants)
    found = [(grant, grant.statement in heard) for grant in grants]
    return sorted(found, key=lambda pair: (pair[0].statement.effective_on, pair[0].statement[2]), reverse=True)


def _wanted(user_ids: Sequence[int]) -> dict[Statement, Grant]:
    by_place: dict[tuple[int, int], list[Grant]] = defaultdict(list)
    for grant in _grants(user_ids):
        by_place[grant.statement.user_id, grant.statement.skill_id].append(grant)
    return {key: grant for grants in by_place.values() for key, grant in counting(grants).items()}


def counting(grants: Iterable[Grant]) -> dict[Statement, Grant]:
    """Those of the grants of one person and skill that come to a rating."""
    grants = list(grants)
    due = [grant for grant in grants if grant.statement.effective_on <= today()]
    return {grant.statement: grant for grant in due if not any(other.outranks(grant) for other in grants)}


def _grants(user_ids: Sequence[int]) -> list[Grant]:
    rows = db.session.execute(
        select(Qualification, GrantedSkill.skill_id, GrantedSkill.level)
        .join(GrantedSkill, GrantedSkill.qualification_type_id == Qualification.type_id)
        .where(Qualification.user_id.in_(user_ids), Qualification.review_state == "verified")
        .order_by(GrantedSkill.level)
    ).all()
    skills = _skills({skill_id for _, skill_id, _ in rows})
    found: dict[tuple[int, int], Grant] = {}  # of two grants that became one skill by a merge, the higher
    for row, skill_id, level in rows:
        skill = skills[skill_id]
        statement = Statement(row.user_id, skill.id, row.id, level, _shown_on(row))
        is_closed = skill.status == "retired"
        found[row.id, skill.id] = Grant(statement, row.title, row.expires_on, skill.review_months, is_closed)
    return list(found.values())


def _shown_on(row: Qualification) -> date:
    """The earliest day that the date of issue can mean; without one, the day somebody here looked at it."""
    if row.issued_on is not None:
        return row.issued_on.first
    return (row.reviewed_at or row.created_at).date()


def _skills(ids: Iterable[int]) -> dict[int, Skill]:
    """The skills by id, each as what it was merged into."""
    found = {}
    for skill in db.session.scalars(select(Skill).where(Skill.id.in_(set(ids)))):
        end = skill
        while end.merged_into_id is not None:
            end = db.session.get_one(Skill, end.merged_into_id)
        found[skill.id] = end
    return found


def _is_grant():
    return (Rating.source == SOURCE) & Rating.retracted_at.is_(None) & NAMED.is_not(None)


def _held(user_ids: Sequence[int]) -> dict[Statement, int]:
    rows = db.session.execute(
        select(Rating.user_id, Rating.skill_id, NAMED, Rating.level, Rating.effective_on, Rating.id).where(
            Rating.user_id.in_(user_ids), _is_grant()
        )
    )
    return {Statement(*statement): rating_id for *statement, rating_id in rows}


def _write(grant: Grant) -> None:
    user_id, skill_id, qualification_id, level, day = grant.statement
    evidence = {"qualification_id": qualification_id, "title": grant.title}
    write_rating(user_id, skill_id, level, SOURCE, None, day, evidence=evidence)
