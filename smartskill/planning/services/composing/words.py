"""A composed team as JSON: names beside the ids that were kept, and every reason in words.

Only ids and figures are kept. Whoever is erased, or no longer the asker's to plan for, is null from then on.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.broker import has_worker
from smartskill.planning.models.teams import TeamPlan
from smartskill.planning.services.policy import plans_for_all
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User
from smartskill.user.services.organisation import reports_of

Json = dict[str, Any]
FIELDS = ("id", "state", "progress", "request", "error", "created_at", "finished_at", "expires_at")


def show_plan(row: TeamPlan, asker: Any) -> Json:
    """A plan as its owner sees it."""
    shown = {name: getattr(row, name) for name in FIELDS}
    return shown | {"note": _note(row), "result": _Words(row.result, asker).result() if row.result else None}


def _note(row: TeamPlan) -> str | None:
    if row.state != "queued":
        return None
    if has_worker("default"):
        return "Waits for a worker."
    return "Waits, and no worker runs: start one with `flask rq worker`."


class _Words:
    """What is known of the ids in a result, read once."""

    def __init__(self, result: Json, asker: Any) -> None:
        self.kept = result
        ids = {pick["user_id"] for pick in result["team"]} | {one["user_id"] for one in result["growth_seats"]}
        for pick in result["team"]:
            ids |= set(pick["stand_ins"])
        for other in result["others"]:
            ids |= set(other["people"])
        people = select(User.id, User.full_name).where(User.id.in_(ids))
        if not plans_for_all(asker):
            people = people.where(User.id.in_(reports_of(asker.id)))
        skills = select(Skill.id, Skill.name).where(Skill.id.in_([need["skill_id"] for need in result["needs"]]))
        self.people: dict[int, str] = dict(db.session.execute(people).all())
        self.skills: dict[int, str] = dict(db.session.execute(skills).all())

    def result(self) -> Json:
        needs = [self._need(need) for need in self.kept["needs"]]
        return {
            "team": [self._pick(pick) for pick in self.kept["team"]],
            "needs": needs,
            "unmet": [need for need in needs if need["short"]],
            "alternatives": [self._other(other) for other in self.kept["others"]],
            "growth_seats": [self._seat(seat) for seat in self.kept["growth_seats"] if seat["user_id"] in self.people],
            "solver": self.kept["solver"],
        }

    def _person(self, user_id: int) -> Json:
        name = self.people.get(user_id)
        return {"user_id": user_id if name is not None else None, "full_name": name}

    def _need(self, need: Mapping[str, Any]) -> Json:
        return {**need, "skill_name": self.skills.get(need["skill_id"])}

    def _pick(self, pick: Mapping[str, Any]) -> Json:
        is_known = pick["user_id"] in self.people
        return self._person(pick["user_id"]) | {
            "why": [self._reason(one) for one in pick["covers"]] if is_known else [],
            "alternatives": [self._person(one) for one in pick["stand_ins"] if one in self.people],
        }

    def _reason(self, one: Mapping[str, Any]) -> Json:
        need = self._need(self.kept["needs"][one["need"]])
        spare = "none to spare" if one["is_decisive"] else "others cover it too"
        fact = (
            f"{need['skill_name']}: level {one['level']}, {need['min_level']} needed, "
            f"confidence {one['confidence']:.2f}; {spare}"
        )
        names = ("level", "confidence", "is_decisive")
        return {name: need[name] for name in ("skill_id", "skill_name", "min_level")} | {
            **{name: one[name] for name in names},
            "fact": fact,
        }

    def _other(self, other: Mapping[str, Any]) -> Json:
        needs = [
            self._need(need) | {"covered": covered, "short": max(need["heads"] - covered, 0)}
            for need, covered in zip(self.kept["needs"], other["covered"], strict=True)
        ]
        return {"people": [self._person(one) for one in other["people"]], "unmet": [n for n in needs if n["short"]]}

    def _seat(self, seat: Mapping[str, Any]) -> Json:
        need = self._need(self.kept["needs"][seat["need"]])
        start = (
            f"from level {seat['level']} to {need['min_level']}" if seat["level"] else f"to level {need['min_level']}"
        )
        return self._person(seat["user_id"]) | {
            **{name: need[name] for name in ("skill_id", "skill_name", "min_level")},
            "level": seat["level"],
            "interest": seat["interest"],
            "learn": f"{need['skill_name']} {start}",
        }
