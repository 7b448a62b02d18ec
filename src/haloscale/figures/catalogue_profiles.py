"""The dispersion profiles of several catalogues, each with its own model in the one halo (beyond the paper)."""

from typing import TYPE_CHECKING, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.profile_fit import draw_band
from haloscale.records import DispersionProfile, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS: Final = (
    (style.BLUE, "o", "-"), (style.VERMILLION, "s", "--"), (style.GREEN, "^", "-."), (style.PURPLE, "D", ":"),
    (style.ORANGE, "v", "-"), (style.SKY, "P", "--"), (style.BLACK, "X", "-."),
)  # fmt: skip
"""Colour, marker and line of each catalogue; they begin anew after the last."""

_SPREAD: Final = 0.3
"""Part of a bin over which the points of the catalogues are set beside each other."""


@figure(
    "catalogue_profiles",
    title="Dispersion of each catalogue",
    caption="Line-of-sight velocity dispersion of each catalogue (median and 68 % interval, set a little beside the "
    "middle of the bin; hollow where a bin is not in the fit), with the median and 68 % band of the model for its "
    "stars: one halo, with the tracer density and anisotropy of each.",
    applies=lambda run: bool(run.catalogues),
)
def catalogue_profiles(run: Run) -> "Figure":
    """sigma_los of each catalogue and its model."""
    canvas = style.new_figure(style.TWO_COLUMNS, 3.8)
    axes = canvas.subplots()
    profiles, models = run.profile.catalogues, run.mass_profile.catalogues
    shown: list[Floats] = []
    for k, (name, profile) in enumerate(profiles.items()):
        color, marker, line = LOOKS[k % len(LOOKS)]
        band = models[name].sigma_los
        draw_band(axes, models[name].r, band, color, f"{name}: model", linestyle=line)
        side = _SPREAD * ((k + 0.5) / len(profiles) - 0.5)
        _points(axes, profile, side, color, marker, f"{name}: {int(profile.n.sum()):,} stars")
        shown += [band.lower, band.upper, profile.sigma_los_lower]
        shown.append(np.minimum(profile.sigma_los_upper, 2 * profile.sigma_los))
    style.radius_axis(axes, float(run.profile.r_low[0]), float(run.profile.r_high[-1]))
    axes.set(ylim=style.sigma_limits(run, *shown), ylabel=style.SIGMA_LABEL)
    style.legend_above(axes, f"χ² = {run.summary.chi2:.1f} for {run.summary.n_points} points")
    return canvas


def _points(axes: "Axes", profile: DispersionProfile, side: float, color: str, marker: str, label: str) -> None:
    r = profile.r + side * (profile.r_high - profile.r_low)
    for fitted, face in ((True, color), (False, "white")):
        take = np.isfinite(profile.sigma_los) & (profile.in_fit == fitted)
        sigma = profile.sigma_los[take]
        errors = np.abs([sigma - profile.sigma_los_lower[take], profile.sigma_los_upper[take] - sigma])
        axes.errorbar(
            r[take], sigma, yerr=np.nan_to_num(errors), fmt=marker, ms=3.8, mfc=face, mec=color, color=color,
            elinewidth=0.9, capsize=0, label=label if fitted else None, zorder=3,
        )  # fmt: skip
