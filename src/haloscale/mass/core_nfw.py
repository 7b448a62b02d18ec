"""The coreNFW halo of Read, Agertz & Collins (2016): an NFW halo whose cusp star formation has flattened."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from haloscale.arrays import Array, join
from haloscale.mass.base import HaloModel, clip, mass_models
from haloscale.mass.nfw import nfw_mass_shape
from haloscale.registry import param


@mass_models.register("core_nfw")
@dataclass(frozen=True, kw_only=True)
class CoreNFW(HaloModel):
    """coreNFW halo: enclosed mass M_NFW(r) tanh(r / r_c)^n.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone, with its core.
    c : float or array (...)
        r_vir / r_s of the NFW halo before its core formed; `r_minus2` is that r_s.
    n : float or array (...)
        How complete the core is, 0 (none) to 1.
    r_c : float or array (...) [kpc]
        Core radius.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Read, Agertz & Collins (2016), MNRAS 459, 2573, where r_c is 1.75 half-mass radii of the stars: the
    prior of r_c spans those from dwarfs to disk galaxies. They hold the mass of the NFW halo; here the product is
    divided by tanh(r_vir / r_c)^n, so that m_vir is what r_vir encloses. The two agree where r_c is far below r_vir.
    """

    concentration_of: ClassVar[str] = "the NFW halo before its core formed"
    bibtex: ClassVar[str] = """@article{Read2016,
  author  = {Read, J. I. and Agertz, O. and Collins, M. L. M.},
  title   = {Dark matter cores all the way down},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {459},
  pages   = {2573--2590},
  year    = {2016},
  doi     = {10.1093/mnras/stw713}
}"""

    c: Array = param(
        "",
        r"c",
        "concentration r_vir / r_s of the NFW halo before its core formed",
        prior={"prior": "log_uniform", "low": 1.0, "high": 100.0},
        low=0.0,
    )
    n: Array = param(
        "",
        r"n",
        "how complete the core is: 0 none, 1 a full core",
        prior={"prior": "uniform", "low": 0.0, "high": 1.0},
        low=0.0,
        high=1.0,
        low_included=True,
        high_included=True,
    )
    r_c: Array = param(
        "kpc", r"r_\mathrm{c}", "core radius", prior={"prior": "log_uniform", "low": 0.5, "high": 30.0}, low=0.0
    )

    @cached_property
    def _m_scale(self) -> Array:
        return self.m_vir / (nfw_mass_shape(self.c) * self._flattening(self.r_vir))

    def _flattening(self, r: Array) -> Array:
        xp, z = join(r / self.r_c)
        return xp.tanh(z) ** self.n

    def enclosed_mass(self, r: Array) -> Array:
        """M_NFW(r) tanh(r / r_c)^n; see `MassModel.enclosed_mass`."""
        r = join(r)[1]
        return self._m_scale * nfw_mass_shape(r / self.r_minus2) * self._flattening(r)

    def density(self, r: Array) -> Array:
        """tanh^n [rho_NFW + n M_NFW (1 - tanh^2) / (4 pi r^2 r_c tanh)]; see `MassModel.density`."""
        xp, r, r_c = join(clip(r), self.r_c)
        x = r / self.r_minus2
        decay = xp.exp(-2.0 * r / r_c)
        # (1 - tanh^2) / tanh, which vanishes far outside without a product of infinity and zero
        steepness = 4.0 * decay / ((1.0 + decay) * -xp.expm1(-2.0 * r / r_c))
        shell = (x / (1.0 + x)) ** 2 / r + self.n / r_c * steepness * nfw_mass_shape(x)
        return self._m_scale * self._flattening(r) * shell / (4.0 * math.pi * r * r)
