"""The features again, written from their definition with plain loops: slow, obvious, and the judge of the fast ones."""

import math
from itertools import pairwise
from statistics import median

from ml.events import KIND_CLASSES, KINDS, EventLog
from ml.facts import FACT_NAMES, Facts

DAY = 86_400


def describe_person(events: EventLog, facts: Facts, row: int, as_of: int) -> dict[str, float]:
    """Return every feature of one person."""
    user, joined = int(facts.user_ids[row]), int(facts.tenure_started_at[row])
    acts, mails = [], []
    for index in range(len(events)):
        if int(events.user_id[index]) != user:
            continue
        kind, at = KINDS[events.kind[index]], int(events.occurred_at[index])
        if kind == "email_sent":
            mails.append(at)
        if KIND_CLASSES[kind] == "act" and not events.is_automated[index]:
            acts.append((at, at + int(events.utc_offset_s[index])))
    described = {
        **_presence(acts, joined, as_of),
        **_rhythm(acts),
        **_mail(mails, [at for at, _ in acts], as_of),
    }
    for name in FACT_NAMES:
        described[name] = float(facts.columns[name][row]) if name in facts.columns else math.nan
    return described


def _presence(acts, joined, as_of):
    last = max((at for at, _ in acts), default=joined)
    latest_of_day = {}
    for at, local in acts:
        day = local // DAY
        latest_of_day[day] = max(at, latest_of_day.get(day, at))
    days = sorted(latest_of_day)
    gaps = [later - earlier for earlier, later in pairwise(days)]
    recency = (as_of - last) / DAY
    usual = float(median(gaps)) if gaps else math.nan
    known = [day for day in days if latest_of_day[day] + 7 * DAY <= as_of]
    came_back = sum(any(day < other <= day + 7 for other in days) for day in known)
    found = {
        f"active_days_{window}": sum(latest_of_day[day] >= as_of - window * DAY for day in days)
        for window in (7, 14, 28, 90)
    }
    return {
        **found,
        "recency_days": recency,
        "tenure_days": (as_of - joined) / DAY,
        "median_gap_days": usual,
        "overdue_ratio": recency / usual,
        "return_rate": (came_back + 1) / (len(known) + 2),
    }


def _rhythm(acts):
    shares = {}
    for weekday in range(7):
        count = sum((local // DAY + 3) % 7 == weekday for _, local in acts)
        shares[f"weekday_{weekday}_share"] = (count + 1) / (len(acts) + 7)
    for hour in range(0, 24, 4):
        count = sum(hour <= local % DAY // 3600 < hour + 4 for _, local in acts)
        shares[f"hour_{hour:02}_share"] = (count + 1) / (len(acts) + 6)
    return shares


def _mail(mails, acts, as_of):
    known = [at for at in mails if at + 7 * DAY <= as_of]
    came_back = sum(any(at <= act < at + 7 * DAY for act in acts) for at in known)
    return {
        "emails_7": sum(at >= as_of - 7 * DAY for at in mails),
        "emails_28": sum(at >= as_of - 28 * DAY for at in mails),
        "days_since_email": (as_of - max(mails)) / DAY if mails else math.nan,
        "email_return_rate": (came_back + 1) / (len(known) + 2),
    }
