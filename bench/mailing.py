"""What the mail benchmarks share: a mail server that counts, and notices for many people."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from email import message_from_bytes
from typing import Any
from uuid import uuid4

from aiosmtpd.controller import Controller
from sqlalchemy import func, insert, select


class Sink:
    """An SMTP server on loopback that keeps each Message-ID and how often it came.

    It takes its time (`pause`, seconds) to look up the recipient; a mail is kept as soon as its last dot is there.
    Where it says so, it takes commands together (`is_pipelining`).
    """

    def __init__(self, port: int, pause: float = 0, *, is_pipelining: bool = False) -> None:
        self.seen: Counter[str] = Counter()
        self.pause, self.is_pipelining = pause, is_pipelining
        self.lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, host: str, answers: list[str]) -> list[str]:
        session.host_name = host
        return [*answers[:-1], *["250-PIPELINING"] * self.is_pipelining, answers[-1]]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await asyncio.sleep(self.pause)
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message_id = message_from_bytes(envelope.content)["Message-ID"].strip()
        with self.lock:
            self.seen[message_id] += 1
        return "250 kept"

    def __enter__(self) -> "Sink":
        logging.getLogger("mail.log").setLevel("CRITICAL")
        self.controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.controller.stop()


def write_rows(service: int, subscription: int, prefix: str = "") -> None:
    """Write and commit that many service and subscription notices for as many people, as planning leaves them.

    Nobody is told: the workers find them in the outbox.
    """
    from smartskill.kit.transaction import commit
    from smartskill.qualification.models import Qualification

    expires = date.today() + timedelta(days=20)
    warned, welcomed = _add_people(f"{prefix}warned", service), _add_people(f"{prefix}welcomed", subscription)
    held = [{"user_id": number, "title": "First aid", "expires_on": expires} for number in warned]
    certificates = _add(Qualification, held)
    evidence = {"title": "First aid", "issuer": None, "expires_on": str(expires), "rung": "30", "audience": "holder"}
    _add_mails(
        "qualification_expiring",
        "service",
        [(number, evidence | {"qualification_id": held}) for number, held in zip(warned, certificates, strict=True)],
    )
    missing = {"missing": ["skills", "experience", "qualifications"]}
    _add_mails("welcome", "subscription", [(number, missing) for number in welcomed])
    commit()


def _add(model: Any, rows: list[dict[str, Any]]) -> Sequence[int]:
    from smartskill.extensions import db

    if not rows:
        return []
    return list(db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def _add_people(name: str, count: int) -> Sequence[int]:
    from smartskill.database import now
    from smartskill.user.models import User

    facts = {"verified_at": now()}
    return _add(User, [
        {"email": f"{name}{number}@example.com", "full_name": f"{name.title()} {number}", **facts}
        for number in range(count)
    ])  # fmt: skip


def _add_mails(kind: str, mail_class: str, told: list[tuple[int, dict[str, Any]]]) -> None:
    """For each person a decision, a mail that is due, and the entry of the inbox that it carries."""
    from smartskill.engagement.models import Decision
    from smartskill.notifications.models import Delivery, Notification

    def rows(more: Any) -> Iterator[dict[str, Any]]:
        return ({"user_id": number, **more(place, number, evidence)} for place, (number, evidence) in enumerate(told))

    key = f"{mail_class}:bench"
    decisions = _add(Decision, list(rows(lambda place, number, evidence: {
        "decision_key": f"{key}:{number}", "mail_class": mail_class, "action": kind, "gates": []})))  # fmt: skip
    deliveries = _add(Delivery, list(rows(lambda place, number, evidence: {
        "kind": kind, "mail_class": mail_class, "campaign_key": key, "is_past_hours": True, "content": {},
        "message_id": f"<{uuid4().hex}@smart-skill.localhost>"})))  # fmt: skip
    _add(Notification, list(rows(lambda place, number, evidence: {
        "kind": kind, "campaign_key": key, "evidence": evidence, "delivery_id": deliveries[place],
        "decision_id": decisions[place]})))  # fmt: skip


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
