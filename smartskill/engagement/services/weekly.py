"""Who stands before a weekly decision about subscription mail, what there is to say, and what the gates say to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from smartskill.engagement.models import Decision
from smartskill.engagement.services.notices import NONE, SUBSCRIPTION, SUBSCRIPTION_KINDS, weekly_key
from smartskill.engagement.services.slots import week_of
from smartskill.engagement.services.small_things import find_small_things
from smartskill.engagement.services.writing import Intent, Verdict, ask_gates, weekly_intent
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.gates import Mailing, next_open_hour
from smartskill.notifications.services.recipients import Recipient
from smartskill.user.models import User

NOT_GONE = ("cancelled", "failed")


@dataclass(frozen=True)
class Candidate:
    """A person at their weekly slot: what could be said by kind, and whether it may be."""

    user_id: int
    person: Recipient
    week: str
    mail_at: datetime
    kinds: dict[str, list[tuple[str, dict[str, Any]]]]
    verdicts: dict[str, Verdict]

    @property
    def open_kinds(self) -> list[str]:
        """The kinds that every gate lets through."""
        return [kind for kind, verdict in self.verdicts.items() if verdict.gate is None]

    def decide(self, action: str, *, is_past_hours: bool, facts: dict[str, Any]) -> Intent:
        """The decision to send a kind, or `none`; where no kind was open it carries the first reason."""
        shown = action if action != NONE else next(iter(self.open_kinds or self.kinds))
        return weekly_intent(
            self.user_id, self.week, action, self.kinds.get(action, []), self.verdicts[shown], self.mail_at,
            is_past_hours=is_past_hours, facts=facts,
        )  # fmt: skip


def find_candidates(
    people: Sequence[User],
    recipients: dict[int, Recipient],
    slots: dict[int, datetime],
    at: datetime,
    *,
    is_past_hours: bool,
) -> list[Candidate]:
    """The people whose slot has come, who were not decided on that week, and to whom there is something to say."""
    weeks = {
        user_id: week_of(slot, recipients[user_id].zone) for user_id, slot in slots.items() if user_id in recipients
    }
    keys = {weekly_key(user_id, week): user_id for user_id, week in weeks.items()}
    for key in db.session.scalars(select(Decision.decision_key).where(Decision.decision_key.in_(keys))):
        weeks.pop(keys[key])
    due = [person for person in people if person.id in weeks]
    things = find_small_things(due, at)
    return [
        _candidate(recipients[user_id], weeks[user_id], max(slots[user_id], at), things[user_id], is_past_hours)
        for user_id in sorted(weeks)
        if things.get(user_id)
    ]


def _candidate(
    person: Recipient, week: str, moment: datetime, kinds: dict[str, list], is_past_hours: bool
) -> Candidate:
    ordered = {kind: kinds[kind] for kind in SUBSCRIPTION_KINDS if kind in kinds}
    some = next(iter(ordered))
    mail_at = moment if is_past_hours else next_open_hour(person, Mailing(some, SUBSCRIPTION, moment))
    verdicts = {
        kind: ask_gates(person, Mailing(kind, SUBSCRIPTION, mail_at), is_past_hours=is_past_hours) for kind in ordered
    }
    assert person.user_id is not None
    return Candidate(person.user_id, person, week, mail_at, ordered, verdicts)


def find_last_mailed(user_ids: Sequence[int]) -> dict[tuple[int, str], datetime]:
    """When each person was last mailed each kind, mails on their way included."""
    if not user_ids:
        return {}
    last = func.max(func.coalesce(Delivery.sent_at, Delivery.due_at))
    rows = db.session.execute(
        select(Delivery.user_id, Delivery.kind, last)
        .where(Delivery.user_id.in_(user_ids), Delivery.mail_class == SUBSCRIPTION, Delivery.state.not_in(NOT_GONE))
        .group_by(Delivery.user_id, Delivery.kind)
    )
    return {(user_id, kind): moment for user_id, kind, moment in rows if user_id is not None}
