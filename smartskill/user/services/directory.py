"""The directory: who is here, as far as the asker may know."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, literal_column, or_, select

from smartskill.kit.access import has_role
from smartskill.kit.pagination import ordered
from smartskill.user.models import TeamMembership, User
from smartskill.user.services.dated import today
from smartskill.user.services.organisation import members_of
from smartskill.user.services.policy import may_see_inactive

# As the indexes have them, to the letter: `folded` takes away case and accents.
WORDS = literal_column("folded(full_name || ' ' || coalesce(title, ''))", Text)
ADDRESSES = literal_column("folded(email || ' ' || coalesce(username, ''))", Text)
KEYS = {"name": User.full_name, "full_name": User.full_name, "created_at": User.created_at, "id": User.id}


def search_people(query: dict[str, Any], asker: User) -> Select:
    """People by name (by address and user name too, for HR), team, manager, role; switched-off accounts for HR only.

    Names are found without their accents: not every keyboard has them.
    """
    found = _visible(asker)
    for name in ("role", "team_id", "manager_id", "is_active"):
        if name in query:
            found = found.where(getattr(User, name) == query[name])
    if "q" in query:
        texts = [WORDS, ADDRESSES] if has_role(asker, "hr") else [WORDS]
        found = found.where(*(or_(*(_holds(one, word) for one in texts)) for word in query["q"].split()))
    return ordered(found, query["sort"], KEYS, User.id)


def search_members(team_id: int, query: dict[str, Any], asker: User) -> Select:
    """The people of a team on a day (today); with `within`, of the teams below it too."""
    day = query.get("as_of") or today()
    direct = select(TeamMembership.user_id).where(TeamMembership.team_id == team_id, TeamMembership.valid.contains(day))
    ids = members_of(team_id, day) if query["within"] else direct
    return ordered(_visible(asker).where(User.id.in_(ids)), query["sort"], KEYS, User.id)


def _holds(words: Any, word: str) -> ColumnElement[bool]:
    written = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return words.like(func.folded(f"%{written}%"))


def _visible(asker: User) -> Select:
    found = select(User)
    return found if may_see_inactive(asker) else found.where(User.is_active)
