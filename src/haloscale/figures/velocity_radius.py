"""Velocity against radius, with the histogram of all velocities (Fig. 2 of the paper)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.spatial import MANY_STARS
from haloscale.records import Bools, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@figure(
    "velocity_radius",
    title="Velocity against radius",
    caption="Line-of-sight velocity in the Galactic rest frame against Galactocentric radius for the stars not removed "
    "as substructure, with the histogram of all of them and their mean on the right.",
    paper_figure=2,
)
def velocity_radius(run: Run) -> "Figure":
    """v_gsr against r, and its histogram on the side."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.9)
    left, right = canvas.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    canvas.get_layout_engine().set(wspace=0.0, w_pad=0.02)  # type: ignore[union-attr, call-arg]
    sample = run.sample
    keep = ~style.removed_as_substructure(run) & np.isfinite(sample.v_gsr)
    limit = velocity_limit(sample.v_gsr[keep])
    edge = float(max(sample.r[keep].max(initial=1.0), run.profile.r_high[-1]))
    _plane(left, sample.r[keep], sample.v_gsr[keep], edge, limit)
    left.axhline(0, color=style.VERMILLION, lw=0.8, zorder=4)
    left.set(xlim=(0, 1.02 * edge), ylim=(-limit, limit), xlabel="$r$ (kpc)", ylabel=style.V_LABEL)
    _side(right, sample.v_gsr[keep], limit)
    return canvas


def velocity_limit(v: Floats) -> float:
    """Half the range [km/s] of a velocity axis for `v` : array (n,) [km/s]; it ends at eight typical deviations."""
    if len(v) == 0:
        return 400.0
    typical = max(1.4826 * float(np.median(np.abs(v))), 20.0)
    return float(50 * np.ceil(1.15 * min(np.abs(v).max(), 8 * typical) / 50))


def _plane(axes: "Axes", r: Floats, v: Floats, edge: float, limit: float) -> None:
    if len(r) > MANY_STARS:
        style.density(axes, r, v, (0, edge), (-limit, limit), 70)
    else:
        size, alpha = (1.2, 0.5) if len(r) > 1500 else (5.0, 0.8)
        axes.scatter(r, v, s=size, c=style.BLUE, alpha=alpha, lw=0, rasterized=True)
    outside: Bools = np.abs(v) > limit
    note = f"n = {len(v):,}" + (f" ({outside.sum():,} outside)" if outside.any() else "")
    axes.text(0.97, 0.97, note, transform=axes.transAxes, ha="right", va="top", fontsize=8)


def _side(axes: "Axes", v: Floats, limit: float) -> None:
    axes.hist(
        v, bins=list(np.linspace(-limit, limit, 41 if len(v) > 500 else 17)), orientation="horizontal", color="0.75"
    )
    axes.axhline(0, color=style.VERMILLION, lw=0.8)
    axes.tick_params(labelleft=False)
    axes.set_xlabel("stars")
    axes.locator_params(axis="x", nbins=2)
    axes.set_xlim(right=1.08 * axes.get_xlim()[1])
    if axes.get_xlim()[1] > 5000:
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value else "0")
    if len(v) > 1:
        error = float(v.std(ddof=1) / np.sqrt(len(v)))
        digits = 1 if error < 1 else 0
        text = f"mean {v.mean():.{digits}f}\n± {error:.{digits}f}".replace("-", "−")
        axes.text(0.93, 0.97, text, transform=axes.transAxes, ha="right", va="top", fontsize=8)
