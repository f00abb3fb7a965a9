"""Everybody's state, what a mail would truly do to each, and a week of their lives.

The chance of a week depends on its number, the seed and the person, never on the policy: two policies meet the same
people with the same luck, so that their difference is what the policies did.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulation.worlds import ARMS, NONE_ARM, SEND_COST, UNSUBSCRIBE_COST, WEEKS_BEFORE, World

_RECENT = 0.5**0.5  # weekly: recent mails and repeated kinds halve in two weeks
_HABIT = 0.7
_GAPS = 6
_BEYOND = 30.0  # log odds


@dataclass(frozen=True)
class Traits:
    """What people are; arrays of shape (n,). The first three are known to nobody, the rest is on their profiles."""

    usual: np.ndarray
    responsiveness: np.ndarray
    impatience: np.ndarray
    stale: np.ndarray
    gap: np.ndarray
    complete: np.ndarray
    tenure_weeks: np.ndarray


@dataclass
class State:
    """Where people are in some week; arrays of shape (n,), or (n, a) by kind."""

    habit: np.ndarray
    weeks_away: np.ndarray
    recent_mails: np.ndarray
    weeks_since_kind: np.ndarray
    has_evidence: np.ndarray
    is_subscribed: np.ndarray


@dataclass(frozen=True)
class Truth:
    """What is true of each person in one week.

    Attributes
    ----------
    organic : float array, shape (n,)
        Chance to come without a mail.
    reach, unsubscribe : float arrays, shape (n, a)
        Chance that a kind brings back who would not have come, and that it makes them unsubscribe.
    """

    organic: np.ndarray
    reach: np.ndarray
    unsubscribe: np.ndarray

    @property
    def gain(self) -> np.ndarray:
        """What each kind adds to this week's utility in expectation; shape (n, a), 0 for none."""
        gain = (1 - self.organic[:, None]) * self.reach - SEND_COST - UNSUBSCRIBE_COST * self.unsubscribe
        gain[:, NONE_ARM] = 0.0
        return gain


@dataclass(frozen=True)
class Week:
    """What happened; bool arrays of shape (n,), and a number in [0, 1) per person for the days of the acts."""

    is_active: np.ndarray
    has_unsubscribed: np.ndarray
    luck: np.ndarray


def make_traits(world: World, people: int, seed: int) -> Traits:
    """Invent people."""
    rng = np.random.default_rng([seed, 0])
    complete = rng.beta(5, 2, people)
    openness = (complete - complete.mean()) / complete.std()
    reacts = world.openness * openness + world.responsiveness_spread * rng.normal(size=people)
    impatience = rng.lognormal(0.0, world.patience_spread, people)
    return Traits(
        usual=world.usual + world.spread * rng.normal(size=people),
        responsiveness=np.exp(reacts) / np.exp(reacts).mean(),
        impatience=impatience / impatience.mean(),
        stale=rng.beta(2, 5, people),
        gap=rng.integers(0, _GAPS, people).astype(np.float64),
        complete=complete,
        tenure_weeks=np.where(rng.random(people) < 0.15, rng.integers(0, 40, people), rng.integers(40, 300, people)),
    )


def start(world: World, traits: Traits, seed: int) -> State:
    """Return everybody's state before anything was ever sent."""
    rng = np.random.default_rng([seed, 1])
    people = traits.usual.size
    return State(
        habit=1 / (1 + np.exp(-traits.usual)),
        weeks_away=rng.geometric(0.3, people).astype(np.float64),
        recent_mails=np.zeros(people),
        weeks_since_kind=np.full((people, len(ARMS)), np.inf),
        has_evidence=rng.random((people, len(ARMS))) < world.kinds.evidence,
        is_subscribed=np.ones(people, dtype=bool),
    )


def season(week: int) -> float:
    """Return how much of a holiday a week of the year is, 0 to 1: four weeks in summer, two at the year's end."""
    of_year = week % 52
    return float(max(np.exp(-(((of_year - 30) / 2.5) ** 2)), np.exp(-(((of_year - 51.5) / 1.2) ** 2))))


def truth_of(world: World, traits: Traits, state: State, week: int) -> Truth:
    """Return what each kind would truly do this week; only the oracle and the dice may see it."""
    kinds = world.kinds_at(week)
    shift = world.shift_after if world.change_week is not None and week >= world.change_week else 0.0
    odds = traits.usual + world.habit * (state.habit - 0.35) - world.holiday * season(week) + shift
    away = np.maximum(state.weeks_away - 4, 0)
    ease = np.where(state.weeks_away < 1, world.recent_factor, 0.5 ** (away / world.away_half_weeks))
    rested = 1 - world.repeat * _RECENT**state.weeks_since_kind
    fresh = (traits.responsiveness * ease / (1 + world.tiring * state.recent_mails))[:, None]
    reach = np.clip(kinds.reach * _relevance(traits) * fresh * rested, 0.0, 0.9)
    patience = (traits.impatience * (1 + world.annoyance * state.recent_mails))[:, None]
    return Truth(1 / (1 + np.exp(-odds)), reach, np.clip(kinds.unsubscribe * patience, 0.0, 0.5))


def live(world: World, traits: Traits, state: State, arm: np.ndarray, week: int, seed: int) -> tuple[State, Week]:
    """Let a week pass.

    Parameters
    ----------
    arm : int array, shape (n,)
        What was sent at its beginning, as an index into ``ARMS``.
    """
    rng = np.random.default_rng([seed, 2 + WEEKS_BEFORE + week])
    people, rows = arm.size, np.arange(arm.size)
    comes, opens, leaves, luck = rng.random((4, people))
    renewed, found = rng.random((2, people, len(ARMS)))
    truth = truth_of(world, traits, state, week)
    is_active = (comes < truth.organic) | (opens < truth.reach[rows, arm])
    has_unsubscribed = leaves < truth.unsubscribe[rows, arm]
    since_kind = state.weeks_since_kind.copy()
    since_kind[rows, arm] = 0
    kinds = world.kinds_at(week)
    after = State(
        habit=_HABIT * state.habit + (1 - _HABIT) * is_active,
        weeks_away=np.where(is_active, 0.0, state.weeks_away + 1),
        recent_mails=_RECENT * (state.recent_mails + (arm != NONE_ARM)),
        weeks_since_kind=since_kind + 1,
        has_evidence=np.where(renewed < kinds.stay, state.has_evidence, found < kinds.evidence),
        is_subscribed=state.is_subscribed & ~has_unsubscribed,
    )
    return after, Week(is_active, has_unsubscribed, luck)


def utility_of(arm: np.ndarray, week: Week) -> float:
    """Return the mean over people of active − 0.02·sent − 1.5·unsubscribed."""
    sent = arm != NONE_ARM
    return float((week.is_active - SEND_COST * sent - UNSUBSCRIBE_COST * week.has_unsubscribed).mean())


def _relevance(traits: Traits) -> np.ndarray:
    """Return how much each kind concerns each person, 1 on average: stale skills and gaps differ between people."""
    relevance = np.ones((traits.gap.size, len(ARMS)))
    relevance[:, ARMS.index("role_gap")] = 0.4 + 0.24 * traits.gap
    relevance[:, ARMS.index("skill_stale")] = 0.4 + 2.1 * traits.stale
    return relevance
