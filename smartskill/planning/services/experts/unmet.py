"""What emptied an answer: the fewest conditions without which somebody would be found.

Everybody who meets something is looked at once, as a mask of the conditions; the smallest set that anybody lacks is the
culprit. Mostly that is one condition. Where no single one is, every pair (or larger set) of that size is named.
"""

from dataclasses import replace

from sqlalchemy import BigInteger, Select, func, literal, select, union_all

from smartskill.extensions import db
from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.finding import holders
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.search import search_hits
from smartskill.skills.models.levels import UserSkill
from smartskill.user.models import User
from smartskill.user.services.organisation import members_of

MOST_NAMED = 10
Named = list[tuple[str, list[Select]]]  # a condition, and selects of the ids of those whom it is about


def name_unmet(conditions: Conditions, sight: Sight) -> str:
    """The header's value.

    `need.0`: without it there would be hits; `need.0, team_id`: without either; `need.0+need.1`: only without both.
    `need.0.min_interest` is the interest of a need whose level is met; `need.0|text` are alternatives none of which is.
    """
    wanted, barred = _wanted(conditions, sight), _barred(conditions, sight)
    named = [*wanted, *barred]
    lacking = _lacking(named, (1 << len(wanted)) - 1)
    fewest = min(lack.bit_count() for lack in lacking)
    sets = [[name for bit, (name, _) in enumerate(named) if lack >> bit & 1] for lack in sorted(lacking)]
    return ", ".join(["+".join(names) for names in sets if len(names) == fewest][:MOST_NAMED])


def _lacking(named: Named, wanted: int) -> set[int]:
    """The sets of conditions that somebody lacks, as masks; of the wanted ones those that they are not found for."""
    about = [(bit, found.subquery()) for bit, (_, selects) in enumerate(named) for found in selects]
    parts = [select(found.c[0].label("user_id"), literal(1 << bit, BigInteger).label("bit")) for bit, found in about]
    rows = union_all(*parts).cte("rows")
    gone = select(User.id).where(~User.is_active)
    mask = func.bit_or(rows.c.bit)
    each = select(mask.label("mask")).where(rows.c.user_id.not_in(gone)).group_by(rows.c.user_id).subquery()
    lacking = {found ^ wanted for found in db.session.scalars(select(each.c.mask).distinct())}
    if all(lack.bit_count() >= wanted.bit_count() for lack in lacking):  # nobody comes nearer than who meets nothing
        others = select(User.id).where(User.is_active, User.id.not_in(select(rows.c.user_id))).limit(1)
        if db.session.scalar(others) is not None or not lacking:
            lacking.add(wanted)
    return lacking


def _wanted(conditions: Conditions, sight: Sight) -> Named:
    wanted: Named = []
    for place, need in enumerate(conditions.needs):
        wanted += _of_need(f"need.{place}", need, sight, is_split=not conditions.is_any)
    if conditions.words is not None:
        wanted.append(("text", [search_hits(conditions.words, sight)]))
    if conditions.is_any:
        wanted = [("|".join(name for name, _ in wanted), [found for _, selects in wanted for found in selects])]
    if conditions.team_id is not None:
        wanted.append(("team_id", [members_of(conditions.team_id)]))
    return wanted


def _barred(conditions: Conditions, sight: Sight) -> Named:
    return [(f"not.{place}", [holders(need, sight)]) for place, need in enumerate(conditions.without)]


def _of_need(name: str, need: Need, sight: Sight, *, is_split: bool) -> Named:
    if need.min_interest is None or not is_split:
        return [(name, [holders(need, sight)])]
    liking = select(UserSkill.user_id).where(
        UserSkill.skill_id == need.skill_id, UserSkill.interest >= need.min_interest, sight.levels
    )
    return [(name, [holders(replace(need, min_interest=None), sight)]), (f"{name}.min_interest", [liking])]
