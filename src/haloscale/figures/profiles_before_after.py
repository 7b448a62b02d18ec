"""What the removal of groups does to the dispersion profile and to the mass (beyond the paper)."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.posterior import interval
from haloscale.records import DispersionProfile, Estimate, Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@figure(
    "profiles_before_after",
    title="Dispersion with and without the groups",
    caption="Line-of-sight velocity dispersion of all stars of the sample and of those that are left when the groups "
    "are removed: medians and 68 % intervals, set a little beside the middle of the bin, hollow where a bin is not in "
    "the fit; with the virial mass that either gives. Below, the dispersion without the groups over that of all stars; "
    "the grey boxes are the 68 % scatter of this ratio if as many stars of the bin were removed at random.",
    applies=lambda run: run.all_stars is not None,
)
def profiles_before_after(run: Run) -> "Figure":
    """sigma_los before and after the removal, and the ratio."""
    if run.all_stars is None:
        raise ValueError("the run has no profile of all stars to compare with")
    before, after = run.all_stars.profile, run.profile
    canvas = style.new_figure(style.ONE_COLUMN, 3.9)
    upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
    canvas.get_layout_engine().set(hspace=0.0, h_pad=0.02)  # type: ignore[union-attr, call-arg]
    weighed = {**run.summary.derived, **run.summary.parameters}["m_vir"]
    power = int(np.floor(np.log10(weighed.median)))
    _points(upper, before, -1, style.VERMILLION, "s", f"all stars: {_mass(run.all_stars.estimates['m_vir'], power)}")
    _points(upper, after, 1, style.BLACK, "o", f"groups removed: {_mass(weighed, power)}")
    style.radius_axis(lower, float(after.r_low[0]), float(after.r_high[-1]))
    shown = before.sigma_los_lower, np.minimum(before.sigma_los_upper, 2 * before.sigma_los)
    upper.set(ylim=style.sigma_limits(run, *shown), ylabel=style.SIGMA_LABEL)
    upper.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), title=rf"$M_{{\rm vir}}$ in $10^{{{power}}}\,M_\odot$",
        title_fontsize=8, alignment="left", borderaxespad=0.2, borderpad=0.2,
    )  # fmt: skip
    _ratio(lower, before, after)
    return canvas


def _points(axes: "Axes", profile: DispersionProfile, side: int, color: str, marker: str, label: str) -> None:
    r = profile.r + side * 0.06 * (profile.r_high - profile.r_low)
    for fitted, face in ((True, color), (False, "white")):
        take = np.isfinite(profile.sigma_los) & (profile.in_fit == fitted)
        sigma = profile.sigma_los[take]
        errors = np.abs([sigma - profile.sigma_los_lower[take], profile.sigma_los_upper[take] - sigma])
        axes.errorbar(
            r[take], sigma, yerr=np.nan_to_num(errors), fmt=marker, ms=3.6, mfc=face, mec=color, color=color,
            elinewidth=0.8, capsize=0, label=label if fitted else None, zorder=3,
        )  # fmt: skip


def _ratio(axes: "Axes", before: DispersionProfile, after: DispersionProfile) -> None:
    scatter = random_removal(before, after)
    boxed = np.isfinite(scatter)
    axes.bar(
        after.r_low[boxed], 2 * scatter[boxed], (after.r_high - after.r_low)[boxed], 1 - scatter[boxed], align="edge",
        color="0.85", lw=0, zorder=0,
    )  # fmt: skip
    axes.axhline(1, color="0.4", lw=0.7, zorder=1)
    ratio = after.sigma_los / before.sigma_los
    axes.plot(after.r, ratio, "o", ms=3.6, color=style.BLACK, zorder=3)
    reach = np.concatenate([np.abs(ratio - 1), np.minimum(scatter, 0.5)])
    limit = 1.25 * float(np.nanmax(reach, initial=0.02))
    axes.set(ylim=(1 - limit, 1 + limit), ylabel="ratio")
    axes.locator_params(axis="y", nbins=4, prune="upper")


def random_removal(before: DispersionProfile, after: DispersionProfile) -> Floats:
    """Standard deviation of after / before if the stars were removed at random, array (n_bins,); NaN for empty bins.

    Notes
    -----
    The stars that are left are part of all, so the two dispersions are not independent: for Gaussian velocities the
    relative variance of the ratio is that of the smaller sample less that of the larger, (1/n_after - 1/n_before) / 2.
    """
    n_before, n_after = (np.where(p.n > 0, p.n, np.nan) for p in (before, after))
    return np.asarray(np.sqrt(np.maximum(1 / n_after - 1 / n_before, 0) / 2))


def _mass(estimate: Estimate, power: int) -> str:
    median, lower, upper = (x / 10.0**power for x in (estimate.median, estimate.lower, estimate.upper))
    return f"{median:.3g} (fixed)" if estimate.fixed else interval(median, lower, upper)
