"""Who comes anyway: the columns by which the chance of a return without any notice is predicted.

A notice adds a few returns in a hundred. Where the chance to come anyway is wrong by as much, the notice is blamed or
praised for it, so that being right for every group of people matters more here than ranking them well. Log odds are
not additive in when and how often somebody was here; products of those features make up for it (ADR 0023).
"""

import numpy as np

FEATURE_WIDTH, PAIR_WIDTH = 0.3, 0.15  # standard deviations of the priors, in log odds per standard deviation
PAIRED = (
    "recency_days", "active_days_7", "active_days_14", "active_days_28", "active_days_90", "median_gap_days",
    "overdue_ratio", "return_rate", "tenure_days",
)  # fmt: skip
_EXTREME = 3.0  # standard deviations; beyond, a product is not extrapolated


def anyway_columns(names: tuple[str, ...], known: np.ndarray) -> np.ndarray:
    """Return each feature and the products of those that tell when somebody was here, scaled by their priors' widths.

    Parameters
    ----------
    names : tuple of str, length p
    known : float array, shape (n, p)
        Imputed, compressed and standardised.

    Returns
    -------
    float array, shape (n, p + q)
    """
    paired = known[:, [names.index(name) for name in PAIRED if name in names]].clip(-_EXTREME, _EXTREME)
    first, second = np.triu_indices(paired.shape[1])
    return np.column_stack([FEATURE_WIDTH * known, PAIR_WIDTH * paired[:, first] * paired[:, second]])
