"""Circular velocity from the velocity dispersion, by the derivative form of the Jeans equation (Eq. 9)."""

from typing import Any, Final

import numpy as np

from haloscale.arrays import Array
from haloscale.errors import InputError
from haloscale.jeans.slopes import MIN_POINTS, slope_matrix
from haloscale.records import Bools, CircularVelocity, DispersionProfile, Floats

IN_FIT, NOT_POSITIVE, NO_DISPERSION = "in the fit", "V_circ^2 is not positive", "no dispersion"

_LEVELS: Final = (0.5, 0.1586552539314571, 0.8413447460685429)
_SHAPES: Final = (1e-2, 1e8)
"""Range of the shape of a Gamma distribution: from wider than two stars to 10^8 of them."""


def v_circ_squared(sigma_r: Array, density_slope: Array, dispersion_slope: Array, beta: Array) -> Array:
    """Squared circular velocity that holds a tracer in equilibrium.

    Parameters
    ----------
    sigma_r : float or array (..., n_r) [km/s]
        Radial velocity dispersion.
    density_slope : float or array (..., n_r) dimensionless
        d ln nu / d ln r, negative.
    dispersion_slope : float or array (..., n_r) dimensionless
        d ln sigma_r^2 / d ln r.
    beta : float or array (..., n_r)

    Returns
    -------
    float or array (..., n_r) [(km/s)^2]
        Negative where the three slopes add up to more than zero.

    Notes
    -----
    Zhai et al. (2018), Eq. 9.
    """
    return -(sigma_r**2) * (density_slope + dispersion_slope + 2.0 * beta)


def circular_velocity(
    profile: DispersionProfile,
    tracer: Any,
    anisotropy: Any,
    rng: np.random.Generator,
    *,
    method: str = "finite_difference",
    n_draws: int = 2000,
    sin2_psi: Floats | float = 0.0,
    degree: int = 2,
) -> CircularVelocity:
    """Circular velocity at the bin mid-points, with errors from the posterior of each bin's dispersion.

    Parameters
    ----------
    profile : DispersionProfile
    tracer : object with log_slope_at(r)
    anisotropy : object with beta_at(r)
    rng : numpy.random.Generator
    method : str
        How ln sigma_r^2 is differentiated in ln r; see `slopes.slope_matrix`.
    n_draws : int
        Draws of the dispersions.
    sin2_psi : float or array (n_bins,)
        Mean sin^2 psi of the stars, by which sigma_r^2 = sigma_los^2 / (1 - beta sin2_psi); 0: the two are equal.
    degree : int
        Of the polynomial.

    Returns
    -------
    CircularVelocity
        A bin whose V_circ^2 has a median, or more than 16 % of its posterior, at or below zero keeps its numbers and is
        left out of the fit, as is one without a dispersion.

    Raises
    ------
    InputError
        Fewer than three bins have a dispersion.
    ConfigError
        No method has that name.

    Notes
    -----
    Zhai et al. (2018), Eq. 9. The posterior of sigma^2 in a bin is an inverse Gamma distribution (Eq. 17); its shape
    and scale are those that have the profile's median and the ratio of its two limits, which is exact for the Gaussian
    estimator and a match of three quantiles for any other. Neighbouring bins share the dispersions that enter their
    derivatives, so that their errors are correlated; like the paper, the fit uses the errors alone.
    """
    used = usable_bins(profile)
    if used.sum() < MIN_POINTS:
        raise InputError(
            f"{used.sum()} of the {len(used)} radial bins hold a velocity dispersion, too few to differentiate it",
            f"at least {MIN_POINTS} bins with stars enough for a dispersion",
            'choose other bins with --set dispersion.edges=[...], or jeans.route = "sigma", which needs no derivative',
        )
    r = profile.r[used]
    beta, log_slope = (np.broadcast_to(of(r), r.shape) for of in (anisotropy.beta_at, tracer.log_slope_at))
    projected = 1.0 - beta * np.broadcast_to(sin2_psi, used.shape)[used]
    middle, lower, upper = (
        2.0 * np.log(sigma[used]) for sigma in (profile.sigma_los, profile.sigma_los_lower, profile.sigma_los_upper)
    )
    slopes = slope_matrix(method, np.log(r), middle - np.log(projected), (upper - lower) / 2, degree=degree)
    ln_variance = _draw_ln_variance(middle, upper - lower, rng, n_draws) - np.log(projected)
    draws = v_circ_squared(np.exp(ln_variance / 2), log_slope, ln_variance @ slopes.T, beta)
    return _record(profile, used, np.quantile(draws, _LEVELS, axis=0))


def unmeasured(profile: DispersionProfile) -> CircularVelocity:
    """The record of a profile with too few bins to differentiate: every bin without a circular velocity."""
    return _record(profile, np.zeros(len(profile), dtype=bool), np.empty((3, 0)))


def usable_bins(profile: DispersionProfile) -> Bools:
    """Bins whose dispersion is known with its errors, array (n_bins,)."""
    limits = profile.sigma_los_lower, profile.sigma_los, profile.sigma_los_upper
    with np.errstate(invalid="ignore"):
        ordered = (limits[0] > 0) & (limits[1] > limits[0]) & (limits[2] > limits[1])
    return np.asarray(profile.in_fit & ordered & np.isfinite(limits[2]))


def _draw_ln_variance(middle: Floats, width: Floats, rng: np.random.Generator, n_draws: int) -> Floats:
    """Draws (n_draws, n) of ln sigma^2 from inverse Gamma distributions of given median and 68 % width (n,)."""
    from scipy.special import gammaincinv

    shape = _shape_of(width)
    draws = rng.standard_gamma(shape, (n_draws, len(shape)))
    return np.asarray(middle + np.log(gammaincinv(shape, 0.5)) - np.log(draws))


def _shape_of(width: Floats) -> Floats:
    """Shape of the Gamma distribution of 1 / sigma^2 whose 68 % interval has a given width in its logarithm, (n,)."""
    from scipy.special import gammaincinv

    low, high = (np.full(len(width), np.log(limit)) for limit in _SHAPES)
    for _ in range(60):  # the width falls with the shape
        middle = (low + high) / 2
        shape = np.exp(middle)
        too_wide = np.log(gammaincinv(shape, _LEVELS[2]) / gammaincinv(shape, _LEVELS[1])) > width
        low, high = np.where(too_wide, middle, low), np.where(too_wide, high, middle)
    return np.asarray(np.exp((low + high) / 2))


def _record(profile: DispersionProfile, used: Bools, quantiles: Floats) -> CircularVelocity:
    squared = np.full((3, len(profile)), np.nan)
    squared[:, used] = quantiles
    v_circ, lower, upper = np.sqrt(np.maximum(squared, 0.0))
    in_fit = used & (squared[1] > 0)
    return CircularVelocity(
        r_low=profile.r_low,
        r_high=profile.r_high,
        r=profile.r,
        v_circ=v_circ,
        v_circ_lower=lower,
        v_circ_upper=upper,
        v_circ_squared=squared[0],
        v_circ_squared_lower=squared[1],
        v_circ_squared_upper=squared[2],
        error=(upper - lower) / 2,
        in_fit=in_fit,
        note=tuple(np.where(in_fit, IN_FIT, np.where(used, NOT_POSITIVE, NO_DISPERSION)).tolist()),
    )
