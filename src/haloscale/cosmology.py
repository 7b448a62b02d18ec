"""Critical density, overdensity definitions of a halo's edge, and the conversion between them for any mass model."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from haloscale.arrays import Array
from haloscale.constants import G
from haloscale.errors import ConfigError, NumericalError

H0 = 70.0
"""Hubble constant of the paper [km/s/Mpc]."""

NAMED_DEFINITIONS = ("200c", "200m", "bn98")
"""Definitions reported in every summary: 200 x critical, 200 x mean matter, Bryan & Norman (1998)."""


def critical_density(h0: Array = H0) -> Array:
    """Critical density today, 3 H0^2 / (8 pi G) [Msun/kpc^3].

    Parameters
    ----------
    h0 : float or array (...) [km/s/Mpc]

    Returns
    -------
    float or array (...) [Msun/kpc^3]
        135.99 for h0 = 70.

    Notes
    -----
    Eq. 15 of Zhai et al. (2018).
    """
    return 3.0 * (h0 * 1e-3) ** 2 / (8.0 * math.pi * G)


def virial_radius(m_vir: Array, overdensity: Array = 200.0, h0: Array = H0, omega_m: Array = 1.0) -> Array:
    """Radius within which the mean density is overdensity x omega_m x critical [kpc].

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
    overdensity : float or array (...)
        delta_th of the paper.
    h0 : float or array (...) [km/s/Mpc]
    omega_m : float or array (...)
        The factor of Eq. 14 and 16; 1 makes the overdensity one relative to critical.

    Returns
    -------
    float or array (...) [kpc]

    Notes
    -----
    Eq. 16 of Zhai et al. (2018), solved for r_vir.
    """
    density = overdensity * omega_m * critical_density(h0)
    return (m_vir / (4.0 / 3.0 * math.pi * density)) ** (1.0 / 3.0)


def bryan_norman_overdensity(omega_m: Array = 0.3) -> Array:
    """Virial overdensity relative to critical of Bryan & Norman (1998) in a flat universe today.

    Parameters
    ----------
    omega_m : float or array (...)
        Matter density today.

    Returns
    -------
    float or array (...)
        18 pi^2 + 82 x - 39 x^2 with x = omega_m - 1; 101.1 for 0.3.
    """
    x = omega_m - 1.0
    return 18.0 * math.pi**2 + 82.0 * x - 39.0 * x**2


def density_threshold(definition: str | float, h0: Array = H0, omega_m: Array = 0.3) -> Array:
    """Mean density inside the edge of a halo under an overdensity definition [Msun/kpc^3].

    Parameters
    ----------
    definition : str or float
        "200c" (any number before c: times critical), "200m" (times the mean matter density), "bn98" (Bryan & Norman
        1998), or a number: times critical.
    h0 : float or array (...) [km/s/Mpc]
    omega_m : float or array (...)
        Matter density today.

    Returns
    -------
    float or array (...) [Msun/kpc^3]

    Raises
    ------
    ConfigError
        For a definition of another form.
    """
    critical = critical_density(h0)
    if definition == "bn98":
        return bryan_norman_overdensity(omega_m) * critical
    if isinstance(definition, str) and definition.endswith("m"):
        return _overdensity(definition, definition[:-1]) * omega_m * critical
    number = definition.removesuffix("c") if isinstance(definition, str) else definition
    return _overdensity(definition, number) * critical


def _overdensity(definition: str | float, number: str | float) -> float:
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise ConfigError(
            f"overdensity definition {definition!r}",
            "a positive number followed by c (times critical) or m (times the mean), or bn98",
            f"use one of {', '.join(NAMED_DEFINITIONS)}, or for instance 500c",
        )
    return value


def convert(halo: Any, threshold: Array, r_minus2: Array = None, r_guess: Array = None) -> tuple[Array, Array, Array]:
    """Mass, radius and concentration of any mass model at another mean density.

    Parameters
    ----------
    halo : object with enclosed_mass(r), or the function itself
        Radii [kpc] to masses [Msun]; its parameters may be arrays (n_draws,).
    threshold : float or array (n_draws,) [Msun/kpc^3]
        Mean density inside the wanted radius, from `density_threshold`.
    r_minus2 : float or array (n_draws,) [kpc], optional
        Radius of logarithmic density slope -2; by default `halo.r_minus2`.
    r_guess : float or array (n_draws,) [kpc], optional
        Where the search starts; by default `halo.r_vir`, else 200 kpc.

    Returns
    -------
    m : float or array (n_draws,) [Msun]
    r : float or array (n_draws,) [kpc]
    c : float or array (n_draws,)
        r / r_minus2.

    Raises
    ------
    NumericalError
        Where the mean density never crosses the threshold.

    Notes
    -----
    Solves 3 M(<r) / (4 pi r^3) = threshold in ln r: the mean density falls steadily for any density that does.
    """
    enclosed_mass: Callable[[Array], Array] = getattr(halo, "enclosed_mass", halo)
    r_minus2 = halo.r_minus2 if r_minus2 is None else r_minus2
    guess = getattr(halo, "r_vir", 200.0) if r_guess is None else r_guess
    log_threshold = np.log(4.0 / 3.0 * math.pi * np.asarray(threshold, dtype=float))

    def excess(log_r: Array) -> Array:
        return np.log(enclosed_mass(np.exp(log_r))) - 3.0 * log_r - log_threshold

    start = np.log(np.asarray(guess, dtype=float))
    r = np.exp(_falling_root(excess, np.broadcast_to(start, np.shape(excess(start)))))
    return enclosed_mass(r), r, r / r_minus2


def _falling_root(f: Callable[[Array], Array], start: Array, tolerance: float = 1e-13) -> Array:
    """Root of a falling function by the Illinois rule, element by element, from a bracket grown around `start`."""
    low, high = _bracket(f, start)
    f_low, f_high = f(low), f(high)
    for _ in range(200):
        middle = np.clip(high - f_high * (high - low) / np.where(f_high == f_low, 1.0, f_high - f_low), low, high)
        f_middle = f(middle)
        above = f_middle > 0.0
        # an end that stays put has its value halved, so that the other end moves too
        f_low, f_high = np.where(above, f_middle, f_low / 2), np.where(above, f_high / 2, f_middle)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
        if np.all(np.minimum(high - low, np.abs(f_middle)) <= tolerance):
            return middle
    raise NumericalError("the radius of the wanted mean density was not found: the enclosed mass is not smooth")


def _bracket(f: Callable[[Array], Array], start: Array) -> tuple[Array, Array]:
    low = high = start
    for step in 0.5 * 2.0 ** np.arange(6):
        low = np.where(f(low) < 0.0, low - step, low)
        high = np.where(f(high) > 0.0, high + step, high)
        if np.all((f(low) >= 0.0) & (f(high) <= 0.0)):
            return low, high
    raise NumericalError("no radius within a factor 1e13 of the guess has the wanted mean density")
