"""Writing a decision down: the decision with all that replays it, the inbox entry, and the mail, in one transaction.

The decision's key is the last word: whoever writes it first wins, and planning the same again writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import NONE, SERVICE, SUBSCRIPTION, Notice, weekly_key
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.gates import GATES, Mailing, first_closed
from smartskill.notifications.services.inbox import notify, notify_many
from smartskill.notifications.services.outbox import plan_deliveries, plan_delivery
from smartskill.notifications.services.recipients import Recipient

OPEN = "open"


@dataclass(frozen=True)
class Verdict:
    """What the gates said to a mail: each in order up to the first closed one, which gives the reason code."""

    gate: str | None
    gates: list[list[str]]


@dataclass(frozen=True)
class Intent:
    """A decision that is taken and not written yet.

    `parts` are what the person will find in the inbox, as (kind, campaign key, evidence); `mail_at` is None where
    nothing is mailed. `facts` are further columns of the decision.
    """

    user_id: int
    mail_class: str
    action: str
    decision_key: str
    verdict: Verdict
    parts: Sequence[tuple[str, str, dict[str, Any]]]
    mail_at: datetime | None
    is_past_hours: bool
    facts: dict[str, Any]

    @property
    def evidence(self) -> dict[str, Any]:
        """All evidence by kind, or that of the one kind there is."""
        if len(self.parts) == 1:
            return self.parts[0][2]
        return {kind: evidence for kind, _, evidence in self.parts}


def ask_gates(person: Recipient, mailing: Mailing, *, is_past_hours: bool) -> Verdict:
    """Ask the gates and remember the way through them."""
    closed = first_closed(person, mailing, is_past_hours=is_past_hours)
    names = [name for name, _ in GATES[mailing.mail_class]]
    passed = names[: names.index(closed)] if closed else names
    return Verdict(closed, [[name, OPEN] for name in passed] + ([[closed, "closed"]] if closed else []))


def write_intent(intent: Intent, at: datetime, run_id: int | None, delivery: Delivery | None = None) -> Delivery | None:
    """Write a decision with what follows from it.

    Args:
        delivery: the mail that this becomes a part of; one of its own if None.
    Returns:
        the mail, or None where none was planned: a gate, nothing to send, or somebody decided the same before.
    """
    decision_id = _write_decision(intent, at, run_id)
    if decision_id is None:
        return None
    if intent.mail_at is not None and delivery is None:
        delivery = plan_delivery(
            intent.user_id,
            intent.action,
            campaign_key=intent.parts[0][1] if intent.mail_class == SERVICE else intent.decision_key,
            due_at=intent.mail_at,
            is_past_hours=intent.is_past_hours,
        )
    told_by = delivery if intent.mail_at is not None else None
    for kind, campaign_key, evidence in intent.parts:
        notify(
            intent.user_id,
            kind,
            campaign_key=campaign_key,
            evidence=evidence,
            delivery=told_by,
            decision_id=decision_id,
        )
    return told_by


def service_intent(notice: Notice, verdict: Verdict, mail_at: datetime, *, is_past_hours: bool) -> Intent:
    """To tell somebody by rule: a closed gate stops the mail, never the inbox entry."""
    return Intent(
        notice.user_id, SERVICE, notice.kind, notice.decision_key, verdict,
        [(notice.kind, notice.campaign_key, notice.evidence)], None if verdict.gate else mail_at, is_past_hours, {},
    )  # fmt: skip


def weekly_intent(
    user_id: int,
    week: str,
    action: str,
    parts: Sequence[tuple[str, dict[str, Any]]],
    verdict: Verdict,
    mail_at: datetime,
    *,
    is_past_hours: bool,
    facts: dict[str, Any],
) -> Intent:
    """The week's decision about subscription mail; `none` tells nothing, in the inbox neither."""
    told = [] if action == NONE else [(kind, f"{kind}:{week}", evidence) for kind, evidence in parts]
    return Intent(
        user_id, SUBSCRIPTION, action, weekly_key(user_id, week), verdict, told, mail_at if told else None,
        is_past_hours, facts,
    )  # fmt: skip


def write_weekly(intents: Sequence[Intent], at: datetime, run_id: int | None) -> int:
    """Write the week's decisions about many people with what follows from them, in three statements at most.

    Returns:
        how many mails were planned; who was decided on before is left out.
    """
    ids = _write_decisions(intents, at, run_id)
    told = [intent for intent in intents if intent.decision_key in ids and intent.mail_at is not None]
    mails = plan_deliveries(
        {
            "user_id": intent.user_id,
            "kind": intent.action,
            "campaign_key": intent.decision_key,
            "due_at": intent.mail_at,
            "is_past_hours": intent.is_past_hours,
        }
        for intent in told
    )
    notify_many(
        [
            {
                "user_id": intent.user_id,
                "kind": kind,
                "campaign_key": campaign_key,
                "evidence": evidence,
                "delivery_id": mails.get((intent.user_id, intent.decision_key)),
                "decision_id": ids[intent.decision_key],
            }
            for intent in told
            for kind, campaign_key, evidence in intent.parts
        ]
    )
    return len(mails)


def _write_decision(intent: Intent, at: datetime, run_id: int | None) -> int | None:
    return _write_decisions([intent], at, run_id).get(intent.decision_key)


def _write_decisions(intents: Sequence[Intent], at: datetime, run_id: int | None) -> dict[str, int]:
    """The ids of those that were not decided before, by key."""
    if not intents:
        return {}
    names = sorted({name for intent in intents for name in intent.facts})
    rows = [_row(intent, at, run_id) | {name: intent.facts.get(name) for name in names} for intent in intents]
    for row in rows:
        row["is_held_out"] = bool(row.get("is_held_out"))
    found = insert(Decision).values(rows).on_conflict_do_nothing()
    written: Any = db.session.execute(found.returning(Decision.decision_key, Decision.id)).all()
    return dict(written)


def _row(intent: Intent, at: datetime, run_id: int | None) -> dict[str, Any]:
    return {
        "user_id": intent.user_id,
        "decision_key": intent.decision_key,
        "mail_class": intent.mail_class,
        "action": intent.action,
        "gate": intent.verdict.gate,
        "gates": intent.verdict.gates,
        "evidence": intent.evidence or None,
        "send_at": intent.mail_at,
        "decided_at": at,
        "run_id": run_id,
    }
