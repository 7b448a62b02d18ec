"""From isotropic to beta = 1/2, as in simulated halos: Mamon & Lokas (2005)."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.anisotropy.transition import RADIUS_PRIOR, beta_between, factor_between
from haloscale.arrays import Array
from haloscale.registry import param


@anisotropies.register("mamon_lokas")
@dataclass(frozen=True)
class MamonLokas(Anisotropy):
    """beta = r / [2 (r + r_a)].

    Parameters
    ----------
    r_a : float or array (...) [kpc]
        Radius where beta = 1/4.

    Raises
    ------
    InputError
        For an r_a of zero or less.

    Notes
    -----
    Integrating factor r + r_a.
    """

    r_a: Array = param("kpc", r"r_\mathrm{a}", "radius where beta = 1/4", prior=RADIUS_PRIOR, low=0.0)
    bibtex: ClassVar[str] = r"""@article{MamonLokas2005,
  author  = {Mamon, Gary A. and {\L}okas, Ewa L.},
  title   = {Dark matter in elliptical galaxies -- {II}. Estimating the mass within the virial radius},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {363},
  number  = {3},
  pages   = {705--722},
  year    = {2005},
  doi     = {10.1111/j.1365-2966.2005.09400.x}
}"""

    def beta_at(self, r: Array) -> Array:
        """r / [2 (r + r_a)]; see `Anisotropy.beta_at`."""
        return beta_between(r, 0.0, 0.5, self.r_a, 1.0)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """(s + r_a) / (r + r_a); see `Anisotropy.factor_ratio`."""
        return factor_between(s, r, 0.0, 0.5, self.r_a, 1.0)
