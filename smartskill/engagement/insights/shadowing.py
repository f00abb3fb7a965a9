"""What a shadow would have done, beside what was done: how far apart their odds are, and what they are worth."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from ml.estimators.weighting import estimate_snips
from ml.labels import label_return
from ml.rules import NONE
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.models import Decision, ModelVersion
from smartskill.engagement.services.people import sample_people, who_allows
from smartskill.extensions import db

COMPARED_DAYS = 90
MOST_PEOPLE = 20_000


def compare_shadow(shadow: ModelVersion, at: datetime) -> dict[str, Any]:
    """The report about a shadow, from the odds that were written down at each decision."""
    rows = _find_rows(shadow, at)
    tried = [row for row in rows if "propensities" in row.shadow[shadow.name]]
    odds = [(row.propensities, row.shadow[shadow.name]["propensities"]) for row in tried]
    distances = [
        sum(abs(theirs.get(arm, 0.0) - ours.get(arm, 0.0)) for arm in ours | theirs) / 2 for ours, theirs in odds
    ]
    agreed = [max(ours, key=ours.__getitem__) == max(theirs, key=theirs.__getitem__) for ours, theirs in odds]
    return {
        "decisions": len(rows),
        "failed": len(rows) - len(tried),
        "distance": _mean(distances),
        "same_likeliest_share": _mean(agreed),
        "mails_per_decision": _mean([1 - ours.get(NONE, 0.0) for ours, _ in odds]),
        "shadow_mails_per_decision": _mean([1 - theirs.get(NONE, 0.0) for _, theirs in odds]),
        **_worth(tried, shadow.name, at),
    }


def _find_rows(shadow: ModelVersion, at: datetime) -> list[Any]:
    people = sample_people(MOST_PEOPLE)
    found = select(
        Decision.user_id, Decision.decided_at, Decision.action, Decision.propensity, Decision.propensities,
        Decision.is_held_out, Decision.shadow,
    ).where(
        Decision.decided_at > at - timedelta(days=COMPARED_DAYS), Decision.decided_at <= at,
        Decision.shadow[shadow.name]["model_id"].as_integer() == shadow.id, people.holds(Decision.user_id),
        who_allows(Decision.user_id),
    )  # fmt: skip
    return list(db.session.execute(found).all())


def _worth(rows: list[Any], name: str, at: datetime) -> dict[str, Any]:
    """Returns per decision: what was, and what the shadow's odds would have brought, among people not held out."""
    drawn = [row for row in rows if not row.is_held_out]
    users = np.array([row.user_id for row in drawn], dtype=np.int64)
    moments = np.array([int(row.decided_at.timestamp()) for row in drawn], dtype=np.int64)
    returned, matured = label_return(load_events(sample_people(MOST_PEOPLE), at), users, moments, int(at.timestamp()))
    logged = np.array([row.propensity for row in drawn], dtype=np.float64)
    target = np.array([row.shadow[name]["propensities"].get(row.action, 0.0) for row in drawn], dtype=np.float64)
    if not matured.any():
        return {"matured": 0, "returns": None, "shadow_returns": None}
    worth = estimate_snips(returned[matured].astype(np.float64), logged[matured], target[matured], users[matured])
    figures = [None if np.isnan(figure) else round(figure, 4) for figure in (worth.value, worth.low, worth.high)]
    return {"matured": int(matured.sum()), "returns": _mean(returned[matured].tolist()), "shadow_returns": figures}


def _mean(figures: list[Any]) -> float | None:
    return round(float(np.mean(figures)), 4) if figures else None
