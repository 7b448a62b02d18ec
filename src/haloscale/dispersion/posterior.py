"""The posterior of Eq. 17 for any mean and any velocity errors: what `gaussian` integrates and `paper_mcmc` samples."""

from collections.abc import Callable
from typing import Final

import numpy as np

from haloscale.records import Floats

_EQUAL: Final = 1e-3
_BLOCK: Final = 500_000
"""Elements of the arrays (dispersions x stars) held at a time."""


def log_posterior(v: Floats, v_error: Floats, free_mean: bool) -> Callable[[Floats], Floats]:
    """Log posterior density of the dispersion of a Gaussian, with a flat prior on it.

    Parameters
    ----------
    v, v_error : array (n,) [km/s]
        Star i has variance sigma^2 + error_i^2.
    free_mean : bool
        A mean with a flat prior, integrated out; False: a mean of zero.

    Returns
    -------
    callable
        sigma, array (n_sigma,) [km/s] -> log density, array (n_sigma,) dimensionless, up to a constant.

    Notes
    -----
    Zhai et al. (2018), Eq. 17. Stars of equal error enter through their number and sums of V and V^2 alone. Stars whose
    variance differs by less than 0.1 % count as equal, with their mean squared error: the first order cancels, and the
    second changes the result by about 1e-7 a star. A million stars then cost as much as a few thousand.
    """
    v = v - v.mean() if free_mean else v
    fineness = np.log1p(v_error**2 / max(float(np.mean(v * v)), np.finfo(float).tiny)) / _EQUAL
    cell = np.unique(np.rint(fineness), return_inverse=True)[1]
    number, sum_v, sum_v2 = (np.bincount(cell, w) for w in (np.ones(len(v)), v, v * v))
    error2 = np.bincount(cell, v_error**2) / number

    def density(sigma: Floats) -> Floats:
        log_variance, chi2, linear, weights = np.zeros((4, len(sigma)))
        block = max(1, _BLOCK // len(sigma))
        for start in range(0, len(error2), block):
            part = slice(start, start + block)
            variance = sigma[:, None] ** 2 + error2[part]
            log_variance += np.log(variance) @ number[part]
            inverse = np.reciprocal(variance, out=variance)
            chi2 += inverse @ sum_v2[part]
            if free_mean:
                linear += inverse @ sum_v[part]
                weights += inverse @ number[part]
        about_mean = linear**2 / weights - np.log(weights) if free_mean else 0.0
        return np.asarray(-0.5 * (log_variance + chi2 - about_mean), float)

    return density
