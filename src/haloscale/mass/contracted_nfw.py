"""An NFW halo contracted by the baryons inside it, after Cautun et al. (2020)."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from haloscale.arrays import Array, join
from haloscale.mass.base import HaloModel, MassModel, clip, mass_models
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import nfw_mass_shape
from haloscale.mass.quadrature import density_of
from haloscale.registry import param

A, B, ETA_0, POWER = 0.45, 0.38, 1.16, 0.53
"""Cautun et al. (2020): M / M_before = A + B (eta + ETA_0)^POWER."""

MILKY_WAY: MassModel = ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
"""The disk and the bulge of Zhai et al. (2018), Eqs. 11-12."""


@mass_models.register("contracted_nfw")
@dataclass(frozen=True, kw_only=True)
class ContractedNFW(HaloModel):
    """Contracted NFW halo: M(r) = M_NFW(r) [0.45 + 0.38 (eta + 1.16)^0.53], eta the excess of baryons inside r.

    Parameters
    ----------
    m_vir : float or array (...) [Msun]
        Mass inside r_vir, of the halo alone, after contraction.
    c : float or array (...)
        r_vir / r_s of the NFW halo before contraction; `r_minus2` is that r_s.
    overdensity, h0, omega_m : float or array (...)
        The virial definition: mean density inside r_vir = overdensity x omega_m x critical(h0).
    f_bar : float or array (...)
        Cosmic fraction of baryons, Omega_b / Omega_m.
    baryons : object with enclosed_mass(r)
        What contracts the halo, not part of it: add it to the halo for the total mass. A run takes every component of
        the configuration that is not a halo; elsewhere the default is the disk and the bulge of Zhai et al. (2018).

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Cautun et al. (2020), MNRAS 494, 4291: eta = M_bar(r) / [M_NFW(r) f_bar / (1 - f_bar)], the baryons inside r over
    those that the halo before contraction would hold at the cosmic fraction; the relation is a fit to simulated Milky
    Way halos. It changes the mass inside r_vir too: here M_NFW is scaled so that the contracted halo encloses m_vir
    there, and Eq. 16 of Zhai et al. (2018) holds. Without baryons the halo is NFW. f_bar = 0.157 is theirs.
    """

    needs_baryons: ClassVar[bool] = True
    concentration_of: ClassVar[str] = "the NFW halo before its contraction by the baryons"
    bibtex: ClassVar[str] = """@article{Cautun2020,
  author  = {Cautun, Marius and Ben{\\'i}tez-Llambay, Alejandro and Deason, Alis J. and Frenk, Carlos S. and
             Fattahi, Azadeh and G{\\'o}mez, Facundo A. and Grand, Robert J. J. and Oman, Kyle A. and
             Navarro, Julio F. and Simpson, Christine M.},
  title   = {The {M}ilky {W}ay total mass profile as inferred from {G}aia {DR2}},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {494},
  pages   = {4291--4313},
  year    = {2020},
  doi     = {10.1093/mnras/staa1017}
}"""

    c: Array = param(
        "",
        r"c",
        "concentration r_vir / r_s of the NFW halo before its contraction by the baryons",
        prior={"prior": "log_uniform", "low": 1.0, "high": 100.0},
        low=0.0,
    )
    f_bar: Array = param(
        "", r"f_\mathrm{bar}", "cosmic fraction of baryons, Omega_b / Omega_m", default=0.157, low=0.0, high=1.0
    )
    baryons: Any = field(default=MILKY_WAY, metadata={"injected": "the other components of the galaxy"})

    @cached_property
    def ndim(self) -> int:
        """Largest number of dimensions of the parameters, those of the baryons included."""
        return max(super().ndim, getattr(self.baryons, "ndim", 0))

    @cached_property
    def _m_scale(self) -> Array:
        """4 pi rho_s r_s^3 of the NFW halo before contraction [Msun]."""
        excess = self._per_halo * self.baryons.enclosed_mass(self.r_vir) / self.m_vir
        return self.m_vir * mass_before(excess) / nfw_mass_shape(self.c)

    @property
    def _per_halo(self) -> Array:
        """Halo mass to baryon mass in the cosmic mean."""
        return (1.0 - self.f_bar) / self.f_bar

    def _before(self, r: Array) -> Array:
        return self._m_scale * nfw_mass_shape(r / self.r_minus2)

    def _eta(self, r: Array) -> Array:
        r = clip(r)
        return self._per_halo * self.baryons.enclosed_mass(r) / self._before(r)

    def enclosed_mass(self, r: Array) -> Array:
        """M_NFW(r) [0.45 + 0.38 (eta + 1.16)^0.53]; see `MassModel.enclosed_mass`."""
        r = join(r)[1]
        return self._before(r) * contraction(self._eta(r))

    def density(self, r: Array) -> Array:
        """(F - eta F') rho_NFW + F' rho_bar (1 - f_bar) / f_bar, F the factor; see `MassModel.density`."""
        r = clip(r)
        eta, x = self._eta(r), r / self.r_minus2
        slope = B * POWER * (eta + ETA_0) ** (POWER - 1.0)
        before = self._m_scale / (4.0 * math.pi * self.r_minus2**3) / (x * (1.0 + x) ** 2)
        baryons = self.baryons.density(r) if hasattr(self.baryons, "density") else density_of(self.baryons, r)
        return (contraction(eta) - eta * slope) * before + slope * self._per_halo * baryons


def contraction(eta: Array) -> Array:
    """Mass of the contracted halo over its mass before, inside one radius.

    Parameters
    ----------
    eta : float or array (n,), dimensionless
        Baryons inside the radius over those at the cosmic fraction of the halo before contraction.

    Returns
    -------
    float or array (n,)

    Notes
    -----
    The fit of Cautun et al. (2020).
    """
    return A + B * (eta + ETA_0) ** POWER


def mass_before(excess: Array) -> Array:
    """Mass before contraction over that after it, inside one radius: the root y of y contraction(excess / y) = 1.

    Parameters
    ----------
    excess : float or array (n,), dimensionless
        Baryons inside the radius over those at the cosmic fraction of the halo after contraction.

    Returns
    -------
    float or array (n,)

    Notes
    -----
    Newton's rule in ln y: the logarithmic slope of the left side lies between 0.53 and 1, so every start converges.
    """
    xp, excess = join(excess)
    y = 1.0 / contraction(excess)
    for _ in range(8):
        eta = excess / y
        factor = contraction(eta)
        slope = 1.0 - eta * B * POWER * (eta + ETA_0) ** (POWER - 1.0) / factor
        y = y * xp.exp(-xp.log(y * factor) / slope)
    return y
