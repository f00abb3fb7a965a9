"""An invented company's half year, for the demo and for tests: everything here is made up and says so.

It is believable where it matters to the learning: people differ in how often they come, keep office hours on their own
clock, drift into silence and back, are reached by some mails and annoyed by a few. Mails are decided on by the real
policy at stage 0, so every decision has a known propensity. ``world`` sets how much a mail does; 0 makes it do nothing.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from ml.events import KINDS, EventLog, join_logs, kind_code, kind_codes
from ml.facts import Facts
from ml.policy.draw import draw_arm, is_held_out, quarter_of, uniform_of
from ml.policy.scoring import PolicySettings, choose_propensities, score_arms
from ml.rules import PRIOR_UNSUBSCRIBES, rule_effects
from ml.timeline import DAY_S

IS_SYNTHETIC = True
ARMS = ("none", "endorsed", "skill_stale", "role_gap", "skill_recommended", "digest")
_ELIGIBLE_CHANCE = np.array([1.0, 0.25, 0.5, 0.4, 0.6, 0.5])
_EFFECT = np.array([0.0, 0.30, 0.20, 0.16, 0.12, 0.08])
_PRICE = 0.03
_REPEAT_AFTER_DAYS = 27
_UTC_OFFSETS_H = np.array([0, 1, 1, 1, 2, -5, 5])
_WEEKDAY_FACTOR = np.array([1.0, 1.1, 1.1, 1.0, 0.8, 0.08, 0.08])
_ACTS = ("skill_rated", "skill_confirmed", "skill_viewed", "profile_viewed", "search", "endorsement_given")
_ACT_SHARES = np.array([0.16, 0.06, 0.06, 0.34, 0.32, 0.06])


@dataclass(frozen=True)
class World:
    """How the invented people behave.

    Attributes
    ----------
    mail_strength : float
        Scales what mails do; 0 for nothing at all.
    leave_chance, back_chance : float
        Daily chances to fall silent and to come back by oneself.
    """

    mail_strength: float = 1.0
    leave_chance: float = 0.008
    back_chance: float = 0.012
    unsubscribe_chance: float = 0.004


@dataclass(frozen=True)
class SyntheticDecisions:
    """Weekly decisions; all arrays of shape (n,) but ``propensities`` and ``is_eligible``, of shape (n, a).

    ``arm`` is what happened, ``drawn_arm`` what the draw said, both indices into ``arms``; they differ only for people
    held out. ``decision_keys`` is a tuple of n texts, with which the draw can be repeated.
    """

    arms: tuple[str, ...]
    user_id: np.ndarray
    decided_at: np.ndarray
    arm: np.ndarray
    drawn_arm: np.ndarray
    is_held_out: np.ndarray
    propensities: np.ndarray
    is_eligible: np.ndarray
    decision_keys: tuple[str, ...]


@dataclass(frozen=True)
class SyntheticCompany:
    """Events and decisions from ``started_at`` to ``ended_at`` (epoch seconds UTC) of people 1 to n."""

    started_at: int
    ended_at: int
    user_ids: np.ndarray
    tenure_started_at: np.ndarray
    utc_offset_s: np.ndarray
    events: EventLog
    decisions: SyntheticDecisions
    _traits: dict[str, np.ndarray]

    def facts_at(self, as_of: int) -> Facts:
        """Return what was known about everybody who had joined by a moment."""
        here = self.tenure_started_at <= as_of
        weeks = (as_of - self.started_at) / (7 * DAY_S)
        columns = {
            "stale_skill_share": np.clip(self._traits["stale"] + 0.004 * weeks, 0, 1),
            "days_to_nearest_expiry": (self._traits["expires_at"] - as_of) / DAY_S,
            "open_reviews": np.floor(self._traits["reviews"] * (1 + np.sin(weeks + self.user_ids))),
            "role_gap": self._traits["gap"],
            "profile_completeness": np.clip(self._traits["complete"] + 0.003 * weeks, 0, 1),
        }
        return Facts(
            self.user_ids[here],
            self.tenure_started_at[here],
            as_of,
            {name: column[here] for name, column in columns.items()},
        )


def make_company(
    seed: int, started_at: int, people: int = 200, weeks: int = 27, world: World | None = None
) -> SyntheticCompany:
    """Invent a company.

    Parameters
    ----------
    seed : int
        The same arguments give the same company.
    started_at : int
        Epoch seconds UTC of a midnight.
    people, weeks : int

    Returns
    -------
    SyntheticCompany
        With the defaults about 5,000 decisions, nearly all of them matured at ``ended_at``.
    """
    story = _Story(np.random.default_rng(seed), started_at, people, world or World(), f"synthetic-{seed}".encode())
    for day in range(weeks * 7):
        story.decide(day)
        story.live(day)
    return story.told(started_at + weeks * 7 * DAY_S)


@dataclass
class _Story:
    """The state of everybody while the days pass."""

    rng: np.random.Generator
    started_at: int
    people: int
    world: World
    secret: bytes
    settings: PolicySettings = field(default_factory=PolicySettings)
    logs: list[EventLog] = field(default_factory=list)
    decided: list[dict[str, np.ndarray]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng, people = self.rng, self.people
        self.user_ids = np.arange(1, people + 1)
        self.offset = rng.choice(_UTC_OFFSETS_H, people) * 3600
        self.rate = np.minimum(0.12 * rng.lognormal(0.0, 1.1, people), 0.8)
        self.hour = np.clip(rng.normal(10.5, 2.0, people), 7, 17)
        self.slot_day = rng.integers(0, 5, people)
        newcomer = rng.random(people) < 0.15
        joined = np.where(newcomer, -rng.integers(0, 300, people), -rng.integers(300, 2000, people))
        self.tenure = self.started_at + joined * DAY_S
        self.is_present = rng.random(people) < 0.75
        self.last_at = self.started_at - (rng.exponential(20, people) * DAY_S).astype(np.int64)
        self.last_at = np.maximum(self.last_at, self.tenure)
        self.boost = np.zeros(people)
        self.reacts = rng.gamma(1.5, 1 / 1.5, people)
        self.has_left_mail = np.zeros(people, dtype=bool)
        self.kind_sent_at = np.full((people, len(ARMS)), -np.inf)
        self.traits = {
            "stale": rng.beta(2, 5, people),
            "expires_at": self.started_at + rng.integers(-60, 700, people) * DAY_S,
            "reviews": rng.poisson(0.7, people).astype(np.float64),
            "gap": rng.integers(0, 6, people).astype(np.float64),
            "complete": rng.beta(5, 2, people),
        }

    def midnight(self, day: int, who: np.ndarray) -> np.ndarray:
        """Return when a day begins on the clocks of some people."""
        return self.started_at + day * DAY_S - self.offset[who]

    def decide(self, day: int) -> None:
        """Decide on those whose weekly slot is today, as the policy does at stage 0, and send."""
        first = datetime.fromtimestamp(self.started_at + day * DAY_S, UTC)
        who = np.flatnonzero((self.slot_day == first.weekday()) & ~self.has_left_mail & (self.tenure < self.started_at))
        if not who.size:
            return
        at = self.midnight(day, who) + (self.hour[who] * 3600).astype(np.int64)
        eligible, chances = self._propensities(who, at)
        keys = [f"{user}:{first:%G-W%V}" for user in self.user_ids[who]]
        points = [uniform_of(self.secret, "draw", key) for key in keys]
        drawn = np.array([draw_arm(row, point) for row, point in zip(chances, points, strict=True)])
        quarter, share = quarter_of(first.date()), self.settings.holdout_share
        held = np.array([is_held_out(self.secret, int(user), quarter, share) for user in self.user_ids[who]])
        arm = np.where(held, 0, drawn)
        self.keys.extend(keys)
        self.decided.append(
            {
                "user_id": self.user_ids[who],
                "decided_at": at,
                "arm": arm,
                "drawn_arm": drawn,
                "is_held_out": held,
                "propensities": chances,
                "is_eligible": eligible,
            }
        )
        self.send(who[arm > 0], at[arm > 0], arm[arm > 0])

    def _propensities(self, who: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        eligible = self.rng.random((who.size, len(ARMS))) < _ELIGIBLE_CHANCE
        effects = rule_effects(ARMS, (at - self.last_at[who]) / DAY_S)
        since = (at[:, None] - self.kind_sent_at[who]) / DAY_S
        eligible[:, 1:] &= since[:, 1:] > _REPEAT_AFTER_DAYS
        scores = score_arms(ARMS, effects, PRIOR_UNSUBSCRIBES, since, _PRICE, self.settings)
        return eligible, choose_propensities(ARMS, scores, eligible, 0, self.settings.temperature)

    def send(self, sent: np.ndarray, at: np.ndarray, arm: np.ndarray) -> None:
        """Let mails arrive: some are clicked, some reach people, a few make them unsubscribe."""
        self.kind_sent_at[sent, arm] = at
        self._log(sent, at, np.full(sent.size, kind_code("email_sent")), automated=True)
        effect = self.world.mail_strength * _EFFECT[arm] * self.reacts[sent]
        self.boost[sent] = np.maximum(self.boost[sent], effect)
        clicks = self.rng.random(sent.size) < np.minimum(0.6 * effect, 0.9)
        later = at[clicks] + self.rng.integers(60, 5 * 3600, clicks.sum())
        self._log(sent[clicks], later, np.full(later.size, kind_code("email_clicked")))
        leaves = self.rng.random(sent.size) < self.world.unsubscribe_chance
        self._log(sent[leaves], at[leaves] + 600, np.full(leaves.sum(), kind_code("unsubscribed")))
        self.has_left_mail[sent[leaves]] = True

    def live(self, day: int) -> None:
        """Let a day pass: silence begins and ends, people come, and what a mail did fades."""
        rng, everybody = self.rng, np.arange(self.people)
        weekday = datetime.fromtimestamp(self.started_at + day * DAY_S, UTC).weekday()
        flips = rng.random(self.people)
        self.is_present = np.where(self.is_present, flips >= self.world.leave_chance, flips < self.world.back_chance)
        own = self.rate * np.where(self.is_present, 1.0, 0.02)
        chance = np.minimum((own + self.boost * (1 - own)) * _WEEKDAY_FACTOR[weekday], 0.95)
        comes = everybody[rng.random(self.people) < chance]
        self.boost *= 0.6
        begins = self.midnight(day, comes) + (np.clip(rng.normal(self.hour[comes], 1.5), 5, 20) * 3600).astype(np.int64)
        self._log(comes, begins, np.full(comes.size, kind_code("signed_in")))
        counts = rng.poisson(2.0, comes.size)
        actors, first = np.repeat(comes, counts), np.repeat(begins, counts)
        moments = first + rng.integers(20, 2400, actors.size)
        self._log(actors, moments, kind_codes(rng.choice(_ACTS, actors.size, p=_ACT_SHARES)))
        np.maximum.at(self.last_at, actors, moments)
        received = rng.choice(self.people, rng.poisson(0.01 * self.people))
        at = self.midnight(day, received) + 11 * 3600
        self._log(received, at, np.full(received.size, KINDS.index("endorsement_received")))

    def _log(self, who: np.ndarray, at: np.ndarray, kinds: np.ndarray, automated: bool = False) -> None:
        if who.size:
            flags = np.full(who.size, automated)
            self.logs.append(EventLog(self.user_ids[who], at, kinds, flags, self.offset[who]))

    def told(self, ended_at: int) -> SyntheticCompany:
        """Return what has happened up to a moment, events in order of time."""
        events = join_logs(*self.logs)
        events = events.take(np.argsort(events.occurred_at, kind="stable")).before(ended_at)
        columns = {name: np.concatenate([part[name] for part in self.decided]) for name in self.decided[0]}
        return SyntheticCompany(
            self.started_at,
            ended_at,
            self.user_ids,
            self.tenure,
            self.offset,
            events,
            SyntheticDecisions(ARMS, decision_keys=tuple(self.keys), **columns),
            self.traits,
        )
