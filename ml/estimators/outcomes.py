"""The reward of every arm, predicted for each person by a model that has not seen that person."""

import numpy as np

FOLDS = 5
RIDGE = 1.0


def cross_fit_outcomes(
    features: np.ndarray,
    arm: np.ndarray,
    reward: np.ndarray,
    arms: int,
    user_ids: np.ndarray,
    seed: int,
    folds: int = FOLDS,
) -> np.ndarray:
    """Predict the reward of every arm for every row by ridge regressions fitted on other people.

    On standardised features, arms and their products; a person's rows share a fold (Chernozhukov et al., 2018).

    Parameters
    ----------
    features : float array, shape (n, p)
        Known before the decision; NaN counts as the mean.
    arm : int array, shape (n,)
    reward : float array, shape (n,)
    arms : int
        How many arms there are.

    Returns
    -------
    float64 array, shape (n, arms)
    """
    people, row_person = np.unique(user_ids, return_inverse=True)
    person_fold = np.random.default_rng(seed).permutation(people.size) % folds
    fold = person_fold[row_person]
    outcome = np.full((reward.size, arms), reward.mean() if reward.size else 0.0)
    for held in range(folds):
        fitted_on, asked = fold != held, fold == held
        if fitted_on.any() and asked.any():
            centre, scale = _standards(features[fitted_on])
            known = np.nan_to_num((features - centre) / scale)
            coefficients = _fit_ridge(_design(known[fitted_on], arm[fitted_on], arms), reward[fitted_on])
            for column in range(arms):
                every = np.full(int(asked.sum()), column)
                outcome[asked, column] = _design(known[asked], every, arms) @ coefficients
    return outcome


def _standards(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, features, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, features - centre, 0.0) ** 2).sum(axis=0) / count)
    return centre, np.where(spread > 0, spread, 1.0)


def _design(features: np.ndarray, arm: np.ndarray, arms: int) -> np.ndarray:
    taken = np.eye(arms)[arm]
    products = (taken[:, :, None] * features[:, None, :]).reshape(arm.size, -1)
    return np.column_stack([np.ones(arm.size), features, taken, products])


def _fit_ridge(design: np.ndarray, reward: np.ndarray) -> np.ndarray:
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    return np.linalg.solve(design.T @ design + penalty, design.T @ reward)
