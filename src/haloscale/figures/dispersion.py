"""Line-of-sight velocity dispersion against radius (Fig. 5 of the paper)."""

from typing import TYPE_CHECKING

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@figure(
    "dispersion",
    title="Velocity dispersion profile",
    caption="Line-of-sight velocity dispersion in radial bins: median and 68 % interval of its posterior at the middle "
    "of each bin, with the width of the bin; hollow points are left out of the fit, grey bins hold "
    "too few stars.",
    paper_figure=5,
)
def dispersion(run: Run) -> "Figure":
    """sigma_los in the bins."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.7)
    axes = canvas.subplots()
    style.draw_profile(axes, run)
    style.radius_axis(axes, float(run.profile.r_low[0]), float(run.profile.r_high[-1]))
    axes.set(ylim=style.sigma_limits(run), ylabel=style.SIGMA_LABEL)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        style.legend_above(axes)
    return canvas
