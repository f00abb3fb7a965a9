"""Skills worth learning next, as the person's own page has them: only where two of the three numbers speak for one.

The score is 0.5 · readiness + 0.3 · coverage + 0.2 · interest, each at most 1. From 0.6 on no single number is enough.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from smartskill.engagement.services.told import skills_told
from smartskill.planning.services.growth.next_steps import find_next_skills
from smartskill.user.models import User

KIND = "skill_recommended"
WORTH_TELLING = 0.6
MOST_RECOMMENDED = 3
NUMBERS = ("readiness_gained", "team_coverage_gained", "interest")
FACTS = ("skill_id", "skill_name", "level", "next_level", *NUMBERS, "score")
Evidence = dict[str, Any]


def find_recommended(people: Sequence[User], at: datetime) -> dict[int, Evidence]:
    """What to recommend to these people that they were not told of before."""
    told = skills_told([person.id for person in people], KIND, at)
    found = {}
    for user_id, things in read_recommended(people).items():
        new = [thing for thing in things if (user_id, thing["skill_id"]) not in told]
        if new:
            found[user_id] = {"skills": new[:MOST_RECOMMENDED]}
    return found


def read_recommended(people: Sequence[User]) -> dict[int, list[Evidence]]:
    """Everything worth telling, best first, with its three numbers and what they are of."""
    return {
        user_id: [_facts(row) for row in rows if row["score"] >= WORTH_TELLING]
        for user_id, rows in (find_next_skills(people) if people else {}).items()
    }


def _facts(row: Evidence) -> Evidence:
    """A row of the page as evidence, with the role and the team for which it does most."""
    roles = sorted(
        row["roles"], key=lambda role: (not role["is_assigned"], role["readiness_before"] - role["readiness_after"])
    )
    target = max(row["targets"], key=lambda target: target["gained"], default=None)
    facts = {name: row[name] for name in FACTS}
    return facts | {
        "role_name": roles[0]["name"] if roles else None,
        "team": target and {"name": target["team_name"], "gained": target["gained"]},
    }
