"""What became of decisions, one row each: read chunk by chunk, so that memory does not grow with the events.

Only of people who allow it is anything read but that they were decided on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from ml.events import EventLog
from ml.labels import label_act, label_cost, label_return
from ml.rules import NONE
from ml.timeline import DAY_S, Timeline, rows_of
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import SUBSCRIPTION
from smartskill.engagement.services.people import IdRange, split_people, who_allows
from smartskill.extensions import db
from smartskill.notifications.models import MailSettings

CHUNK_PEOPLE = 20_000
BEFORE_DAYS = 28
PROMOTED = {
    "qualification_expiring": ("qualification_added", "qualification_renewed"),
    "review_pending": ("qualification_reviewed",),
    "endorsed": ("skill_rated", "skill_confirmed", "endorsement_given"),
    "skill_stale": ("skill_confirmed", "skill_rated"),
    "welcome": ("profile_updated", "skill_rated", "experience_added", "qualification_added", "resume_imported"),
    "role_gap": ("skill_rated", "skill_confirmed"),
    "skill_recommended": ("skill_rated", "recommendation_opened"),
    "team_need": ("skill_rated", "skill_confirmed", "profile_updated"),
    "digest": ("skill_confirmed", "skill_rated", "endorsement_given", "inbox_opened"),
}  # what counts as having done what a kind is about


@dataclass(frozen=True)
class Aftermath:
    """Decisions of people who allow it; arrays of shape (n,).

    `kind` is what was drawn for subscription mail, also where it was then held out, and what was decided for the rest.
    `is_compared` says that a decision was drawn by odds about somebody who may be held out. `before` is how many acts
    their person did in the 28 days before the first of their decisions.
    """

    user_ids: np.ndarray
    kind: np.ndarray
    was_told: np.ndarray
    is_held_out: np.ndarray
    is_compared: np.ndarray
    returned: np.ndarray
    is_return_final: np.ndarray
    acted: np.ndarray
    is_act_final: np.ndarray
    unsubscribed: np.ndarray
    before: np.ndarray

    def take(self, chosen: np.ndarray) -> "Aftermath":
        """The decisions picked by a mask."""
        return Aftermath(*(getattr(self, field.name)[chosen] for field in fields(self)))


def load_aftermath(since: datetime, at: datetime) -> Aftermath:
    """What became of every decision between two moments."""
    parts = [_aftermath_of(rows, people, at) for people, rows in _chunks(since, at)]
    columns = [field.name for field in fields(Aftermath)]
    if not parts:
        return Aftermath(*(np.zeros(0, dtype=object if name == "kind" else np.int64) for name in columns))
    return Aftermath(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def _chunks(since: datetime, at: datetime) -> Iterator[tuple[IdRange, Sequence[Any]]]:
    for people, _ in split_people(CHUNK_PEOPLE):
        found = select(
            Decision.user_id, Decision.decided_at, Decision.action, Decision.drawn_action, Decision.is_held_out,
            (Decision.propensity.is_not(None) & ~_opted_out()).label("is_compared"), Decision.mail_class,
        ).where(
            Decision.decided_at >= since, Decision.decided_at <= at, people.holds(Decision.user_id),
            who_allows(Decision.user_id),
        )  # fmt: skip
        rows = db.session.execute(found.order_by(Decision.user_id, Decision.decided_at)).all()
        if rows:
            yield people, rows


def _opted_out() -> Any:
    """The SQL condition that a person may not be held out: they can be compared with nobody."""
    return select(MailSettings.user_id).where(
        MailSettings.user_id == Decision.user_id, MailSettings.is_in_holdout_allowed.is_(False)
    ).exists()  # fmt: skip


def _aftermath_of(rows: Sequence[Any], people: IdRange, at: datetime) -> Aftermath:
    events, now = load_events(people, at), int(at.timestamp())
    users = np.array([row.user_id for row in rows], dtype=np.int64)
    moments = np.array([int(row.decided_at.timestamp()) for row in rows], dtype=np.int64)
    kinds = np.array([row.drawn_action or row.action for row in rows], dtype=object)
    returned, is_return_final = label_return(events, users, moments, now)
    acted, is_act_final = _acted(events, users, moments, kinds, now)
    cost, _ = label_cost(events, users, moments, now)
    return Aftermath(
        users, kinds, np.array([row.action != NONE for row in rows]), np.array([row.is_held_out for row in rows]),
        np.array([row.is_compared and row.mail_class == SUBSCRIPTION for row in rows]), returned, is_return_final,
        acted, is_act_final, cost, _acts_before(events, users, moments),
    )  # fmt: skip


def _acted(
    events: EventLog, users: np.ndarray, moments: np.ndarray, kinds: np.ndarray, now: int
) -> tuple[np.ndarray, np.ndarray]:
    """Who did what their notice is about, and for whom that is final."""
    acted, is_final = np.zeros(users.size, dtype=bool), np.zeros(users.size, dtype=bool)
    for kind in set(kinds.tolist()):
        mine = kinds == kind
        acted[mine], is_final[mine] = label_act(events, users[mine], moments[mine], PROMOTED.get(kind, ()), now)
    return acted, is_final


def _acts_before(events: EventLog, users: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """How much each decision's person did before the first decision that is looked at: mail could not change that."""
    people, row_person = np.unique(users, return_inverse=True)
    first = np.full(people.size, np.iinfo(np.int64).max)
    np.minimum.at(first, row_person, moments)
    acts = events.take(events.is_meaningful)
    rows = rows_of(people, acts.user_id)
    timeline = Timeline.of(rows[rows >= 0], acts.occurred_at[rows >= 0])
    counts = timeline.count_between(np.arange(people.size), first - BEFORE_DAYS * DAY_S, first)
    return np.log1p(counts)[row_person]
