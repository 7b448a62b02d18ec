"""Circular velocity of the bins and of the fitted model (Figs. 11 and 13 of the paper, left)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.profile_fit import draw_band
from haloscale.records import CircularVelocity, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

V_CIRC_LABEL = r"$V_{\rm circ}$ (km s$^{-1}$)"


@figure(
    "v_circ",
    title="Circular velocity",
    caption="Circular velocity of the bins by the derivative of Eq. 9 (points: median and 68 % interval), and of the "
    "fitted model (median and 68 % band); hollow points are left out of a fit to V_circ, and a triangle at the lower "
    "edge stands for a V_circ² whose median is negative. Neighbouring points are correlated. With the route sigma "
    "the model is fitted to the dispersions, not to these points.",
    paper_figure=11,
)
def v_circ(run: Run) -> "Figure":
    """V_circ in the bins, and the posterior band."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.9)
    axes = canvas.subplots()
    r, band = run.mass_profile.r, run.mass_profile.v_circ
    draw_band(axes, r, band, style.BLUE, "model: median, 68 %")
    low, high = float(run.profile.r_low[0]), float(run.profile.r_high[-1])
    style.radius_axis(axes, min(low, float(r[r > 0].min())), max(high, float(r.max())))
    axes.set(ylim=_limits(run.circular_velocity, band.lower, band.upper), ylabel=V_CIRC_LABEL)
    if run.circular_velocity is not None:
        draw_points(axes, run.circular_velocity)
    by_derivative = run.config.get("jeans", {}).get("route") == "v_circ"
    fit = f"χ² = {run.summary.chi2:.1f} for {run.summary.n_points} points" if by_derivative else ""
    style.legend_above(axes, fit)
    return canvas


def draw_points(
    axes: "Axes", points: CircularVelocity, *, color: str = style.BLACK, label: str = "stars, Eq. 9"
) -> None:
    """Circular velocities of the bins: hollow where left out of a fit, triangles at the edge where V_circ^2 < 0."""
    for fitted, face, text in ((True, color, label), (False, "white", "not in the fit")):
        take = (points.v_circ_squared > 0) & (points.in_fit == fitted)
        if not take.any():
            continue
        r, v = points.r[take], points.v_circ[take]
        axes.errorbar(
            r, v,
            xerr=[r - points.r_low[take], points.r_high[take] - r],
            yerr=[v - points.v_circ_lower[take], points.v_circ_upper[take] - v],
            fmt="o", ms=3.6, mfc=face, mec=color, color=color, ecolor=color, elinewidth=0.8, capsize=0, label=text,
            zorder=3,
        )  # fmt: skip
    negative = points.r[points.v_circ_squared <= 0]
    if len(negative):
        bottom = np.full(len(negative), axes.get_ylim()[0])
        axes.plot(
            negative, bottom, "v", ms=6, mfc="white", mec=color, clip_on=False, ls="none",
            label=r"$V_{\rm circ}^2 < 0$", zorder=4,
        )  # fmt: skip


def _limits(points: CircularVelocity | None, *curves: Floats) -> tuple[float, float]:
    """Limits [km/s] that show the points and the curves; a bar longer than two typical velocities may run out."""
    shown = [np.asarray(c[np.isfinite(c)], dtype=float) for c in curves]
    known = [points.v_circ[points.v_circ_squared > 0]] if points is not None else []
    typical = float(np.median(np.concatenate(known + shown))) if sum(map(len, known + shown)) else 200.0
    if points is not None:
        positive = points.v_circ_squared > 0
        shown += [points.v_circ_lower[positive], np.minimum(points.v_circ_upper[positive], 2.5 * typical)]
    values = np.clip(np.concatenate([*shown, [0.9 * typical, 1.1 * typical]]), 0, 3 * typical)
    margin = 0.08 * float(np.ptp(values))
    return max(0.0, float(values.min()) - margin), float(values.max()) + margin
