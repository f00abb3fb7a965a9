"""Sending what was claimed, a window at a time: look again and write all of it, commit `sending`, speak SMTP, commit.

A service never commits, but here each step must be on disk before the next, so the edge that calls (a job, a command)
lends its `commit`. Between the two commits only the trace moves. Whatever happens in between is settled by trace and
lease (`recovery.recover`).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery
from smartskill.notifications.services import outbox, recovery
from smartskill.notifications.services.outcomes import mark_sent, pause, put_off, refused, try_later
from smartskill.notifications.services.post import Drawer, Post, open_post
from smartskill.notifications.services.preparing import Window, prepare
from smartskill.notifications.services.traces import Trace, TraceLost, end_trace
from smartskill.notifications.services.transport import InDoubt, NotCarried, Refused, ServerAway

log = logging.getLogger(__name__)
Commit = Callable[[], None]
MOST_WINDOW_SECONDS = 15  # what a window has not begun by then is given back


def deliver_batch(ids: list[int], commit: Commit) -> Counter:
    """Send claimed mails over a connection of their own; see `deliver_window`."""
    with open_post() as post:
        return deliver_window(ids, post, commit)


def deliver_window(ids: list[int], post: Post | Drawer, commit: Commit) -> Counter:
    """Send claimed mails over an open connection, or open it.

    Returns:
        how many ended in each state; `away` is 1 where the server could not be reached, and the rest was deferred.
    """
    if not ids:
        return Counter()
    try:
        post.open()
    except ServerAway as error:
        count = _defer_claimed(ids, str(error))
        commit()
        return Counter(deferred=count, away=1)
    window = prepare(ids)
    commit()
    if not window.letters:
        return +window.settled
    with Trace(window.trace_id) as trace:
        return +(window.settled + _Round(window, post, trace, commit).run())


class _Round:
    """One window on its way."""

    def __init__(self, window: Window, post: Post | Drawer, trace: Trace, commit: Commit) -> None:
        self.window, self.post, self.trace, self.keep = window, post, trace, commit
        self.sent: list[int] = []
        self.result: Counter = Counter()
        self.owed = 0  # the step that the trace is still to be told
        self.ends_at = time.monotonic() + window_seconds()

    def run(self) -> Counter:
        """Carry the letters, and write down what became of them."""
        letters = self.window.letters
        try:
            for place in range(len(letters)):
                if time.monotonic() > self.ends_at:
                    self._give_back([number for number, _ in letters[place:]])
                    break
                if not self._carry(place):
                    break
            self._note_answer()
        except TraceLost:
            log.warning("a window of %d mails outlived its lease and was settled by another", len(letters))
            self.result["skipped"] += len(letters) - sum(self.result.values()) - len(self.sent)
        finally:
            mark_sent(self.sent)
            end_trace(self.window.trace_id)
            self.keep()
        self.result["sent"] += len(self.sent)
        return self.result

    def _carry(self, place: int) -> bool:
        """Carry one; whether the next may follow."""
        (delivery_id, letter), *rest = self.window.letters[place : place + 2]
        following = rest[0][1] if rest else None
        try:
            self.post.carry(letter, partial(self._reach, 2 * place + 1), self._note_answer, following)
        except NotCarried as error:
            return self._not_carried(place, delivery_id, error)
        self.sent.append(delivery_id)
        self.owed = 2 * place + 2
        return True

    def _reach(self, step: int) -> None:
        """Tell the trace; each step says that all mails before it were answered."""
        self.trace.reach(step)
        self.owed = 0

    def _note_answer(self) -> None:
        """Tell the trace that the last mail was answered: while the server looks at the next one's envelope.

        Where it has looked already, the next dot is about to tell as much.
        """
        if self.owed:
            self._reach(self.owed)

    def _not_carried(self, place: int, delivery_id: int, error: NotCarried) -> bool:
        self._note_answer()
        reason, rest = str(error), [number for number, _ in self.window.letters[place + 1 :]]
        if isinstance(error, Refused):
            self._mark([delivery_id], partial(refused, error=error))
        elif isinstance(error, InDoubt):
            self._mark([delivery_id], partial(_in_doubt, reason=reason))
        else:
            self._mark([delivery_id], partial(try_later, reason=reason))
        if isinstance(error, ServerAway) or error.is_slow:  # a server that is ill is not asked again at once
            self._mark(rest, partial(put_off, reason=reason))
            self.result["away"] += 1
            return False
        return True

    def _mark(self, ids: list[int], change: Callable[[Delivery], None]) -> None:
        """Change rows of this window that are still its own, and commit: this must not wait for the others."""
        mine = select(Delivery).where(Delivery.id.in_(ids), Delivery.state == "sending").order_by(Delivery.id)
        for row in db.session.scalars(mine.with_for_update().execution_options(populate_existing=True)):
            change(row)
            self.result[row.state] += 1
        self.keep()

    def _give_back(self, ids: list[int]) -> None:
        self._mark(ids, outbox.give_back)


def window_seconds() -> float:
    """How long a window begins further mails: what it began by then ends within its lease."""
    room = outbox.lease().total_seconds() - setting("MAIL_TIMEOUT") - 5
    return min(MOST_WINDOW_SECONDS, room)


def _in_doubt(row: Delivery, reason: str) -> None:
    recovery.doubt(row, f"no answer: {reason}"[:200], now() + pause(row.doubts + 1))


def _defer_claimed(ids: list[int], reason: str) -> int:
    """Defer what was claimed while the server is away."""
    found = select(Delivery).where(Delivery.id.in_(ids), Delivery.state == "queued").with_for_update(skip_locked=True)
    rows = db.session.scalars(found.execution_options(populate_existing=True)).all()
    for row in rows:
        row.attempts += 1
        row.first_tried_at = row.first_tried_at or now()
        try_later(row, reason)
    return len(rows)
