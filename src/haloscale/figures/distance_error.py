"""How well distances from photometry are known, against distance (beyond the paper)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.trends import draw_stars, draw_trend, log_limits, trend
from haloscale.records import Bools, Floats, Run, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DISTANCE_LABEL: Final = "heliocentric distance $d$ (kpc)"

_LARGEST: Final = 80.0
"""The ordinate ends here at the latest [per cent]."""


def placed(sample: Sample) -> Bools:
    """Stars whose distance was found from photometry, with its error; mask (n,)."""
    if "dm_p50" not in sample.extra:
        return np.zeros(len(sample), bool)
    known: Bools = (sample.distance > 0) & (sample.distance_error >= 0) & np.isfinite(sample.extra["dm_p50"])
    return known & np.isfinite(sample.distance) & np.isfinite(sample.distance_error)


def is_placed(run: Run) -> bool:
    """Whether any star of a run has its distance from photometry."""
    return bool(placed(run.sample).any())


@figure(
    "distance_error",
    title="Errors of the distances",
    caption="Error of the distance, half the difference of the distances at the 84th and the 16th percentile of the "
    "modulus, in per cent of the distance, for the stars of the sample; median and 16 and 84 % of the stars in bins of "
    "equal numbers. The grey line is the largest error that the selection lets pass.",
    applies=is_placed,
    each_catalogue=True,
)
def distance_error(run: Run) -> "Figure":
    """Error over distance, against distance."""
    sample, known = run.sample, placed(run.sample)
    d, error = sample.distance[known], 100 * sample.distance_error[known] / sample.distance[known]
    canvas = style.new_figure(style.ONE_COLUMN, 2.8)
    axes = canvas.subplots()
    cut = _cut(run)
    style.plain_log(axes, "x", *log_limits(d))
    axes.set_ylim(0, _top(error, cut))
    draw_stars(axes, d, error)
    draw_trend(axes, trend(d, error))
    if cut is not None and cut < axes.get_ylim()[1]:
        axes.axhline(cut, color="0.35", lw=1.0, ls=":")
        along = axes.get_yaxis_transform()
        axes.text(0.98, cut, "largest allowed", transform=along, ha="right", va="bottom", fontsize=8, color="0.35")
    axes.set(xlabel=DISTANCE_LABEL, ylabel=r"error of the distance $\sigma_d/d$ (%)")
    _note(axes, error)
    return canvas


def _cut(run: Run) -> float | None:
    """Largest error of the selection [per cent], if it has one."""
    cut: Any = run.config.get("selection", {}).get("distance_error_max")
    return 100.0 * cut if isinstance(cut, (int, float)) and not isinstance(cut, bool) else None


def _top(error: Floats, cut: float | None) -> float:
    highest = float(np.quantile(error, 0.998))
    wanted = max(1.25 * highest, 1.0)
    if cut is not None and 0.6 * cut < wanted:
        wanted = max(wanted, 1.12 * cut)
    return min(wanted, _LARGEST)


def _note(axes: "Axes", error: Floats) -> None:
    outside = int(np.count_nonzero(error > axes.get_ylim()[1]))
    note = f"n = {len(error):,}, median {np.median(error):.1f} %" + (f"; {outside:,} outside" if outside else "")
    axes.set_title(note, loc="left", fontsize=8, pad=3)
