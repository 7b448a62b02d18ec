"""Posterior of every free parameter: marginal densities and 68 and 95 % contours (Fig. 7 of the paper)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import erf
from typing import TYPE_CHECKING, Any

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Floats, Parameter, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = (0.954, 0.683)
"""Posterior mass inside the contours."""

SHADES = ("#C6DDEE", "#7DB4D9")
"""Fill of the outer and the inner region: two tints of the blue of the lines."""


@dataclass(frozen=True)
class Axis:
    """One parameter as it is drawn: its draws in the unit of the axis, their range, label, prior and true value.

    Where the draws span more than a factor of ten the axis carries their decimal logarithm.
    """

    values: Floats
    low: float
    high: float
    symbol: str
    unit: str
    scale: float
    prior: Mapping[str, Any]
    truth: float | None
    log: bool

    def prior_density(self, grid: Floats) -> Floats:
        """Density of the prior along the axis; `grid` : array (n,) [unit of the axis]."""
        x = 10.0**grid if self.log else grid * self.scale
        return prior_density(self.prior, x) * (x * np.log(10) if self.log else self.scale)

    @property
    def label(self) -> str:
        """Symbol and unit."""
        if self.log:
            return rf"$\log_{{10}}\,$({self.symbol} / {self.unit})" if self.unit else self.name
        return f"{self.symbol} ({self.unit})" if self.unit else self.symbol

    @property
    def name(self) -> str:
        """Symbol of what the axis carries, without a unit."""
        return rf"$\log_{{10}}\,${self.symbol}" if self.log else self.symbol


@figure(
    "posterior",
    title="Posterior of the parameters",
    caption="Marginal posterior densities of the free parameters (lines: median and 68 % interval; dotted: prior) and "
    "their joint 68 % and 95 % regions; the true values are marked in orange-red where they are known.",
    paper_figure=7,
)
def posterior(run: Run) -> "Figure":
    """Corner plot, m_vir and c first."""
    chain = run.chain
    order = sorted(chain.parameters, key=lambda p: {"m_vir": 0, "c": 1}.get(p.name, 2))
    if not order or len(chain) == 0:
        return _nothing_free(run)
    axes_info = [_axis(p, chain[p.name], chain.weight, run.summary.truth.get(p.name)) for p in order]
    n = len(order)
    side = style.ONE_COLUMN if n <= 2 else max(style.TWO_COLUMNS, 1.05 * n) if n > 3 else 5.4
    canvas = style.new_figure(side, side if n > 1 else 2.6)
    canvas.get_layout_engine().set(wspace=0.03, hspace=0.03, w_pad=0.02, h_pad=0.02)  # type: ignore[union-attr, call-arg]
    grid = canvas.subplots(n, n, squeeze=False)
    for i in range(n):
        for j in range(n):
            if j > i:
                grid[i, j].remove()
                continue
            if i == j:
                _marginal(grid[i, i], axes_info[i], chain.weight)
            else:
                _joint(grid[i, j], axes_info[j], axes_info[i], chain.weight)
            _dress(grid[i, j], axes_info, i, j)
    canvas.align_labels()
    _legend(canvas, grid[0, 0], n, any(info.truth is not None for info in axes_info))
    return canvas


def _legend(canvas: "Figure", axes: "Axes", n: int, truth: bool) -> None:
    """What the lines mean, in the empty corner above the diagonal."""
    from matplotlib.lines import Line2D

    lines = [("median", style.BLACK, "-"), ("68 % interval", style.BLACK, "--"), ("prior", style.GREY, ":")]
    lines += [("true value", style.VERMILLION, "-")] if truth else []
    handles = [Line2D([], [], color=color, ls=dashes, lw=1.0, label=label) for label, color, dashes in lines]
    if n == 1:
        axes.legend(handles=handles, loc="best")
    else:
        canvas.legend(handles=handles, loc="upper right", bbox_to_anchor=(0.97, 0.93))


def _nothing_free(run: Run) -> "Figure":
    canvas = style.new_figure(style.ONE_COLUMN, 1.6)
    lines = ["No parameter was free; fixed values:"]
    for name, value in list(run.summary.parameters.items())[:6]:
        lines.append(f"{name} = {value.median:.4g} {value.unit}".rstrip().replace("solMass", "Msun"))
    canvas.text(0.5, 0.5, "\n".join(lines), ha="center", va="center", fontsize=9, parse_math=False)
    return canvas


def quantiles(values: Floats, weight: Floats, q: Floats) -> Floats:
    """Weighted quantiles; `values` : array (n,) [any unit], `weight` : array (n,), `q` : array (n_q,), from 0 to 1."""
    order = np.argsort(values)
    cumulative = np.cumsum(weight[order])
    if cumulative[-1] <= 0:
        return np.quantile(values, q)
    return np.interp(q, (cumulative - 0.5 * weight[order]) / cumulative[-1], values[order])


def _axis(parameter: Parameter, draws: Floats, weight: Floats, truth: float | None) -> Axis:
    unit, scale = style.UNITS.get(parameter.unit, parameter.unit), 1.0
    ends = quantiles(draws, weight, np.array([0.002, 0.998]))
    log = bool(draws.min() > 0 and ends[1] > 10 * ends[0])
    if parameter.unit == "solMass" and not log:
        power = int(np.floor(np.log10(max(float(quantiles(draws, weight, np.array([0.5]))[0]), 1.0))))
        scale, unit = 10.0**power, rf"$10^{{{power}}}\,M_\odot$"
    values = np.log10(draws) if log else draws / scale
    low, high = np.log10(ends) if log else ends / scale
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    true = None if truth is None else float(np.log10(truth)) if log else truth / scale
    if true is not None and low - 4 * (high - low) < true < high + 4 * (high - low):
        low, high = min(low, true), max(high, true)
    return Axis(values, low - pad, high + pad, _symbol(parameter), unit, scale, parameter.prior, true, log)


def _symbol(parameter: Parameter) -> str:
    if not parameter.label:
        return parameter.name.replace("_", " ")
    return parameter.label if "$" in parameter.label else f"${parameter.label}$"


def _marginal(axes: "Axes", info: Axis, weight: Floats) -> None:
    density, edges = np.histogram(info.values, bins=36, range=(info.low, info.high), weights=weight, density=True)
    density = np.nan_to_num(density)
    axes.stairs(density, edges, color=style.BLUE, fill=True, alpha=0.25)
    axes.stairs(density, edges, color=style.BLUE, lw=1.0)
    lower, median, upper = quantiles(info.values, weight, np.array([0.1587, 0.5, 0.8413]))
    for value, line in ((lower, "--"), (median, "-"), (upper, "--")):
        axes.axvline(value, color=style.BLACK, ls=line, lw=0.8)
    grid = np.linspace(info.low, info.high, 200)
    axes.plot(grid, info.prior_density(grid), color=style.GREY, ls=":", lw=1.1)
    axes.set_ylim(0, 1.12 * max(float(density.max(initial=0.0)), 1e-300))
    size = 9 if info.symbol.count("\\") < 3 else 8
    axes.set_title(f"{info.name} = {interval(median, lower, upper)}", fontsize=size, pad=4)
    if info.truth is not None:
        axes.axvline(info.truth, color=style.VERMILLION, lw=1.2)


def prior_density(prior: Mapping[str, Any], x: Floats) -> Floats:
    """Density of a prior table at `x` : array (n,), in the parameter's own unit; NaN for a kind unknown here."""
    kind = str(prior.get("prior"))
    logarithmic = kind.startswith("log_")
    low, high = float(prior.get("low", 0.0 if logarithmic else -np.inf)), float(prior.get("high", np.inf))
    with np.errstate(divide="ignore", invalid="ignore"):
        u, a, b = (np.log(v) if logarithmic else np.asarray(v) for v in (x, low, high))
        if kind in ("uniform", "log_uniform"):
            density = np.full(x.shape, 1 / (b - a))
        elif kind in ("normal", "log_normal"):
            mean, sd = float(prior["mean"]), float(prior["sd"])
            below, above = (0.5 * (1 + erf((v - mean) / (sd * np.sqrt(2)))) for v in (float(a), float(b)))
            density = np.exp(-0.5 * ((u - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi) * max(above - below, 1e-300))
        else:
            return np.full(x.shape, np.nan)
        density = density / x if logarithmic else density
    return np.where((x >= low) & (x <= high), density, 0.0)


def interval(median: float, lower: float, upper: float) -> str:
    """`1.08^{+0.17}_{-0.14}` with two digits of the smaller error."""
    error = min(upper - median, median - lower)
    digits = int(np.clip(1 - np.floor(np.log10(error)), 0, 6)) if error > 0 else 3
    return rf"${median:.{digits}f}^{{+{upper - median:.{digits}f}}}_{{-{median - lower:.{digits}f}}}$"


def _joint(axes: "Axes", x: Axis, y: Axis, weight: Floats) -> None:
    from scipy.ndimage import gaussian_filter

    n = int(np.clip(0.5 * np.sqrt(weight.sum() ** 2 / (weight**2).sum()), 14, 50))
    counts, xe, ye = np.histogram2d(x.values, y.values, n, ((x.low, x.high), (y.low, y.high)), weights=weight)
    # a little smoothing, and a rim of empty cells so that the contours close
    smooth = np.pad(gaussian_filter(counts.T, 1.4, mode="constant"), 1)
    xc, yc = _centres(xe), _centres(ye)
    levels = contour_levels(smooth)
    if len(levels):
        axes.contourf(xc, yc, smooth, levels=[*levels, np.inf], colors=SHADES[-len(levels) :])
        axes.contour(xc, yc, smooth, levels=levels, colors=[style.BLUE], linewidths=0.9)
    if x.truth is not None:
        axes.axvline(x.truth, color=style.VERMILLION, lw=0.9)
    if y.truth is not None:
        axes.axhline(y.truth, color=style.VERMILLION, lw=0.9)


def _centres(edges: Floats) -> Floats:
    """Centres of the cells and of one more on either side."""
    step = edges[1] - edges[0]
    return np.linspace(edges[0] - step / 2, edges[-1] + step / 2, len(edges) + 1)


def contour_levels(density: Floats) -> list[float]:
    """Densities that enclose 95 and 68 % of the sum of `density` : array (n, m) [any unit], rising, each once."""
    flat = np.sort(density.ravel())[::-1]
    total = np.cumsum(flat)
    if total[-1] <= 0:
        return []
    found = {float(flat[np.searchsorted(total, level * total[-1])]) for level in LEVELS}
    return sorted(level for level in found if 0 < level < flat[0])


def _dress(axes: "Axes", info: list[Axis], i: int, j: int) -> None:
    axes.set_xlim(info[j].low, info[j].high)
    ticks = 5 if len(info) <= 2 else 3
    axes.locator_params(axis="x", nbins=ticks)
    if i == j:
        axes.set_yticks([])
        if i == 0 and len(info) == 1:
            axes.set_ylabel("posterior density")
    else:
        axes.set_ylim(info[i].low, info[i].high)
        axes.locator_params(axis="y", nbins=ticks + 1)
        axes.tick_params(labelleft=j == 0)
        if j == 0:
            axes.set_ylabel(info[i].label)
    axes.tick_params(labelbottom=i == len(info) - 1)
    if i == len(info) - 1:
        axes.set_xlabel(info[j].label)
