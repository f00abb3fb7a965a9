"""How many mails a minute a receiving domain is sent, by all workers together: a bucket per domain, in PostgreSQL.

`MAIL_PER_DOMAIN` is a number for every domain, with exceptions: "600, gmail.com=100, example.org=0" (0: no limit). A
bucket holds ten seconds' worth. What it has none left for is deferred, spaced out as the domain can take it, and never
holds up mail to others. Account mail is not asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import DomainBudget

DOMAIN_RATE = "domain_rate"  # why a mail was deferred
BUCKET_SECONDS = 10


def domain_of(email: str) -> str:
    """The receiving domain of an address."""
    return email.rpartition("@")[2].lower()


@cache
def read_limits(said: str) -> tuple[int, dict[str, int]]:
    """The limit of every domain, and those of single ones, in mails a minute; the settings saw to its form."""
    every, *single = said.split(",")
    named = dict(part.split("=") for part in single)
    return int(every), {domain.strip().lower(): int(rate) for domain, rate in named.items()}


def per_minute(domain: str) -> int:
    """The limit of a domain; 0: none."""
    every, named = read_limits(str(setting("MAIL_PER_DOMAIN")))
    return named.get(domain, every)


def take_budget(domain: str, wanted: int) -> tuple[int, Sequence[datetime]]:
    """Take what a domain may be sent now, of so many mails; held until the transaction ends.

    Returns:
        how many may go, and when each of the others is to be tried.
    """
    limit = per_minute(domain)
    if not limit:
        return wanted, []
    rate = limit / 60
    size = max(rate * BUCKET_SECONDS, 1.0)
    row, at = _lock(domain, size), now()
    left = min(size, row.left + rate * max((at - row.filled_at).total_seconds(), 0.0))
    granted = min(wanted, int(left))
    row.left, row.filled_at = left - granted, at
    return granted, _space_out(row, wanted - granted, timedelta(seconds=1 / rate), at)


def _space_out(row: DomainBudget, count: int, gap: timedelta, at: datetime) -> Sequence[datetime]:
    start = max(row.deferred_until, at)
    times = [start + gap * place for place in range(1, count + 1)]
    row.deferred_until = times[-1] if times else row.deferred_until
    return times


def _lock(domain: str, size: float) -> DomainBudget:
    mine = select(DomainBudget).filter_by(domain=domain).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(mine)
    if row is not None:
        return row
    at = now()
    new = insert(DomainBudget).values(domain=domain, left=size, filled_at=at, deferred_until=at)
    db.session.execute(new.on_conflict_do_nothing())
    return db.session.scalars(mine).one()
