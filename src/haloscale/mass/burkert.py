"""The cored halo of Burkert (1995)."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from haloscale.arrays import Array, any_below, join, power_series
from haloscale.constants import G
from haloscale.mass.base import R_MAX, HaloModel, clip, mass_models

_ROOT = math.sqrt(26.0 / 27.0)
R_MINUS2_OVER_CORE: Final = math.cbrt(1.0 + _ROOT) + math.cbrt(1.0 - _ROOT)
"""Where the slope of the density is -2, in core radii: the root of x^3 - x - 2 (Cardano), 1.5213797."""

# x^3 sum_k x^(4 k) [1 / (4 k + 3) - x / (4 k + 4)]: the mass where its closed form would cancel
_SMALL = 0.3
_SERIES = tuple(v for k in range(9) for v in (1.0 / (4 * k + 3), -1.0 / (4 * k + 4), 0.0, 0.0))


@mass_models.register("burkert")
@dataclass(frozen=True)
class Burkert(HaloModel):
    """Burkert halo: density rho_0 / [(1 + x) (1 + x^2)], x = r / r_core, r_-2 = 1.5213797 r_core.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone.
    c : float or array (...)
        r_vir / r_-2.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Burkert (1995), ApJ 447, L25.
    """

    bibtex: ClassVar[str] = """@article{Burkert1995,
  author  = {Burkert, A.},
  title   = {The Structure of Dark Matter Halos in Dwarf Galaxies},
  journal = {The Astrophysical Journal},
  volume  = {447},
  pages   = {L25--L28},
  year    = {1995},
  doi     = {10.1086/309560}
}"""

    @property
    def r_core(self) -> Array:
        """Core radius r_-2 / 1.5213797, float or array in the shape of the parameters [kpc]."""
        return self.r_minus2 / R_MINUS2_OVER_CORE

    @property
    def r_s(self) -> Array:
        """Scale radius of the profile, its core radius, float or array in the shape of the parameters [kpc]."""
        return self.r_core

    @cached_property
    def _m_scale(self) -> Array:
        """4 pi rho_0 r_core^3 [Msun]."""
        return self.m_vir / burkert_mass_shape(self.c * R_MINUS2_OVER_CORE)

    @property
    def rho_0(self) -> Array:
        """Central density, float or array in the shape of the parameters [Msun/kpc^3]."""
        return self._m_scale / (4.0 * math.pi * self.r_core**3)

    def enclosed_mass(self, r: Array) -> Array:
        """4 pi rho_0 r_core^3 times `burkert_mass_shape`; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        return self._m_scale * burkert_mass_shape(xp.minimum(r, R_MAX) / self.r_core)

    def potential(self, r: Array) -> Array:
        """-G times the inner mass over r plus the integral of the outer shells; see `MassModel.potential`."""
        xp, x = join(clip(r) / self.r_core)
        # the integral of t / [(1 + t) (1 + t^2)] from x to infinity, without cancellation at large x
        shells = xp.arctan(1.0 / x) / 2.0 + xp.log1p(2.0 * x / (1.0 + x * x)) / 4.0
        return -G * self._m_scale / self.r_core * (burkert_mass_shape(x) / x + shells)

    def density(self, r: Array) -> Array:
        """rho_0 / [(1 + x) (1 + x^2)]; see `MassModel.density`."""
        x = clip(r) / self.r_core
        return self.rho_0 / ((1.0 + x) * (1.0 + x * x))


def burkert_mass_shape(x: Array) -> Array:
    """Integral of t^2 / [(1 + t) (1 + t^2)] dt from 0 to x, to rounding at any finite x.

    Parameters
    ----------
    x : float or array (n,), dimensionless
        Radius over core radius.

    Returns
    -------
    float or array (n,)

    Notes
    -----
    [2 ln(1 + x) + ln(1 + x^2) - 2 arctan x] / 4.
    """
    xp, x = join(x)
    direct = (2.0 * xp.log1p(x) + xp.log1p(x * x) - 2.0 * xp.arctan(x)) / 4.0
    if not any_below(x, _SMALL):
        return direct
    small = xp.minimum(x, _SMALL)
    return xp.where(x < _SMALL, small**3 * power_series(small, _SERIES), direct)
