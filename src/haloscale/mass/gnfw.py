"""The generalised NFW halo: the profiles of Zhao (1996) with alpha = 1, beta = 3 and a free inner slope."""

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from haloscale.arrays import Array, join, ndim, power_series
from haloscale.constants import G
from haloscale.mass.base import R_MAX, HaloModel, clip, mass_models
from haloscale.registry import param

_N_POWERS, _N_TERMS = 64, 22
"""Powers of a number up to 1/2 that reach rounding, and terms of their Chebyshev form that do."""


@mass_models.register("gnfw")
@dataclass(frozen=True, kw_only=True)
class GNFW(HaloModel):
    """Generalised NFW halo: density rho_s x^-gamma (1 + x)^(gamma - 3), x = r / r_s; gamma = 1 is NFW.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone.
    c : float or array (...)
        r_vir / r_-2, and r_-2 = (2 - gamma) r_s.
    gamma : float or array (...)
        Inner slope, positive for a cusp: the density goes as r^-gamma at the centre.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Zhao (1996), MNRAS 278, 488, with alpha = 1, beta = 3. The prior of gamma spans a flat core to nearly the
    slope of -2 beyond which no radius r_-2 exists.
    """

    bibtex: ClassVar[str] = """@article{Zhao1996,
  author  = {Zhao, HongSheng},
  title   = {Analytical models for galactic nuclei},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {278},
  pages   = {488--496},
  year    = {1996},
  doi     = {10.1093/mnras/278.2.488}
}"""

    gamma: Array = param(
        "",
        r"\gamma",
        "inner slope: the density goes as r^-gamma at the centre, 1 for NFW",
        prior={"prior": "uniform", "low": 0.0, "high": 1.9},
        low=0.0,
        high=2.0,
        low_included=True,
    )

    @property
    def r_s(self) -> Array:
        """Scale radius r_-2 / (2 - gamma), float or array in the shape of the parameters [kpc]."""
        return self.r_minus2 / (2.0 - self.gamma)

    @cached_property
    def _m_scale(self) -> Array:
        """4 pi rho_s r_s^3 [Msun]."""
        return self.m_vir / gnfw_mass_shape(self.c * (2.0 - self.gamma), self.gamma)

    @property
    def rho_s(self) -> Array:
        """Density scale, float or array in the shape of the parameters [Msun/kpc^3]."""
        return self._m_scale / (4.0 * math.pi * self.r_s**3)

    def enclosed_mass(self, r: Array) -> Array:
        """4 pi rho_s r_s^3 times `gnfw_mass_shape`; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        return self._m_scale * gnfw_mass_shape(xp.minimum(r, R_MAX) / self.r_s, self.gamma)

    def potential(self, r: Array) -> Array:
        """-4 pi G rho_s r_s^2 [shape(x) / x + (1 - u^a) / a], a = 2 - gamma; see `MassModel.potential`."""
        xp, x, a = join(clip(r) / self.r_s, 2.0 - self.gamma)
        shells = -xp.expm1(-a * xp.log1p(1.0 / x)) / a
        return -G * self._m_scale / self.r_s * (gnfw_mass_shape(x, self.gamma) / x + shells)

    def density(self, r: Array) -> Array:
        """rho_s x^-gamma (1 + x)^(gamma - 3); see `MassModel.density`."""
        x = clip(r) / self.r_s
        return self.rho_s * (x / (1.0 + x)) ** -self.gamma / (1.0 + x) ** 3


def gnfw_mass_shape(x: Array, gamma: Array) -> Array:
    """Integral of t^(2 - gamma) (1 + t)^(gamma - 3) dt from 0 to x, to a few units of rounding.

    Parameters
    ----------
    x : float or array (n,), dimensionless
        Radius over scale radius, finite.
    gamma : float or array, broadcasting with x, dimensionless
        Inner slope, below 3.

    Returns
    -------
    float or array, broadcast of both

    Notes
    -----
    The incomplete beta function B(u; a + 1, 0), a = 2 - gamma, in u = x / (1 + x) and y = 1 - u. With
    sum_k u^k / (a + 1 + k) it is u^(a + 1) times that sum, good up to u = 1/2. Beyond, it is ln(1 + x) - T(1) + T(y)
    with T(y) = sum_k (-1)^(k + 1) binomial(a, k) y^k / k; T(1) follows from their meeting at 1/2. Both sums are
    series in the smaller of u and y, summed in Chebyshev form.
    """
    xp, x, a = join(x, 2.0 - gamma)
    y = 1.0 / (1.0 + x)
    u = x * y
    k = np.arange(_N_POWERS).reshape((-1,) + (1,) * ndim(a))
    inner = xp.tensordot(_economy(), 1.0 / (a + 1.0 + k), axes=1)
    binomials = -xp.cumprod((k[1:] - 1.0 - a) / k[1:], axis=0) / k[1:]
    outer = xp.tensordot(_economy()[:, 1:], binomials, axes=1)
    t = 4.0 * xp.minimum(u, y) - 1.0
    small = u ** (a + 1.0) * power_series(t, inner)
    # t = 1 is u = y = 1/2, where both forms hold
    offset = 0.5 ** (a + 1.0) * inner.sum(0) - outer.sum(0) - math.log(2.0)
    return xp.where(u < y, small, xp.log1p(x) + power_series(t, outer) + offset)


@cache
def _economy() -> NDArray[np.float64]:
    """Matrix (n_terms, n_powers) from coefficients of v^k, 0 <= v <= 1/2, to those of powers of t = 4 v - 1.

    Chebyshev polynomials of t need a third of the terms.
    """
    columns = np.zeros((_N_TERMS, _N_POWERS))
    power = np.array([1.0])  # of v, in Chebyshev polynomials of t
    for k in range(_N_POWERS):
        kept = chebyshev.cheb2poly(power[:_N_TERMS])
        columns[: len(kept), k] = kept
        power = chebyshev.chebmul(power, [0.25, 0.25])
    columns.flags.writeable = False
    return columns
