"""Whether a person may be mailed now: gates in a fixed order, of which the first closed one gives the reason.

Planning and sending ask the same functions. They are pure: a `Recipient` holds all that is known of the person.
Account mail passes everything but a hard bounce; service mail minds suppression, the person's choice and quiet hours;
subscription mail passes every gate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from smartskill.notifications.services.recipients import Recipient

MOST = ((timedelta(days=1), 1, "cap_day"), (timedelta(days=7), 2, "cap_week"), (timedelta(days=30), 4, "cap_month"))
LEAST_GAP = timedelta(hours=48)


@dataclass(frozen=True)
class Mailing:
    """What would be mailed, when (UTC)."""

    kind: str
    mail_class: str
    at: datetime


def _is_inactive(person: Recipient, mailing: Mailing) -> bool:
    return not person.is_active


def _is_suppressed(person: Recipient, mailing: Mailing) -> bool:
    return "all" in person.suppressed or (mailing.mail_class == "subscription" and bool(person.suppressed))


def _is_unverified(person: Recipient, mailing: Mailing) -> bool:
    return not person.is_verified


def _is_unwanted(person: Recipient, mailing: Mailing) -> bool:
    return mailing.kind in person.unwanted


def _is_quiet(person: Recipient, mailing: Mailing) -> bool:
    return is_quiet(person.quiet_hours, mailing.at.astimezone(person.zone))


def _is_day_off(person: Recipient, mailing: Mailing) -> bool:
    return mailing.at.astimezone(person.zone).weekday() not in person.working_days


def _is_away(person: Recipient, mailing: Mailing) -> bool:
    return person.away_until is not None and mailing.at.astimezone(person.zone).date() <= person.away_until


def _is_too_soon(person: Recipient, mailing: Mailing) -> bool:
    return any(abs(mailing.at - earlier) < LEAST_GAP for earlier in person.mailed_at)


def _cap(period: timedelta, most: int) -> Callable[[Recipient, Mailing], bool]:
    return lambda person, mailing: sum(at > mailing.at - period for at in person.mailed_at) >= most


INACTIVE, SUPPRESSED, UNWANTED = ("inactive", _is_inactive), ("suppressed", _is_suppressed), ("unwanted", _is_unwanted)
QUIET, DAY_OFF = ("quiet_hours", _is_quiet), ("day_off", _is_day_off)
GATES: dict[str, tuple[tuple[str, Callable[[Recipient, Mailing], bool]], ...]] = {
    "account": (INACTIVE, SUPPRESSED),
    "service": (INACTIVE, SUPPRESSED, UNWANTED, QUIET),
    "subscription": (
        INACTIVE,
        SUPPRESSED,
        ("unverified", _is_unverified),
        UNWANTED,
        QUIET,
        DAY_OFF,
        ("away", _is_away),
        *((reason, _cap(period, most)) for period, most, reason in MOST),
        ("gap", _is_too_soon),
    ),
}
HOUR_GATES = ("quiet_hours", "day_off")  # passed by what is sent at once on demand


def first_closed(person: Recipient, mailing: Mailing, *, is_past_hours: bool = False) -> str | None:
    """The reason code of the first closed gate, or None where all are open."""
    for reason, is_closed in GATES[mailing.mail_class]:
        if not (is_past_hours and reason in HOUR_GATES) and is_closed(person, mailing):
            return reason
    return None


def parse_quiet_hours(hours: str) -> tuple[int, int] | None:
    """`20-8` → (20, 8); None for "" and where both are equal: no quiet hours."""
    start, _, end = hours.partition("-")
    if not (start.isdigit() and end.isdigit()) or int(start) == int(end) or max(int(start), int(end)) > 24:
        return None
    return int(start) % 24, int(end) % 24


def is_quiet(hours: str, local: datetime) -> bool:
    """Whether a local time lies within quiet hours; they may pass midnight."""
    bounds = parse_quiet_hours(hours)
    if bounds is None:
        return False
    start, end = bounds
    return start <= local.hour < end if start < end else local.hour >= start or local.hour < end


def next_open_hour(person: Recipient, mailing: Mailing) -> datetime:
    """The first moment from `mailing.at` on (UTC) at which the hour gates are open.

    Reckoned on the person's own clock: on the day that the clock is put forward, an end of quiet hours that does not
    exist is the moment after the leap.
    """
    hourly = [gate for gate in GATES[mailing.mail_class] if gate[0] in HOUR_GATES]
    bounds = parse_quiet_hours(person.quiet_hours)
    opening = time(bounds[1] if bounds else 0)
    day = mailing.at.astimezone(person.zone).date()
    starts = [datetime.combine(day + timedelta(days=ahead), opening, person.zone).astimezone(UTC) for ahead in range(9)]
    for moment in (mailing.at, *(start for start in starts if start > mailing.at)):
        tried = Mailing(mailing.kind, mailing.mail_class, moment)
        if not any(is_closed(person, tried) for _, is_closed in hourly):
            return moment
    return mailing.at + timedelta(hours=12)
