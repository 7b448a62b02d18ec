"""A slow passage between two values: Tiret et al. (2007)."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.anisotropy.transition import BETA_PRIOR, RADIUS_PRIOR, beta_between, factor_between
from haloscale.arrays import Array
from haloscale.registry import param


@anisotropies.register("tiret")
@dataclass(frozen=True)
class Tiret(Anisotropy):
    """beta = beta_0 + (beta_inf - beta_0) r / (r + r_beta).

    Parameters
    ----------
    beta_0, beta_inf : float or array (...)
        Values at the centre and at infinity, below 1.
    r_beta : float or array (...) [kpc]
        Radius of their mean.

    Raises
    ------
    InputError
        For a beta_0 or beta_inf of 1 or more, an r_beta of zero or less.

    Notes
    -----
    Integrating factor r^(2 beta_0) (r + r_beta)^(2 (beta_inf - beta_0)).
    """

    beta_0: Array = param("", r"\beta_0", "velocity anisotropy at the centre", prior=BETA_PRIOR, high=1.0)
    beta_inf: Array = param("", r"\beta_\infty", "velocity anisotropy at infinity", prior=BETA_PRIOR, high=1.0)
    r_beta: Array = param(
        "kpc", r"r_\beta", "radius where beta is halfway from beta_0 to beta_inf", prior=RADIUS_PRIOR, low=0.0
    )
    bibtex: ClassVar[str] = r"""@article{Tiret2007,
  author  = {Tiret, O. and Combes, F. and Angus, G. W. and Famaey, B. and Zhao, H. S.},
  title   = {Velocity dispersion around ellipticals in {MOND}},
  journal = {Astronomy \& Astrophysics},
  volume  = {476},
  pages   = {L1--L4},
  year    = {2007},
  doi     = {10.1051/0004-6361:20078569}
}"""

    def beta_at(self, r: Array) -> Array:
        """beta_0 + (beta_inf - beta_0) r / (r + r_beta); see `Anisotropy.beta_at`."""
        return beta_between(r, self.beta_0, self.beta_inf, self.r_beta, 1.0)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """(s/r)^(2 beta_0) [(s + r_beta) / (r + r_beta)]^(2 (beta_inf - beta_0)); see `Anisotropy.factor_ratio`."""
        return factor_between(s, r, self.beta_0, self.beta_inf, self.r_beta, 1.0)
