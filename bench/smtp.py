"""A mail server that is ill in every way: hangs, refuses, answers 4xx and 5xx, loses the connection after the text.

`--mails 2000 --rate 0.02`: that share of the mails meets each fault, and at the end the server is well. Promised, and
the exit code says whether it held: every mail arrived, is `failed` because the server said so for good, or is `unknown`
(subscription mail whose answer was lost); no window holds a worker for longer than 10 s.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from typing import Any

from bench.mailing import Sink, close, count_states, message_ids, write_rows
from bench.stack import free_port, print_table, stack

FAULTS = ("hang", "hang_after_text", "drop_after_text", "later", "never", "drop_at_recipient")
MOST_SECONDS = 10


class IllSink(Sink):
    """Fails for some mails in one way each, once; `never` is for good."""

    def __init__(self, port: int, rate: float) -> None:
        super().__init__(port)
        self.rate, self.chance, self.refused = rate, random.Random(2026), set[str]()
        self.met: Counter[str] = Counter()
        self.fates: dict[str, str | None] = {}

    def fate(self, address: str) -> str | None:
        """How the next try for an address fails."""
        if address not in self.fates:
            drawn = self.chance.random()
            self.fates[address] = FAULTS[int(drawn / self.rate)] if drawn < self.rate * len(FAULTS) else None
        return self.fates[address]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        fate = self.fate(address)
        if fate in ("later", "hang", "drop_at_recipient"):
            self.met[fate] += 1
            self.fates[address] = None
            if fate == "hang":
                await asyncio.sleep(60)
            if fate == "drop_at_recipient":
                server.transport.abort()
            return "451 4.3.0 later"
        if fate == "never":
            self.met[fate] += 1
            self.refused.add(address)
            return "550 5.7.1 not this one"
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [address] = envelope.rcpt_tos
        fate = self.fate(address)
        if fate:
            self.met[fate] += 1
            self.fates[address] = None
            if fate == "hang_after_text":
                await asyncio.sleep(60)
            server.transport.abort()
            return "451 lost"
        return await super().handle_DATA(server, session, envelope)


def run(arguments: list[str]) -> dict:
    """Send until nothing is open, the ladder of tries shortened."""
    parser = argparse.ArgumentParser(prog="bench smtp")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=0.02)
    given, port = parser.parse_args(arguments), free_port()
    settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_PER_DOMAIN": "999999"}
    with stack(**settings, MAIL_TIMEOUT="1") as _, IllSink(port, given.rate) as sink:
        from smartskill import create_app

        with create_app().app_context():
            write_rows(given.mails // 2, given.mails - given.mails // 2)
            longest = _send_all()
            figures = _judge(sink, given, longest)
            close()
    return figures


def _send_all() -> float:
    """Send window after window, what is deferred at once again; returns how long the longest took beyond its work."""
    from smartskill.extensions import db
    from smartskill.kit.transaction import commit
    from smartskill.notifications.models import Delivery
    from smartskill.notifications.services import outbox
    from smartskill.notifications.services.delivery import deliver_batch

    longest = 0.0
    while True:
        deferred = db.update(Delivery).where(Delivery.state == "deferred").values(due_at=db.func.now())
        db.session.execute(deferred)
        ids = outbox.claim()
        commit()
        if not ids:
            return longest
        began = time.monotonic()
        deliver_batch(ids, commit)
        longest = max(longest, time.monotonic() - began)


def _judge(sink: IllSink, given: Any, longest: float) -> dict:
    print_table([{"fault": name, "met": sink.met[name]} for name in FAULTS])
    states = {f"{mail_class} {state}": number for (mail_class, state), number in sorted(count_states().items())}
    arrived = set(sink.seen)
    failed = message_ids("service", "failed") | message_ids("subscription", "failed")
    unknown = message_ids("subscription", "unknown")
    every = message_ids("service") | message_ids("subscription")
    promises = {
        "nothing lost": every == arrived | failed | unknown and len(every) == given.mails,
        "given up only what the server refused": len(failed) == len(sink.refused),
        "unknown only what lost its answer": len(unknown) <= sink.met["drop_after_text"] + sink.met["hang_after_text"],
        "no worker held longer than 10 s": longest <= MOST_SECONDS,
        "none taken twice": max(sink.seen.values()) == 1,
    }
    print_table([{"promise": name, "kept": kept} for name, kept in promises.items()])
    return {
        "bench": "smtp", "mails": given.mails, "faults": dict(sink.met), "states": states,
        "longest_window_s": round(longest, 2), "promises": promises, "verdict": all(promises.values()),
    }  # fmt: skip
