"""What emptied an answer: the fewest conditions without which somebody would be found.

Every active person is looked at once, as a mask of the conditions they meet; the smallest set that anybody lacks is the
culprit. Mostly that is one condition. Where no single one is, every pair (or larger set) of that size is named.
"""

from dataclasses import replace

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, or_, select

from smartskill.extensions import db
from smartskill.planning.services.experts.conditions import Conditions, Need
from smartskill.planning.services.experts.finding import holders, of_team
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.search import search_hits
from smartskill.skills.models import UserSkill
from smartskill.user.models import User

MOST_NAMED = 10
Named = list[tuple[str, ColumnElement[bool]]]


def name_unmet(conditions: Conditions, sight: Sight) -> str:
    """The header's value.

    `need.0`: without it there would be hits; `need.0, team_id`: without either; `need.0+need.1`: only without both.
    `need.0.min_interest` is the interest of a need whose level is met; `need.0|text` are alternatives none of which is.
    """
    named = _named(conditions, sight)
    mask: ColumnElement[int] = literal(0, BigInteger)
    for bit, (_, is_met) in enumerate(named):
        mask = mask + case((is_met, literal(1 << bit, BigInteger)), else_=literal(0, BigInteger))
    masks = db.session.scalars(select(mask).where(User.is_active).distinct())
    everything = (1 << len(named)) - 1
    lacking = {everything & ~found for found in masks} or {everything}
    fewest = min(lack.bit_count() for lack in lacking)
    sets = [[name for bit, (name, _) in enumerate(named) if lack >> bit & 1] for lack in sorted(lacking)]
    return ", ".join(["+".join(names) for names in sets if len(names) == fewest][:MOST_NAMED])


def _named(conditions: Conditions, sight: Sight) -> Named:
    wanted: Named = []
    for place, need in enumerate(conditions.needs):
        wanted += _of_need(f"need.{place}", need, sight, is_split=not conditions.is_any)
    if conditions.words is not None:
        hits = search_hits(conditions.words, sight).subquery()
        wanted.append(("text", User.id.in_(select(hits.c.user_id))))
    if conditions.is_any:
        wanted = [("|".join(name for name, _ in wanted), or_(*(is_met for _, is_met in wanted)))]
    if conditions.team_id is not None:
        wanted.append(("team_id", of_team(conditions.team_id)))
    for place, need in enumerate(conditions.without):
        wanted.append((f"not.{place}", User.id.not_in(holders(need, sight))))
    return wanted


def _of_need(name: str, need: Need, sight: Sight, *, is_split: bool) -> Named:
    has_level = User.id.in_(holders(replace(need, min_interest=None), sight))
    if need.min_interest is None:
        return [(name, has_level)]
    liking = select(UserSkill.user_id).where(
        UserSkill.skill_id == need.skill_id, UserSkill.interest >= need.min_interest, sight.levels
    )
    likes_it = User.id.in_(liking)
    return [(name, has_level), (f"{name}.min_interest", likes_it)] if is_split else [(name, and_(has_level, likes_it))]
