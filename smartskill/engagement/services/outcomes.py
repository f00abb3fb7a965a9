"""What the notices came to: computed by a worker, kept as a row, shown as it is."""

from typing import Any

from sqlalchemy import delete, select

from smartskill.database import now
from smartskill.engagement.models import OutcomeReport
from smartskill.extensions import db

KEPT = 60  # reports
NOTHING_YET: dict[str, Any] = {
    "computed_at": None,
    "since": None,
    "decided": 0,
    "synthetic": 0,
    "held_out": 0,
    "gates": {},
    "kinds": [],
    "return": None,
    "policies": [],
    "policy": None,
}


def find_outcomes() -> dict[str, Any]:
    """The newest report; one without figures where none was computed yet."""
    row = db.session.scalar(select(OutcomeReport).order_by(OutcomeReport.id.desc()).limit(1))
    return NOTHING_YET if row is None else {"computed_at": row.computed_at, **row.report}


def keep_outcomes(report: dict[str, Any]) -> OutcomeReport:
    """Keep a report, and the latest ones before it."""
    row = OutcomeReport(report=report, computed_at=now())
    db.session.add(row)
    db.session.flush()
    db.session.execute(delete(OutcomeReport).where(OutcomeReport.id <= row.id - KEPT))
    return row
