"""A crew to plan for: two teams below one, people with levels as somebody said them, and what a target wants."""

from datetime import date, timedelta

from smartskill.extensions import db
from smartskill.planning.models.targets import CoverageTarget
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.rating import rate_skill
from smartskill.user.models import User
from smartskill.user.services.dated import today
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import create_team
from tests.factories import make_qualification, make_user

TODAY = today()
FOUNDED_ON = TODAY - timedelta(days=900)


class Crew:
    """`boss` is above everybody in `deck` and `engine`, both below `ship`; `outsider` is somebody else's."""

    def __init__(self) -> None:
        self.hr = make_user("hr", full_name="Hr")
        self.ship = create_team("Ship")
        self.deck, self.engine = (create_team(name, parent_id=self.ship.id) for name in ("Deck", "Engine"))
        self.shore = create_team("Shore")
        self.boss = self.join("Boss", None, self.ship, role="manager")
        self.rival = self.join("Rival", None, self.shore, role="manager")

    def join(self, name: str, manager: User | None, team, *, on: date = FOUNDED_ON, **given) -> User:
        """Somebody new in a team, since long ago."""
        person = make_user(full_name=name, **given)
        place_user(person, team_id=team.id, manager_id=manager.id if manager else None, effective_on=on)
        return person

    def hire(self, name: str, team=None, **given) -> User:
        """Somebody who reports to the boss."""
        return self.join(name, self.boss, team or self.deck, **given)


def say(person: User, skill, level: int, *, source: str = "manager", days_ago: int = 0, rater: User | None = None):
    """A statement about a level; a manager's is worth 0.8, which fades by half with each `review_months`."""
    by = person if source == "self" else rater
    return rate_skill(
        person.id,
        skill.id,
        level,
        source=source,
        rater_id=by.id if by else None,
        effective_on=TODAY - timedelta(days=days_ago),
    )


def wish(person: User, skill, **wishes) -> UserSkill:
    """What somebody wants, beside any level."""
    row = db.session.query(UserSkill).filter_by(user_id=person.id, skill_id=skill.id).one_or_none()
    if row is None:
        row = UserSkill(user_id=person.id, skill_id=skill.id)
        db.session.add(row)
    for name, value in wishes.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def want(heads: int, *, skill=None, kind=None, level: int = 1, team=None) -> CoverageTarget:
    """A head-count target."""
    row = CoverageTarget(
        team_id=team.id if team else None,
        skill_id=skill.id if skill else None,
        qualification_type_id=kind.id if kind else None,
        level=level,
        heads=heads,
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_kind(name: str = "Sea survival") -> QualificationType:
    """A kind of qualification."""
    kind = QualificationType(name=name)
    db.session.add(kind)
    db.session.flush()
    return kind


def certify(person: User, kind, *, last_day: date | None = None, state: str = "verified", **given):
    """A qualification of a kind, reviewed a year ago."""
    return make_qualification(
        person,
        type_id=kind.id,
        review_state=state,
        expires_on=last_day,
        created_at=given.pop("created_at", None) or _long_ago(),
        **given,
    )


def _long_ago():
    from smartskill.database import now

    return now() - timedelta(days=400)
