"""How head-count targets are met on a day and 90 days on, by whom alone, and what falls if some people leave.

One read of the people, one of what they have, whatever the number of targets; the figures are then sets in memory. The
targets come with the worst first: what falls, then what is short by the most.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.pagination import describe
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.coverage import nearest as near
from smartskill.planning.services.coverage.counting import Ask
from smartskill.planning.services.coverage.holding import Held, read_held
from smartskill.planning.services.coverage.scope import (
    Roster,
    check_team,
    check_without,
    read_roster,
    teams_wholly_below,
)
from smartskill.planning.services.coverage.shortlisting import find_below
from smartskill.planning.services.coverage.targets import all_targets
from smartskill.planning.services.coverage.what_if import find_fall, find_sole_holder, holders_of
from smartskill.planning.services.policy import NotYourPeople, plans_for_all
from smartskill.planning.services.readiness.formulas import Target
from smartskill.user.models import User
from smartskill.user.services.dated import today

Row = dict[str, Any]
NAMES = ("team_id", "team_name", "skill_id", "skill_name", "qualification_type_id", "qualification_name", "level")


def list_coverage(query: Mapping[str, Any], asker: Any) -> tuple[list[Row], dict[str, str]]:
    """A page of the targets that the asker may see, each with how it is met, and the headers that describe it.

    Raises:
        NotFound: no such team.
        NotYourPeople: nobody reports to the asker, or nobody of that team, or somebody in `without` does not.
        NoSuchPeople: somebody in `without` does not exist.
    """
    day, without = query.get("as_of") or today(), frozenset(query["without"])
    roster = read_roster(asker, day, query.get("team_id"))
    targets = _find_targets(query.get("team_id"), asker, roster, day)
    check_without(asker, query["without"], roster)
    found = Answer(roster, read_held(day, roster, targets, without), without)
    figures = sorted((found.figures(one) for one in targets), key=_worst_first)
    page, size = query["page"], query["page_size"]
    shown = figures[(page - 1) * size : page * size]
    found.add_nearest(shown)
    return _named(shown), {"X-Pagination": describe(len(figures), page, size)}


def _find_targets(team_id: int | None, asker: Any, roster: Roster, day: date) -> list[Any]:
    found = all_targets()
    if team_id is not None:
        check_team(team_id)
        if not plans_for_all(asker) and not roster.people_of(team_id) - {asker.id}:
            raise NotYourPeople()
        found = found.where(CoverageTarget.team_id.in_(roster.teams_within(team_id)))
    elif not plans_for_all(asker):
        own = roster.teams_of(asker.id) if day == today() else teams_wholly_below(asker)
        found = found.where(CoverageTarget.team_id.in_(own))
    rows = db.session.execute(found).all()
    # Of a team that is only partly theirs a manager sees the targets too: the answer says how many it leaves out.
    return [row for row in rows if plans_for_all(asker) or roster.people_of(row.team_id) - {asker.id}]


def _thing(row: Any) -> Target:
    return Target(row.skill_id, row.qualification_type_id)


def _worst_first(figures: Row) -> tuple:
    short = max(figures["required"] - figures["held_without"], 0)
    short_then = max(figures["required"] - figures["held_in_90_days_without"], 0)
    name = (figures["skill_name"] or figures["qualification_name"] or "").lower()
    return (
        figures["falls_below"] is None, -short, -short_then, figures["sole_holder"] is None,
        figures["team_name"] or "", name, figures["target_id"],
    )  # fmt: skip


class Answer:
    """Everything that was read, to answer for one target after the other."""

    def __init__(self, roster: Roster, held: Held, without: frozenset[int]) -> None:
        self.roster, self.held, self.without = roster, held, without

    def figures(self, row: Any) -> Row:
        """How a target is met."""
        thing, people = _thing(row), self.roster.people_of(row.team_id)
        now = holders_of(self.held.now[thing], people, row.level)
        then = {one for one in holders_of(self.held.then[thing], people, row.level) if not self._leaves(one)}
        losses, gains = sorted(now - then), sorted(then - now)
        held, fresh = self.held.count(row.id, thing, now)
        later = held - len(losses) + len(gains)
        fall = find_fall(row.heads, held, now & self.without)
        return {
            "target_id": row.id,
            **{name: getattr(row, name) for name in NAMES},
            "required": row.heads,
            "held": held,
            "held_in_90_days": later,
            "held_without": held - len(now & self.without),
            "held_in_90_days_without": later - len(then & self.without),
            "losses": [self._change(thing, one, row.level) for one in losses],
            "gains": [self._change(thing, one, row.level) for one in gains],
            "sole_holder": find_sole_holder(fresh),
            "falls_below": fall._asdict() if fall else None,
            "left_out": self.roster.left_out_of(row.team_id) if self.roster.outside else 0,
        }

    def _leaves(self, user_id: int) -> bool:
        return self.roster.leaves_on.get(user_id, date.max) < self.held.ahead

    def _change(self, thing: Target, user_id: int, level: int) -> Row:
        leaving_on = self.roster.leaves_on[user_id] if self._leaves(user_id) else None
        expiring_on = self.held.expires_on.get((user_id, thing.qualification_type_id or 0))
        own, level_then = self.held.now[thing].get(user_id), self.held.then[thing].get(user_id)
        is_moving = thing.skill_id is not None and own != level_then
        facts = {"leaving_on": leaving_on, "expiring_on": expiring_on, "level_then": level_then if is_moving else None}
        return {"user_id": user_id, **facts, "level": own}

    def add_nearest(self, rows: Sequence[Row]) -> None:
        """Name who could close each gap, of those who stay."""
        people = self.roster.people_of_any(row["team_id"] for row in rows)
        self._add_nearest_skilled([row for row in rows if row["skill_id"]], people)
        certified = [row for row in rows if row["qualification_type_id"]]
        type_ids = {row["qualification_type_id"] for row in certified}
        to_be = near.read_certificates_to_be(people, type_ids, self.held.day) if type_ids else {}
        for row in certified:
            kind = row["qualification_type_id"]
            found = near.find_nearest_certified(
                to_be.get(kind, []), self._staying(row["team_id"]), self.held.now[Target(None, kind)]
            )
            row["nearest"] = [one._asdict() for one in found]

    def _add_nearest_skilled(self, rows: Sequence[Row], people: Sequence[int]) -> None:
        if not rows:
            return
        lists = self._shortlists(rows)
        said = near.read_wishes_of(chain.from_iterable(lists))
        unrated = near.read_unrated_wishes(people, {row["skill_id"] for row in rows})
        for row, one in zip(rows, lists, strict=True):
            wishes = {**said.get(row["skill_id"], {}), **unrated.get(row["skill_id"], {})}
            found = near.find_nearest(row["level"], one, self._staying(row["team_id"]), wishes)
            row["nearest"] = [one._asdict() for one in found]

    def _shortlists(self, rows: Sequence[Row]) -> list[list[near.Below]]:
        """Of each row the people below its level, the nearest and their equals."""
        asks = [Ask(row["target_id"], row["skill_id"], row["level"], row["team_id"]) for row in rows]
        if self.held.trust is not None:
            found = find_below(asks, self._staying, self.held.trust)
            return [found[ask.target_id] for ask in asks]
        return [near.shortlist(ask.skill_id, ask.level, self._staying(ask.team_id), self.held) for ask in asks]

    def _staying(self, team_id: int | None) -> set[int]:
        return self.roster.people_of(team_id) - self.without


def _named(rows: list[Row]) -> list[Row]:
    """The rows with names beside ids, and the losses in words."""
    ids: set[int] = set()
    for row in rows:
        ids |= {one["user_id"] for part in ("losses", "gains", "nearest") for one in row[part]}
        ids |= set(row["falls_below"]["lost"] if row["falls_below"] else ()) | {row["sole_holder"] or 0}
    names = find_names(ids)
    for row in rows:
        row["losses"], row["gains"] = ([_told(one, names) for one in row[part]] for part in ("losses", "gains"))
        row["nearest"] = [{**one, "full_name": names[one["user_id"]]} for one in row["nearest"]]
        if row["sole_holder"]:
            row["sole_holder"] = {"user_id": row["sole_holder"], "full_name": names[row["sole_holder"]]}
        if row["falls_below"]:
            lost = [{"user_id": one, "full_name": names[one]} for one in row["falls_below"]["lost"]]
            row["falls_below"] = {**row["falls_below"], "lost": lost}
    return rows


def find_names(ids: Collection[int]) -> dict[int, str]:
    """What people are called."""
    found = select(User.id, User.full_name).where(User.id.in_(ids))
    return dict(db.session.execute(found).all()) if ids else {}


def _told(change: Row, names: Mapping[int, str]) -> Row:
    name, level = names[change["user_id"]], change.pop("level")
    said = []
    if change["leaving_on"]:
        said.append(f"leaves; the last day is {change['leaving_on']}")
    if change["expiring_on"]:
        said.append(f"has it until {change['expiring_on']}; no renewal is verified")
    if change["level_then"]:
        said.append(f"will count as level {change['level_then']} instead of {level}: what was said fades with its age")
    return {**change, "full_name": name, "text": f"{name} {', and '.join(said)}."}
