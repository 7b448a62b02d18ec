"""Dispersion and enclosed mass of the fitted model (Fig. 9 of the paper)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.profile_fit import draw_band
from haloscale.records import Band, MassProfile, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MASS_UNIT = 1e12


@figure(
    "mass_and_dispersion",
    title="Dispersion and mass profiles",
    caption="Posterior median and 68 % band of the line-of-sight velocity dispersion (top) and of the mass within r "
    "(bottom), in total and of the dark halo alone.",
    paper_figure=9,
)
def mass_and_dispersion(run: Run) -> "Figure":
    """sigma_los above, M(<r) below."""
    canvas = style.new_figure(style.ONE_COLUMN, 4.2)
    top, bottom = canvas.subplots(2, 1, sharex=True)
    profile = run.mass_profile
    draw_band(top, profile.r, profile.sigma_los, style.BLUE, "model: median, 68 %")
    top.set(ylim=style.sigma_limits(run, profile.sigma_los.lower, profile.sigma_los.upper), ylabel=style.SIGMA_LABEL)
    style.draw_profile(top, run)
    style.legend_above(top)
    _masses(bottom, profile)
    low, high = float(run.profile.r_low[0]), float(run.profile.r_high[-1])
    style.radius_axis(bottom, min(low, float(profile.r[profile.r > 0].min())), max(high, float(profile.r.max())))
    return canvas


def _masses(axes: "Axes", profile: MassProfile) -> None:
    total, halo = (scaled(band) for band in (profile.enclosed_mass, profile.halo_mass))
    draw_band(axes, profile.r, total, style.VERMILLION, "total mass")
    draw_band(axes, profile.r, halo, style.GREEN, "dark halo", linestyle="--")
    values = np.concatenate([b for band in (total, halo) for b in (band.lower, band.upper)])
    values = values[np.isfinite(values) & (values > 0)]
    if len(values):
        style.plain_log(axes, "y", float(values.min()) / 1.1, float(values.max()) * 1.1)
    axes.set_ylabel(r"$M(\!<\!r)$ ($10^{12}\,M_\odot$)")
    axes.legend(loc="upper left")


def scaled(band: Band) -> Band:
    """A mass in units of `MASS_UNIT`."""
    return Band(band.median / MASS_UNIT, band.lower / MASS_UNIT, band.upper / MASS_UNIT)
