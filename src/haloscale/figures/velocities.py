"""The components of the velocities in radial bins: observed histograms over what the fitted model predicts."""

from typing import TYPE_CHECKING, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import COMPARED, SIGNED, Predicted, Run, VelocityCheck

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELS: Final = {
    "v_gsr": r"$v_{\rm GSR}$",
    "v_r": r"$v_r$",
    "v_theta": r"$v_\theta$",
    "v_phi": r"$v_\phi$",
}


def _applies(run: Run) -> bool:
    return run.velocities is not None or bool(run.velocity_checks)


@figure(
    "velocities",
    title="Do the velocities in space fit?",
    caption="Stars in steps of 50 km/s of each component of the velocity (rows) in radial bins (columns): observed "
    "(points, with the square root of the number as error) over the median and 68 % of data made by the fitted model. "
    "v_GSR is along the sight line, v_r outwards, v_theta from the north pole to the south, v_phi along Galactic "
    "rotation, at the measured distances. A heavy frame marks what the verdict rests on: a mean, a dispersion or a "
    "distribution farther off than one replica in twenty is anywhere.",
    applies=_applies,
    each_catalogue=True,
)
def velocities(run: Run) -> "Figure":
    """A grid of histograms: rows are components, columns radial bins."""
    check = run.velocities
    assert check is not None  # what `applies` asks
    n_bins = len(check)
    canvas = style.new_figure(style.TWO_COLUMNS if n_bins > 2 else style.ONE_COLUMN, 6.4)
    grid = canvas.subplots(len(check.components), n_bins, sharex=True, sharey="col", squeeze=False)
    for row, (name, part) in zip(grid, check.components.items(), strict=True):
        for k, axes in enumerate(row):
            _panel(axes, check, name, k)
            _corner(axes, f"n = {part.n[k]:,}")
        row[0].set_ylabel(_LABELS[name] + " (stars)")
    for k, axes in enumerate(grid[0]):
        axes.set_title(f"{check.r_low[k]:.4g}–{check.r_high[k]:.4g} kpc", fontsize=9)
    canvas.supxlabel(r"velocity (km s$^{-1}$)", fontsize=10)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    return canvas


def _panel(axes: "Axes", check: VelocityCheck, name: str, k: int) -> None:
    counts, steps = check.components[name].counts, check.steps
    observed = counts.observed[k]
    axes.stairs(
        counts.upper[k], steps, baseline=counts.lower[k], fill=True, color=style.BLUE, alpha=0.35, lw=0,
        label="predicted, 68 %",
    )  # fmt: skip
    axes.stairs(counts.median[k], steps, color=style.BLUE, lw=1.0, label="predicted, median")
    filled = observed > 0
    middle = 0.5 * (steps[1:] + steps[:-1])
    axes.errorbar(
        middle[filled], observed[filled], yerr=np.sqrt(observed[filled]), fmt="o", ms=2.2, color=style.BLACK,
        elinewidth=0.7, label="observed", zorder=3,
    )  # fmt: skip
    axes.set_xlim(steps[0], steps[-1])
    axes.set_xticks([-300, 0, 300])
    axes.set_xticks([-400, -200, -100, 100, 200, 400], minor=True)
    tallest = max(float(np.max(part.counts.upper[k])) for part in check.components.values())
    highest = max(float(np.max(part.counts.observed[k])) for part in check.components.values())
    axes.set_ylim(0, 1.35 * max(tallest, highest + np.sqrt(highest), 1.0))
    axes.locator_params(axis="y", nbins=4, integer=True)
    if _is_off(check, name, k):
        for spine in axes.spines.values():
            spine.set(linewidth=2.2, color=style.VERMILLION)


def _is_off(check: VelocityCheck, name: str, k: int) -> bool:
    part = check.components[name]
    off = {quantity: float(np.nan_to_num(getattr(part, quantity).deviation[k])) for quantity in COMPARED}
    off |= {quantity: abs(off[quantity]) for quantity in SIGNED}
    return any(off[quantity] >= check.limits[quantity] for quantity in COMPARED)


def _corner(axes: "Axes", text: str) -> None:
    axes.text(0.95, 0.94, text, transform=axes.transAxes, ha="right", va="top", fontsize=7.5)


@figure(
    "velocity_ellipsoid",
    title="Dispersions of the components and anisotropy",
    caption="Standard deviations of the components of the velocity, and the anisotropy beta that follows, as measured, "
    "errors included (points), over 68 % and 95 % of data made by the fitted model, which have the same errors. Beyond "
    "some 30 kpc the errors of the proper motions widen the two tangential components and lower beta. Open triangles "
    "at the frame: points outside it.",
    applies=_applies,
    each_catalogue=True,
)
def velocity_ellipsoid(run: Run) -> "Figure":
    """sigma_r, sigma_theta and sigma_phi, and beta below, against r."""
    check = run.velocities
    assert check is not None  # what `applies` asks
    canvas = style.new_figure(style.TWO_COLUMNS, 2.3)
    *panels, last = canvas.subplots(1, 4)
    names = ("v_r", "v_theta", "v_phi")
    sigmas = [check.components[name].sigma for name in names]
    for axes, name, quantity in zip(panels, names, sigmas, strict=True):
        _band(axes, check, quantity, _limits(sigmas))
        axes.set_title(_LABELS[name].replace("v", r"\sigma", 1) + r" (km s$^{-1}$)", fontsize=9)
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    _band(last, check, check.beta, _limits([check.beta]))
    last.axhline(0.0, color=style.GREY, lw=0.6, zorder=0)
    last.set_title(r"$\beta$", fontsize=9)
    canvas.supxlabel(style.R_LABEL, fontsize=10)
    handles, labels = last.get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    return canvas


def _limits(quantities: list[Predicted]) -> tuple[float, float]:
    """Limits that show all bands, and the points that lie no farther from them than these are wide together."""
    low = min(float(q.lower_95.min()) for q in quantities)
    high = max(float(q.upper_95.max()) for q in quantities)
    points, room = np.concatenate([q.observed for q in quantities]), high - low
    near = points[(points > low - room) & (points < high + room)]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.08 * (high - low)
    return float(low - margin), float(high + margin)


def _band(axes: "Axes", check: VelocityCheck, quantity: Predicted, limits: tuple[float, float]) -> None:
    for low, high, alpha, text in (
        (quantity.lower_95, quantity.upper_95, 0.18, "predicted, 95 %"),
        (quantity.lower, quantity.upper, 0.40, "predicted, 68 %"),
    ):
        axes.bar(
            check.r_low, high - low, check.r_high - check.r_low, bottom=low, align="edge", color=style.BLUE,
            alpha=alpha, lw=0, label=text, zorder=1,
        )  # fmt: skip
    least, most = limits
    inside = (quantity.observed > least) & (quantity.observed < most)
    axes.plot(check.r[inside], quantity.observed[inside], "o", color=style.BLACK, ms=3.6, label="as measured", zorder=3)
    room = 0.05 * (most - least)
    for outside, marker, edge in (
        (quantity.observed <= least, "v", least + room),
        (quantity.observed >= most, "^", most - room),
    ):
        at = np.full(int(outside.sum()), edge)
        axes.plot(check.r[outside], at, marker, ms=5.0, mfc="white", mec=style.VERMILLION, mew=1.3, zorder=3)
    axes.set_ylim(*limits)
    style.radius_axis(axes, float(check.r_low[0]), float(check.r_high[-1]))
    axes.set_xlabel("")
