"""What each notice is worth to each person, and how likely each is therefore chosen.

Scores are in units of one returned person. ``none`` is always possible and scores 0, so a policy that sees no gain
falls silent by itself. Every eligible arm keeps a floor of probability: without it nothing could ever be measured.
All arrays have one row per person and one column per arm.
"""

from dataclasses import dataclass

import numpy as np

from ml.rules import NONE

STAGE_FROM_MATURED = (0, 1_000, 4_000, 16_000)
EXPLORATION = (0.30, 0.10, 0.05, 0.05)
EVEN_EXPLORATION = (1.0, 0.2, 0.2, 0.2)  # of it, what regards no scores at all; the rest prefers what may be worth it
COOLING = (0.25, 0.25, 0.05, 0.05)  # of the temperature: beliefs are acted on, measured effects still more so
TRYING = (1.0, 0.25, 0.25, 0.25)  # of the temperature at which the rest of exploration prefers
SHRINK_DECISIONS = 500
RECOVERY_DAYS = 14
_LAPSE_FACTOR_RANGE = (0.5, 1.5)
_OPEN_ON_AVERAGE = 0.75  # of what is open for the usual chance: chances differ between people, and p(1 − p) is concave


class NoneMissing(ValueError):
    """The arms hold no ``none``, or it is not eligible for somebody."""


@dataclass(frozen=True)
class PolicySettings:
    """The trade-offs of the policy.

    Attributes
    ----------
    return_value, send_cost, unsubscribe_cost : float
        What a return is worth, what a mail and an unsubscribe cost, all in returns.
    fatigue : float
        What the same kind costs when it was sent just now; halves every 14 days.
    temperature : float
        Of the softmax: differences of score much smaller than this are treated alike.
    weekly_budget : float
        Subscription mails per person and week.
    holdout_share : float
    """

    return_value: float = 1.0
    send_cost: float = 0.02
    unsubscribe_cost: float = 1.5
    fatigue: float = 0.03
    temperature: float = 0.02
    weekly_budget: float = 0.3
    holdout_share: float = 0.10


def stage_of(matured_decisions: int, highest_stage: int) -> int:
    """Return the stage (0 - 3) that serves: what the matured decisions reach, never above what the gate admits.

    Parameters
    ----------
    matured_decisions : int
        With known propensities.
    highest_stage : int
        ``GateReport.highest_stage`` of the champion; 0 without a model, with a refused artefact or a drift alarm.
    """
    reached = sum(matured_decisions >= needed for needed in STAGE_FROM_MATURED) - 1
    return max(0, min(reached, highest_stage))


def lapse_effects(rule: np.ndarray, lapse_chance: np.ndarray, usual_lapse: float) -> np.ndarray:
    """Return what each notice is believed to add at stage 1: the rule's effects, ordered by the lapse model.

    Who is sure to return gains nothing from a mail, and who is as good as gone is hardly reached by one: a notice that
    moves everybody's log odds alike adds in proportion to p(1 − p), p being the chance of lapse. What the rule believes
    is therefore multiplied by p(1 − p) over what that is on average, between half and one and a half. This is an
    ordering, not an estimate of effect, and a mild one: it must not undo what the rule knows of people who were just
    here.

    Parameters
    ----------
    rule : float array, shape (n, a)
        From ``ml.rules.rule_effects``.
    lapse_chance : float array, shape (n,)
    usual_lapse : float
        The share that lapses on average, as the model's card says.

    Returns
    -------
    float array, shape (n, a)
    """
    chance = np.asarray(lapse_chance)
    on_average = _OPEN_ON_AVERAGE * usual_lapse * (1 - usual_lapse)
    factor = np.clip(chance * (1 - chance) / max(on_average, 1e-9), *_LAPSE_FACTOR_RANGE)
    return np.asarray(factor[:, None] * rule)


def shrink_effects(rule: np.ndarray, model: np.ndarray, decisions: np.ndarray | int) -> np.ndarray:
    """Return effects between the rule's and the model's: the model's share is n / (n + 500).

    ``decisions`` is the number n of matured decisions behind the model, one for all or one per arm.
    """
    share = np.asarray(decisions) / (np.asarray(decisions) + SHRINK_DECISIONS)
    return rule + share * (model - rule)


