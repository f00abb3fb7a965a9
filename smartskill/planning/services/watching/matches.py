"""Telling people of who newly matches what they watch: once a day, one question to the database for each search.

Whom a search found is kept, and who was told of nobody is kept nowhere else: the inbox and the mail hold the search and
the day, and ask for the people when they are read. So what was hidden since, or who stopped matching, is not told.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.gates import Mailing, first_closed, next_open_hour
from smartskill.notifications.services.inbox import notify
from smartskill.notifications.services.outbox import plan_delivery
from smartskill.notifications.services.recipients import find_recipients
from smartskill.planning.models.searches import SavedSearch, SearchMatch
from smartskill.planning.services.experts.conditions import read_conditions
from smartskill.planning.services.experts.finding import search_expert_ids
from smartskill.planning.services.experts.sight import sight_of
from smartskill.planning.services.watching.searches import remember
from smartskill.user.models import User

KIND = "expert_match"
CHUNK_PEOPLE = 200


def split_watchers(day: date) -> list[tuple[int, int]]:
    """Ranges of the people with something to look at, as (first id, last id)."""
    ids = db.session.scalars(
        select(SavedSearch.user_id).where(SavedSearch.is_watched, _is_due(day)).distinct().order_by(SavedSearch.user_id)
    ).all()
    return [
        (part[0], part[-1]) for start in range(0, len(ids), CHUNK_PEOPLE) if (part := ids[start : start + CHUNK_PEOPLE])
    ]


def find_watchers(first: int, last: int, day: date) -> Sequence[int]:
    """The people of a range with something to look at still."""
    found = select(SavedSearch.user_id).where(
        SavedSearch.user_id.between(first, last), SavedSearch.is_watched, _is_due(day)
    )
    return db.session.scalars(found.distinct().order_by(SavedSearch.user_id)).all()


def tell_watcher(user_id: int, day: date) -> int:
    """Look at all that a person watches and tell them what is new; returns how many people are.

    A search that another job looks at is left to it; one that was looked at today is done.
    """
    owner = db.session.get(User, user_id)
    due = select(SavedSearch).where(SavedSearch.user_id == user_id, SavedSearch.is_watched, _is_due(day))
    searches = db.session.scalars(due.order_by(SavedSearch.id).with_for_update(skip_locked=True)).all()
    if owner is None or not searches:
        return 0
    found = {search: _find_new(search, owner, day) for search in searches} if owner.is_active else {}
    _note_checked([search.id for search in searches], day)
    news = [search for search, people in found.items() if people]
    if news:
        delivery = _plan_mail(user_id, day)
        for search in news:
            evidence = {"search_id": search.id, "search_name": search.name, "found_on": day.isoformat()}
            notify(user_id, KIND, campaign_key=f"{KIND}:{search.id}:{day}", evidence=evidence, delivery=delivery)
    return sum(map(len, found.values()))


def find_told(evidence: dict[str, Any]) -> Sequence[Any]:
    """The people that an entry tells of, as rows of `id`, `full_name`, `title`.

    Those who match still, as far as the searcher may see now.
    """
    search = db.session.get(SavedSearch, evidence["search_id"])
    owner = db.session.get(User, search.user_id) if search else None
    if search is None or owner is None:
        return []
    try:
        matching = search_expert_ids(read_conditions(search.query), sight_of(owner))
    except Invalid:  # a skill of the search is gone
        return []
    told = select(SearchMatch.user_id).where(
        SearchMatch.search_id == search.id, SearchMatch.found_on == date.fromisoformat(evidence["found_on"])
    )
    people = select(User.id, User.full_name, User.title).where(User.id.in_(told), User.id.in_(matching))
    return db.session.execute(people.order_by(User.full_name, User.id)).all()


def _is_due(day: date) -> Any:
    return or_(SavedSearch.checked_on.is_(None), SavedSearch.checked_on < day)


def _find_new(search: SavedSearch, owner: User, day: date) -> list[int]:
    try:
        conditions = read_conditions(search.query)
    except Invalid:  # a skill of the search is gone
        return []
    matching = search_expert_ids(conditions, sight_of(owner)).where(User.id != owner.id)
    return remember(search.id, matching, day)


def _note_checked(ids: list[int], day: date) -> None:
    """Not a change of theirs: neither the version nor `updated_at` moves."""
    db.session.execute(
        update(SavedSearch)
        .where(SavedSearch.id.in_(ids))
        .values(checked_on=day, updated_at=SavedSearch.updated_at)
        .execution_options(synchronize_session=False)
    )


def _plan_mail(user_id: int, day: date) -> Delivery | None:
    """One mail for all searches of a person; none where a gate other than the hour is closed."""
    recipient = find_recipients([user_id]).get(user_id)
    mailing = Mailing(KIND, "subscription", now())
    if recipient is None or first_closed(recipient, mailing, is_past_hours=True):
        return None
    return plan_delivery(user_id, KIND, campaign_key=f"{KIND}:{day}", due_at=next_open_hour(recipient, mailing))
