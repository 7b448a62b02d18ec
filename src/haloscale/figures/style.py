"""How the figures look: sizes, colours, axes and marks, without touching matplotlib's global state."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.records import Bools, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ONE_COLUMN: Final = 3.5
TWO_COLUMNS: Final = 7.2
"""Widths of one and two columns of a journal page [inch]."""

BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE, GREY = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F",
)  # fmt: skip
"""The colours of Okabe and Ito that the eye tells apart with any colour vision, and a grey."""

DPI: Final = 220

RC: Final[Mapping[str, Any]] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 9.0,
    "axes.labelsize": 10.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.2,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "haloscale",
    "path.simplify": True,
}

UNITS: Final[Mapping[str, str]] = {
    "": "",
    "solMass": r"$M_\odot$",
    "kpc": "kpc",
    "km / s": r"km s$^{-1}$",
    "deg": "deg",
    "mag": "mag",
    "dex": "dex",
}

R_LABEL: Final = r"Galactocentric radius $r$ (kpc)"
SIGMA_LABEL: Final = r"$\sigma_{\rm los}$ (km s$^{-1}$)"
V_LABEL: Final = r"$v_{\rm GSR}$ (km s$^{-1}$)"


@contextmanager
def context() -> Iterator[None]:
    """The style of the figures for the duration of a block, whatever the user's own matplotlib settings are."""
    from matplotlib.style import context as style_context

    with style_context(["default", dict(RC)]):
        yield


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure of the given size [inch], outside pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def settle(figure: "Figure", mark: str = "") -> "Figure":
    """Lay a figure out once, with an optional mark in the upper right corner, and keep that layout for all formats."""
    engine = figure.get_layout_engine()
    if mark:
        height = float(figure.get_figheight())
        if engine is not None:
            engine.set(rect=(0, 0, 1, 1 - 0.16 / height))  # type: ignore[call-arg]
        figure.text(0.99, 1 - 0.03 / height, mark, ha="right", va="top", fontsize=8, style="italic", color=VERMILLION)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def is_simulated(run: Run) -> bool:
    """Whether the stars of a run are simulated: the configuration says so, or the truth is known."""
    catalogue = run.config.get("catalogue", {})
    tables = [catalogue] if isinstance(catalogue, Mapping) else list(catalogue)
    labelled = run.sample.extra.get("simulated")
    said = any(t.get("simulated") is True for t in tables)
    return said or bool(run.summary.truth) or (labelled is not None and bool(labelled.any()))


def removed_as_substructure(run: Run) -> Bools:
    """Stars that belong to a group and were taken out of their bin for it, mask (n,)."""
    return run.removed


def plain_log(axes: "Axes", which: str, low: float, high: float) -> None:
    """Make the axis "x" or "y" logarithmic from `low` to `high`, with ticks at 1, 2, 5 written as plain numbers.

    Over more than three decades the ticks are at powers of ten instead.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogFormatterMathtext, NullFormatter

    axes.set(**{f"{which}scale": "log", f"{which}lim": (low, high)})
    axis = axes.xaxis if which == "x" else axes.yaxis
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    wide = high / low > 2e3
    steps = np.array([1.0]) if wide else np.array([1.0, 2.0, 5.0])
    if wide and len(decades) > 8:
        decades = decades[:: int(np.ceil(len(decades) / 8))]
    ticks = np.sort(np.outer(10.0**decades, steps).ravel())
    if not wide and np.sum((ticks >= low) & (ticks <= high)) < 3:
        ticks = np.sort(np.outer(10.0**decades, np.arange(1, 10)).ravel())
    minor = np.sort(np.outer(10.0**decades, np.arange(1, 10)).ravel())
    axis.set_major_locator(FixedLocator(list(ticks)))
    axis.set_minor_locator(FixedLocator(list(np.setdiff1d(minor, ticks)) if len(decades) < 9 else []))
    axis.set_major_formatter(LogFormatterMathtext() if wide else FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def density(axes: "Axes", x: Floats, y: Floats, xlim: tuple[float, float], ylim: tuple[float, float], n: int) -> Any:
    """Counts of stars at `x`, `y` : arrays (n,) [any units], in hexagonal cells, `n` along x, on a log scale."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    shades = ListedColormap(colormaps["Greys"](np.linspace(0.2, 1.0, 256)))
    cells = axes.hexbin(
        x, y, gridsize=n, extent=(*xlim, *ylim), mincnt=1, cmap=shades, norm=LogNorm(vmin=1), lw=0, rasterized=True
    )
    cells.norm.autoscale_None(np.array([1.0, 2.0]))
    return cells


def legend_above(axes: "Axes", title: str = "") -> None:
    """The legend above the axes, where it hides no point."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, title=title or None, title_fontsize=8, alignment="left",
        borderaxespad=0.2, borderpad=0.2, columnspacing=1.4,
    )  # fmt: skip


def radius_axis(axes: "Axes", low: float, high: float) -> None:
    """The radius on the abscissa: logarithmic where it spans more than a factor of four and starts above zero."""
    if low > 0 and high / low > 4:
        plain_log(axes, "x", low / 1.04, high * 1.04)
    else:
        axes.set_xlim(low, high)
    axes.set_xlabel(R_LABEL)


def draw_profile(axes: "Axes", run: Run, *, color: str = BLACK, label: str = "stars, per bin") -> None:
    """The dispersions of the bins with errors and widths; hollow where a bin is not in the fit, grey where empty."""
    profile = run.profile
    known = np.isfinite(profile.sigma_los)
    for fitted, face, text in ((True, color, label), (False, "white", "not in the fit")):
        take = known & (profile.in_fit == fitted)
        if not take.any():
            continue
        r, sigma = profile.r[take], profile.sigma_los[take]
        axes.errorbar(
            r, sigma,
            xerr=np.maximum([r - profile.r_low[take], profile.r_high[take] - r], 0),
            yerr=np.nan_to_num(
                np.maximum([sigma - profile.sigma_los_lower[take], profile.sigma_los_upper[take] - sigma], 0)
            ),
            fmt="o", ms=3.6, mfc=face, mec=color, color=color, ecolor=color, elinewidth=0.8, capsize=0,
            label=text, zorder=3,
        )  # fmt: skip
    for i in np.flatnonzero(~known):
        first = i == np.flatnonzero(~known)[0]
        axes.axvspan(
            profile.r_low[i], profile.r_high[i], color="0.92", lw=0, zorder=0,
            label="no dispersion" if first else None,
        )  # fmt: skip


def sigma_limits(run: Run, *curves: Floats) -> tuple[float, float]:
    """Limits [km/s] that show the points and the curves; a bar longer than three typical dispersions may run out."""
    profile = run.profile
    known = np.isfinite(profile.sigma_los)
    typical = float(np.median(profile.sigma_los[known])) if known.any() else 100.0
    values = [profile.sigma_los[known], profile.sigma_los_lower[known]]
    values.append(np.minimum(profile.sigma_los_upper[known], np.maximum(3 * typical, 1.1 * profile.sigma_los[known])))
    values += [np.clip(curve[np.isfinite(curve)], 0, 4 * typical) for curve in curves]
    flat = np.concatenate([np.asarray(v, dtype=float) for v in values])
    flat = flat[np.isfinite(flat)] if np.isfinite(flat).any() else np.array([0.0, 200.0])
    margin = 0.12 * max(float(np.ptp(flat)), 0.1 * typical)
    return max(0.0, float(flat.min()) - margin), float(flat.max()) + margin
