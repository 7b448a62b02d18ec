"""From any central value to radial far out: Cuddeford (1991)."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.anisotropy.transition import BETA_PRIOR, RADIUS_PRIOR, beta_between, factor_between
from haloscale.arrays import Array
from haloscale.registry import param


@anisotropies.register("cuddeford")
@dataclass(frozen=True)
class Cuddeford(Anisotropy):
    """beta = (r^2 + beta_0 r_a^2) / (r^2 + r_a^2).

    Parameters
    ----------
    beta_0 : float or array (...)
        Value at the centre, below 1.
    r_a : float or array (...) [kpc]
        Radius where beta is halfway from beta_0 to 1.

    Raises
    ------
    InputError
        For a beta_0 of 1 or more, an r_a of zero or less.

    Notes
    -----
    Integrating factor r^(2 beta_0) (r^2 + r_a^2)^(1 - beta_0). beta tends to 1 at infinity and stays below it at every
    radius; beta_0 = 0 is `OsipkovMerritt`.
    """

    beta_0: Array = param("", r"\beta_0", "velocity anisotropy at the centre", prior=BETA_PRIOR, high=1.0)
    r_a: Array = param(
        "kpc", r"r_\mathrm{a}", "radius where beta is halfway from beta_0 to 1", prior=RADIUS_PRIOR, low=0.0
    )
    bibtex: ClassVar[str] = r"""@article{Cuddeford1991,
  author  = {Cuddeford, P.},
  title   = {An analytic inversion for anisotropic spherical galaxies},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {253},
  number  = {3},
  pages   = {414--426},
  year    = {1991},
  doi     = {10.1093/mnras/253.3.414}
}"""

    def beta_at(self, r: Array) -> Array:
        """(r^2 + beta_0 r_a^2) / (r^2 + r_a^2); see `Anisotropy.beta_at`."""
        return beta_between(r, self.beta_0, 1.0, self.r_a, 2.0)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """(s/r)^(2 beta_0) [(s^2 + r_a^2) / (r^2 + r_a^2)]^(1 - beta_0); see `Anisotropy.factor_ratio`."""
        return factor_between(s, r, self.beta_0, 1.0, self.r_a, 2.0)
