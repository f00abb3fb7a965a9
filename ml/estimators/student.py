"""Student's t without scipy, so that measuring wakes nothing heavy."""

from statistics import NormalDist


def t_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t by its expansion around the normal (Abramowitz and Stegun, 26.7.5).

    Good to 0.2 % at 5 degrees of freedom and far better above.
    """
    z = NormalDist().inv_cdf(probability)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
