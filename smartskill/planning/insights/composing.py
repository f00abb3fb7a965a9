"""From people and their levels to a team, by `ml.composing`; what is kept of it are ids and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select

from ml.composing.compose import EXACT_PEOPLE, compose, compose_another, find_stand_ins
from ml.composing.problem import Composition, Problem
from smartskill.extensions import db
from smartskill.planning.services.composing.plans import select_pool
from smartskill.planning.services.growth.seats import find_growth_seats
from smartskill.skills.services.standing import Standing, levels_on
from smartskill.user.services.dated import today

Say = Callable[[float], None]
Needs = Sequence[Mapping[str, Any]]
Json = dict[str, Any]


@dataclass(frozen=True)
class Posed:
    """The problem, and whom and what its rows mean."""

    ids: list[int]  # of the candidates: who meets a need
    levels: np.ndarray  # people × needs; 0 where the need is not met
    problem: Problem


def compose_team(request: Mapping[str, Any], asker: Any, say: Say) -> Json:
    """The result of a request, for its requester as they may plan today.

    Args:
        say: is told the share that is done, and may raise to stop.
    Raises:
        NotYourPeople: nobody is theirs to plan for any more.
    """
    needs, people = request["needs"], select_pool(request["pool"], asker)
    pool = db.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    standings = levels_on(today(), people, sorted({need["skill_id"] for need in needs}))
    seats = find_growth_seats(needs, people, standings)
    posed = pose(needs, standings, request.get("most"))
    say(0.2)
    found = compose(posed.problem)
    say(0.6)
    other = compose_another(posed.problem, found.picks)
    say(0.9)
    covered, short = posed.problem.covered(found.picks).tolist(), posed.problem.short(found.picks).tolist()
    return {
        "team": _picks(posed, found.picks),
        "needs": [{**need, "covered": covered[place], "short": short[place]} for place, need in enumerate(needs)],
        "others": [_other(posed, other)] if other else [],
        "growth_seats": seats,
        "solver": _solver(found, pool, len(posed.ids)),
    }


def pose(needs: Needs, standings: Sequence[Standing], most: int | None) -> Posed:
    """The problem over whoever meets a need."""
    by_skill: dict[int, list[int]] = {}
    for place, need in enumerate(needs):
        by_skill.setdefault(need["skill_id"], []).append(place)
    meets = [
        (one, place)
        for one in standings
        for place in by_skill.get(one.skill_id, ())
        if one.level >= needs[place]["min_level"]
    ]
    ids = sorted({one.user_id for one, _ in meets})
    rows = {user_id: row for row, user_id in enumerate(ids)}
    levels, confidence = np.zeros((len(ids), len(needs)), dtype=np.int64), np.zeros((len(ids), len(needs)))
    for one, place in meets:
        levels[rows[one.user_id], place], confidence[rows[one.user_id], place] = one.level, one.confidence
    heads = np.array([need["heads"] for need in needs], dtype=np.int64)
    must = np.array([need["must"] for need in needs], dtype=bool)
    return Posed(ids, levels, Problem(levels > 0, heads, must, confidence, most))


def _picks(posed: Posed, picks: list[int]) -> list[Json]:
    problem, stand_ins = posed.problem, find_stand_ins(posed.problem, picks)
    is_spare = problem.covered(picks) > problem.heads
    found = []
    for pick in picks:
        covers = [
            {
                "need": place,
                "level": int(posed.levels[pick, place]),
                "confidence": round(float(problem.confidence[pick, place]), 4),
                "is_decisive": not bool(is_spare[place]),
            }
            for place in np.flatnonzero(problem.able[pick]).tolist()
        ]
        found.append(
            {"user_id": posed.ids[pick], "covers": covers, "stand_ins": [posed.ids[one] for one in stand_ins[pick]]}
        )
    return found


def _other(posed: Posed, other: Composition) -> Json:
    return {"people": [posed.ids[pick] for pick in other.picks], "covered": posed.problem.covered(other.picks).tolist()}


def _solver(found: Composition, pool: int, candidates: int) -> Json:
    facts = {name: value for name, value in asdict(found).items() if name != "picks"}
    facts |= {"name": facts.pop("solver"), "gap": found.gap}
    return facts | {"pool": pool, "candidates": candidates, "exact_up_to": EXACT_PEOPLE}
