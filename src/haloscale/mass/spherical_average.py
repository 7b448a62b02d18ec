"""The sphere that encloses the mass of a density in cylindrical coordinates, for disks of one's own."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array, join
from haloscale.errors import InputError, NumericalError
from haloscale.mass.base import MassModel

Density = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

TOLERANCE: Final = 1e-8
"""Relative error of the enclosed mass beyond which the quadrature is refused."""

_PER_E_FOLD = 96
_N_HALVINGS = 34
_TAIL = 30
"""E-folds below r_min in which the mass inside r_min is sought."""


@dataclass(frozen=True, eq=False)
class SphericalAverage(MassModel):
    """Sphere with the enclosed mass of any density rho(R_cyl, z), M(<r) = int rho dV over the ball of radius r.

    Made by `from_density`. Inside the first radius the mass is a power law, beyond the last one it is constant.

    Parameters
    ----------
    log_r : array (n,) [ln kpc]
        Knots, evenly spaced.
    log_mass : array (n,) [ln Msun]
        Logarithm of the enclosed mass there.
    log_slope : array (n,), dimensionless
        d ln M / d ln r there.

    Notes
    -----
    Between the knots ln M is the cubic of ln r that meets value and slope at both ends, with an error of 1e-10.
    """

    log_r: NDArray[np.float64]
    log_mass: NDArray[np.float64]
    log_slope: NDArray[np.float64]

    @classmethod
    def from_density(cls, density: Density, r_min: float = 1e-3, r_max: float = 1e3) -> "SphericalAverage":
        """The spherical average of a density that is symmetric about the axis and the plane z = 0.

        Parameters
        ----------
        density : function (R_cyl, z) -> array of their shape [Msun/kpc^3]
            Takes two arrays (n,) [kpc]; z is positive.
        r_min, r_max : float [kpc]
            First and last radius of the table.

        Returns
        -------
        SphericalAverage

        Raises
        ------
        InputError
            Radii out of order; a density that is negative, not finite, or zero everywhere inside r_min.
        NumericalError
            Where the enclosed mass is not known to 1e-8: the density jumps, or diverges too steeply at the centre.

        Notes
        -----
        M(<r) = 4 pi int s^2 <rho>(s) ds with <rho>(s) = int_0^(pi/2) rho(s cos t, s sin t) cos t dt. The angle t is cut
        into panels halved towards both ends, so that a layer of any thickness is resolved; each holds Gauss-Legendre
        nodes, as does each interval in ln s.
        """
        if not 0.0 < r_min < r_max < math.inf:
            raise InputError(
                f"r_min = {r_min!r}, r_max = {r_max!r}", "0 < r_min < r_max, finite [kpc]", "give the table a range"
            )
        n = max(8, math.ceil(_PER_E_FOLD * math.log(r_max / r_min)))
        log_r = np.linspace(math.log(r_min), math.log(r_max), n + 1)
        masses, check = (_masses(density, log_r, n_nodes) for n_nodes in (8, 6))
        if not np.allclose(masses, check, rtol=TOLERANCE, atol=0.0):
            raise _unknown(math.exp(log_r[np.argmax(np.abs(check / masses - 1.0))]))
        shell = 4.0 * math.pi * np.exp(3.0 * log_r) * _mean_density(density, np.exp(log_r), 8)
        return cls(log_r, np.log(masses), shell / masses)

    @property
    def step(self) -> float:
        """Distance of the knots in ln r."""
        return float(self.log_r[-1] - self.log_r[0]) / (len(self.log_r) - 1)

    def enclosed_mass(self, r: Array) -> Array:
        """Mass of the density inside the ball; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        log_r = xp.log(xp.maximum(xp.asarray(r, dtype=float), 1e-300))
        inside = xp.clip(log_r, self.log_r[0], self.log_r[-1])
        position = (inside - self.log_r[0]) / self.step
        k = xp.clip(xp.floor(position), 0, len(self.log_r) - 2).astype(int)
        value, slope = xp.asarray(self.log_mass), xp.asarray(self.log_slope) * self.step
        t = position - k
        rise = value[k + 1] - value[k]
        bend = slope[k] - rise + t * (2.0 * rise - slope[k] - slope[k + 1])
        log_mass = value[k] + t * (rise + (1.0 - t) * bend)
        inner = xp.minimum(log_r - self.log_r[0], 0.0) * self.log_slope[0]
        return xp.where(xp.asarray(r) > 0.0, xp.exp(log_mass + inner), 0.0)[()]


def _unknown(r: float) -> NumericalError:
    return NumericalError(
        f"the mass of the density is not known to {TOLERANCE:g} inside {r:.4g} kpc; smooth its jumps and its centre"
    )


def _masses(density: Density, log_r: NDArray[np.float64], n_nodes: int) -> NDArray[np.float64]:
    """Enclosed mass at the knots [Msun]."""
    tail = np.linspace(log_r[0] - _TAIL, log_r[0], 16 * _TAIL + 1)
    inner = _shells(density, tail, n_nodes).reshape(_TAIL, -1).sum(-1)
    masses: NDArray[np.float64] = inner.sum() + np.concatenate([[0.0], np.cumsum(_shells(density, log_r, n_nodes))])
    if masses[0] <= 0.0:
        raise InputError(
            f"the density has no mass inside {math.exp(log_r[0]):.4g} kpc",
            "a density that is positive there",
            "raise r_min",
        )
    # what lies below the last e-fold is the sum of a falling geometric series
    if inner[0] * inner[0] > TOLERANCE * masses[0] * max(inner[1] - inner[0], 0.0):
        raise _unknown(math.exp(log_r[0]))
    return masses


def _shells(density: Density, log_r: NDArray[np.float64], n_nodes: int) -> NDArray[np.float64]:
    """Mass between neighbouring knots [Msun]."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes // 2)
    half = np.diff(log_r) / 2.0
    s = np.exp((log_r[:-1] + half)[:, None] + half[:, None] * nodes)
    mean = _mean_density(density, s.ravel(), n_nodes).reshape(s.shape)
    masses: NDArray[np.float64] = 4.0 * math.pi * half * (weights * s**3 * mean).sum(-1)
    return masses


def _mean_density(density: Density, s: NDArray[np.float64], n_nodes: int) -> NDArray[np.float64]:
    """Density averaged over spheres of radii s : array (n,) [kpc], in [Msun/kpc^3]."""
    near = math.pi / 4.0 * 0.5 ** np.arange(_N_HALVINGS + 1)
    edges = np.concatenate([[0.0], near[::-1], math.pi / 2.0 - near[1:], [math.pi / 2.0]])
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    half = np.diff(edges)[:, None] / 2.0
    t, dt = (edges[:-1, None] + half * (1.0 + nodes)).ravel(), (half * weights).ravel()
    mean = np.empty(len(s))
    for start in range(0, len(s), 512):
        block = s[start : start + 512, None]
        values = np.asarray(density((block * np.cos(t)).ravel(), (block * np.sin(t)).ravel()), dtype=float)
        if values.size != block.size * t.size or not np.all((values >= 0.0) & (values < math.inf)):
            raise InputError(
                "the density is negative, not finite, or not an array of the shape of its arguments",
                "a function of R_cyl and z [kpc], arrays (n,), with values >= 0 [Msun/kpc^3]",
                "evaluate it at a few points",
            )
        mean[start : start + 512] = values.reshape(block.size, t.size) @ (np.cos(t) * dt)
    return mean
