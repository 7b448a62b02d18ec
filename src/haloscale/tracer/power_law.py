"""A single power law."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.arrays import Array, join, spread
from haloscale.registry import param
from haloscale.tracer.base import TracerDensity, tracers


@tracers.register("power_law")
@dataclass(frozen=True)
class PowerLaw(TracerDensity):
    """nu proportional to r^log_slope.

    Parameters
    ----------
    log_slope : float or array (...)
        Negative.

    Raises
    ------
    InputError
        For a log_slope of zero or more.

    Notes
    -----
    Zhai et al. (2018) take -4, after Xu et al. (2018).
    """

    log_slope: Array = param(
        "",
        r"\mathrm{d}\ln\nu/\mathrm{d}\ln r",
        "logarithmic slope of the tracer density",
        default=-4.0,
        prior={"prior": "uniform", "low": -6.0, "high": -2.5},
        high=0.0,
    )
    scale_free: ClassVar[bool] = True

    def density_ratio(self, s: Array, r: Array) -> Array:
        """(s / r)^log_slope; see `TracerDensity.density_ratio`."""
        _, s, r, log_slope = join(s, r, self.log_slope)
        return (s / r) ** log_slope

    def log_slope_at(self, r: Array) -> Array:
        """The same at every radius; see `TracerDensity.log_slope_at`."""
        return spread(self.log_slope, r)
