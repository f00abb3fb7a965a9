"""Chance that can be replayed: who is held out, which arm is drawn, and the record that proves it.

Each number comes from HMAC-SHA256 of a secret and a name, so that nobody can steer it, no order of work changes it,
and the same decision drawn again is the same decision.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.policy.scoring import PolicySettings, choose_propensities
from ml.rules import NONE

_BITS = 53


@dataclass(frozen=True)
class Decision:
    """One decision as it is to be stored; the vectors have one entry per arm.

    Attributes
    ----------
    arm : str
        What happens: the drawn arm, or ``none`` for somebody held out.
    drawn_arm : str
        What the draw said; equal to ``arm`` unless held out.
    propensity : float
        Probability of ``drawn_arm``.
    point : float
        The drawn number in [0, 1).
    """

    decision_key: str
    arms: tuple[str, ...]
    arm: str
    drawn_arm: str
    propensity: float
    propensities: tuple[float, ...]
    scores: tuple[float | None, ...]
    stage: int
    is_held_out: bool
    point: float


def uniform_of(secret: bytes, purpose: str, name: str) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments; 53 bits of an HMAC-SHA256."""
    digest = hmac.new(secret, f"{purpose}\x00{name}".encode(), hashlib.sha256).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / (1 << _BITS)


def quarter_of(day: date) -> str:
    """Return the quarter of a day, such as ``2026Q3``."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def is_held_out(secret: bytes, user_id: int, quarter: str, share: float) -> bool:
    """Return whether a person receives no subscription mail this quarter, for comparison."""
    return uniform_of(secret, "holdout", f"{quarter}:{user_id}") < share


def draw_arm(propensities: np.ndarray, point: float) -> int:
    """Return the arm at ``point`` of the stacked propensities, shape (a,); never one of probability 0."""
    return int(draw_arms(np.asarray(propensities)[None, :], np.array([point]))[0])


def draw_arms(propensities: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return each row's arm at its point of the stacked propensities, shape (n, a); never one of probability 0."""
    stacked = np.cumsum(propensities, axis=1)
    reached = np.minimum(points * stacked[:, -1], np.nextafter(stacked[:, -1], 0))
    return np.asarray((stacked <= reached[:, None]).sum(axis=1), dtype=np.int64)


def decide(
    arms: tuple[str, ...],
    scores: np.ndarray,
    is_eligible: np.ndarray,
    stage: int,
    secret: bytes,
    decision_key: str,
    held_out: bool,
    settings: PolicySettings,
) -> Decision:
    """Draw one person's arm; a person held out is drawn for like everybody else and then gets nothing.

    Parameters
    ----------
    scores : float array, shape (a,)
    is_eligible : bool array, shape (a,)
        After all gates; ``none`` is always True.
    decision_key : str
        Unique to this decision, such as user, kind of decision and week.

    Raises as ``choose_propensities``.
    """
    scores, is_eligible = np.asarray(scores, dtype=np.float64), np.asarray(is_eligible, dtype=bool)
    propensities = choose_propensities(arms, scores[None, :], is_eligible[None, :], stage, settings.temperature)[0]
    point = uniform_of(secret, "draw", decision_key)
    drawn = draw_arm(propensities, point)
    return Decision(
        decision_key=decision_key,
        arms=arms,
        arm=NONE if held_out else arms[drawn],
        drawn_arm=arms[drawn],
        propensity=float(propensities[drawn]),
        propensities=tuple(propensities.tolist()),
        scores=tuple(float(score) if eligible else None for score, eligible in zip(scores, is_eligible, strict=True)),
        stage=stage,
        is_held_out=held_out,
        point=point,
    )


def replays(decision: Decision, secret: bytes) -> bool:
    """Return whether drawing again from the stored propensities gives the stored arm."""
    point = uniform_of(secret, "draw", decision.decision_key)
    drawn = decision.arms[draw_arm(np.array(decision.propensities), point)]
    return (point, drawn) == (decision.point, decision.drawn_arm)
