"""The features again, written from their definition with plain loops: slow, obvious, and the judge of the fast ones."""

import math
from itertools import pairwise
from statistics import median

from ml.events import KIND_CLASSES, KINDS, EventLog
from ml.facts import FACT_NAMES, Facts

DAY = 86_400
WINDOWS = (7, 14, 28, 90)


def describe_person(
    events: EventLog, facts: Facts, row: int, as_of: int, windows: tuple[int, ...] = WINDOWS
) -> dict[str, float]:
    """Return every feature of one person, those that have a window for each of the windows."""
    user, joined = int(facts.user_ids[row]), int(facts.tenure_started_at[row])
    acts, mails, worth = [], [], []
    for index in range(len(events)):
        if int(events.user_id[index]) != user:
            continue
        kind, at = KINDS[events.kind[index]], int(events.occurred_at[index])
        if kind == "email_sent":
            mails.append(at)
        if KIND_CLASSES[kind] == "act" and not events.is_automated[index]:
            acts.append((at, at + int(events.utc_offset_s[index])))
            worth.append((at, 0.0 if events.amount is None else float(events.amount[index])))
    described = {
        **_presence(acts, joined, as_of, windows),
        **_volume(worth, as_of, windows),
        **_rhythm(acts),
        **_mail(mails, [at for at, _ in acts], as_of, windows),
    }
    for name in FACT_NAMES:
        described[name] = float(facts.columns[name][row]) if name in facts.columns else math.nan
    return described


def _presence(acts, joined, as_of, windows):
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
        f"active_days_{window}": sum(latest_of_day[day] >= as_of - window * DAY for day in days) for window in windows
    }
    return {
        **found,
        "recency_days": recency,
        "tenure_days": (as_of - joined) / DAY,
        "median_gap_days": usual,
        "overdue_ratio": recency / usual,
        "return_rate": (came_back + 1) / (len(known) + 2),
    }


def _volume(worth, as_of, windows):
    found = {}
    for window in windows:
        late = [amount for at, amount in worth if at >= as_of - window * DAY]
        found |= {f"acts_{window}": len(late), f"amount_{window}": sum(late)}
    return found


def _rhythm(acts):
    shares = {}
    for weekday in range(7):
        count = sum((local // DAY + 3) % 7 == weekday for _, local in acts)
        shares[f"weekday_{weekday}_share"] = (count + 1) / (len(acts) + 7)
    for hour in range(0, 24, 4):
        count = sum(hour <= local % DAY // 3600 < hour + 4 for _, local in acts)
        shares[f"hour_{hour:02}_share"] = (count + 1) / (len(acts) + 6)
    return shares


def _mail(mails, acts, as_of, windows):
    known = [at for at in mails if at + 7 * DAY <= as_of]
    came_back = sum(any(at <= act < at + 7 * DAY for act in acts) for at in known)
    return {
        **{f"emails_{window}": sum(at >= as_of - window * DAY for at in mails) for window in windows},
        "days_since_email": (as_of - max(mails)) / DAY if mails else math.nan,
        "email_return_rate": (came_back + 1) / (len(known) + 2),
    }
