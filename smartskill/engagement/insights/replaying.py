"""Draw again what was drawn: the key of a decision and its odds must give the arm that was written down."""

from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from ml.policy.draw import draw_arm, uniform_of
from ml.rules import NONE
from smartskill.engagement.insights.weighing import secret
from smartskill.engagement.models import Decision
from smartskill.extensions import db

MOST_SHOWN = 20


def replay(last: int, until: datetime, user_id: int | None = None) -> dict[str, Any]:
    """Draw the latest decisions again; answers how many there were, and which do not give what was written down.

    Decisions that the demo invented were drawn with another secret, and are left out.
    """
    drawn = select(Decision).where(
        Decision.propensities.is_not(None), Decision.is_synthetic.is_(False), Decision.decided_at <= until
    )
    if user_id is not None:
        drawn = drawn.where(Decision.user_id == user_id)
    rows = db.session.scalars(drawn.order_by(Decision.decided_at.desc(), Decision.id.desc()).limit(last)).all()
    wrong = [row.id for row in rows if not repeats(row)]
    return {"checked": len(rows), "differ": len(wrong), "ids": wrong[:MOST_SHOWN]}


def repeats(row: Decision) -> bool:
    """Whether the stored odds add up, the draw gives the stored arm at its stored odds, and that is what was done."""
    odds = row.propensities or {}
    arms = sorted(odds)  # the order of drawing; what the database keeps has none
    drawn = arms[draw_arm(np.array([odds[arm] for arm in arms]), uniform_of(secret(), "draw", row.decision_key))]
    done = NONE if row.is_held_out else drawn
    adds_up = abs(sum(odds.values()) - 1) < 1e-9
    return adds_up and (drawn, odds[drawn], done) == (row.drawn_action, row.propensity, row.action)
