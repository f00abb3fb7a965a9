"""An invented log of decisions whose truth is known, for judging estimators: people decided on again and again."""

from dataclasses import dataclass

import numpy as np

from ml.estimators.value import Logged

WEEKS = 6
ARMS = 4  # none and three kinds of notice
EXPLORE_LOGGING, EXPLORE_TARGET = 0.30, 0.05
SEND_COST = 0.02
PERSON_WIDTH = 1.0
# What each kind adds to the log odds of a return, and how that changes with the second thing known of a person.
EFFECT = np.array([0.0, 0.5, 0.3, 0.1])
MODIFIED = np.array([0.0, 0.4, -0.4, 0.2])


@dataclass(frozen=True)
class Week:
    """What is known and what would happen: all arrays have one row per decision, the chances one column per arm."""

    known: np.ndarray
    chance: np.ndarray
    user_ids: np.ndarray


def live(rng: np.random.Generator, people: int) -> Week:
    """Draw people who differ in what is known of them, which changes from week to week, and in what is not."""
    own = np.repeat(rng.normal(size=people) * PERSON_WIDTH, WEEKS)
    steady = np.repeat(rng.normal(size=(people, 2)), WEEKS, axis=0)
    known = 0.8 * steady + 0.6 * rng.normal(size=(people * WEEKS, 2))
    odds = -0.8 - 0.7 * known[:, :1] + own[:, None] + EFFECT + MODIFIED * known[:, 1:]
    return Week(known, 1 / (1 + np.exp(-odds)), np.repeat(np.arange(people), WEEKS))


def logging_policy(known: np.ndarray) -> np.ndarray:
    """Return what wrote the log: it likes people who have been quiet, and explores as a first stage does."""
    return _soft(np.column_stack([np.zeros(len(known)), 0.6 * known[:, 0], 0.3 - 0.4 * known[:, 1], 0.2 * known[:, 0]]),
                 EXPLORE_LOGGING)  # fmt: skip


def target_policy(known: np.ndarray) -> np.ndarray:
    """Return what is to be judged: sharper, of another opinion, and exploring little."""
    return _soft(np.column_stack([np.zeros(len(known)), 1 + 2 * known[:, 1], 1 - 2 * known[:, 1], np.zeros(len(known))]),
                 EXPLORE_TARGET)  # fmt: skip


def write_log(rng: np.random.Generator, people: int) -> tuple[Logged, np.ndarray]:
    """Return decisions with their rewards, and the target's probabilities of every arm."""
    week = live(rng, people)
    drawn_from = logging_policy(week.known)
    arm = (rng.random((len(drawn_from), 1)) > np.cumsum(drawn_from, axis=1)).sum(axis=1)
    rows = np.arange(arm.size)
    reward = (rng.random(arm.size) < week.chance[rows, arm]) - SEND_COST * (arm > 0)
    logged = Logged(week.known, arm, drawn_from[rows, arm], reward, week.user_ids, ARMS)
    return logged, target_policy(week.known)


def true_value(seed: int, people: int = 400_000) -> float:
    """Return what the target is worth on average: of very many people, without drawing arms or returns."""
    week = live(np.random.default_rng(seed), people)
    mean = week.chance - SEND_COST * (np.arange(ARMS) > 0)
    return float((target_policy(week.known) * mean).sum(axis=1).mean())


def run_trial(rng: np.random.Generator, people: int, held_out_share: float, effect: float) -> tuple[np.ndarray, ...]:
    """Return outcome, held-out flag, person and what they did before, of a trial in which mail adds ``effect``.

    The outcome is a return after each of ``WEEKS`` decisions; before is the share of returns in as many earlier weeks.
    """
    usual = np.clip(1 / (1 + np.exp(0.6 - 1.2 * rng.normal(size=people))), 0.02, 0.9)
    held = rng.permutation(people) < round(held_out_share * people)
    before = (rng.random((people, WEEKS)) < usual[:, None]).mean(axis=1)
    outcome = rng.random((people, WEEKS)) < (usual + np.where(held, 0.0, effect))[:, None]
    repeat = (np.repeat(column, WEEKS) for column in (held, np.arange(people), before))
    return outcome.astype(np.float64).ravel(), *repeat


def _soft(scores: np.ndarray, explore: float) -> np.ndarray:
    weight = np.exp(scores)
    return (1 - explore) * weight / weight.sum(axis=1, keepdims=True) + explore / scores.shape[1]
