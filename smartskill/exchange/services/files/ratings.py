"""Levels of many people at once: what a file says beside what it said before, and writing what is new.

An imported rating has no rater: it is the file's word. What it says of a day it said before is unchanged; without a day
it is unchanged while the newest imported rating says the same. So a file read twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ARRAY, Date, DateTime, Integer, Text, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from smartskill.database import now
from smartskill.exchange.services.files.faults import chunks
from smartskill.extensions import db
from smartskill.kit.errors import Conflict
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.formulas import Voice, project
from smartskill.skills.services.projection import today

PEOPLE_AT_ONCE = 500
PAIRS_AT_ONCE = 5_000
SOURCE = "import"
Pair = tuple[int, int]


class CatalogueChanged(Conflict):
    """Skills were merged, retired or deleted while the file was being read: run it again."""


class LevelSaid(NamedTuple):
    """That a person has a level in a skill, from a day on; None: no day is said."""

    user_id: int
    skill_id: int
    level: int
    day: date | None


@dataclass
class LevelPlan:
    """What would be written, and how many statements are new, different or known."""

    new: list[LevelSaid] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "changed": 0, "unchanged": 0})


def plan_ratings(said: Sequence[LevelSaid]) -> LevelPlan:
    """Compare with what earlier files said; reads only."""
    plan = LevelPlan()
    by_person: dict[int, list[LevelSaid]] = defaultdict(list)
    for one in said:
        by_person[one.user_id].append(one)
    for people in chunks(sorted(by_person), PEOPLE_AT_ONCE):
        known = _imported(people)
        for user_id in people:
            for one in by_person[user_id]:
                _place(plan, one, known.get((one.user_id, one.skill_id), []))
    return plan


def _imported(people: Sequence[int]) -> dict[Pair, list[tuple[date, int]]]:
    """Day and level of each imported rating, in their order."""
    rows = select(Rating.user_id, Rating.skill_id, Rating.effective_on, Rating.level).where(
        Rating.user_id.in_(people), Rating.source == SOURCE, Rating.retracted_at.is_(None)
    )
    found: dict[Pair, list[tuple[date, int]]] = defaultdict(list)
    for user_id, skill_id, day, level in db.session.execute(rows.order_by(Rating.effective_on, Rating.id)):
        found[user_id, skill_id].append((day, level))
    return found


def _place(plan: LevelPlan, one: LevelSaid, known: list[tuple[date, int]]) -> None:
    same_day = [level for day, level in known if one.day is None or day == one.day]
    if same_day and same_day[-1] == one.level:
        plan.counts["unchanged"] += 1
        return
    plan.counts["changed" if known else "added"] += 1
    plan.new.append(one)


def write_ratings(new: Sequence[LevelSaid], tell: Callable[[float], Any]) -> None:
    """Append the ratings and project them, some pairs at a time, in the caller's transaction."""
    by_pair: dict[Pair, list[LevelSaid]] = defaultdict(list)
    for one in new:
        by_pair[one.user_id, one.skill_id].append(one)
    pairs, done = sorted(by_pair), 0  # in one order, so that two who write wait and do not deadlock
    _hold_skills({skill_id for _, skill_id in pairs})
    for some in chunks(pairs, PAIRS_AT_ONCE):
        held = _lock(some)
        _append([one for pair in some for one in by_pair[pair]])
        fresh = {pair: by_pair[pair] for pair in some if pair not in held}
        held |= fresh.keys() - _add(fresh)
        if held:
            _renew(sorted(held))
        done += len(some)
        tell(done / len(pairs))
    db.session.expire_all()


def _hold_skills(skill_ids: set[int]) -> None:
    """Keep the skills from being merged, retired or deleted until the transaction ends. Before any level is locked.

    Raises:
        CatalogueChanged: one of them was, since the file was read.
    """
    rows = select(Skill.id, Skill.status, Skill.merged_into_id).where(Skill.id.in_(skill_ids)).order_by(Skill.id)
    found = db.session.execute(rows.with_for_update(read=True, key_share=True, of=Skill)).all()
    if len(found) < len(skill_ids) or any(row.status == "retired" or row.merged_into_id for row in found):
        raise CatalogueChanged()


def _lock(pairs: Sequence[Pair]) -> set[Pair]:
    """Those of these pairs whose row is there, held until the transaction ends."""
    asked = _rows_of({"user_id": (Integer, [p[0] for p in pairs]), "skill_id": (Integer, [p[1] for p in pairs])})
    rows = (
        select(UserSkill.user_id, UserSkill.skill_id)
        .join(asked, (asked.c.user_id == UserSkill.user_id) & (asked.c.skill_id == UserSkill.skill_id))
        .order_by(UserSkill.user_id, UserSkill.skill_id)
        .with_for_update(of=UserSkill)
    )
    return {(user_id, skill_id) for user_id, skill_id in db.session.execute(rows)}


