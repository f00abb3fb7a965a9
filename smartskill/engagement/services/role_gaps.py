"""What people lack for the role that they were given, with the next step and somebody to learn it from.

The role is one that HR or a manager assigned. Of several the one counts that lacks most musts, then the least ready.
Named are skills in which one more level brings them nearer, and which they did not ask never to hear of again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from smartskill.engagement.services.told import skills_told
from smartskill.planning.services.growth.mentors_many import find_mentors
from smartskill.planning.services.growth.sources import find_assigned, find_learnable
from smartskill.planning.services.readiness.formulas import Judged, judge, readiness
from smartskill.planning.services.readiness.holdings import read_holdings
from smartskill.planning.services.roles.requirements import read_requirements
from smartskill.user.models import User
from smartskill.user.services.dated import today

KIND = "role_gap"
MOST_GAPS = 3
Evidence = dict[str, Any]


class RoleGap(NamedTuple):
    """A role and what somebody lacks of its skills, what matters most first."""

    role_id: int
    role_name: str
    readiness: float
    lacks: list[Judged]
    names: Mapping[int, str]  # of the skills that may be named

    @property
    def order(self) -> tuple:
        """Which of several roles is told of."""
        return (-sum(one.is_failed_must for one in self.lacks), self.readiness, self.role_name.lower(), self.role_id)

    def named(self) -> list[Judged]:
        """The gaps that may be named."""
        return [one for one in self.lacks if one.requirement.target.skill_id in self.names]


def find_role_gaps(people: Sequence[User], at: datetime) -> dict[int, Evidence]:
    """What to tell these people of their roles that they were not told of before."""
    told = skills_told([person.id for person in people], KIND, at)
    chosen: dict[int, tuple[RoleGap, list[Judged]]] = {}
    for user_id, gaps in read_role_gaps(people).items():
        for gap in gaps:
            new = [one for one in gap.named() if (user_id, one.requirement.target.skill_id) not in told]
            if new and user_id not in chosen:
                chosen[user_id] = (gap, new[:MOST_GAPS])
    return say_gaps(people, chosen)


def read_role_gaps(people: Sequence[User]) -> dict[int, list[RoleGap]]:
    """By person, their roles that are not met, the one to tell of first."""
    ids = [person.id for person in people]
    roles = find_assigned(ids) if ids else {}
    asked = read_requirements(sorted({role.id for several in roles.values() for role in several}))
    has = read_holdings(
        today(), ids, {one.target for several in asked.values() for one in several}, is_trust_asked=False
    )
    judged = {
        user_id: [(role, judge(asked.get(role.id, []), has[user_id].levels, has[user_id].exemptions)) for role in mine]
        for user_id, mine in roles.items()
    }
    lacking = {user_id: {skill for _, one in several for skill in _skills(one)} for user_id, several in judged.items()}
    names = find_learnable(lacking)
    found = {}
    for user_id, several in judged.items():
        gaps = [
            RoleGap(role.id, role.name, readiness(one) or 0.0, _lacks(one), names[user_id]) for role, one in several
        ]
        found[user_id] = sorted((gap for gap in gaps if gap.named()), key=lambda gap: gap.order)
    return found


def say_gaps(people: Sequence[User], chosen: Mapping[int, tuple[RoleGap, Sequence[Judged]]]) -> dict[int, Evidence]:
    """The evidence of chosen gaps, each with somebody to learn from where there is anybody."""
    wanted = {
        user_id: {one.requirement.target.skill_id or 0: one.held for one in named}
        for user_id, (_, named) in chosen.items()
    }
    mentors = find_mentors([person for person in people if person.id in wanted], wanted)
    found = {}
    for user_id, (gap, named) in chosen.items():
        things = []
        for one in named:
            skill_id = one.requirement.target.skill_id or 0
            mentor = mentors.get((user_id, skill_id))
            things.append(
                {
                    "skill_id": skill_id,
                    "skill_name": gap.names[skill_id],
                    "held": one.held,
                    "required": one.requirement.level,
                    "must": one.requirement.must,
                    "mentor": mentor and {"user_id": mentor.user_id, "name": mentor.full_name, "level": mentor.level},
                }
            )
        facts = {"role_id": gap.role_id, "role_name": gap.role_name, "readiness": round(gap.readiness, 4)}
        found[user_id] = {"gaps": things, "total": len(gap.lacks), **facts}
    return found


def _lacks(judged: Iterable[Judged]) -> list[Judged]:
    """Skills below what is asked: musts first, then by how much they count."""
    found = [one for one in judged if one.state in ("below", "missing") and one.requirement.target.skill_id]
    return sorted(found, key=lambda one: (not one.requirement.must, -_weight(one)))


def _weight(one: Judged) -> float:
    return one.requirement.weight * (one.requirement.level - (one.held or 0))


def _skills(judged: Iterable[Judged]) -> list[int]:
    return [one.requirement.target.skill_id or 0 for one in _lacks(judged)]
