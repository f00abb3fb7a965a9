"""What to learn next: the next level of some skill, with the three numbers that speak for it; never a dismissed one.

Looked at are what one's roles and roles within reach ask, what one's teams want more people with (of the
organisation's targets only skills one has or wishes for), and what one wishes for; for who has no role also where at
least half of the team is ahead. The numbers and their order are in `growth_numbers`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.activity.services.recording import record
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.pagination import describe
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.services.growth import sources
from smartskill.planning.services.growth.numbers import HIGHEST, Candidate, TeamGain, find_gain, find_team_gain, score
from smartskill.planning.services.readiness.formulas import Requirement, strictest
from smartskill.planning.services.readiness.holdings import Holdings, read_holdings
from smartskill.planning.services.roles.requirements import read_requirements
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User
from smartskill.user.services.dated import today

Json = dict[str, Any]
KEEN = 3  # the interest from which a wish alone makes a skill a candidate


def list_next_skills(user: User, query: Mapping[str, Any]) -> tuple[list[Json], dict[str, str]]:
    """A page of what a person could learn next, best first, and the headers that describe it."""
    rows = find_next_skills([user])[user.id]
    page, size = query["page"], query["page_size"]
    return rows[(page - 1) * size : page * size], {"X-Pagination": describe(len(rows), page, size)}


def find_next_skills(people: Sequence[User]) -> dict[int, list[Json]]:
    """What each of these people could learn next, best first: a handful of queries for all of them."""
    found = {}
    for person in _read(people):
        candidates = person.candidates()
        rows = [person.row(one, points) for one, points in zip(candidates, score(candidates), strict=True)]
        found[person.user_id] = sorted(
            rows, key=lambda row: (-row["score"], row["skill_name"].lower(), row["skill_id"])
        )
    return found


def _read(people: Sequence[User]) -> list["_Person"]:
    ids = [person.id for person in people]
    roles, own = sources.find_roles(ids), sources.read_own(ids)
    asked = read_requirements(sorted({role.id for several in roles.values() for role in several}))
    targets = {one.target for several in asked.values() for one in several}
    holdings = read_holdings(today(), ids, targets, is_trust_asked=False)
    short = sources.find_short_targets(people, own)
    roleless = [person for person in people if not any(role.is_assigned for role in roles[person.id])]
    peers = sources.read_peers(roleless, own)
    found = [_Person(one, own[one], roles[one], asked, holdings[one], short[one], peers.get(one, {})) for one in ids]
    names = sources.find_learnable({person.user_id: person.considered() for person in found})
    for person in found:
        person.names = names[person.user_id]
    return found


class _Person:
    """All that speaks for what one person could learn."""

    def __init__(
        self,
        user_id: int,
        own: Mapping[int, sources.Own],
        roles: Sequence[sources.Role],
        asked: Mapping[int, list[Requirement]],
        has: Holdings,
        short: Sequence[sources.ShortTarget],
        peers: Mapping[int, sources.Peers],
    ) -> None:
        self.user_id, self.own, self.has, self.short, self.peers = user_id, own, has, short, peers
        self.roles = {role.id: (role.name, asked.get(role.id, [])) for role in roles}
        self.assigned = [role.id for role in roles if role.is_assigned]
        self.together = strictest(one for role_id in self.assigned for one in self.roles[role_id][1])
        self.names: Mapping[int, str] = {}

    def considered(self) -> set[int]:
        """Skills of which a next level may be worth something."""
        found = {one.target.skill_id for _, several in self.roles.values() for one in several if one.target.skill_id}
        found |= {one.skill_id for one in self.short}
        found |= {skill_id for skill_id, own in self.own.items() if _is_wished(own)}
        found |= self.peers.keys()
        return {skill_id for skill_id in found if self._level(skill_id) < HIGHEST}

    def _level(self, skill_id: int) -> int:
        own = self.own.get(skill_id)
        return (own.level if own else None) or 0

    def candidates(self) -> list[Candidate]:
        """Those for which anything speaks."""
        found = [self._candidate(skill_id) for skill_id in sorted(self.names)]
        return [one for one in found if self._speaks_for(one)]

    def _speaks_for(self, one: Candidate) -> bool:
        own = self.own.get(one.skill_id)
        return bool(one.readiness_gained or one.targets or one.ahead_share or (own and _is_wished(own)))

    def _candidate(self, skill_id: int) -> Candidate:
        own, peers = self.own.get(skill_id), self.peers.get(skill_id)
        made = Candidate(skill_id, own.level if own else None, own.interest if own else None)
        if self.assigned:
            made.own = self._gain(self.together, made)
        gains = {
            role_id: self._gain(self.roles[role_id][1], made) for role_id in self.roles if role_id not in self.assigned
        }
        made.reachable = {role_id: gain for role_id, gain in gains.items() if gain is not None}
        found = [
            find_team_gain(one.target_id, one.level, one.short, made.level)
            for one in self.short
            if one.skill_id == skill_id
        ]
        made.targets = [one for one in found if one is not None]
        made.ahead_share = peers.count / peers.of if peers else 0.0
        return made

    def _gain(self, asked: list[Requirement], one: Candidate) -> Any:
        return find_gain(asked, self.has.levels, self.has.exemptions, one.skill_id, one.next_level)

    def row(self, one: Candidate, points: float) -> Json:
        """A candidate as it is answered."""
        peers = self.peers.get(one.skill_id)
        row = {
            "skill_id": one.skill_id,
            "skill_name": self.names[one.skill_id],
            "level": one.level,
            "next_level": one.next_level,
            "readiness_gained": one.readiness_gained,
            "team_coverage_gained": one.coverage_gained,
            "interest": one.interest,
            "score": round(points, 4),
            "roles": self._role_rows(one),
            "targets": [self._target_row(gain) for gain in one.targets],
            "peers": asdict(peers) if peers else None,
        }
        return row | {"why": _why(row, one)}

    def _role_rows(self, one: Candidate) -> list[Json]:
        found = []
        for role_id, (name, asked) in self.roles.items():
            gain = self._gain(asked, one)
            if gain is not None and gain.by > 0:
                is_assigned = role_id in self.assigned
                shown = {"role_id": role_id, "name": name, "is_assigned": is_assigned}
                found.append({**shown, "readiness_before": gain.before, "readiness_after": gain.after})
        return found

    def _target_row(self, gain: TeamGain) -> Json:
        target = next(one for one in self.short if one.target_id == gain.target_id)
        names = ("target_id", "team_id", "team_name", "level", "short")
        return {**{name: getattr(target, name) for name in names}, "gained": gain.gained, "is_closed": gain.is_closed}


def _is_wished(own: sources.Own) -> bool:
    return (own.target_level or 0) > (own.level or 0) or (own.interest or 0) >= KEEN


def _why(row: Json, one: Candidate) -> list[str]:
    said = []
    if one.own is not None and one.own.by > 0:
        said.append(f"assigned roles: readiness from {one.own.before:.2f} to {one.own.after:.2f}")
    else:
        said += [
            f"{role['name']} comes within reach: readiness from {role['readiness_before']:.2f} "
            f"to {role['readiness_after']:.2f}"
            for role in row["roles"]
        ]
    for target in row["targets"]:
        where = target["team_name"] or "the organisation"
        ends = "this would close it" if target["is_closed"] else f"this adds {target['gained']:.2f} of what is missing"
        said.append(f"{where} is {target['short']} short at level {target['level']}: {ends}")
    if row["peers"]:
        count, size, level = (row["peers"][name] for name in ("count", "of", "median_level"))
        said.append(f"{count} of {size} in the team are ahead, the middle of them at level {level}")
    if one.interest is not None:
        said.append(f"own interest: {one.interest} of 5")
    return said


def dismiss_skill(user: User, skill_id: int) -> Json:
    """Never suggest a skill as next again; saying so twice changes nothing. Raises: NotFound."""
    if db.session.get(Skill, skill_id) is None:
        raise NotFound()
    made = insert(DismissedSkill).values(user_id=user.id, skill_id=skill_id).on_conflict_do_nothing()
    is_new = db.session.execute(made.returning(DismissedSkill.skill_id)).scalar() is not None
    if is_new:
        record(user.id, "recommendation_dismissed", subject_type="skill", subject_id=skill_id)
    return dict(db.session.execute(search_dismissed(user.id).where(Skill.id == skill_id)).one()._mapping)


def restore_skill(user: User, skill_id: int) -> Json:
    """Take a dismissal back; returns it as it was. Raises: NotFound."""
    row = db.session.get(DismissedSkill, (user.id, skill_id), with_for_update=True)
    if row is None:
        raise NotFound()
    shown = dict(db.session.execute(search_dismissed(user.id).where(Skill.id == skill_id)).one()._mapping)
    db.session.delete(row)
    db.session.flush()
    return shown


def search_dismissed(user_id: int) -> Select:
    """Rows of what a person dismissed, the latest first."""
    return (
        select(
            Skill.id.label("skill_id"), Skill.name.label("skill_name"), DismissedSkill.created_at.label("dismissed_at")
        )
        .join(DismissedSkill, DismissedSkill.skill_id == Skill.id)
        .where(DismissedSkill.user_id == user_id)
        .order_by(DismissedSkill.created_at.desc(), Skill.id)
    )
