"""Whether the notices help: people held out against all others, with the interval and what could have been seen.

Who is held out is drawn for like everybody else, so that each kind has its own comparison too: those who got it
against those for whom it was drawn and who got nothing.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from ml.estimators.cuped import measure_adjusted_lift
from ml.estimators.lift import Lift, measure_lift
from ml.rules import NONE
from smartskill.engagement.insights.aftermath import Aftermath, load_aftermath
from smartskill.engagement.insights.valuing import describe_policy, value_logged
from smartskill.engagement.models import Decision
from smartskill.extensions import db
from smartskill.notifications.models import Delivery, Notification

LOOKED_BACK = timedelta(days=365)


def measure_outcomes(at: datetime) -> dict[str, Any]:
    """The report that admins see: aggregates only, by kind and over all, of a year."""
    since = at - LOOKED_BACK
    outcomes = load_aftermath(since, at)
    return {
        "since": since.isoformat(),
        **_totals(since, at),
        "kinds": _by_kind(outcomes, since, at),
        "return": _lift(outcomes),
        "policies": value_logged(at, since),
        "policy": describe_policy(at),
    }


def _totals(since: datetime, at: datetime) -> dict[str, Any]:
    found = (
        select(Decision.gate, Decision.is_held_out, Decision.is_synthetic, func.count())
        .where(Decision.decided_at >= since, Decision.decided_at <= at)
        .group_by(Decision.gate, Decision.is_held_out, Decision.is_synthetic)
    )
    gates, totals = Counter[str](), Counter(decided=0, synthetic=0, held_out=0)
    for gate, is_held_out, is_synthetic, count in db.session.execute(found):
        totals.update(decided=count, synthetic=count * is_synthetic, held_out=count * is_held_out)
        gates.update({gate: count} if gate else {})
    return {**totals, "gates": dict(sorted(gates.items()))}


def _by_kind(outcomes: Aftermath, since: datetime, at: datetime) -> list[dict[str, Any]]:
    decided, sent = _count_decided(since, at), _count_sent(since, at)
    return [
        {"kind": kind, "decided": count, "sent": sent.get(kind, 0) + synthetic, **_of_kind(outcomes, kind)}
        for kind, (count, synthetic) in sorted(decided.items())
    ]


def _of_kind(outcomes: Aftermath, kind: str) -> dict[str, Any]:
    mine = outcomes.take(outcomes.kind == kind)
    told = mine.take(mine.was_told)
    drawn = mine.take(mine.is_compared & (mine.was_told | mine.is_held_out))
    return {
        "matured": int(told.is_act_final.sum()),
        "acted": int(told.acted.sum()),
        "unsubscribed": int(told.unsubscribed.sum()),
        "act": _compare(drawn.acted, drawn.is_act_final, drawn),
        "return": _compare(drawn.returned, drawn.is_return_final, drawn),
    }


def _compare(happened: np.ndarray, is_final: np.ndarray, among: Aftermath) -> dict[str, Any]:
    lift = measure_lift(happened[is_final].astype(np.float64), among.is_held_out[is_final], among.user_ids[is_final])
    return {"matured": int(is_final.sum()), **_plain(lift)}


def _lift(outcomes: Aftermath) -> dict[str, Any]:
    """Returns within 7 days of a weekly decision, whatever was sent, against those of people held out."""
    drawn = outcomes.take(outcomes.is_compared & outcomes.is_return_final)
    lift = measure_adjusted_lift(drawn.returned.astype(np.float64), drawn.is_held_out, drawn.user_ids, drawn.before)
    return {
        "matured": int(drawn.user_ids.size),
        **_plain(lift.plain),
        "adjusted": _plain(lift.adjusted),
        "width_ratio": _rounded(lift.width_ratio),
    }


def _plain(lift: Lift) -> dict[str, Any]:
    return {
        "others": lift.treated_people,
        "held_out": lift.held_out_people,
        "others_share": _rounded(lift.treated_mean),
        "held_out_share": _rounded(lift.held_out_mean),
        "lift": _rounded(lift.difference.value),
        "low": _rounded(lift.difference.low),
        "high": _rounded(lift.difference.high),
        "smallest_detectable": _rounded(lift.smallest_detectable),
        "verdict": lift.verdict,
    }


def _rounded(figure: float) -> float | None:
    return None if np.isnan(figure) else round(float(figure), 4)


def _count_decided(since: datetime, at: datetime) -> dict[str, tuple[int, int]]:
    """Decisions to tell something, and those of them that the demo invented, by kind."""
    found = (
        select(Decision.action, func.count(), func.count().filter(Decision.is_synthetic))
        .where(Decision.decided_at >= since, Decision.decided_at <= at, Decision.action != NONE)
        .group_by(Decision.action)
    )
    return {action: (count, synthetic) for action, count, synthetic in db.session.execute(found)}


def _count_sent(since: datetime, at: datetime) -> dict[str, int]:
    """Mails that went out, by the kind that was decided on."""
    found = (
        select(Decision.action, func.count(Delivery.id.distinct()))
        .join(Notification, Notification.decision_id == Decision.id)
        .join(Delivery, Delivery.id == Notification.delivery_id)
        .where(Decision.decided_at >= since, Decision.decided_at <= at, Delivery.state.in_(("sent", "unknown")))
        .group_by(Decision.action)
    )
    return dict(db.session.execute(found).all())
