"""Stars on a plane of two quantities, and how one runs with the other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.spatial import MANY_STARS
from haloscale.records import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PER_BIN, _MOST_BINS = 40, 14
_CELLS: Final = 60
_LEAST_RANGE: Final = 4.0
"""A logarithmic axis spans this factor at least, so that it has ticks."""


@dataclass(frozen=True)
class Trend:
    """Quantiles of an ordinate in bins of equal numbers along an abscissa.

    Parameters
    ----------
    x : array (n_bins,)
        Median of the abscissa, in its own unit.
    lower, median, upper : array (n_bins,)
        16, 50 and 84 % of the ordinate, in its own unit.
    """

    x: Floats
    lower: Floats
    median: Floats
    upper: Floats


def trend(x: Floats, y: Floats) -> Trend | None:
    """How `y` runs with `x`, arrays (n,) [any units]; None where there are too few points to tell."""
    n_bins = min(len(x) // _PER_BIN, _MOST_BINS)
    if n_bins < 2:
        return None
    parts = np.array_split(np.argsort(x, kind="stable"), n_bins)
    lower, median, upper = np.array([np.quantile(y[part], [0.16, 0.5, 0.84]) for part in parts]).T
    return Trend(np.array([np.median(x[part]) for part in parts]), lower, median, upper)


def draw_trend(axes: "Axes", found: Trend | None) -> None:
    """The median as points on a line, 16 and 84 % as broken lines; nothing where there is no trend."""
    if found is None:
        return
    for values in (found.lower, found.upper):
        axes.plot(found.x, values, "--", color=style.VERMILLION, lw=1.1, zorder=4)
    axes.plot(found.x, found.median, "o-", ms=3.2, color=style.VERMILLION, lw=1.4, zorder=4)


def draw_stars(axes: "Axes", x: Floats, y: Floats) -> None:
    """Stars as points or, where they are many, as counts per cell.

    Parameters
    ----------
    axes : Axes
        Limits and scales must be set before: cells follow them.
    x, y : array (n,) [any units]
    """
    if len(x) <= MANY_STARS:
        size, alpha = (1.4, 0.5) if len(x) > 1500 else (7.0, 0.8)
        axes.scatter(x, y, s=size, c=style.BLUE, alpha=alpha, lw=0, rasterized=True)
        return
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    shades = ListedColormap(colormaps["Greys"](np.linspace(0.2, 1.0, 256)))
    limits, scales = (axes.get_xlim(), axes.get_ylim()), (axes.get_xscale(), axes.get_yscale())
    ends = [np.log10(e) if scale == "log" else e for e, scale in zip(limits, scales, strict=True)]
    inside = np.all([(a >= e[0]) & (a <= e[1]) for a, e in zip((x, y), limits, strict=True)], axis=0)
    cells: dict[str, Any] = {"extent": (*ends[0], *ends[1]), "xscale": scales[0], "yscale": scales[1]}
    axes.hexbin(
        x[inside], y[inside], gridsize=_CELLS, mincnt=1, norm=LogNorm(vmin=1), cmap=shades, lw=0, rasterized=True,
        **cells,
    )  # fmt: skip
    for which, scale, (low, high) in zip("xy", scales, limits, strict=True):
        if scale == "log":  # hexbin has set ticks of its own
            style.plain_log(axes, which, low, high)


def log_limits(values: Floats, margin: float = 1.1) -> tuple[float, float]:
    """Ends of a logarithmic axis that shows positive `values`, array (n,) [any unit], with a margin at either side."""
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return 1.0, 100.0
    low, high = float(known.min()), float(known.max())
    margin = max(margin, float(np.sqrt(_LEAST_RANGE * low / high)))
    return low / margin, high * margin
