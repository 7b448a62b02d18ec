"""Velocity histograms, one panel a radial bin, with the Gaussian of the bin (Figs. 3 and 4 of the paper)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.velocity_radius import velocity_limit
from haloscale.records import DispersionProfile, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPLIT = 35.0
"""Radius [kpc] where the paper begins its second figure."""

WIDTHS = {1: style.ONE_COLUMN, 2: 5.2, 3: style.TWO_COLUMNS, 4: style.TWO_COLUMNS}
"""Width of the figure [inch] for so many panels beside each other."""


@figure(
    "velocity_histograms_inner",
    title="Velocity histograms, inner bins",
    caption="Histogram of the line-of-sight velocity in each of the inner radial bins, with the Gaussian of the "
    "measured dispersion (of zero mean unless the mean was free); n counts the stars and the dispersion is in km/s.",
    paper_figure=3,
)
def inner(run: Run) -> "Figure":
    """The bins inside the split."""
    return _panels(run, range(split(run.profile)))


@figure(
    "velocity_histograms_outer",
    title="Velocity histograms, outer bins",
    caption="Histogram of the line-of-sight velocity in each of the outer radial bins, with the Gaussian of the "
    "measured dispersion (of zero mean unless the mean was free); n counts the stars and the dispersion is in km/s.",
    paper_figure=4,
)
def outer(run: Run) -> "Figure":
    """The bins beyond the split."""
    return _panels(run, range(split(run.profile), len(run.profile)))


def split(profile: DispersionProfile) -> int:
    """Number of bins in the inner figure: those up to 35 kpc, or half of them where all lie on one side."""
    inside = int(np.sum(profile.r_high <= SPLIT * (1 + 1e-9)))
    return inside if 0 < inside < len(profile) else (len(profile) + 1) // 2


def _panels(run: Run, bins: range) -> "Figure":
    if len(bins) == 0:
        canvas = style.new_figure(style.ONE_COLUMN, 1.2)
        canvas.text(0.5, 0.5, "There is one radial bin only; it is in the other figure.", ha="center", va="center")
        return canvas
    columns = min(4, len(bins)) if len(bins) != 4 else 2
    rows = -(-len(bins) // columns)
    canvas = style.new_figure(WIDTHS[columns], 1.75 * rows + 0.3)
    grid = canvas.subplots(rows, columns, sharex=True, squeeze=False)
    inside = np.isin(run.sample.bin, list(bins))
    limit = velocity_limit(run.sample.v_gsr[inside & np.isfinite(run.sample.v_gsr)])
    for axes, k in zip(grid.flat, bins, strict=False):
        _panel(axes, run, k, limit)
    for axes in grid.flat[len(bins) :]:
        axes.remove()
    for k, axes in enumerate(grid.flat[: len(bins)]):
        axes.tick_params(labelbottom=k + columns >= len(bins))
    canvas.supxlabel(style.V_LABEL, fontsize=10)
    canvas.supylabel("stars per velocity step", fontsize=10)
    return canvas


def _panel(axes: "Axes", run: Run, k: int, limit: float) -> None:
    profile = run.profile
    v = run.sample.v_gsr[run.sample.bin == k]
    steps = _steps(v, limit)
    counts, _, _ = axes.hist(v, bins=list(steps), color="0.80", edgecolor="0.45", lw=0.4, histtype="stepfilled")
    top = float(np.max(counts, initial=1.0))
    mean, sigma = _moments(run, k)
    if np.isfinite(sigma) and sigma > 0:
        grid = np.linspace(-limit, limit, 201)
        height = len(v) * float(steps[1] - steps[0]) / (sigma * np.sqrt(2 * np.pi))
        style_of_line = "-" if profile.in_fit[k] else "--"
        axes.plot(grid, height * np.exp(-0.5 * ((grid - mean) / sigma) ** 2), color=style.VERMILLION, ls=style_of_line)
        top = max(top, height)
    axes.set(xlim=(-limit, limit), ylim=(0, 1.6 * top))
    tick = max(50 * np.floor(0.75 * limit / 50) // 100 * 100, 50)
    axes.set_xticks([-tick, 0, tick])
    axes.set_xticks([-tick / 2, tick / 2], minor=True)
    axes.locator_params(axis="y", nbins=4, integer=True)
    axes.text(0.04, 0.95, f"{profile.r_low[k]:.3g}–{profile.r_high[k]:.3g} kpc", **_corner(axes, "left"))
    axes.text(0.96, 0.95, f"n = {profile.n[k]:,}", **_corner(axes, "right"))
    axes.text(0.04, 0.83, _sigma_text(profile, k), **_corner(axes, "left"))


def _corner(axes: "Axes", side: str) -> dict[str, Any]:
    return {"transform": axes.transAxes, "ha": side, "va": "top", "fontsize": 8}


def _steps(v: Floats, limit: float) -> Floats:
    """Edges of the velocity steps, symmetric about zero, about 2.7 sigma n^(-1/3) wide."""
    count = 2 * round(np.clip(limit / 300 * len(v) ** (1 / 3), 5, 20))
    return np.linspace(-limit, limit, count + 1)


def _moments(run: Run, k: int) -> tuple[float, float]:
    """Mean and width of the Gaussian of a bin as the stars scatter: its own mean if that was free, errors included."""
    options, stars = run.config.get("dispersion", {}), run.sample.bin == k
    mean = float(run.profile.mean_v_gsr[k]) if options.get("mean") == "free" else 0.0
    sigma = float(run.profile.sigma_los[k])
    if options.get("deconvolve") is True and stars.any():
        sigma = float(np.hypot(sigma, np.sqrt(np.nanmean(run.sample.v_helio_error[stars] ** 2))))
    return mean, sigma


def _sigma_text(profile: DispersionProfile, k: int) -> str:
    sigma, lower, upper = profile.sigma_los[k], profile.sigma_los_lower[k], profile.sigma_los_upper[k]
    if not np.isfinite(sigma):
        return "no dispersion"
    text = f"σ = {sigma:.0f}"
    if np.isfinite(lower) and np.isfinite(upper):
        up, down = f"{upper - sigma:.0f}", f"{sigma - lower:.0f}"
        text += f" ± {up}" if up == down else f" +{up} −{down}"
    return text if profile.in_fit[k] else f"{text} (not in the fit)"
