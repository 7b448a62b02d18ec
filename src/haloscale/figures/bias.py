"""Distributions of a bias study: fitted over true mass, and one route over the other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style
from haloscale.records import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "sigma": ("route sigma", style.BLACK, "-"),
    "finite_difference": ("finite differences", style.BLUE, "-"),
    "spline": ("spline", style.VERMILLION, "--"),
    "polynomial": ("polynomial", style.GREEN, "-."),
}
_BINS: Final = 30


def draw_bias(table: Mapping[str, Floats], truth: Mapping[str, float], summary: Mapping[str, Any]) -> "Figure":
    """Histograms of m_vir over the truth, for every route, and over the m_vir of the route sigma.

    Parameters
    ----------
    table : mapping of str to array (n,) [own units]
        Columns of bias.csv.
    truth : mapping of str to float
    summary : mapping
        As in bias_summary.json.
    """
    routes = [name for name in _STYLES if f"m_vir_{name}" in table]
    with style.context():
        canvas = style.new_figure(style.TWO_COLUMNS, 3.1)
        left, right = canvas.subplots(1, 2)
        _histograms(left, {name: table[f"m_vir_{name}"] / truth["m_vir"] for name in routes})
        left.axvline(1.0, color=style.GREY, lw=0.8, zorder=0)
        left.set(xlabel=r"fitted / true $M_{\rm vir}$", ylabel="catalogues")
        left.legend(loc="upper right")
        sigma = table["m_vir_sigma"]
        ratio = summary["paper_ratio"]
        _histograms(right, {name: table[f"m_vir_{name}"] / sigma for name in routes if name != "sigma"}, ratio)
        right.axvline(1.0, color=style.GREY, lw=0.8, zorder=0)
        right.axvline(ratio, color=style.ORANGE, lw=1.4, zorder=0, label=f"Zhai et al. 2018: {ratio:g}")
        right.set(xlabel=r"$M_{\rm vir}$ from $V_{\rm circ}$ / $M_{\rm vir}$ from $\sigma$", ylabel="catalogues")
        right.legend(loc="upper left")
        for axes in (left, right):
            axes.set_ylim(0, 1.5 * axes.get_ylim()[1])  # room for the legend
        return style.settle(canvas, "simulated stars")


def _histograms(axes: "Axes", values: Mapping[str, Floats], *shown: float) -> None:
    """Outlines on one grid over 99 % of the values and those to be shown; its outermost bins count the rest."""
    known = {name: x[np.isfinite(x)] for name, x in values.items()}
    together = np.concatenate([np.array([1.0]), *known.values()])
    low, high = np.quantile(together, [0.005, 0.995])
    low, high = min(low, *shown, 1.0), max(high, *shown, 1.0)
    margin = 0.05 * max(high - low, 0.02)
    grid = np.linspace(low - margin, high + margin, _BINS + 1)
    for name, x in known.items():
        label, color, line = _STYLES[name]
        counts, _ = np.histogram(np.clip(x, grid[0], grid[-1]), grid)
        axes.stairs(counts, grid, color=color, ls=line, lw=1.2, label=label)
    axes.set_xlim(grid[0], grid[-1])
