"""How a calibration study came out: the ranks of the truth, and how often intervals of every size hold it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style
from haloscale.records import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAND: Final = 0.99
_ROW: Final = 1.75
_COLORS: Final = (style.BLUE, style.VERMILLION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY)


def draw_calibration(table: Mapping[str, Floats], summary: Mapping[str, Any], labels: Mapping[str, str]) -> "Figure":
    """By quantity the histogram of the ranks, and the coverage of the central intervals less what they claim.

    Parameters
    ----------
    table : mapping of str to array (n,) [own units]
        Columns of calibration.ecsv.
    summary : mapping
        As in calibration.json.
    labels : mapping of str to str
        TeX label of each quantity.

    Notes
    -----
    The band holds 99 % of the bars, and of the points of the curve, that even ranks would give.
    """
    quantities = summary["quantities"]
    with style.context():
        canvas = style.new_figure(style.TWO_COLUMNS, 0.6 + _ROW * len(quantities))
        panels = canvas.subplots(len(quantities), 2, squeeze=False, sharex="col")
        for k, (name, about) in enumerate(quantities.items()):
            color = _COLORS[k % len(_COLORS)]
            if about["n"]:
                _ranks(panels[k, 0], about, color)
                _coverage(panels[k, 1], table[f"{name}_rank"], summary["draws"], color)
            panels[k, 0].set(ylabel="catalogues", xlim=(0, 1))
            panels[k, 1].set(ylabel="held less claimed", xlim=(0, 1))
            panels[k, 0].set_title(f"${labels[name]}$", loc="left", fontsize=9)
        panels[-1, 0].set_xlabel("rank of the truth / draws")
        panels[-1, 1].set_xlabel("probability that the central interval claims")
        return style.settle(canvas, "simulated stars")


def _ranks(axes: "Axes", about: Mapping[str, Any], color: str) -> None:
    from scipy.stats import binom

    counts = np.asarray(about["sbc"]["counts"])
    n, cells = about["n"], len(counts)
    low, high = binom.interval(_BAND, n, 1.0 / cells)
    axes.axhspan(low, high, color="0.88", lw=0, zorder=0)
    axes.axhline(n / cells, color=style.GREY, lw=0.8, zorder=1)
    axes.stairs(counts, np.linspace(0.0, 1.0, cells + 1), color=color, lw=1.2)
    axes.set_ylim(0, 1.25 * max(float(high), float(counts.max())))


def _coverage(axes: "Axes", rank: Floats, draws: int, color: str) -> None:
    """Share of the truths inside the central interval, less what the interval claims, against the latter."""
    from scipy.stats import binom

    known = rank[np.isfinite(rank)]
    claimed = np.linspace(0.02, 0.98, 49)
    away = np.abs((known + 0.5) / (draws + 1) - 0.5)
    held = (away[:, None] <= claimed / 2.0).mean(axis=0)
    low, high = binom.interval(_BAND, len(known), claimed)
    axes.fill_between(claimed, low / len(known) - claimed, high / len(known) - claimed, color="0.88", lw=0, zorder=0)
    axes.axhline(0.0, color=style.GREY, lw=0.8, zorder=1)
    for level in (0.6827, 0.95):
        axes.axvline(level, color=style.GREY, lw=0.6, ls=":", zorder=1)
    axes.plot(claimed, held - claimed, color=color)
    reach = max(0.1, 1.2 * float(np.abs(held - claimed).max()), 1.2 * float(np.abs(high / len(known) - claimed).max()))
    axes.set_ylim(-reach, reach)
