"""The halo of Navarro, Frenk & White (1996, 1997)."""

import math
from dataclasses import dataclass
from functools import cached_property

from haloscale.arrays import Array, any_below, join, power_series
from haloscale.constants import G
from haloscale.mass.base import HaloModel, clip, mass_models

# sum over k >= 2 of (-1)^k L^k / k!: exp(-L) - 1 + L where it would cancel
_SMALL = 0.05
_SERIES = (0.0, 0.0, *((-1.0) ** k / math.factorial(k) for k in range(2, 10)))


@mass_models.register("nfw")
@dataclass(frozen=True)
class NFW(HaloModel):
    """NFW halo: density rho_s / [x (1 + x)^2], x = r / r_s, r_s = r_vir / c.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone.
    c : float or array (...)
        r_vir / r_s.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Eqs. 13-16 of Zhai et al. (2018).
    """

    @cached_property
    def _m_scale(self) -> Array:
        """4 pi rho_s r_s^3 [Msun]."""
        return self.m_vir / nfw_mass_shape(self.c)

    @property
    def rho_s(self) -> Array:
        """Density scale, four times the density at r_s, float or array in the shape of the parameters [Msun/kpc^3]."""
        return self._m_scale / (4.0 * math.pi * self.r_s**3)

    def enclosed_mass(self, r: Array) -> Array:
        """4 pi rho_s r_s^3 [ln(1 + x) - x / (1 + x)]; see `MassModel.enclosed_mass`."""
        return self._m_scale * nfw_mass_shape(join(r)[1] / self.r_minus2)

    def potential(self, r: Array) -> Array:
        """-4 pi G rho_s r_s^2 ln(1 + x) / x (Eq. 13); see `MassModel.potential`."""
        xp, x = join(clip(r) / self.r_minus2)
        return -G * self._m_scale / self.r_minus2 * xp.log1p(x) / x

    def density(self, r: Array) -> Array:
        """rho_s / [x (1 + x)^2]; see `MassModel.density`."""
        x = clip(r) / self.r_minus2
        return self.rho_s / (x * (1.0 + x) ** 2)


def nfw_mass_shape(x: Array) -> Array:
    """ln(1 + x) - x / (1 + x), to rounding at any x.

    Parameters
    ----------
    x : float or array (n,), dimensionless
        Radius over scale radius.

    Returns
    -------
    float or array (n,)

    Notes
    -----
    With L = ln(1 + x) it is exp(-L) - 1 + L: finite at infinity, and a quickly converging series near zero.
    """
    xp, x = join(x)
    log = xp.log1p(x)
    direct = log + xp.expm1(-log)
    if not any_below(log, _SMALL):
        return direct
    return xp.where(log < _SMALL, power_series(xp.minimum(log, _SMALL), _SERIES), direct)
