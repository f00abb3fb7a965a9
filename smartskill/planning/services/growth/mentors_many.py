"""Whom to learn from, for many learners and skills at once: one person each, in a few queries.

The same order as on the page, among the most able of each skill; only levels that their owners show to colleagues.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, cast, func, or_, select, true

from smartskill.extensions import db
from smartskill.planning.services.coverage.holding import AHEAD
from smartskill.planning.services.growth.mentors import BEST_ABOVE, UNRATED, Mentor, rank_mentors
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.formulas import confidence
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today

MOST_ABLE = 60  # looked at in each skill


def find_mentors(
    learners: Sequence[User], wanted: Mapping[int, Mapping[int, int | None]]
) -> dict[tuple[int, int], Mentor]:
    """By learner and skill, somebody who knows more; who has nobody is not there.

    Args:
        wanted: by learner, the skills with the learner's own levels.
    """
    able = _read_able({skill_id for skills in wanted.values() for skill_id in skills})
    above = _read_lines([one.id for one in learners])
    found = {}
    for learner in learners:
        barred = above.get(learner.id, set()) | {learner.id}
        for skill_id, level in wanted.get(learner.id, {}).items():
            mentor = _best(able.get(skill_id, ()), barred, learner, skill_id, level or UNRATED)
            if mentor is not None:
                found[learner.id, skill_id] = mentor
    return found


def _best(able: Iterable[Mentor], barred: Collection[int], learner: User, skill_id: int, stand: int) -> Mentor | None:
    known = [one for one in able if one.level > stand and one.user_id not in barred]
    far = [one for one in known if one.level >= stand + BEST_ABOVE]
    return next(iter(rank_mentors(far or known, learner.id, learner.team_id, skill_id)), None)


def _read_able(skill_ids: Collection[int]) -> dict[int, list[Mentor]]:
    day = today()
    found: dict[int, list[Mentor]] = {}
    rows: Iterable[Any] = db.session.execute(_able(skill_ids)) if skill_ids else ()
    for skill_id, *facts, voices, confirmed_on, months in rows:
        trust = round(confidence(voices, months, day), 4)
        found.setdefault(skill_id, []).append(Mentor(*[*facts, trust, confirmed_on]))
    return found


def _able(skill_ids: Collection[int]) -> Select:
    wanted = select(func.unnest(cast(sorted(skill_ids), ARRAY(Integer))).label("id")).subquery("wanted")
    best = (
        select(
            User.id,
            User.full_name,
            User.title,
            User.team_id,
            UserSkill.level,
            UserSkill.voices,
            UserSkill.last_confirmed_on,
        )
        .join(User, User.id == UserSkill.user_id)
        .where(
            UserSkill.skill_id == wanted.c.id,
            UserSkill.level > UNRATED,
            UserSkill.is_shown,
            User.is_active,
            or_(User.leaves_on.is_(None), User.leaves_on >= today() + AHEAD),
        )
        .order_by(UserSkill.level.desc(), UserSkill.user_id)
        .limit(MOST_ABLE)
        .lateral("best")
    )
    person = (best.c.id, best.c.full_name, best.c.title, best.c.team_id, Team.name, best.c.level)
    return (
        select(wanted.c.id, *person, best.c.voices, best.c.last_confirmed_on, Skill.review_months)
        .select_from(wanted)
        .join(best, true())
        .join(Skill, Skill.id == wanted.c.id)
        .join(Team, Team.id == best.c.team_id, isouter=True)
    )


def _read_lines(user_ids: Sequence[int]) -> dict[int, set[int]]:
    """By person, everybody in the line of managers above."""
    if not user_ids:
        return {}
    start = select(User.id.label("one"), User.manager_id.label("above"))
    line = start.where(User.id.in_(user_ids), User.manager_id.is_not(None)).cte("line", recursive=True)
    more = select(line.c.one, User.manager_id).join(line, line.c.above == User.id)
    whole = line.union(more.where(User.manager_id.is_not(None)))
    found: dict[int, set[int]] = {}
    for one, above in db.session.execute(select(whole.c.one, whole.c.above)):
        found.setdefault(one, set()).add(above)
    return found
