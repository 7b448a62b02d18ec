"""Potentials that have no closed form, from the enclosed mass alone: their integral once over a wide range of radii.

dpsi / d ln r = -G M / r, which is smooth in ln r: a polynomial a panel, integrated term by term.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array, join
from haloscale.constants import G
from haloscale.mass.base import MassModel, Sum
from haloscale.mass.quadrature import potential_of

_WIDTH: Final = 0.5
"""Width of a panel in ln r; polynomials of degree 11 follow G M / r over it to 1e-11 or better."""
_NODES: Final = 12


def with_fast_potential(mass: Any, r_low: float, r_high: float) -> Any:
    """The same mass, its potential quick to evaluate between two radii.

    Parameters
    ----------
    mass : MassModel or object with enclosed_mass(r)
    r_low, r_high : float [kpc]

    Returns
    -------
    object with potential(r) and ndim
        The mass itself where all its potentials are closed forms.
    """
    if isinstance(mass, Sum):
        parts = tuple(with_fast_potential(part, r_low, r_high) for part in mass.parts)
        return mass if all(new is old for new, old in zip(parts, mass.parts, strict=True)) else Sum(parts)
    numeric = getattr(type(mass), "potential", MassModel.potential) is MassModel.potential
    return IntegratedPotential.of(mass, r_low, r_high) if numeric else mass


@dataclass(frozen=True)
class IntegratedPotential:
    """A mass whose potential is a polynomial in ln r in each of many panels.

    Parameters
    ----------
    mass : object with enclosed_mass(r)
    start : float [ln kpc]
        ln r of the first panel's start; the panels are _WIDTH wide.
    coefficients : array (..., _NODES + 1, n_panels) [(km/s)^2]
        Of the potential in each panel, lowest power of the local coordinate from -1 to 1 first.
    """

    mass: Any
    start: float
    coefficients: Array

    @property
    def ndim(self) -> int:
        """Largest number of dimensions of the parameters."""
        return int(getattr(self.mass, "ndim", 0))

    @classmethod
    def of(cls, mass: Any, r_low: float, r_high: float) -> "IntegratedPotential":
        """The potential of a mass between two radii [kpc]."""
        start = math.log(r_low)
        n = math.ceil((math.log(r_high) - start) / _WIDTH)
        x, to_integral = _panel()
        nodes = np.exp(start + _WIDTH * (np.arange(n)[:, None] + (x + 1.0) / 2.0)).ravel()
        end = np.array([math.exp(start + _WIDTH * n)])
        xp, values, outer = join(G * mass.enclosed_mass(nodes) / nodes, potential_of(mass, end))
        values = values.reshape(*values.shape[:-1], n, len(x))
        rise = values @ xp.asarray(to_integral) * (_WIDTH / 2.0)  # (..., panel, power)
        whole = rise.sum(-1)
        below = outer - xp.flip(xp.cumsum(xp.flip(whole, -1), -1), -1)
        rise = xp.concatenate([rise[..., :1] + below[..., None], rise[..., 1:]], axis=-1)
        return cls(mass, start, xp.moveaxis(rise, -1, -2))

    def enclosed_mass(self, r: Array) -> Array:
        """Of the mass itself; see `MassModel.enclosed_mass`."""
        return self.mass.enclosed_mass(r)

    def potential(self, r: Array) -> Array:
        """The panel's polynomial, constant beyond the last; see `MassModel.potential`."""
        xp, r, coefficients = join(r, self.coefficients)
        n = coefficients.shape[-1]
        position = xp.minimum((xp.log(r) - self.start) / _WIDTH, float(n))
        panel = xp.clip(position.astype(int), 0, n - 1)
        u = 2.0 * (position - panel) - 1.0
        sets = coefficients.shape[:-2]
        tables = xp.moveaxis(coefficients, -2, 0).reshape(coefficients.shape[-2], -1)
        if math.prod(sets) > 1:
            panel = panel + (n * np.arange(math.prod(sets))).reshape(*sets, 1)
        value = xp.take(tables[-1], panel, mode="clip")
        for power in range(len(tables) - 2, -1, -1):
            value = value * u + xp.take(tables[power], panel, mode="clip")
        return value


@cache
def _panel() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes on (-1, 1), and the matrix (node, power) to the integral from -1 of what passes them."""
    x, weights = np.polynomial.legendre.leggauss(_NODES)
    matrix = np.zeros((_NODES, _NODES + 1))
    for degree in range(_NODES):
        unit = np.zeros(_NODES)
        unit[degree] = 1.0
        integral = np.polynomial.legendre.leg2poly(np.polynomial.legendre.legint(unit, lbnd=-1.0))
        moment = (degree + 0.5) * weights * np.polynomial.legendre.legval(x, unit)
        matrix[:, : len(integral)] += moment[:, None] * integral
    for shared in (x, matrix):
        shared.flags.writeable = False
    return x, matrix
