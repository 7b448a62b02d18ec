"""Profiles of several runs on one axis (Figs. 6 and 14 of the paper)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.comparison import ComparedRun, Comparison, comparison_figure, look
from haloscale.figures.mass_and_dispersion import scaled
from haloscale.figures.profile_fit import draw_band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@comparison_figure(
    "dispersion_comparison",
    title="Velocity dispersion profiles",
    caption="Line-of-sight velocity dispersion of several samples: median and 68 % interval at the middle of each bin, "
    "the points of a bin shifted a little in radius for clarity; hollow points are left out of the fit.",
    paper_figure=6,
)
def dispersion_comparison(comparison: Comparison) -> "Figure":
    """sigma_los in the bins of every run."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.9)
    axes = canvas.subplots()
    for index, compared in enumerate(comparison.runs):
        _points(axes, compared, index, len(comparison.runs))
    low, high = radii(comparison)
    style.radius_axis(axes, low, high)
    limits = [style.sigma_limits(compared.run) for compared in comparison.runs]
    axes.set(ylim=(min(a for a, _ in limits), max(b for _, b in limits)), ylabel=style.SIGMA_LABEL)
    style.legend_above(axes)
    return canvas


@comparison_figure(
    "mass_comparison",
    title="Mass profiles",
    caption="Mass within r of several runs, stars included: posterior median and 68 % band.",
    paper_figure=14,
)
def mass_comparison(comparison: Comparison) -> "Figure":
    """M(<r) of every run."""
    canvas = style.new_figure(style.ONE_COLUMN, 2.9)
    axes = canvas.subplots()
    draw_masses(axes, comparison)
    style.radius_axis(axes, *radii(comparison))
    style.legend_above(axes)
    return canvas


def draw_masses(axes: "Axes", comparison: Comparison) -> None:
    """The bands of the total mass of every run, on a logarithmic axis that holds them."""
    ends = []
    for index, compared in enumerate(comparison.runs):
        profile, (color, _) = compared.run.mass_profile, look(index)
        band = scaled(profile.enclosed_mass)
        draw_band(axes, profile.r, band, color, compared.name, linestyle=("-", "--", "-.", ":")[index % 4])
        ends += [band.lower, band.upper]
    values = np.concatenate(ends)
    values = values[np.isfinite(values) & (values > 0)]
    if len(values):
        style.plain_log(axes, "y", float(values.min()) / 1.1, float(values.max()) * 1.1)
    axes.set_ylabel(r"$M(\!<\!r)$ ($10^{12}\,M_\odot$)")


def radii(comparison: Comparison) -> tuple[float, float]:
    """The range of radii [kpc] that the runs cover together."""
    profiles = [compared.run.profile for compared in comparison.runs]
    inner = [float(c.run.mass_profile.r[c.run.mass_profile.r > 0].min()) for c in comparison.runs]
    low = min(max(float(p.r_low[0]), r) for p, r in zip(profiles, inner, strict=True))
    return low, max(float(p.r_high[-1]) for p in profiles)


def _points(axes: "Axes", compared: ComparedRun, index: int, n_runs: int) -> None:
    profile, (color, marker) = compared.run.profile, look(index)
    known = np.isfinite(profile.sigma_los)
    r = profile.r * 1.012 ** (index - (n_runs - 1) / 2)
    for fitted, face in ((True, color), (False, "white")):
        take = known & (profile.in_fit == fitted)
        sigma = profile.sigma_los[take]
        errors = np.array([sigma - profile.sigma_los_lower[take], profile.sigma_los_upper[take] - sigma])
        axes.errorbar(
            r[take], sigma, yerr=np.nan_to_num(np.maximum(errors, 0)), fmt=marker, ms=3.8, mfc=face, mec=color,
            ecolor=color, elinewidth=0.8, label=compared.name if fitted else None, zorder=3,
        )  # fmt: skip