def _append(said: Sequence[LevelSaid]) -> None:
    rows = _rows_of(
        {
            "user_id": (Integer, [one.user_id for one in said]),
            "skill_id": (Integer, [one.skill_id for one in said]),
            "level": (Integer, [one.level for one in said]),
            "effective_on": (Date, [one.day or today() for one in said]),
        }
    )
    columns = ["user_id", "skill_id", "level", "effective_on", "source", "created_at"]
    facts = (*rows.c, literal(SOURCE), literal(now(), DateTime(timezone=True)))
    db.session.execute(insert(Rating).from_select(columns, select(*facts)))


def _add(fresh: Mapping[Pair, Sequence[LevelSaid]]) -> set[Pair]:
    """Make rows for pairs that had none; answers which. A pair that another made meanwhile is left to `_renew`."""
    if not fresh:
        return set()
    months = _review_months({skill_id for _, skill_id in fresh})
    voices = {
        (user_id, skill_id, months[skill_id]): [
            Voice(place, one.level, SOURCE, None, one.day or today()) for place, one in enumerate(said)
        ]
        for (user_id, skill_id), said in fresh.items()
    }
    columns, rows = _projected(voices)
    made = upsert(UserSkill).from_select(columns, select(*rows.c)).on_conflict_do_nothing()
    found = db.session.execute(made.returning(UserSkill.user_id, UserSkill.skill_id))
    return {(user_id, skill_id) for user_id, skill_id in found}


def _renew(pairs: Sequence[Pair]) -> None:
    """Project all ratings of these pairs anew, over what was there."""
    _lock(pairs)
    asked = _rows_of({"user_id": (Integer, [p[0] for p in pairs]), "skill_id": (Integer, [p[1] for p in pairs])})
    facts = (Rating.id, Rating.level, Rating.source, Rating.rater_id, Rating.effective_on)
    rows = db.session.execute(
        select(Rating.user_id, Rating.skill_id, *facts)
        .join(asked, (asked.c.user_id == Rating.user_id) & (asked.c.skill_id == Rating.skill_id))
        .where(Rating.retracted_at.is_(None))
    )
    months = _review_months({skill_id for _, skill_id in pairs})
    voices: dict[tuple[int, int, int], list[Voice]] = defaultdict(list)
    for user_id, skill_id, *voice in rows:
        voices[user_id, skill_id, months[skill_id]].append(Voice(*voice))  # type: ignore[arg-type]
    columns, table = _projected(voices)
    row = upsert(UserSkill).from_select(columns, select(*table.c))
    renewed: dict[str, Any] = {name: row.excluded[name] for name in columns if name not in ("user_id", "skill_id")}
    renewed |= {"version": UserSkill.version + 1, "updated_at": now()}
    db.session.execute(row.on_conflict_do_update(index_elements=["user_id", "skill_id"], set_=renewed))


def _review_months(skill_ids: set[int]) -> dict[int, int]:
    found = db.session.execute(select(Skill.id, Skill.review_months).where(Skill.id.in_(skill_ids)))
    return dict(found.all())


def _projected(voices: Mapping[tuple[int, int, int], Sequence[Voice]]) -> tuple[list[str], Any]:
    """The columns and rows of what these ratings come to today."""
    day = today()
    facts: dict[str, list] = {"user_id": [key[0] for key in voices], "skill_id": [key[1] for key in voices]}
    found = [asdict(project(said, months, day)) for (_, _, months), said in voices.items()]
    facts |= {name: [one[name] for one in found] for name in found[0]}
    facts["voices"] = [orjson.dumps(said).decode() for said in facts["voices"]]
    types = {name: UserSkill.__table__.c[name].type for name in facts}
    return list(facts), _rows_of({name: (types[name], values) for name, values in facts.items()})


def _rows_of(columns: Mapping[str, tuple[Any, Sequence]]) -> Any:
    """Columns of values as a table that one statement can join or insert: far fewer words than rows of parameters."""
    arrays = [cast(values, ARRAY(Text if _is_json(kind) else kind)) for kind, values in columns.values()]
    raw = func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
    named = [
        (cast(raw.c[name], kind) if _is_json(kind) else raw.c[name]).label(name) for name, (kind, _) in columns.items()
    ]
    return select(*named).subquery("asked")


def _is_json(kind: Any) -> bool:
    return isinstance(kind, JSONB)
