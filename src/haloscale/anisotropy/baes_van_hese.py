"""A passage of any sharpness between two values: Baes & van Hese (2007)."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.anisotropy.transition import BETA_PRIOR, RADIUS_PRIOR, beta_between, factor_between
from haloscale.arrays import Array
from haloscale.registry import param


@anisotropies.register("baes_van_hese")
@dataclass(frozen=True)
class BaesVanHese(Anisotropy):
    """beta = [beta_0 + beta_inf (r/r_a)^eta] / [1 + (r/r_a)^eta].

    Parameters
    ----------
    beta_0, beta_inf : float or array (...)
        Values at the centre and at infinity, below 1.
    r_a : float or array (...) [kpc]
        Radius of their mean.
    eta : float or array (...)
        Sharpness, dimensionless: 1 is `Tiret`.

    Raises
    ------
    InputError
        For a beta_0 or beta_inf of 1 or more, an r_a or eta of zero or less.

    Notes
    -----
    Integrating factor r^(2 beta_0) [1 + (r/r_a)^eta]^(2 (beta_inf - beta_0) / eta).
    """

    beta_0: Array = param("", r"\beta_0", "velocity anisotropy at the centre", prior=BETA_PRIOR, high=1.0)
    beta_inf: Array = param("", r"\beta_\infty", "velocity anisotropy at infinity", prior=BETA_PRIOR, high=1.0)
    r_a: Array = param(
        "kpc", r"r_\mathrm{a}", "radius where beta is halfway from beta_0 to beta_inf", prior=RADIUS_PRIOR, low=0.0
    )
    eta: Array = param(
        "",
        r"\eta",
        "sharpness of the transition",
        default=2.0,
        prior={"prior": "uniform", "low": 0.5, "high": 4.0},
        low=0.0,
    )
    bibtex: ClassVar[str] = r"""@article{BaesVanHese2007,
  author  = {Baes, M. and van Hese, E.},
  title   = {Dynamical models with a general anisotropy profile},
  journal = {Astronomy \& Astrophysics},
  volume  = {471},
  pages   = {419--432},
  year    = {2007},
  doi     = {10.1051/0004-6361:20077672}
}"""

    @property
    def breaks(self) -> tuple[Array, ...]:
        """Radii at which the quadrature is split, each float or array in the shape of the parameters [kpc]."""
        return (self.r_a,)  # a large eta is a narrow passage

    def beta_at(self, r: Array) -> Array:
        """[beta_0 + beta_inf (r/r_a)^eta] / [1 + (r/r_a)^eta]; see `Anisotropy.beta_at`."""
        return beta_between(r, self.beta_0, self.beta_inf, self.r_a, self.eta)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """Closed form of `factor_between`; see `Anisotropy.factor_ratio`."""
        return factor_between(s, r, self.beta_0, self.beta_inf, self.r_a, self.eta)
