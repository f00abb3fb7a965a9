"""The bridge to the invented past: what `ml.synthetic` tells, on the clocks of our people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ml.events import KINDS, kind_code
from ml.synthetic import SyntheticCompany, make_company
from ml.timeline import DAY_S

PLANNED_AT_S = 3 * 3600  # UTC; every day's planning decides on the slots of the day to come
WEEKS = 52  # with half of it the verdict on a model of two hundred people is mostly chance
LIVELY_DAYS = 28


@dataclass(frozen=True)
class Past:
    """A year of events and decisions of numbered people, ended at the midnight that `today` began with."""

    today: date
    company: SyntheticCompany

    @property
    def joined_on(self) -> list[date]:
        """When each person came, by their place."""
        return [datetime.fromtimestamp(int(moment), UTC).date() for moment in self.company.tenure_started_at]

    @property
    def lively(self) -> list[int]:
        """Places of people who are active and read their mail, the most active first."""
        events = self.company.events
        recent = events.take(events.is_meaningful & (events.occurred_at >= self.company.ended_at - LIVELY_DAYS * DAY_S))
        counts = np.bincount(recent.user_id - 1, minlength=self.company.user_ids.size)
        counts[self.unsubscribed] = 0
        return [int(place) for place in np.argsort(-counts, kind="stable") if counts[place]]

    @property
    def unsubscribed(self) -> list[int]:
        """Places of people who turned mail off."""
        events = self.company.events
        return sorted(set((events.user_id[events.kind == kind_code("unsubscribed")] - 1).tolist()))


@dataclass(frozen=True)
class PastEvent:
    """Something that was done; `decision` is the place of the decision whose mail it belongs to."""

    place: int
    occurred_at: datetime
    kind: str
    is_automated: bool
    decision: int | None


@dataclass(frozen=True)
class PastDecision:
    """Something that was decided. `action` is what happened, `drawn` the draw; they differ for people held out.

    `decided_at` is the night's planning, as it would be here, and `due_at` the person's own hour in the day after it.
    """

    place: int
    decided_at: datetime
    due_at: datetime
    action: str
    drawn: str
    is_held_out: bool
    propensity: float
    propensities: dict[str, float]
    key: str


def invent_past(people: int, today: date, seed: int) -> Past:
    """Invent what that many people did in the weeks before a day."""
    started = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(weeks=WEEKS)
    return Past(today, make_company(seed, int(started.timestamp()), people, WEEKS))


def list_decisions(past: Past, timezones: Sequence[str]) -> list[PastDecision]:
    """Every decision in the order of its making; `timezones` are those of the people, by place."""
    made = past.company.decisions
    moments = _on_their_clocks(past.company, made.user_id, made.decided_at, timezones)
    decisions = []
    for row, place in enumerate((made.user_id - 1).tolist()):
        odds = {arm: float(p) for arm, p in zip(made.arms, made.propensities[row], strict=True) if p > 0}
        drawn, due_at = made.arms[made.drawn_arm[row]], datetime.fromtimestamp(int(moments[row]), UTC)
        decided_at = datetime.fromtimestamp(_planning_before(int(moments[row])), UTC)
        action, held_out = made.arms[made.arm[row]], bool(made.is_held_out[row])
        decisions.append(
            PastDecision(place, decided_at, due_at, action, drawn, held_out, odds[drawn], odds, made.decision_keys[row])
        )
    return decisions


def _planning_before(moment: int) -> int:
    """The last planning at or before a moment."""
    return (moment - PLANNED_AT_S) // DAY_S * DAY_S + PLANNED_AT_S


def list_events(past: Past, timezones: Sequence[str]) -> list[PastEvent]:
    """Every event up to the end of the past; `timezones` are those of the people, by place."""
    events = past.company.events
    moments = _on_their_clocks(past.company, events.user_id, events.occurred_at, timezones)
    causes = _causes(past.company)
    return [
        PastEvent(place, datetime.fromtimestamp(moment, UTC), KINDS[kind], automated, cause)
        for place, moment, kind, automated, cause in zip(
            (events.user_id - 1).tolist(),
            moments.tolist(),
            events.kind.tolist(),
            events.is_automated.tolist(),
            causes,
            strict=True,
        )
        if moment < past.company.ended_at
    ]


def _causes(company: SyntheticCompany) -> list[int | None]:
    """For each event about a mail, the place of the last decision that sent that person one; None for other events."""
    events, made = company.events, company.decisions
    about_mail = np.isin(events.kind, [kind_code(kind) for kind in ("email_sent", "email_clicked", "unsubscribed")])
    sent = np.flatnonzero(made.arm > 0)
    span = company.ended_at + DAY_S
    keys = made.user_id[sent] * span + made.decided_at[sent]
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], events.user_id * span + events.occurred_at, side="right") - 1
    causes = sent[order][place]
    return [int(cause) if is_mail else None for cause, is_mail in zip(causes, about_mail, strict=True)]


def _on_their_clocks(
    company: SyntheticCompany, user_ids: np.ndarray, moments: np.ndarray, timezones: Sequence[str]
) -> np.ndarray:
    """Moments at which people's own clocks showed what the invented ones show, summer time included; epoch seconds."""
    zones = sorted(set(timezones))
    local = moments + company.utc_offset_s[user_ids - 1]
    first = int(local.min()) // DAY_S
    days = range(first, int(local.max()) // DAY_S + 1)
    table = np.array([[_offset_at_noon(zone, day) for day in days] for zone in zones])
    zone_of = np.array([zones.index(zone) for zone in timezones])
    return local - table[zone_of[user_ids - 1], local // DAY_S - first]


def _offset_at_noon(zone: str, day: int) -> int:
    noon = datetime.fromtimestamp(day * DAY_S + DAY_S // 2, UTC).replace(tzinfo=ZoneInfo(zone))
    return int(noon.utcoffset().total_seconds())  # type: ignore[union-attr]
