"""Line-of-sight velocities that are flatter or more peaked than a Gaussian, at a given variance."""

from typing import Final

import numpy as np

from haloscale.arrays import Array, join, special
from haloscale.records import Floats

_GAUSSIAN: Final = 1e-6
"""Excess kurtosis below which the Gaussian itself stands."""


def ln_density(v: Array, variance: Array, error_squared: Array, kurtosis: Array) -> Array:
    """Natural logarithm of the density of a velocity, errors included, without the factor 1 / sqrt(2 pi).

    Parameters
    ----------
    v : array (...) [km/s]
    variance : array (...) [km^2 / s^2]
        Of the true velocities.
    error_squared : array (...) [km^2 / s^2]
        Variance of the Gaussian error.
    kurtosis : array (...), dimensionless
        Excess kurtosis of the true velocities, between -1.2 and 3.

    Returns
    -------
    array (...)

    Notes
    -----
    The true velocity is the sum of a Gaussian and of a uniform (kurtosis below 0) or a double exponential variable
    (above 0), whose share of the variance gives the kurtosis; the idea is that of Sanders & Evans 2020, MNRAS 499,
    5806. The convolution with the error has a closed form.
    """
    xp, v, variance, error_squared, kurtosis = join(v, variance, error_squared, kurtosis)
    kurtosis = xp.asarray(kurtosis)
    size = xp.maximum(xp.abs(kurtosis), _GAUSSIAN)
    flat = kurtosis < 0.0
    share = xp.sqrt(size / xp.where(flat, 1.2, 3.0))
    width = xp.sqrt((1.0 - share) * variance + error_squared)
    odd = share * variance
    bent = xp.where(flat, _with_uniform(v, width, xp.sqrt(3.0 * odd)), _with_exponential(v, width, xp.sqrt(0.5 * odd)))
    total = variance + error_squared
    gaussian = -0.5 * (v * v / total + xp.log(total))
    return xp.where(xp.abs(kurtosis) <= _GAUSSIAN, gaussian, bent)


def _with_uniform(v: Array, width: Array, half: Array) -> Array:
    """A Gaussian of standard deviation `width` plus a uniform variable between -half and half."""
    xp, v, width, half = join(v, width, half)
    log_ndtr = special(xp).log_ndtr
    near, far = log_ndtr((half - xp.abs(v)) / width), log_ndtr((-half - xp.abs(v)) / width)
    return near + xp.log(-xp.expm1(far - near)) - xp.log(2.0 * half) + 0.5 * np.log(2.0 * np.pi)


def _with_exponential(v: Array, width: Array, scale: Array) -> Array:
    """A Gaussian of standard deviation `width` plus a double exponential variable of that scale."""
    xp, v, width, scale = join(v, width, scale)
    log_ndtr = special(xp).log_ndtr
    ratio = width / scale
    sides = [side * v / scale + log_ndtr(-(ratio + side * v / width)) for side in (1.0, -1.0)]
    return 0.5 * ratio * ratio + xp.logaddexp(*sides) - xp.log(2.0 * scale) + 0.5 * np.log(2.0 * np.pi)


def draw(variance: Floats, kurtosis: float, rng: np.random.Generator) -> Floats:
    """True velocities of that distribution, one for each variance, array (n,) [km^2 / s^2], in km/s."""
    n = len(variance)
    if kurtosis == 0.0:
        return np.asarray(np.sqrt(variance) * rng.standard_normal(n))
    share = float(np.sqrt(abs(kurtosis) / (1.2 if kurtosis < 0 else 3.0)))
    if kurtosis < 0:
        odd = rng.uniform(-np.sqrt(3.0), np.sqrt(3.0), n)
    else:
        odd = rng.laplace(0.0, np.sqrt(0.5), n)
    return np.asarray(np.sqrt(variance) * (np.sqrt(1.0 - share) * rng.standard_normal(n) + np.sqrt(share) * odd))
