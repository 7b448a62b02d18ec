"""Two power laws and a break, sharp or smooth."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from haloscale.arrays import Array, join, namespace
from haloscale.registry import param
from haloscale.tracer.base import TracerDensity, tracers

_SLOPE_PRIOR = {"prior": "uniform", "low": -6.0, "high": -1.5}
_SHARP = 1e-12
"""Stands for a width of zero where a formula divides by it."""
_SIDE = 6.0
"""Beyond this many widths from the break the density differs from its power law by less than width x e^-6."""


@tracers.register("broken_power_law")
@dataclass(frozen=True)
class BrokenPowerLaw(TracerDensity):
    """nu proportional to r^log_slope_inner inside r_break and to r^log_slope_outer outside.

    Parameters
    ----------
    log_slope_inner, log_slope_outer : float or array (...)
        Negative.
    r_break : float or array (...) [kpc]
    width : float or array (...)
        Width of the passage in ln r, dimensionless: the local slope is a logistic function of ln(r / r_break) / width.
        0 is a sharp break.

    Raises
    ------
    InputError
        For a slope of zero or more, an r_break of zero or less, a negative width.

    Notes
    -----
    nu = x^log_slope_inner [1 + x^(1/width)]^(width (log_slope_outer - log_slope_inner)), x = r / r_break. The defaults
    are those of Xue et al. (2015) for K giants, there in the flattened radius of axis ratio 0.70; Deason et al. (2011)
    give -2.3, -4.6 and 27 kpc for blue horizontal-branch stars. A sharp outward break has no positive distribution
    function of constant beta < 1/2; widths of 0.05 to 0.5 have been found to have one.
    """

    log_slope_inner: Array = param(
        "",
        r"(\mathrm{d}\ln\nu/\mathrm{d}\ln r)_\mathrm{in}",
        "logarithmic slope of the tracer density inside the break",
        default=-2.1,
        prior=_SLOPE_PRIOR,
        high=0.0,
    )
    log_slope_outer: Array = param(
        "",
        r"(\mathrm{d}\ln\nu/\mathrm{d}\ln r)_\mathrm{out}",
        "logarithmic slope of the tracer density outside the break",
        default=-3.8,
        prior={"prior": "uniform", "low": -8.0, "high": -2.5},
        high=0.0,
    )
    r_break: Array = param(
        "kpc",
        r"r_\mathrm{break}",
        "radius of the break of the tracer density",
        default=18.0,
        prior={"prior": "uniform", "low": 10.0, "high": 60.0},
        low=0.0,
    )
    width: Array = param(
        "",
        r"w_\mathrm{break}",
        "width of the break in ln r, 0 for a sharp one",
        default=0.0,
        prior={"prior": "uniform", "low": 0.02, "high": 0.5},
        low=0.0,
        low_included=True,
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
    def breaks(self) -> tuple[Array, ...]:
        """Radii at which the quadrature is split, each float or array in the shape of the parameters [kpc]."""
        if isinstance(self.width, (float, int)) and self.width == 0:
            return (self.r_break,)
        xp, width, r_break = join(self.width, self.r_break)
        side = xp.exp(_SIDE * width)
        return r_break / side, r_break, r_break * side

    @property
    def smoothness(self) -> Array:
        """The width; see `TracerDensity.smoothness`."""
        return self.width

    def density_ratio(self, s: Array, r: Array) -> Array:
        """From the difference of ln nu; see `TracerDensity.density_ratio`."""
        difference = self._ln_density(s) - self._ln_density(r)
        return namespace(difference).exp(difference)

    def log_slope_at(self, r: Array) -> Array:
        """Logistic passage from the inner to the outer slope; see `TracerDensity.log_slope_at`."""
        xp, at, inner, outer, width = self._joined(r)
        return inner + (outer - inner) * xp.exp(-xp.logaddexp(0.0, -at / width))

    def _joined(self, r: Array) -> tuple[Array, ...]:
        xp, r, inner, outer, r_break, width = join(
            r, self.log_slope_inner, self.log_slope_outer, self.r_break, self.width
        )
        return xp, xp.log(r / r_break), inner, outer, xp.maximum(width, _SHARP)

    def _ln_density(self, r: Array) -> Array:
        xp, at, inner, outer, width = self._joined(r)
        # width ln(1 + exp(at / width)) without overflow, whatever the width
        turned = xp.maximum(at, 0.0) + width * xp.log1p(xp.exp(-xp.abs(at) / width))
        return inner * at + (outer - inner) * turned
