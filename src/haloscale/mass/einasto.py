"""The halo of Einasto (1965), as Navarro et al. (2004) found it in simulations."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from haloscale.arrays import Array, join, special
from haloscale.constants import G
from haloscale.mass.base import R_MAX, HaloModel, clip, mass_models
from haloscale.registry import param


@mass_models.register("einasto")
@dataclass(frozen=True, kw_only=True)
class Einasto(HaloModel):
    """Einasto halo: density rho_-2 exp(-2 (x^alpha - 1) / alpha), x = r / r_-2; alpha is 1 / n.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone.
    c : float or array (...)
        r_vir / r_-2.
    alpha : float or array (...)
        How fast the slope changes with radius: d ln rho / d ln r = -2 x^alpha.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Navarro et al. (2004), MNRAS 349, 1039; closed forms with incomplete gamma functions as in
    Retana-Montenegro et al. (2012), A&A 540, A70, with s = 2 x^alpha / alpha. The prior of alpha spans the 0.16 of
    simulated Milky Way halos (Gao et al. 2008, MNRAS 387, 536) and the 0.9 fitted to the Milky Way's circular
    velocity by Ou et al. (2024), MNRAS 528, 693.
    """

    bibtex: ClassVar[str] = """@article{Navarro2004,
  author  = {Navarro, J. F. and Hayashi, E. and Power, C. and Jenkins, A. R. and Frenk, C. S. and White, S. D. M. and
             Springel, V. and Stadel, J. and Quinn, T. R.},
  title   = {The inner structure of {$\\Lambda$CDM} haloes - {III}. Universality and asymptotic slopes},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {349},
  pages   = {1039--1051},
  year    = {2004},
  doi     = {10.1111/j.1365-2966.2004.07586.x}
}"""

    alpha: Array = param(
        "",
        r"\alpha",
        "shape of the Einasto profile, 1 / n: d ln rho / d ln r = -2 (r / r_-2)^alpha",
        prior={"prior": "log_uniform", "low": 0.08, "high": 1.0},
        low=0.01,
    )

    @cached_property
    def m_total(self) -> Array:
        """Mass out to infinity, float or array in the shape of the parameters [Msun]."""
        return self.m_vir / _fraction(self.c, self.alpha)

    @property
    def rho_minus2(self) -> Array:
        """Density at r_-2, float or array in the shape of the parameters [Msun/kpc^3]."""
        xp, alpha = join(self.alpha)
        gammaln = special(xp).gammaln(3.0 / alpha)
        log_volume = xp.log(4.0 * xp.pi / alpha) + 2.0 / alpha + 3.0 / alpha * xp.log(alpha / 2.0) + gammaln
        return self.m_total / (xp.exp(log_volume) * self.r_minus2**3)

    def enclosed_mass(self, r: Array) -> Array:
        """m_total P(3 / alpha, s), P the regularised lower incomplete gamma; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        return self.m_total * _fraction(xp.minimum(r, R_MAX) / self.r_minus2, self.alpha)

    def potential(self, r: Array) -> Array:
        """-G times the inner mass over r plus the integral of the outer shells; see `MassModel.potential`."""
        xp, x, alpha = join(clip(r) / self.r_minus2, self.alpha)
        f = special(xp)
        log_ratio = f.gammaln(2.0 / alpha) - f.gammaln(3.0 / alpha) + xp.log(2.0 / alpha) / alpha
        shells = xp.exp(log_ratio) * f.gammaincc(2.0 / alpha, 2.0 / alpha * xp.power(x, alpha))
        return -G * self.m_total / self.r_minus2 * (_fraction(x, self.alpha) / x + shells)

    def density(self, r: Array) -> Array:
        """rho_-2 exp(-2 (x^alpha - 1) / alpha); see `MassModel.density`."""
        xp, x, alpha = join(clip(r) / self.r_minus2, self.alpha)
        return self.rho_minus2 * xp.exp(-2.0 / alpha * (xp.power(x, alpha) - 1.0))


def _fraction(x: Array, alpha: Array) -> Array:
    xp, x, alpha = join(x, alpha)
    return special(xp).gammainc(3.0 / alpha, 2.0 / alpha * xp.power(x, alpha))
