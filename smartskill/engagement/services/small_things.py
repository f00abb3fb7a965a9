"""What there is to say to people in their weekly mail, with the evidence for it: no evidence, no notice.

Found for many people at once. What a mail has named once is not named again by the next.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import SUBSCRIPTION, THINGS
from smartskill.engagement.services.recommendations import find_recommended
from smartskill.engagement.services.role_gaps import find_role_gaps
from smartskill.engagement.services.team_needs import find_team_needs
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.kit.arrays import is_one_of
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Endorsement, UserSkill
from smartskill.skills.services.formulas import stale_sql
from smartskill.user.models import User

ENDORSED_DAYS = 28
NEWCOMER_DAYS = 28
MOST_NAMED = 5  # in one mail
ENOUGH_SKILLS = 3  # rated, for a profile that says something
DIGEST_THINGS, DIGEST_GROUPS = 3, 2
Evidence = dict[str, Any]


def find_small_things(people: Sequence[User], at: datetime) -> dict[int, dict[str, list[tuple[str, Evidence]]]]:
    """For each person the kinds of mail that have something to say, as parts (kind, evidence): a digest has several."""
    ids = [person.id for person in people]
    if not ids:
        return {}
    parts: dict[int, dict[str, Evidence]] = defaultdict(dict)
    for kind, found in (
        ("welcome", _missing(people, at)),
        ("endorsed", _endorsements(ids, at)),
        ("skill_stale", find_stale(ids, at.date())),
        ("team_need", find_team_needs(people, at)),
        ("role_gap", find_role_gaps(people, at)),
        ("skill_recommended", find_recommended(people, at)),
    ):
        for user_id, evidence in found.items():
            parts[user_id][kind] = evidence
    return {user_id: _kinds(groups) for user_id, groups in parts.items()}


def _kinds(groups: dict[str, Evidence]) -> dict[str, list[tuple[str, Evidence]]]:
    """Each group by itself, and all of them as a digest where they are many."""
    kinds = {kind: [(kind, evidence)] for kind, evidence in groups.items()}
    things = sum(len(evidence[THINGS[kind]]) for kind, evidence in groups.items())
    if things >= DIGEST_THINGS and len(groups) >= DIGEST_GROUPS:
        kinds["digest"] = list(groups.items())
    return kinds


def _last_told(ids: Sequence[int], kinds: tuple[str, ...]) -> Any:
    """When a person was last sent a mail of these kinds, by decision."""
    return (
        select(Decision.user_id, func.max(Decision.decided_at).label("told_at"))
        .where(Decision.user_id.in_(ids), Decision.mail_class == SUBSCRIPTION, Decision.action.in_(kinds))
        .group_by(Decision.user_id)
        .subquery()
    )


def _endorsements(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Colleagues' words since the last mail that named any."""
    told = _last_told(ids, ("endorsed", "digest"))
    rows = db.session.execute(
        select(
            Endorsement.user_id,
            Endorsement.id,
            Endorsement.skill_id,
            Skill.name,
            User.full_name,
            Endorsement.created_at,
        )
        .join(Skill, Skill.id == Endorsement.skill_id)
        .join(User, User.id == Endorsement.endorser_id)
        .outerjoin(told, told.c.user_id == Endorsement.user_id)
        .where(
            Endorsement.user_id.in_(ids),
            Endorsement.created_at > at - timedelta(days=ENDORSED_DAYS),
            Endorsement.created_at <= at,
            or_(told.c.told_at.is_(None), Endorsement.created_at > told.c.told_at),
        )
        .order_by(Endorsement.user_id, Endorsement.created_at.desc(), Endorsement.id)
    )
    found: dict[int, Evidence] = {}
    for user_id, key, skill_id, skill, endorser, created_at in rows:
        named = found.setdefault(user_id, {"endorsements": []})["endorsements"]
        if len(named) < MOST_NAMED:
            facts = {"id": key, "skill_id": skill_id, "skill_name": skill, "endorser_name": endorser}
            named.append(facts | {"on": created_at.date().isoformat()})
    return found


def find_stale(ids: Sequence[int], today: date) -> dict[int, Evidence]:
    """Levels that nobody has spoken for in their review time; critical ones first, then the oldest."""
    rows = db.session.execute(
        select(UserSkill.user_id, UserSkill.skill_id, Skill.name, UserSkill.level, UserSkill.last_confirmed_on)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(ids), UserSkill.level.is_not(None), Skill.status != "retired", stale_sql(today))
        .order_by(UserSkill.user_id, Skill.critical.desc(), UserSkill.last_confirmed_on, UserSkill.skill_id)
    )
    found: dict[int, Evidence] = {}
    for user_id, skill_id, name, level, confirmed_on in rows:
        evidence = found.setdefault(user_id, {"skills": [], "total": 0})
        evidence["total"] += 1
        if len(evidence["skills"]) < MOST_NAMED:
            facts = {"skill_id": skill_id, "skill_name": name, "level": level}
            evidence["skills"].append(facts | {"last_confirmed_on": str(confirmed_on)})
    return found


def _missing(people: Sequence[User], at: datetime) -> dict[int, Evidence]:
    """What newcomers' profiles lack; somebody who was welcomed is not welcomed again."""
    new = {person.id for person in people if at - timedelta(days=NEWCOMER_DAYS) < person.created_at <= at}
    told = set(db.session.scalars(select(_last_told(sorted(new), ("welcome",)).c.user_id)))
    found = {}
    for user_id, lacks in find_missing(sorted(new - told)).items():
        if lacks:
            found[user_id] = {"missing": lacks}
    return found


def find_missing(ids: Sequence[int]) -> dict[int, list[str]]:
    """Which of `skills`, `experience`, `qualifications` these people's profiles lack."""
    skilled = _having(UserSkill.user_id, ids, UserSkill.level.is_not(None), least=ENOUGH_SKILLS)
    have = {
        "skills": skilled,
        "experience": _having(Experience.user_id, ids),
        "qualifications": _having(Qualification.user_id, ids),
    }
    return {user_id: [part for part, owners in have.items() if user_id not in owners] for user_id in ids}


def _having(owner: Any, ids: Sequence[int], *conditions: Any, least: int = 1) -> set[int]:
    found = select(owner).where(is_one_of(owner, ids), *conditions).group_by(owner).having(func.count() >= least)
    return set(db.session.scalars(found))
