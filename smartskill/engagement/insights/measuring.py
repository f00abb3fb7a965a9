"""Whether the notices help: people held out against all others, with the interval and what could have been seen."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select

from ml.estimators.lift import Lift, measure_lift
from ml.events import EventLog
from ml.labels import label_act, label_cost, label_return
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import NONE, SUBSCRIPTION
from smartskill.engagement.services.people import who_allows
from smartskill.extensions import db
from smartskill.notifications.models import Delivery, MailSettings, Notification

PROMOTED = {
    "qualification_expiring": ("qualification_added", "qualification_renewed"),
    "review_pending": ("qualification_reviewed",),
    "endorsed": ("skill_rated", "skill_confirmed", "endorsement_given"),
    "skill_stale": ("skill_confirmed", "skill_rated"),
    "welcome": ("profile_updated", "skill_rated", "experience_added", "qualification_added", "resume_imported"),
    "role_gap": ("skill_rated", "skill_confirmed"),
    "skill_recommended": ("skill_rated", "recommendation_opened"),
    "digest": ("skill_confirmed", "skill_rated", "endorsement_given", "inbox_opened"),
}  # what counts as having done what a kind is about


def measure_outcomes(at: datetime) -> dict[str, Any]:
    """The report that admins see: aggregates only, by kind and over all."""
    rows = db.session.execute(
        select(
            Decision.id,
            Decision.user_id,
            Decision.action,
            Decision.mail_class,
            Decision.gate,
            Decision.is_held_out,
            Decision.decided_at,
            Decision.is_synthetic,
            (Decision.propensity.is_not(None) & ~_opted_out()).label("is_comparable"),
            who_allows(Decision.user_id).label("is_tracked"),
        ).where(Decision.decided_at <= at)
    ).all()
    events, now = load_events(None, at), int(at.timestamp())
    return {
        "decided": len(rows),
        "synthetic": sum(row.is_synthetic for row in rows),
        "held_out": sum(row.is_held_out for row in rows),
        "gates": dict(Counter(row.gate for row in rows if row.gate)),
        "kinds": _by_kind(rows, events, _count_sent(), now),
        "return": _lift(rows, events, now),
    }


def _opted_out() -> Any:
    """The SQL condition that a person may not be held out: they can be compared with nobody."""
    return select(MailSettings.user_id).where(
        MailSettings.user_id == Decision.user_id, MailSettings.is_in_holdout_allowed.is_(False)
    ).exists()  # fmt: skip


def _count_sent() -> dict[str, int]:
    """Mails that went out, by the kind that was decided on."""
    found = (
        select(Decision.action, func.count(Delivery.id.distinct()))
        .join(Notification, Notification.decision_id == Decision.id)
        .join(Delivery, Delivery.id == Notification.delivery_id)
        .where(Delivery.state.in_(("sent", "unknown")))
        .group_by(Decision.action)
    )
    return dict(db.session.execute(found).all())


def _by_kind(rows: Sequence[Any], events: EventLog, sent: dict[str, int], now: int) -> list[dict[str, Any]]:
    kinds = []
    for kind in sorted({row.action for row in rows} - {NONE}):
        mine = [row for row in rows if row.action == kind]
        told = [row for row in mine if row.is_tracked]
        acted, cost, matured = _outcomes(kind, told, events, now)
        kinds.append(
            {
                "kind": kind,
                "decided": len(mine),
                "sent": sent.get(kind, 0) + sum(row.is_synthetic for row in mine),
                "matured": matured,
                "acted": acted,
                "unsubscribed": cost,
            }
        )
    return kinds


def _outcomes(kind: str, rows: Sequence[Any], events: EventLog, now: int) -> tuple[int, int, int]:
    """How many did what the kind is about, how many unsubscribed, and of how many the former is final."""
    users, moments = _columns(rows)
    acted, matured = label_act(events, users, moments, PROMOTED.get(kind, ()), now)
    cost, _ = label_cost(events, users, moments, now)
    return int(acted.sum()), int(cost.sum()), int(matured.sum())


def _lift(rows: Sequence[Any], events: EventLog, now: int) -> dict[str, Any]:
    """Returns within 7 days of a subscription decision, whatever was sent, against those of people held out."""
    drawn = [row for row in rows if row.mail_class == SUBSCRIPTION and row.is_comparable and row.is_tracked]
    users, moments = _columns(drawn)
    returned, matured = label_return(events, users, moments, now)
    held_out = np.array([row.is_held_out for row in drawn], dtype=bool)
    lift = measure_lift(returned[matured].astype(np.float64), held_out[matured], users[matured])
    return {"matured": int(matured.sum()), **_plain(lift)}


def _plain(lift: Lift) -> dict[str, Any]:
    figures = {
        "others_share": lift.treated_mean,
        "held_out_share": lift.held_out_mean,
        "lift": lift.difference.value,
        "low": lift.difference.low,
        "high": lift.difference.high,
        "smallest_detectable": lift.smallest_detectable,
    }
    plain: dict[str, Any] = {
        name: None if np.isnan(figure) else round(float(figure), 4) for name, figure in figures.items()
    }
    return plain | {
        "others": lift.treated_people,
        "held_out": lift.held_out_people,
        "verdict": lift.verdict,
    }


def _columns(rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    users = np.array([row.user_id for row in rows], dtype=np.int64)
    return users, np.array([int(row.decided_at.timestamp()) for row in rows], dtype=np.int64)
