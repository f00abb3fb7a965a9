"""Whom to learn a skill from: colleagues two levels above, trusted, best outside the own team, not always the same.

Of those two or more levels above (one, where nobody is two) the fresh come first, within these people outside the own
team. Who of equals is named first is drawn for each learner, with confidence as the weight: always the same for one
learner, another for the next, so that the one great expert is not everybody's mentor. Nobody in the line of managers
above is named: learning from them is another conversation, and they are known.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from math import log
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.services.coverage.holding import AHEAD
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.formulas import FRESH, confidence
from smartskill.skills.services.policy import visible_levels
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today

MOST_NAMED = 5
UNRATED = 1  # where a learner without a level is taken to stand: at the beginning
BEST_ABOVE = 2
COUNTED = ("no", "one", "two", "three", "four")


class Mentor(NamedTuple):
    """A colleague who knows more."""

    user_id: int
    full_name: str
    title: str | None
    team_id: int | None
    team_name: str | None
    level: int
    confidence: float
    last_confirmed_on: date


def list_mentors(learner: User, skill_id: int, asker: Any) -> list[dict[str, Any]]:
    """At most five colleagues with their reasons, of those whose level the asker may see.

    Raises:
        Invalid: there is no such skill.
    """
    if db.session.get(Skill, skill_id) is None:
        raise Invalid.field("skill_id", "There is no such skill.")
    own = db.session.scalar(select(UserSkill.level).filter_by(user_id=learner.id, skill_id=skill_id))
    stand = own or UNRATED
    known = _read(learner, skill_id, stand + 1, asker)
    far = [one for one in known if one.level >= stand + BEST_ABOVE]
    ranked = rank_mentors(far or known, learner.id, learner.team_id, skill_id)
    return [{**one._asdict(), "why": _why(one, own, learner.team_id)} for one in ranked[:MOST_NAMED]]


def rank_mentors(mentors: Iterable[Mentor], learner_id: int, team_id: int | None, skill_id: int) -> list[Mentor]:
    """Fresh first, then outside the team, then as drawn for this learner."""
    return sorted(
        mentors,
        key=lambda one: (
            one.confidence < FRESH,
            one.team_id is not None and one.team_id == team_id,
            _draw(learner_id, one.user_id, skill_id, one.confidence),
        ),
    )


def _draw(learner_id: int, mentor_id: int, skill_id: int, weight: float) -> float:
    """Weighted rendezvous hashing: the smallest is first with odds in proportion to the weight."""
    digest = blake2b(f"{learner_id}:{mentor_id}:{skill_id}".encode(), digest_size=8).digest()
    chance = (int.from_bytes(digest, "big") + 1) / (2**64 + 1)
    return -log(chance) / max(weight, 1e-9)


def _read(learner: User, skill_id: int, least: int, asker: Any) -> list[Mentor]:
    found = (
        select(
            User.id,
            User.full_name,
            User.title,
            User.team_id,
            Team.name,
            UserSkill.level,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
            Skill.review_months,
        )
        .select_from(UserSkill)
        .join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .join(Team, Team.id == User.team_id, isouter=True)
        .where(
            UserSkill.skill_id == skill_id,
            UserSkill.level >= least,
            User.is_active,
            or_(User.leaves_on.is_(None), User.leaves_on >= today() + AHEAD),
            User.id != learner.id,
            User.id.not_in(_line_above(learner.id)),
            visible_levels(asker),
        )
    )
    day = today()
    rows: Iterable[Any] = db.session.execute(found)
    return [
        Mentor(*[*facts, round(confidence(voices, months, day), 4), confirmed_on])
        for *facts, voices, confirmed_on, months in rows
    ]


def _line_above(user_id: int) -> Select:
    above = select(User.manager_id).where(User.id == user_id, User.manager_id.is_not(None)).cte(recursive=True)
    more = select(User.manager_id).join(above, above.c.manager_id == User.id).where(User.manager_id.is_not(None))
    return select(above.union(more).c.manager_id)


def _why(one: Mentor, own: int | None, team_id: int | None) -> list[str]:
    if own is None:
        said = [f"level {one.level}; yours is not rated"]
    else:
        said = [f"level {one.level}, {COUNTED[one.level - own]} above {own}"]
    fresh = "" if one.confidence >= FRESH else ", which is not fresh"
    said.append(f"confidence {one.confidence:.2f}, last confirmed on {one.last_confirmed_on}{fresh}")
    if one.team_id is not None:
        said.append("in the same team" if one.team_id == team_id else f"in another team: {one.team_name}")
    return said
