"""Potential and density of a mass model known only by its enclosed mass."""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array, ndim
from haloscale.constants import G


@cache
def _exponential_nodes(n_dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes t > 0 and weights of the double-exponential rule for integrands that decay like exp(-t).

    The substitution t = exp(w - exp(-w)) makes the trapezium rule converge exponentially (Takahasi & Mori 1974).
    """
    step = 1.0 / 32.0
    w = np.arange(-4.0, 5.2, step)
    t = np.exp(w - np.exp(-w))
    weights = step * t * (1.0 + np.exp(-w))
    shape = (-1,) + (1,) * n_dimensions
    return t.reshape(shape), weights.reshape(shape)


def potential_of(mass: Any, r: Array) -> Array:
    """Potential of any object with `enclosed_mass`, -G times the integral of M(s) / s^2 from r to infinity.

    Parameters
    ----------
    mass : object with enclosed_mass(r)
    r : float or array (n_r,) [kpc]

    Returns
    -------
    float or array, broadcast of r and the parameters [(km/s)^2]
    """
    t, weights = _exponential_nodes(max(ndim(r), getattr(mass, "ndim", 0)))
    s = r * np.exp(t)
    return -G * (weights * (mass.enclosed_mass(s) / s)).sum(0)


def density_of(mass: Any, r: Array) -> Array:
    """Density of any object with `enclosed_mass`, by a five-point derivative in ln r.

    Parameters
    ----------
    mass : object with enclosed_mass(r)
    r : float or array (n_r,) [kpc]

    Returns
    -------
    float or array, broadcast of r and the parameters [Msun/kpc^3]
    """
    step = 2e-3
    m = [mass.enclosed_mass(r * math.exp(k * step)) for k in (-2, -1, 1, 2)]
    slope = (m[0] - m[3] + 8.0 * (m[2] - m[1])) / (12.0 * step)
    return slope / (4.0 * math.pi * r**3)
