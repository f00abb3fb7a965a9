"""The share of people that a notice reaches: what is believed, times factors that fit what came true."""

import numpy as np

_LOG_RANGE, _MOST_REACHED, LEAST_NOISE = (-5.0, 2.5), 0.9, 0.02
_STEPS, _PARTS, _ENOUGH = 20, (1.0, 0.5, 0.2), 0.05


def share_reached(belief: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Return the share reached, from what is believed and how much more it was found to be, as a logarithm."""
    return np.minimum(belief * np.exp(np.clip(logs, *_LOG_RANGE)), _MOST_REACHED)


def fit_shares(
    columns: np.ndarray, belief: np.ndarray, away: np.ndarray, beyond: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Return the likeliest coefficients under a standard normal prior, by Gauss and Newton with halved steps."""

    def loss(effects: np.ndarray) -> float:
        left = beyond - away * share_reached(belief, columns @ effects)
        return float((left**2 / noise).sum() + effects @ effects)

    effects = np.zeros(columns.shape[1])
    best = loss(effects)
    for _ in range(_STEPS):
        reached = away * share_reached(belief, columns @ effects)
        slopes = columns * reached[:, None]
        precision = slopes.T @ (slopes / noise[:, None]) + np.eye(effects.size)
        step = np.linalg.solve(precision, slopes.T @ ((beyond - reached) / noise) - effects)
        tried = [(loss(effects + step * part), part) for part in _PARTS]
        lowest, part = min(tried)
        if lowest >= best - _ENOUGH:
            break
        effects, best = effects + part * step, lowest
    return effects
