"""What the mail benchmarks share: a mail server that counts, and real notices for many people."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import func, select


class Sink:
    """An SMTP server on loopback that keeps each Message-ID and how often it came."""

    def __init__(self, port: int) -> None:
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message_id = message_from_bytes(envelope.content)["Message-ID"].strip()
        with self.lock:
            self.seen[message_id] += 1
        return "250 kept"

    def __enter__(self) -> "Sink":
        logging.getLogger("mail.log").setLevel("WARNING")
        self.controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.controller.stop()


def write_notices(service: int, subscription: int, prefix: str = "") -> None:
    """Write that many service and subscription notices for as many people, as planning does; the caller commits."""
    from smartskill.database import now
    from smartskill.engagement.services.by_rule import decide_by_rule, write_by_rule
    from smartskill.engagement.services.notices import SUBSCRIPTION
    from smartskill.engagement.services.small_things import find_missing
    from smartskill.engagement.services.writing import ask_gates, weekly_intent, write_intent
    from smartskill.extensions import db
    from smartskill.notifications.services.gates import Mailing
    from smartskill.notifications.services.recipients import find_recipients
    from smartskill.qualification.models import Qualification

    warned, welcomed = _make_people(f"{prefix}warned", service), _make_people(f"{prefix}welcomed", subscription)
    expires = date.today() + timedelta(days=20)
    db.session.add_all(Qualification(user_id=person.id, title="First aid", expires_on=expires) for person in warned)
    db.session.flush()
    at = now()
    write_by_rule(
        decide_by_rule(warned, find_recipients([person.id for person in warned]), at, is_past_hours=True), at, None
    )
    recipients, missing = (
        find_recipients([person.id for person in welcomed]),
        find_missing([person.id for person in welcomed]),
    )
    for person in welcomed:
        verdict = ask_gates(recipients[person.id], Mailing("welcome", SUBSCRIPTION, at), is_past_hours=True)
        parts = [("welcome", {"missing": missing[person.id]})]
        write_intent(
            weekly_intent(person.id, "bench", "welcome", parts, verdict, at, is_past_hours=True, facts={}), at, None
        )


def _make_people(name: str, count: int) -> Sequence:
    from smartskill.database import now
    from smartskill.extensions import db
    from smartskill.user.models import User

    people = [
        User(email=f"{name}{number}@example.com", full_name=f"{name.title()} {number}", verified_at=now())
        for number in range(count)
    ]
    db.session.add_all(people)
    db.session.flush()
    return people


def count_states() -> dict[tuple[str, str], int]:
    """How many mails of each class are in each state."""
    from smartskill.extensions import db
    from smartskill.notifications.models import Delivery

    db.session.rollback()
    found = select(Delivery.mail_class, Delivery.state, func.count()).group_by(Delivery.mail_class, Delivery.state)
    return {(mail_class, state): number for mail_class, state, number in db.session.execute(found)}


def message_ids(mail_class: str, *states: str) -> set[str]:
    """The Message-IDs of a class's mails in these states (any, if none is given)."""
    from smartskill.extensions import db
    from smartskill.notifications.models import Delivery

    found = select(Delivery.message_id).where(Delivery.mail_class == mail_class)
    if states:
        found = found.where(Delivery.state.in_(states))
    return set(db.session.scalars(found))


def close() -> None:
    """Let go of the servers, so that they can stop."""
    from smartskill.extensions import db
    from smartskill.kit.broker import queue_redis

    db.session.remove()
    db.engine.dispose()
    queue_redis().close()
