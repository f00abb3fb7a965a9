"""Decisions that were drawn and have matured, with what was known at each: what a model of returns learns from.

Only people who allow it are read. Features are those of the decision's own moment, by the one feature function; a
planning decides for many people at one moment, so there are few moments.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from ml.events import EventLog
from ml.features import FEATURE_NAMES, FeatureTable, build_features
from ml.labels import label_cost, label_return
from ml.policy.judging import LoggedDecisions
from ml.returns import DecisionRows
from ml.rules import NONE
from ml.timeline import DAY_S, rows_of
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import SUBSCRIPTION
from smartskill.engagement.services.people import IdRange, who_allows
from smartskill.extensions import db


@dataclass(frozen=True)
class Outcomes:
    """Decisions and what they came to: `has_cost` says which ended in an unsubscribe or complaint."""

    logged: LoggedDecisions
    has_cost: np.ndarray


def load_outcomes(people: IdRange, at: datetime, since: datetime, arms: tuple[str, ...]) -> Outcomes:
    """The matured decisions about some people since a moment; the arms are joined by kinds that were sent then."""
    found = _find_decisions(people, at, since)
    events, now = load_events(people, at), int(at.timestamp())
    users = np.array([row.user_id for row in found], dtype=np.int64)
    moments = np.array([int(row.decided_at.timestamp()) for row in found], dtype=np.int64)
    known, values = _describe(events, people, users, moments)
    returned, matured = label_return(events, users, moments, now)
    cost, _ = label_cost(events, users, moments, now)
    kept = np.flatnonzero(matured & known)
    arms = tuple(sorted({*arms, *(arm for row in found for arm in (row.action, *row.propensities))}))
    chosen = [found[place] for place in kept.tolist()]
    rows = DecisionRows(
        FEATURE_NAMES, values[kept], arms, np.array([arms.index(row.action) for row in chosen], dtype=np.int64),
        returned[kept], np.array([row.propensity for row in chosen], dtype=np.float64), users[kept], moments[kept],
    )  # fmt: skip
    eligible = np.array([[row.propensities.get(arm, 0.0) > 0 for arm in arms] for row in chosen], dtype=bool)
    held = np.array([row.is_held_out for row in chosen], dtype=bool)
    logged = LoggedDecisions(rows, eligible.reshape(-1, len(arms)), _days_since(rows), held)
    return Outcomes(logged, cost[kept])


def _find_decisions(people: IdRange, at: datetime, since: datetime) -> list[Any]:
    found = select(
        Decision.user_id, Decision.decided_at, Decision.action, Decision.drawn_action, Decision.propensity,
        Decision.propensities, Decision.is_held_out,
    ).where(
        Decision.mail_class == SUBSCRIPTION, Decision.propensities.is_not(None), Decision.propensity > 0,
        Decision.decided_at >= since, Decision.decided_at < at, people.holds(Decision.user_id),
        who_allows(Decision.user_id),
    )  # fmt: skip
    return list(db.session.execute(found.order_by(Decision.decided_at, Decision.id)).all())


def _describe(
    events: EventLog, people: IdRange, users: np.ndarray, moments: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Who could be described at their decision, and the features of all; NaN for the others."""
    known, values = np.zeros(users.size, dtype=bool), np.full((users.size, len(FEATURE_NAMES)), np.nan)
    order = np.argsort(events.occurred_at, kind="stable")
    log = events.take(order)
    for moment in np.unique(moments).tolist():
        asked = np.flatnonzero(moments == moment)
        facts = load_facts(datetime.fromtimestamp(moment, UTC), people, is_present=False)
        past = log.take(np.arange(np.searchsorted(log.occurred_at, moment)))
        table: FeatureTable = build_features(past, facts, moment)
        places = rows_of(table.user_ids, users[asked])
        known[asked] = places >= 0
        values[asked[places >= 0]] = table.values[places[places >= 0]]
    return known, values


def _days_since(rows: DecisionRows) -> np.ndarray:
    """Days since each kind was last sent to the same person, by the decisions themselves; NaN where it never was."""
    days = np.full((rows.arm.size, len(rows.arms)), np.nan)
    last: dict[int, np.ndarray] = {}
    for row in np.argsort(rows.decided_at, kind="stable").tolist():
        mine = last.setdefault(int(rows.user_ids[row]), np.full(len(rows.arms), np.nan))
        days[row] = (rows.decided_at[row] - mine) / DAY_S
        if rows.arms[rows.arm[row]] != NONE:
            mine[rows.arm[row]] = rows.decided_at[row]
    return days
