"""Head-count targets of the company, and who leaves: what a manager's coverage page has to tell."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from smartskill.commands.demo.bulk import copy_rows
from smartskill.commands.demo.catalogue import CatalogueSkill, CatalogueType
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import read_table
from smartskill.extensions import db
from smartskill.planning.models.targets import CoverageTarget
from smartskill.user.models import Team, User

SET_DAYS = 120  # ago


def fill_targets(
    people: list[Person], skills: dict[str, CatalogueSkill], types: dict[str, CatalogueType], today: date
) -> int:
    """Write the targets, and the last day of those who leave; returns how many targets there are."""
    for facts in read_table("targets")["leavers"]:
        last = today + timedelta(days=facts["days"])
        db.session.execute(update(User).where(User.id == _leaver(people, facts).id).values(leaves_on=last))
    teams: dict[str, int] = dict(db.session.execute(select(Team.name, Team.id).where(Team.ended_on.is_(None))).all())
    at = morning(today - timedelta(days=SET_DAYS))
    rows = [
        {
            "team_id": teams[facts["team"]] if "team" in facts else None,
            "skill_id": skills[facts["skill"]].id if "skill" in facts else None,
            "qualification_type_id": types[facts["qualification"]].id if "qualification" in facts else None,
            "level": facts.get("level", 1),
            "heads": facts["heads"],
            "created_at": at,
            "updated_at": at,
        }
        for facts in read_table("targets")["targets"]
    ]
    return copy_rows(CoverageTarget, rows)


def _leaver(people: list[Person], facts: dict[str, Any]) -> Person:
    """The longest-serving of those with the title in the team."""
    of_team = [one for one in people if (one.team, one.title, one.state) == (facts["team"], facts["title"], "here")]
    return min((one for one in of_team if not one.account), key=lambda one: (one.joined_on, one.number))
