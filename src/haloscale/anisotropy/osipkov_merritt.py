"""Isotropic at the centre, radial far out: Osipkov (1979), Merritt (1985)."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.anisotropy.transition import RADIUS_PRIOR, beta_between, factor_between
from haloscale.arrays import Array
from haloscale.registry import param


@anisotropies.register("osipkov_merritt")
@dataclass(frozen=True)
class OsipkovMerritt(Anisotropy):
    """beta = r^2 / (r^2 + r_a^2).

    Parameters
    ----------
    r_a : float or array (...) [kpc]
        Anisotropy radius, where beta = 1/2.

    Raises
    ------
    InputError
        For an r_a of zero or less.

    Notes
    -----
    Integrating factor r^2 + r_a^2. beta tends to 1 at infinity and stays below it at every radius.
    """

    r_a: Array = param("kpc", r"r_\mathrm{a}", "anisotropy radius, where beta = 1/2", prior=RADIUS_PRIOR, low=0.0)
    bibtex: ClassVar[str] = r"""@article{Osipkov1979,
  author  = {Osipkov, L. P.},
  title   = {Spherical systems of gravitating bodies with an ellipsoidal velocity distribution},
  journal = {Soviet Astronomy Letters},
  volume  = {5},
  pages   = {42--44},
  year    = {1979}
}
@article{Merritt1985,
  author  = {Merritt, David},
  title   = {Spherical stellar systems with spheroidal velocity distributions},
  journal = {The Astronomical Journal},
  volume  = {90},
  pages   = {1027--1037},
  year    = {1985},
  doi     = {10.1086/113810}
}"""

    def beta_at(self, r: Array) -> Array:
        """r^2 / (r^2 + r_a^2); see `Anisotropy.beta_at`."""
        return beta_between(r, 0.0, 1.0, self.r_a, 2.0)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """(s^2 + r_a^2) / (r^2 + r_a^2); see `Anisotropy.factor_ratio`."""
        return factor_between(s, r, 0.0, 1.0, self.r_a, 2.0)
