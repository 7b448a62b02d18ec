"""Distances from photometry against those the catalogue itself states (beyond the paper)."""

from dataclasses import dataclass
from math import ceil, isfinite, log10
from typing import TYPE_CHECKING, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.distance_error import placed
from haloscale.figures.trends import draw_stars, draw_trend, log_limits, trend
from haloscale.records import Bools, Floats, Run, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_MODEST: Final = 1.6
"""Largest ratio drawn on a linear axis."""


@dataclass(frozen=True)
class Agreement:
    """Distances over the catalogue's own.

    Parameters
    ----------
    n : int
        Stars that have both.
    median : float
        Of the ratio.
    scatter : float
        Half the difference of the 84th and the 16th percentile of the ratio, over its median.
    error : float
        Standard error of the median, as a fraction of it; NaN for a single star.
    """

    n: int
    median: float
    scatter: float
    error: float

    @property
    def text(self) -> str:
        """Median ratio ± error, to three decimals, or to as many as show a digit of the error."""
        error = self.median * self.error
        if not isfinite(error):
            return f"{self.median:.3f}"
        decimals = max(3, ceil(-log10(error))) if error > 0 else 3
        return f"{self.median:.{decimals}f} ± {error:.{decimals}f}"


def compared(sample: Sample) -> Bools:
    """Stars with a distance from photometry and one of the catalogue's own, mask (n,)."""
    own = sample.extra.get("catalogue_distance")
    if own is None:
        return np.zeros(len(sample), bool)
    own = np.asarray(own, float)
    both: Bools = placed(sample) & np.isfinite(own) & (own > 0)
    return both


def agreement(ratio: Floats) -> Agreement:
    """Median and scatter of a ratio.

    Parameters
    ----------
    ratio : array (n,) dimensionless
        Not empty.

    Notes
    -----
    The standard error is that of the median of a Gaussian, sqrt(pi / 2n) times the scatter, which the percentiles give
    so that a few failures do not count.
    """
    lower, median, upper = np.quantile(ratio, [0.16, 0.5, 0.84])
    scatter = float((upper - lower) / 2 / median)
    error = scatter * float(np.sqrt(np.pi / 2 / len(ratio))) if len(ratio) > 1 else float("nan")
    return Agreement(len(ratio), float(median), scatter, error)


def ratios(sample: Sample) -> Floats:
    """Distance over the catalogue's own, array (n_compared,) dimensionless."""
    both = compared(sample)
    return np.asarray(sample.distance[both] / np.asarray(sample.extra["catalogue_distance"], float)[both])


@figure(
    "distance_comparison",
    title="Distances against the catalogue's own",
    caption="Distance found from photometry over the distance that the catalogue itself states, against the geometric "
    "mean of the two, so that the errors of neither tilt the trend; median and 16 and 84 % of the stars in bins of "
    "equal numbers. Above: median ratio with its standard error, and half the range from 16 to 84 % as the scatter.",
    applies=lambda run: bool(compared(run.sample).any()),
    each_catalogue=True,
)
def distance_comparison(run: Run) -> "Figure":
    """Ratio of the distances, against their geometric mean."""
    ratio = ratios(run.sample)
    mean = run.sample.distance[compared(run.sample)] / np.sqrt(ratio)
    canvas = style.new_figure(style.ONE_COLUMN, 2.8)
    axes = canvas.subplots()
    style.plain_log(axes, "x", *log_limits(mean))
    reach = _reach(ratio)
    axes.set(yscale="linear" if reach <= _MODEST else "log", ylim=(2 - reach if reach <= _MODEST else 1 / reach, reach))
    draw_stars(axes, mean, ratio)
    _ticks(axes)
    axes.axhline(1, color="0.3", lw=0.8, zorder=3)
    draw_trend(axes, trend(mean, ratio))
    axes.set(xlabel="geometric mean of the two distances (kpc)", ylabel="distance / catalogue's own")
    _note(axes, ratio)
    return canvas


def _reach(ratio: Floats) -> float:
    """Largest ratio shown, as far above one as the least is below it; a few failures may lie outside."""
    low, high = np.quantile(ratio, [0.002, 0.998])
    return float(np.clip(1.1 * max(high, 1 / low), 1.2, 10.0))


def _ticks(axes: "Axes") -> None:
    """On a logarithmic ordinate ticks at like ratios on both sides of one, as plain numbers."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if axes.get_yscale() == "log":
        axes.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_locator(NullLocator())


def _note(axes: "Axes", ratio: Floats) -> None:
    found = agreement(ratio)
    low, high = axes.get_ylim()
    outside = int(np.count_nonzero((ratio < low) | (ratio > high)))
    scatter = f", scatter {100 * found.scatter:.1f} %" if found.n > 1 else ""
    note = f"n = {found.n:,}, median {found.text}{scatter}" + (f"; {outside:,} outside" if outside else "")
    axes.set_title(note, loc="left", fontsize=8, pad=3)
