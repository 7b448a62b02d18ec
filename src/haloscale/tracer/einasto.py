"""The density law of Einasto (1965), whose slope steepens as a power of the radius."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

import numpy as np

from haloscale.arrays import Array, join, power_series
from haloscale.registry import param
from haloscale.tracer.base import TracerDensity, tracers

_N_LOW = 0.5
_N_TERMS = 19
_SPLITS = (3.0, 12.0)
"""Where the density falls as these powers of the radius: for small n it is flat well inside and gone well outside."""


@tracers.register("einasto")
@dataclass(frozen=True)
class Einasto(TracerDensity):
    """nu proportional to exp(-d_n [(r / r_eff)^(1/n) - 1]), half of the stars being inside r_eff.

    Parameters
    ----------
    n : float or array (...)
        Index, dimensionless and above 0.5 (a Gaussian).
    r_eff : float or array (...) [kpc]
        Radius of the sphere that holds half of the stars.

    Raises
    ------
    InputError
        For an n of 0.5 or less, an r_eff of zero or less.

    Notes
    -----
    The defaults are those of Xue et al. (2015) for K giants, there in the flattened radius of axis ratio 0.70.
    """

    n: Array = param(
        "",
        r"n",
        "Einasto index of the tracer density",
        default=3.1,
        prior={"prior": "uniform", "low": 1.0, "high": 10.0},
        low=_N_LOW,
    )
    r_eff: Array = param(
        "kpc",
        r"r_\mathrm{eff}",
        "radius that holds half of the stars",
        default=15.0,
        prior={"prior": "uniform", "low": 5.0, "high": 50.0},
        low=0.0,
    )
    bibtex: ClassVar[str] = r"""@article{Xue2015,
  author  = {Xue, Xiang-Xiang and Rix, Hans-Walter and Ma, Zhibo and Morrison, Heather and Bovy, Jo and
             Sesar, Branimir and Janesh, William},
  title   = {The Radial Profile and Flattening of the {M}ilky {W}ay's Stellar Halo to 80 kpc from the {SEGUE} {K}-giant
             Survey},
  journal = {The Astrophysical Journal},
  volume  = {809},
  number  = {2},
  pages   = {144},
  year    = {2015},
  doi     = {10.1088/0004-637X/809/2/144}
}"""

    @cached_property
    def d_n(self) -> Array:
        """The factor that makes r_eff the half-mass radius, float or array in the shape of n, dimensionless."""
        return half_mass_factor(self.n)

    @cached_property
    def breaks(self) -> tuple[Array, ...]:
        """Radii at which the quadrature is split, each float or array in the shape of the parameters [kpc]."""
        return tuple(self.r_eff * (slope * self.n / self.d_n) ** self.n for slope in _SPLITS)

    def density_ratio(self, s: Array, r: Array) -> Array:
        """exp(-d_n [(s/r_eff)^(1/n) - (r/r_eff)^(1/n)]); see `TracerDensity.density_ratio`."""
        xp, s, r, n, r_eff = join(s, r, self.n, self.r_eff)
        return xp.exp(self.d_n * ((r / r_eff) ** (1.0 / n) - (s / r_eff) ** (1.0 / n)))

    def log_slope_at(self, r: Array) -> Array:
        """-(d_n / n) (r / r_eff)^(1/n); see `TracerDensity.log_slope_at`."""
        _, r, n, r_eff = join(r, self.n, self.r_eff)
        return -self.d_n / n * (r / r_eff) ** (1.0 / n)


def half_mass_factor(n: Array) -> Array:
    """d_n of the Einasto law: the median of a gamma distribution of shape 3 n.

    Parameters
    ----------
    n : float or array (...), dimensionless
        0.5 or more.

    Returns
    -------
    float or array (...)

    Notes
    -----
    3 n - 1/3 + y P(y), y = 1/n, P the polynomial through the exact values at the Chebyshev nodes of (0, 2): within
    1e-13 of the exact root, for NumPy and JAX alike. Merritt et al. (2006) take 0.0079 for P.
    """
    _, n = join(n)
    y = 1.0 / n
    return 3.0 * n - 1.0 / 3.0 + y * power_series(y - 1.0, _coefficients())


@cache
def _coefficients() -> tuple[float, ...]:
    """Coefficients of P in powers of 1/n - 1."""
    from scipy.special import gammaincinv

    nodes = np.polynomial.chebyshev.chebpts1(_N_TERMS)
    y = nodes + 1.0
    remainder = (gammaincinv(3.0 / y, 0.5) - 3.0 / y + 1.0 / 3.0) / y
    series = np.polynomial.chebyshev.chebfit(nodes, remainder, _N_TERMS - 1)
    return tuple(float(c) for c in np.polynomial.chebyshev.cheb2poly(series))
