"""Close pairs of stars beyond those of catalogues without structure (beyond the paper)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Bools, Floats, PairExcess, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODEST = 3.0
"""Largest excess drawn on a linear axis."""


@figure(
    "pair_excess",
    title="Excess of close pairs",
    caption="Pairs of stars at a given separation in 4distance over those of null catalogues, which have the same sky "
    "and the same distances and velocities but no structure, minus one; the bands are the 68 % and 95 % scatter of a "
    "single null catalogue. A triangle stands for pairs where the nulls have none. The line is the linking length, of "
    "methods that have one.",
    applies=lambda run: run.substructure is not None and run.substructure.pairs is not None,
    each_catalogue=True,
)
def pair_excess(run: Run) -> "Figure":
    """n_pairs / n_null - 1 against 4distance."""
    if run.substructure is None or run.substructure.pairs is None:
        raise ValueError("the run has no pairs to show")
    pairs = run.substructure.pairs
    canvas = style.new_figure(style.ONE_COLUMN, 2.8)
    axes = canvas.subplots()
    low, high = _edges(pairs)
    known = np.isfinite(pairs.excess)
    _bands(axes, pairs, low, high, known)
    axes.axhline(0, color="0.4", lw=0.7, zorder=1)
    middle = np.sqrt(low * high)
    axes.errorbar(
        middle[known], pairs.excess[known], xerr=[(middle - low)[known], (high - middle)[known]], fmt="o", ms=3.4,
        color=style.BLACK, elinewidth=0.8, capsize=0, zorder=3, label="stars",
    )  # fmt: skip
    style.plain_log(axes, "x", float(low[0]) / 1.05, float(high[-1]) * 1.05)
    _ordinate(axes, pairs.excess[known])
    alone = ~known & (pairs.n_pairs > 0)
    if alone.any():
        top = np.full(int(alone.sum()), axes.get_ylim()[1])
        axes.plot(
            middle[alone], top, "^", ms=6, mfc="white", mec=style.BLACK, ls="none", clip_on=False, zorder=4,
            label="no null pair",
        )  # fmt: skip
    _linking_length(axes, run.substructure.settings.get("linking_length", np.nan))
    axes.set(xlabel=r"4distance $\delta_{\rm 4d}$", ylabel=r"excess of pairs $N/N_{\rm null}-1$")
    _legend(axes)
    return canvas


def _edges(pairs: PairExcess) -> tuple[Floats, Floats]:
    """Edges of the bins, array (n_bins,) each; a first bin that begins at zero is drawn half a decade wide."""
    low = np.where(pairs.separation_low > 0, pairs.separation_low, pairs.separation_high / 10**0.5)
    return low, pairs.separation_high


def _bands(axes: "Axes", pairs: PairExcess, low: Floats, high: Floats, known: Bools) -> None:
    relative = pairs.n_null_sd / np.where(pairs.n_null > 0, pairs.n_null, np.nan)
    for width, shade, label in ((2, "0.88", "null, 95 %"), (1, "0.72", "null, 68 %")):
        bottom = np.maximum(-width * relative, -1.0)  # no catalogue has fewer pairs than none
        axes.bar(
            low[known], (width * relative - bottom)[known], (high - low)[known], bottom[known], align="edge",
            color=shade, lw=0, label=label, zorder=0,
        )  # fmt: skip


def _ordinate(axes: "Axes", excess: Floats) -> None:
    """Linear for a modest excess; else linear from -1 to 1 and logarithmic above."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    largest = float(excess.max(initial=0.1))
    if largest <= MODEST:
        margin = 0.08 * max(largest - float(excess.min(initial=0.0)), 0.1)
        low = min(float(excess.min(initial=0.0)), -0.1)
        axes.set_ylim(max(low - margin, -1.1), largest + 2 * margin)
        return
    axes.set_yscale("symlog", linthresh=1.0)
    decades = 10.0 ** np.arange(0, np.ceil(np.log10(largest)) + 1)
    axes.yaxis.set_major_locator(FixedLocator([-1.0, 0.0, *decades]))
    axes.yaxis.set_minor_locator(FixedLocator([-0.5, 0.5, *np.outer(decades, np.arange(2, 10)).ravel()]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(-1.15, 2 * largest)


def _linking_length(axes: "Axes", length: float) -> None:
    if np.isfinite(length) and length > 0:
        axes.axvline(length, color=style.VERMILLION, lw=1.0, ls="--", zorder=2, label=f"linking length {length:.3g}")


def _legend(axes: "Axes") -> None:
    """The legend above the axes: stars and lines in the first column, the bands in the second."""
    shown = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    bands = [label for label in shown if label.startswith("null")]
    order = [*(label for label in sorted(shown, reverse=True) if label not in bands), *sorted(bands)]
    axes.legend(
        [shown[label] for label in order], order, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2,
        borderpad=0.2, columnspacing=1.4,
    )  # fmt: skip
