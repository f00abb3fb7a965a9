"""What others need that a person has: colleagues looked for it, or their own teams want more people with it.

Told only of levels that their owner shows. Who looked is never told, and nothing where it was fewer than three people:
that would tell on somebody. A search leaves the skill it asked for and no words; watched searches count as well.
Of teams only the person's own and those above it are named, as on their page of what to learn next.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, cast, func, select, true, union

from smartskill.activity.models import InteractionEvent
from smartskill.engagement.services.told import skills_told
from smartskill.extensions import db
from smartskill.planning.models.searches import SavedSearch
from smartskill.planning.services.coverage.scope import Roster, read_tree
from smartskill.planning.services.growth.sources import count_holders, read_targets
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.user.models import User
from smartskill.user.services.dated import today

KIND = "team_need"
FEWEST_SEEKERS = 3
SOUGHT_DAYS = 28
HELPFUL_FROM = 3  # the level from which somebody can help others
MOST_NEEDS = 3
Evidence = dict[str, Any]


def find_team_needs(people: Sequence[User], at: datetime) -> dict[int, Evidence]:
    """What is needed of these people that they were not told of before."""
    told = skills_told([person.id for person in people], KIND, at)
    found = {}
    for user_id, needs in read_needs(people, at).items():
        new = [need for need in needs if (user_id, need["skill_id"]) not in told]
        if new:
            found[user_id] = {"needs": new[:MOST_NEEDS]}
    return found


def read_needs(people: Sequence[User], at: datetime) -> dict[int, list[Evidence]]:
    """By person, all needs that they could help with: what their teams lack first, then what most look for."""
    shown = _read_shown([person.id for person in people])
    skills = {skill_id for mine in shown.values() for skill_id in mine}
    if not skills:
        return {}
    seekers, short = _read_seekers(skills, at), _read_short(people, shown)
    found = {}
    for person in people:
        needs = [
            _need(skill_id, *facts, seekers[skill_id] - {person.id}, short.get((person.id, skill_id)))
            for skill_id, facts in shown.get(person.id, {}).items()
        ]
        told = [need for need in needs if need["team"] or need["seekers"]]
        found[person.id] = sorted(told, key=lambda need: (need["team"] is None, -need["seekers"], need["skill_name"]))
    return found


def _need(skill_id: int, name: str, level: int, seekers: set[int], team: Evidence | None) -> Evidence:
    count = len(seekers) if len(seekers) >= FEWEST_SEEKERS else 0
    return {"skill_id": skill_id, "skill_name": name, "level": level, "seekers": count, "team": team}


def _read_shown(user_ids: Sequence[int]) -> dict[int, dict[int, tuple[str, int]]]:
    """By person and skill, name and level of what they show and are good at."""
    found: defaultdict[int, dict[int, tuple[str, int]]] = defaultdict(dict)
    rows = db.session.execute(
        select(UserSkill.user_id, UserSkill.skill_id, Skill.name, UserSkill.level)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(
            UserSkill.user_id.in_(user_ids),
            UserSkill.level >= HELPFUL_FROM,
            UserSkill.is_shown,
            Skill.status != "retired",
        )
        .order_by(UserSkill.user_id, UserSkill.skill_id)
    )
    for user_id, skill_id, name, level in rows:
        found[user_id][skill_id] = (name, level or 0)
    return found


def _read_seekers(skills: set[int], at: datetime) -> defaultdict[int, set[int]]:
    """By skill, who looked for people with it of late or has a search watched."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    sought = union(_searched(skills, at), _watched()).subquery("sought")
    rows = select(sought.c.skill_id, sought.c.user_id).join(User, User.id == sought.c.user_id)
    for skill_id, user_id in db.session.execute(rows.where(User.is_active, sought.c.skill_id.in_(skills))):
        found[skill_id].add(user_id)
    return found


def _searched(skills: set[int], at: datetime) -> Select:
    """Read from an index of such events alone: there are few among all that people do."""
    return select(InteractionEvent.subject_id.label("skill_id"), InteractionEvent.user_id).where(
        InteractionEvent.kind == "search",
        InteractionEvent.subject_type == "skill",
        InteractionEvent.subject_id.is_not(None),
        ~InteractionEvent.is_automated,
        InteractionEvent.subject_id.in_(skills),
        InteractionEvent.occurred_at > at - timedelta(days=SOUGHT_DAYS),
        InteractionEvent.occurred_at <= at,
    )


def _watched() -> Select:
    need = func.jsonb_array_elements_text(SavedSearch.query["need"]).table_valued("value").lateral("need")
    skill_id = cast(func.split_part(need.c.value, ":", 1), Integer)
    watched = select(skill_id.label("skill_id"), SavedSearch.user_id).select_from(SavedSearch)
    return watched.join(need, true()).where(SavedSearch.is_watched)


def _read_short(
    people: Sequence[User], shown: Mapping[int, Mapping[int, tuple[str, int]]]
) -> dict[tuple[int, int], Evidence]:
    """By person and skill, the nearest of their teams that has too few people at a level which they have."""
    roster = Roster({}, {}, read_tree(today()))
    ways = {person.id: [*roster.way_up(person.team_id), None] for person in people}
    teams = sorted({team_id for way in ways.values() for team_id in way if team_id is not None})
    targets = read_targets(teams)
    pairs = [(one, within) for one in teams for within in roster.teams_within(one)]
    held = count_holders([row.id for row in targets], pairs)
    short: defaultdict[int | None, list[Any]] = defaultdict(list)
    for row in targets:
        if held.get(row.id, 0) < row.heads:
            short[row.team_id].append(row)
    found: dict[tuple[int, int], Evidence] = {}
    for user_id, way in ways.items():
        mine = shown.get(user_id, {})
        for row in (row for team_id in way for row in short.get(team_id, ())):
            if row.skill_id in mine and mine[row.skill_id][1] >= row.level:
                facts = {"name": row.name, "level": row.level, "wanted": row.heads, "held": held.get(row.id, 0)}
                found.setdefault((user_id, row.skill_id), facts)
    return found
