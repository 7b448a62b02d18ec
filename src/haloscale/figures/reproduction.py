"""Figures that the reproduction of the paper needs beside those of one run: Figs. 6, 11 and 13."""

from typing import TYPE_CHECKING

import numpy as np

from haloscale.figures import style
from haloscale.figures.circular_velocity import V_CIRC_LABEL, draw_points
from haloscale.figures.comparison import Comparison, look
from haloscale.figures.mass_and_dispersion import scaled
from haloscale.figures.profile_fit import draw_band
from haloscale.figures.side_by_side import dispersion_comparison, draw_masses, radii
from haloscale.records import CircularVelocity, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BANDS_SHOWN = 2.2
"""An error bar that reaches beyond so many typical velocities runs out of the figure."""


def dispersions(comparison: Comparison, r: Floats, sigma_los: Floats, label: str) -> "Figure":
    """Dispersion profiles of several samples with a model curve (Fig. 6).

    Parameters
    ----------
    comparison : Comparison
        One run or more.
    r : array (n,) [kpc]
    sigma_los : array (n,) [km/s]
        The curve.
    label : str
        What the curve is.
    """
    with style.context():
        canvas = dispersion_comparison(comparison)
        axes = canvas.axes[0]
        axes.plot(r, sigma_los, color=style.GREY, ls="--", label=label, zorder=2)
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0.95 * float(sigma_los.min())), max(high, 1.05 * float(sigma_los.max())))
        style.legend_above(axes)
        return style.settle(canvas, mark(comparison))


def v_circ_and_mass(comparison: Comparison, points: CircularVelocity) -> "Figure":
    """V_circ with the points of Eq. 9 on the left, M(<r) on the right, both with the bands of every run (Figs. 11, 13).

    Parameters
    ----------
    comparison : Comparison
        One run or two.
    points : CircularVelocity
    """
    with style.context():
        canvas = style.new_figure(style.TWO_COLUMNS, 3.2)
        left, right = canvas.subplots(1, 2)
        for index, compared in enumerate(comparison.runs):
            profile, (color, _) = compared.run.mass_profile, look(index)
            draw_band(left, profile.r, profile.v_circ, color, compared.name, linestyle=("-", "--")[index % 2])
        left.set(ylim=_limits(comparison, points), ylabel=V_CIRC_LABEL)
        draw_points(left, points, color=style.BLUE)
        draw_masses(right, comparison)
        _mark_100_kpc(right, comparison)
        for axes in (left, right):
            style.radius_axis(axes, *radii(comparison))
        style.legend_above(left)
        right.legend(loc="upper left")
        return style.settle(canvas, mark(comparison))


def mark(comparison: Comparison) -> str:
    """What the figure must say of the stars."""
    simulated = [style.is_simulated(compared.run) for compared in comparison.runs]
    return "simulated stars" if all(simulated) else "some of the stars are simulated" if any(simulated) else ""


def _limits(comparison: Comparison, points: CircularVelocity) -> tuple[float, float]:
    bands = [compared.run.mass_profile.v_circ for compared in comparison.runs]
    curves = np.concatenate([x for band in bands for x in (band.lower, band.upper)])
    typical, shown = float(np.median(curves)), points.v_circ_squared > 0
    values = np.concatenate([curves, points.v_circ_lower[shown], points.v_circ_upper[shown]])
    values = np.clip(values[np.isfinite(values)], 0.0, _BANDS_SHOWN * typical)
    margin = 0.06 * float(np.ptp(values))
    return max(0.0, float(values.min()) - margin), float(values.max()) + margin


def _mark_100_kpc(axes: "Axes", comparison: Comparison) -> None:
    """The radius and the masses that the paper quotes."""
    axes.axvline(100.0, color=style.GREY, lw=0.6, ls=":", zorder=0)
    for index, compared in enumerate(comparison.runs):
        profile, (color, marker) = compared.run.mass_profile, look(index)
        mass = float(np.interp(100.0, profile.r, scaled(profile.enclosed_mass).median))
        axes.plot(100.0, mass, marker, ms=4, color=color, zorder=4)
