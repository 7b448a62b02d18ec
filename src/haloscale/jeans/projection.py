"""From the radial dispersion to the dispersion along the Sun's sight lines.

sigma_los^2 = sigma_r^2 (1 - beta S), S the mean sin^2 psi of the stars, psi the angle between the sight line and the
Galactocentric radius vector. The named projections differ in S.
"""

from haloscale.arrays import Array, join, power_series
from haloscale.errors import ConfigError, InputError, nearest

PROJECTIONS = ("none", "uniform_sky", "per_star")

# sum over k >= 0 of e^k times these is F(e) of `uniform_sky`, where its closed form would cancel
_SMALL, _LARGE = 0.01, 1.0 - 1e-14
_SERIES = tuple(-2.0 / ((2 * k + 1) * (2 * k - 1) * (2 * k - 3)) for k in range(1, 9))


def uniform_sky(r: Array, r0: Array) -> Array:
    """H(r): mean sin^2 psi over the whole sphere of radius r, seen from r0.

    Parameters
    ----------
    r : float or array (n_r,) [kpc]
        Galactocentric radius.
    r0 : float or array, broadcasting with r [kpc]
        Galactocentric radius of the Sun, positive.

    Returns
    -------
    float or array (n_r,)
        2/3 at the centre, 1/2 at r0, (2/3) (r0/r)^2 far out.

    Notes
    -----
    H = (r^2 + r0^2) / (4 r^2) - (r^2 - r0^2)^2 / (8 r^3 r0) ln|(r + r0) / (r - r0)|. With e = min(r/r0, r0/r)^2 it is
    F(e) inside r0 and e F(e) outside, F = [1 + e - (1 - e)^2 artanh(sqrt e) / sqrt e] / (4 e).
    """
    xp, r, r0 = join(r, r0)
    ratio = xp.minimum(r, r0) / xp.maximum(r, r0)
    e = ratio * ratio
    # between the two ends, where the closed form divides zero by zero
    inner = xp.minimum(xp.maximum(e, _SMALL), _LARGE)
    root = xp.sqrt(inner)
    closed = (1.0 + inner - (1.0 - inner) ** 2 * xp.arctanh(root) / root) / (4.0 * inner)
    mean = xp.where(e < _SMALL, power_series(xp.minimum(e, _SMALL), _SERIES), closed)
    return xp.where(r > r0, e * mean, mean)


def sin2_psi_mean(projection: str, r: Array, r0: Array, mean_sin2_psi: Array = None) -> Array:
    """Mean sin^2 psi of the stars under a named projection.

    Parameters
    ----------
    projection : str
        "none": 0, so that sigma_los = sigma_r as in the paper; "uniform_sky": H(r) of stars all over the sky;
        "per_star": the mean over the stars themselves.
    r : float or array (n_r,) [kpc]
    r0 : float or array, broadcasting with r [kpc]
    mean_sin2_psi : array (n_r,), optional
        For "per_star": `DispersionProfile.mean_sin2_psi`.

    Returns
    -------
    float or array (n_r,)

    Raises
    ------
    ConfigError
        For an unknown projection.
    InputError
        For "per_star" without the stars' own mean.
    """
    if projection == "none":
        return 0.0
    if projection == "uniform_sky":
        return uniform_sky(r, r0)
    if projection != "per_star":
        raise ConfigError(
            f"jeans.projection = {projection!r}", f"one of: {', '.join(PROJECTIONS)}", nearest(projection, PROJECTIONS)
        )
    if mean_sin2_psi is None:
        raise InputError(
            "the projection per_star without the stars' mean sin^2 psi",
            "mean_sin2_psi, one value a radius",
            "pass DispersionProfile.mean_sin2_psi, or take the projection uniform_sky",
        )
    return mean_sin2_psi


def los_factor(beta: Array, sin2_psi: Array) -> Array:
    """sigma_los^2 / sigma_r^2 = 1 - beta sin^2 psi.

    Parameters
    ----------
    beta : float or array, broadcasting with sin2_psi
    sin2_psi : float or array (n_r,)
        From `sin2_psi_mean`, or each star's own.

    Returns
    -------
    float or array (n_r,)
    """
    _, beta, sin2_psi = join(beta, sin2_psi)
    return 1.0 - beta * sin2_psi
