"""Recording what people did, with their consent.

Consent is read in the same statement that writes the event, so that a withdrawal holds from its commit on. Properties
are numbers, flags and words of closed lists, by an allow-list per kind: free text never gets in.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, literal, select
from sqlalchemy.dialects import postgresql as pg

from smartskill.activity.models import KINDS, SOURCES, InteractionEvent
from smartskill.activity.services.consent import may, said
from smartskill.database import now
from smartskill.extensions import db

log = logging.getLogger(__name__)
EVENTS = cast(Table, InteractionEvent.__table__)
OLDEST, NEWEST = timedelta(days=30), timedelta(minutes=5)  # how far from now a client's `occurred_at` may be
NOT_BY_THEMSELVES = {"endorsement_received", "email_sent", "bounced", "complained"}
WORDS = {
    "source": {"self", "manager", "peer", "assessment", "import"},
    "view": {"list", "detail", "matrix", "experts", "team", "profile", "inbox"},
    "via": {"web", "email", "inbox", "import", "api"},
    "outcome": {"verified", "rejected", "revoked", "submitted"},
}
PROPS: dict[str, dict[str, type | set]] = {
    "signed_in": {"is_new_device": bool},
    "profile_viewed": {"is_own": bool, "view": WORDS["view"]},
    "profile_updated": {"field_count": int},
    "skill_rated": {"level": int, "source": WORDS["source"], "is_first": bool},
    "skill_confirmed": {"count": int, "via": WORDS["via"]},
    "skill_viewed": {"view": WORDS["view"]},
    "endorsement_given": {"level": int},
    "endorsement_received": {"level": int},
    "qualification_added": {"has_expiry": bool, "via": WORDS["via"]},
    "qualification_renewed": {"days_before_expiry": int},
    "qualification_reviewed": {"outcome": WORDS["outcome"]},
    "experience_added": {"skill_count": int, "via": WORDS["via"]},
    "experience_updated": {"skill_count": int},
    "search": {"result_count": int, "filter_count": int, "view": WORDS["view"]},
    "resume_imported": {"entry_count": int},
    "recommendation_opened": {"rank": int, "via": WORDS["via"]},
    "recommendation_dismissed": {"rank": int, "via": WORDS["via"]},
    "inbox_opened": {"unread_count": int},
    "email_sent": {"delivery_id": int},
    "email_clicked": {"delivery_id": int},
    "preference_changed": {"is_wanted": bool, "via": WORDS["via"]},
    "unsubscribed": {"delivery_id": int, "via": WORDS["via"]},
    "bounced": {"delivery_id": int, "is_hard": bool},
}


def record(
    user_id: int,
    kind: str,
    *,
    subject_type: str | None = None,
    subject_id: int | None = None,
    source: str = "api",
    occurred_at: datetime | None = None,
    decision_id: int | None = None,
    props: dict[str, Any] | None = None,
) -> None:
    """Remember an act, if its person allows that; called by the service that does the act, in its transaction.

    A kind or source that is not in the closed lists is logged and left out: no caller fails because of its record.
    """
    facts = facts_of(kind, source, props)
    if facts is None:
        return
    facts |= {
        "user_id": user_id,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "occurred_at": occurred_at or now(),
        "decision_id": decision_id,
    }
    db.session.flush()  # the person, or what the event is about, may be new in this transaction
    columns = [EVENTS.c[name] for name in facts]
    values = select(*(literal(value, EVENTS.c[name].type) for name, value in facts.items()))
    allowed = said(user_id, "tracking")
    db.session.execute(insert(EVENTS).from_select(columns, values.where(allowed)))


def facts_of(kind: str, source: str, props: dict[str, Any] | None) -> dict[str, Any] | None:
    """What an event of a kind says by itself; None, and logged, where the closed lists do not hold it."""
    if kind not in KINDS or source not in SOURCES:
        log.error("not recorded: there is no event %s from %s", kind, source)
        return None
    is_automated = kind in NOT_BY_THEMSELVES or source == "system"
    return {"kind": kind, "source": source, "props": allowed_props(kind, props), "is_automated": is_automated}


def allowed_props(kind: str, props: dict[str, Any] | None) -> dict[str, Any] | None:
    """Those properties that the kind's allow-list holds, with values of the right type; None where none is left."""
    rules = PROPS.get(kind, {})
    kept = {name: value for name, value in (props or {}).items() if name in rules and _fits(value, rules[name])}
    if len(kept) < len(props or {}):
        log.info("properties of %s left out: %s", kind, sorted(set(props or {}) - set(kept)))
    return kept or None


def _fits(value: Any, rule: type | set) -> bool:
    if isinstance(rule, set):
        return isinstance(value, str) and value in rule
    if rule is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return isinstance(value, rule)


def record_batch(user_id: int, events: list[dict[str, Any]]) -> dict[str, int | bool]:
    """Take a client's batch. One bad event does not cost the others: what is not taken is counted.

    Returns:
        `accepted`; `duplicates`, taken before with the same `occurred_at` and `client_event_id`; `out_of_time`, from
        more than 30 days ago or 5 minutes ahead; `is_tracked`, False where consent is missing: then nothing is kept.
    """
    at = now()
    rows = {}
    timely = [event for event in events if at - OLDEST <= event["occurred_at"] <= at + NEWEST]
    answer: dict[str, int | bool] = {"accepted": 0, "duplicates": 0, "out_of_time": len(events) - len(timely)}
    answer["is_tracked"] = may(user_id, "tracking")
    if not (answer["is_tracked"] and timely):
        return answer
    for event in timely:
        row = _client_row(user_id, event)
        rows[(row["occurred_at"], row["client_event_id"])] = row
    found = pg.insert(EVENTS).values(list(rows.values())).on_conflict_do_nothing()
    accepted = len(db.session.execute(found.returning(EVENTS.c.id)).all())
    return answer | {"accepted": accepted, "duplicates": len(timely) - accepted}


def _client_row(user_id: int, event: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "kind": event["kind"],
        "subject_type": event.get("subject_type"),
        "subject_id": event.get("subject_id"),
        "source": "web",
        "occurred_at": event["occurred_at"],
        "props": allowed_props(event["kind"], event.get("props")),
        "client_event_id": f"{user_id}:{event['client_event_id']}",  # nobody can use up another's ids
    }
