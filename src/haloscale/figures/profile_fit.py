"""The dispersion profile with the fitted model (Fig. 8 of the paper)."""

from typing import TYPE_CHECKING

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Band, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@figure(
    "profile_fit",
    title="Dispersion profile and model",
    caption="Measured line-of-sight velocity dispersion (points) with the median and 68 % band of the fitted model; "
    "hollow points are left out of the fit, grey bins hold too few stars.",
    paper_figure=8,
)
def profile_fit(run: Run) -> "Figure":
    """Data and posterior band of sigma_los."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.9)
    axes = canvas.subplots()
    r, band = run.mass_profile.r, run.mass_profile.sigma_los
    draw_band(axes, r, band, style.BLUE, "model: median, 68 %")
    style.draw_profile(axes, run)
    low, high = float(run.profile.r_low[0]), float(run.profile.r_high[-1])
    style.radius_axis(axes, min(low, float(r[r > 0].min())), max(high, float(r.max())))
    axes.set(ylim=style.sigma_limits(run, band.lower, band.upper), ylabel=style.SIGMA_LABEL)
    # with the route v_circ chi2 is that of V_circ, of several catalogues that of the profile of each
    another = run.config.get("jeans", {}).get("route") == "v_circ" or run.catalogues
    style.legend_above(axes, "" if another else f"χ² = {run.summary.chi2:.1f} for {run.summary.n_points} points")
    return canvas


def draw_band(axes: "Axes", r: Floats, band: Band, color: str, label: str, *, linestyle: str = "-") -> None:
    """Median line and 68 % band of a quantity; `r` : array (n,) [kpc]."""
    axes.fill_between(r, band.lower, band.upper, color=color, alpha=0.25, lw=0, zorder=1)
    axes.plot(r, band.median, color=color, ls=linestyle, label=label, zorder=2)