def score_arms(
    arms: tuple[str, ...],
    effects: np.ndarray,
    unsubscribe_chance: np.ndarray | float,
    days_since_kind: np.ndarray,
    price: float,
    settings: PolicySettings,
) -> np.ndarray:
    """Return s(a) = v·τ − c_send − c_unsub·p_unsub − γ·2^(−days since this kind ÷ 14) − λ, with s(none) = 0.

    Parameters
    ----------
    effects : float array, shape (n, a)
        τ: what each arm adds to the chance of a return.
    unsubscribe_chance : float or array broadcastable to (n, a)
    days_since_kind : float array, shape (n, a)
        NaN or infinity where the kind was never sent.
    price : float
        λ, from ``budget_price``.

    Returns
    -------
    float64 array, shape (n, a)

    Raises
    ------
    NoneMissing
        ``none`` is not among the arms.
    """
    none = none_index(arms)
    days = np.where(np.isnan(days_since_kind), np.inf, days_since_kind)
    tired = settings.fatigue * np.exp2(-days / RECOVERY_DAYS)
    cost = settings.send_cost + settings.unsubscribe_cost * np.asarray(unsubscribe_chance) + tired + price
    scores = np.asarray(settings.return_value * effects - cost, dtype=np.float64)
    scores[:, none] = 0.0
    return scores


def choose_propensities(
    arms: tuple[str, ...], scores: np.ndarray, is_eligible: np.ndarray, stage: int, temperature: float
) -> np.ndarray:
    """Return π(a) = (1 − ε)·softmax(s / cT) + ε·explore(a) over the eligible arms.

    ε is 0.30, 0.10, 0.05, 0.05 by stage and c is 0.25, 0.25, 0.05, 0.05. Exploration is all even at stage 0
    and a fifth of it later: one half ``none`` and the other shared among the eligible notices, so that it costs half a
    mail, not nearly one. The rest of it is softmax(s / tT) with t of 0.25, so that what is believed to be bad is tried
    rarely, and never not at all (ADR 0015). Where only ``none`` is eligible it is certain.

    Parameters
    ----------
    scores : float array, shape (n, a)
        Finite where eligible.
    is_eligible : bool array, shape (n, a)

    Returns
    -------
    float64 array, shape (n, a)
        Rows sum to 1; 0 exactly where not eligible.

    Raises
    ------
    NoneMissing
        ``none`` is not among the arms or not eligible for somebody.
    ValueError
        An eligible score is not finite.
    """
    none = none_index(arms)
    if not is_eligible[:, none].all():
        raise NoneMissing("none is always eligible")
    if not np.isfinite(scores[is_eligible]).all():
        raise ValueError("a score is not finite")
    even = EVEN_EXPLORATION[stage]
    explore = even * _explore(is_eligible, none) + (1 - even) * prefer_arms(
        scores, is_eligible, TRYING[stage] * temperature
    )
    preferred = prefer_arms(scores, is_eligible, COOLING[stage] * temperature)
    mixed = (1 - EXPLORATION[stage]) * preferred + EXPLORATION[stage] * explore
    return mixed / mixed.sum(axis=1, keepdims=True)


def prefer_arms(scores: np.ndarray, is_eligible: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(s / T) over the eligible arms, without any exploration: never to be served by itself."""
    tempered = np.where(is_eligible, scores, -np.inf) / temperature
    softmax = np.exp(tempered - tempered.max(axis=1, keepdims=True))
    return np.asarray(softmax / softmax.sum(axis=1, keepdims=True))


def none_index(arms: tuple[str, ...]) -> int:
    """Return the column of ``none``; raises NoneMissing."""
    if NONE not in arms:
        raise NoneMissing("none must be among the arms")
    return arms.index(NONE)


def _explore(is_eligible: np.ndarray, none: int) -> np.ndarray:
    notices = is_eligible.copy()
    notices[:, none] = False
    count = notices.sum(axis=1, keepdims=True)
    share = np.where(notices, 0.5 / np.maximum(count, 1), 0.0)
    share[:, none] = np.where(count[:, 0] > 0, 0.5, 1.0)
    return share
