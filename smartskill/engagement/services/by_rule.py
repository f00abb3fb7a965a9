"""Service notices: decided daily by rule, past model and holdout, never past suppression or a person's no.

Several for one person and day become one mail, which follows the first; a mail that still waits takes in what comes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from smartskill.engagement.services.expiry import find_expiring
from smartskill.engagement.services.notices import SERVICE, SERVICE_KINDS, without_decided
from smartskill.engagement.services.reviews import find_waiting_reviews
from smartskill.engagement.services.writing import Intent, ask_gates, service_intent, write_intent
from smartskill.extensions import db
from smartskill.kit.transaction import defer
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.gates import Mailing, next_open_hour
from smartskill.notifications.services.recipients import Recipient
from smartskill.user.models import User

DAY = timedelta(days=1)
SWEEP = "smartskill.notifications.tasks.sweep"


def decide_by_rule(
    people: Sequence[User], recipients: dict[int, Recipient], at: datetime, *, is_past_hours: bool
) -> list[Intent]:
    """What these people are to be told now and were not yet, the most urgent first."""
    notices = without_decided([*find_expiring(people, at), *find_waiting_reviews(people)])
    notices.sort(key=lambda notice: (notice.user_id, SERVICE_KINDS.index(notice.kind)))
    intents = []
    for notice in notices:
        person = recipients.get(notice.user_id)
        if person is None:
            continue
        mail_at = at if is_past_hours else next_open_hour(person, Mailing(notice.kind, SERVICE, at))
        verdict = ask_gates(person, Mailing(notice.kind, SERVICE, mail_at), is_past_hours=is_past_hours)
        intents.append(service_intent(notice, verdict, mail_at, is_past_hours=is_past_hours))
    return intents


def write_by_rule(intents: Iterable[Intent], at: datetime, run_id: int | None) -> int:
    """Write what was decided, one mail for each person; returns how many mails were planned."""
    by_person: dict[int, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_person[intent.user_id].append(intent)
    return sum(_write_for_one(mine, at, run_id) for mine in by_person.values())


def _write_for_one(intents: list[Intent], at: datetime, run_id: int | None) -> int:
    mail = waiting = _find_waiting(intents[0].user_id)
    if waiting is not None and any(intent.is_past_hours and intent.mail_at for intent in intents):
        waiting.due_at, waiting.is_past_hours = at, True
        defer(SWEEP, queue="mail")
    for intent in intents:
        if intent.mail_at is not None and mail is None:
            intent = _after_todays(intent, at)
        mail = write_intent(intent, at, run_id, mail) or mail
    return int(mail is not None and mail is not waiting)


def _find_waiting(user_id: int) -> Delivery | None:
    """A service mail of this person that nobody has claimed yet."""
    waiting = select(Delivery).where(
        Delivery.user_id == user_id, Delivery.mail_class == SERVICE, Delivery.state == "planned"
    )
    return db.session.scalar(waiting.order_by(Delivery.due_at).limit(1).with_for_update(skip_locked=True))


def _after_todays(intent: Intent, at: datetime) -> Intent:
    """The same, a day after the last service mail where that was today; on demand it goes at once."""
    recent = select(Delivery.id).where(
        Delivery.user_id == intent.user_id,
        Delivery.mail_class == SERVICE,
        Delivery.state.in_(("queued", "sending", "sent", "deferred", "unknown")),
        Delivery.due_at > at - DAY,
    )
    if intent.is_past_hours or intent.mail_at is None or not db.session.scalar(recent.limit(1)):
        return intent
    return Intent(**{**intent.__dict__, "mail_at": intent.mail_at + DAY})
