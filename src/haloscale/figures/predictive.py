"""What the fitted model predicts for the bins, and what was observed: the posterior predictive check."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Floats, Predicted, PredictiveCheck, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FAR: float = 2.5
"""Half-widths beyond which a point is marked: about where the verdict names bins."""


@figure(
    "predictive",
    title="Posterior predictive check",
    caption="Observed dispersions and mean velocities (points) over what data made by the fitted model scatter over: "
    "dark 68 %, light 95 %, line the median. "
    "Open triangles lie more than 2.5 half-widths of the 68 % band from the median.",
    applies=lambda run: run.predictive is not None or bool(run.predictives),
    each_catalogue=True,
)
def predictive(run: Run) -> "Figure":
    """Observed points over predicted bands: sigma_los above, mean velocity below."""
    check = run.predictive
    assert check is not None  # what `applies` asks
    canvas = style.new_figure(style.ONE_COLUMN, 4.2)
    above, below = canvas.subplots(2, 1, sharex=True, height_ratios=(1.25, 1.0))
    for axes, quantity, label in (
        (above, check.sigma_los, style.SIGMA_LABEL),
        (below, check.mean_v_gsr, r"mean $v_{\rm GSR}$ (km s$^{-1}$)"),
    ):
        _draw(axes, check, quantity)
        axes.set_ylabel(label)
    below.axhline(0.0, color=style.GREY, lw=0.6, zorder=0)
    style.radius_axis(below, float(check.r_low[0]), float(check.r_high[-1]))
    style.legend_above(above)
    return canvas


def _draw(axes: "Axes", check: PredictiveCheck, quantity: Predicted) -> None:
    for low, high, alpha, text in (
        (quantity.lower_95, quantity.upper_95, 0.18, "predicted, 95 %"),
        (quantity.lower, quantity.upper, 0.40, "predicted, 68 %"),
    ):
        axes.bar(
            check.r_low, high - low, check.r_high - check.r_low, bottom=low, align="edge", color=style.BLUE,
            alpha=alpha, lw=0, label=text, zorder=1,
        )  # fmt: skip
    axes.hlines(quantity.median, check.r_low, check.r_high, color=style.BLUE, lw=1.0, zorder=2)
    r = np.sqrt(np.maximum(check.r_low, 0.05 * check.r_high) * check.r_high)
    far = np.abs(quantity.deviation) > _FAR
    axes.plot(r[~far], quantity.observed[~far], "o", color=style.BLACK, ms=3.6, label="observed", zorder=3)
    if far.any():
        axes.plot(
            r[far], quantity.observed[far], "^", ms=5.0, mfc="white", mec=style.VERMILLION, mew=1.3,
            label="observed, far off", zorder=4,
        )  # fmt: skip
    axes.set_ylim(*_limits(quantity))


def _limits(quantity: Predicted) -> tuple[float, float]:
    values: Floats = np.concatenate([quantity.observed, quantity.lower_95, quantity.upper_95])
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * max(high - low, 1.0)
    return low - margin, high + margin
