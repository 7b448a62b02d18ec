"""The one closed form behind every anisotropy that passes from an inner to an outer value."""

from haloscale.arrays import Array, join

BETA_PRIOR = {"prior": "uniform", "low": -0.5, "high": 0.95}
"""From mildly tangential, where distribution functions of constant beta end, to the strongly radial halo of Bird et al.
(2019, beta = 0.9)."""

RADIUS_PRIOR = {"prior": "log_uniform", "low": 1.0, "high": 200.0}
"""The radii [kpc] at which halo stars are seen: a transition elsewhere is no transition."""


def beta_between(r: Array, beta_0: Array, beta_inf: Array, r_a: Array, eta: Array) -> Array:
    """[beta_0 + beta_inf (r/r_a)^eta] / [1 + (r/r_a)^eta].

    Parameters
    ----------
    r : float or array (n_r,) [kpc]
    beta_0, beta_inf : float or array, broadcasting with r, dimensionless
        Values at the centre and at infinity.
    r_a : float or array, broadcasting with r [kpc]
        Radius of their mean.
    eta : float or array, broadcasting with r, dimensionless
        Sharpness of the transition, positive.

    Returns
    -------
    float or array (n_r,)

    Notes
    -----
    Baes & van Hese (2007). The weight of beta_inf is the logistic function of eta ln(r/r_a): nothing overflows.
    """
    xp, r, beta_0, beta_inf, r_a, eta = join(r, beta_0, beta_inf, r_a, eta)
    weight = xp.exp(-xp.logaddexp(0.0, -eta * xp.log(r / r_a)))
    return beta_0 + (beta_inf - beta_0) * weight


def factor_between(s: Array, r: Array, beta_0: Array, beta_inf: Array, r_a: Array, eta: Array) -> Array:
    """g(s) / g(r) of `beta_between`, g = r^(2 beta_0) [1 + (r/r_a)^eta]^(2 (beta_inf - beta_0) / eta).

    Parameters
    ----------
    s, r : float or array, broadcasting with each other and the parameters [kpc]
    beta_0, beta_inf : float or array, broadcasting with s, dimensionless
    r_a : float or array, broadcasting with s [kpc]
    eta : float or array, broadcasting with s, dimensionless

    Returns
    -------
    float or array

    Notes
    -----
    Formed from logarithms: finite wherever the ratio itself is, however far s lies out.
    """
    xp, s, r, beta_0, beta_inf, r_a, eta = join(s, r, beta_0, beta_inf, r_a, eta)
    at_s, at_r = xp.log(s / r_a), xp.log(r / r_a)
    turned = (xp.logaddexp(0.0, eta * at_s) - xp.logaddexp(0.0, eta * at_r)) / eta
    return xp.exp(2.0 * beta_0 * (at_s - at_r) + 2.0 * (beta_inf - beta_0) * turned)
