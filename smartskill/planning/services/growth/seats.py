"""Who could grow into a need: one level short of it, and keen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select

from smartskill.planning.services.coverage.nearest import KEEN, NO_WISH, Wish, read_wishes
from smartskill.skills.services.standing import Standing

MOST_PER_NEED = 3


def find_growth_seats(
    needs: Sequence[Mapping[str, Any]], people: Select, standings: Iterable[Standing]
) -> list[dict[str, Any]]:
    """At most three people per need, the keenest first, then the most trusted.

    Of a need of level 1 that is whoever is keen and has no level yet, which is not a level of zero.
    """
    by_skill: dict[int, dict[int, Standing]] = {}
    for standing in standings:
        by_skill.setdefault(standing.skill_id, {})[standing.user_id] = standing
    wishes = read_wishes(people, {need["skill_id"] for need in needs})
    found = []
    for place, need in enumerate(needs):
        known, said = by_skill.get(need["skill_id"], {}), wishes.get(need["skill_id"], {})
        keen = [one for one, wish in said.items() if (wish.interest or 0) >= KEEN]
        if need["min_level"] == 1:
            seats = [one for one in keen if one not in known]
        else:
            seats = [one for one in keen if one in known and known[one].level == need["min_level"] - 1]
        seats.sort(key=lambda one: _merits(one, known, said))
        found += [_seat(place, one, known.get(one), said[one]) for one in seats[:MOST_PER_NEED]]
    return found


def _merits(user_id: int, known: Mapping[int, Standing], said: Mapping[int, Wish]) -> tuple:
    wish, standing = said.get(user_id, NO_WISH), known.get(user_id)
    return (-(wish.interest or 0), -(wish.target_level or 0), -(standing.confidence if standing else 0.0), user_id)


def _seat(place: int, user_id: int, standing: Standing | None, wish: Wish) -> dict[str, Any]:
    level = standing.level if standing else None
    return {"need": place, "user_id": user_id, "level": level, "interest": wish.interest}
