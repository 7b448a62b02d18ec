"""Answers against published ones: M(<r) and the virial mass (beyond the paper)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.comparison import Comparison, comparison_figure, look
from haloscale.figures.mass_and_dispersion import MASS_UNIT
from haloscale.figures.side_by_side import draw_masses, radii
from haloscale.literature import Converted, EnclosedMass, Mass, at_common_edge, enclosed_masses, rotation_curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INNERMOST: Final = 4.0
"""Published masses inside this radius [kpc] are those of bar and bulge, and left out."""

_CURVES: Final = (style.SKY, style.ORANGE, style.GREEN, "#CC79A7", style.GREY)
_PUBLISHED: Final = "0.4"
_ROW: Final = 0.17
_MASS_LABEL: Final = r"($10^{12}\,M_\odot$)"


@comparison_figure(
    "literature_mass_profile",
    title="Mass profile and published masses",
    caption="Mass within r: posterior median and 68 % band, published masses (squares; literature_virial_mass names "
    "them), and published rotation curves as v²r/G, the mass that a spherical galaxy would have.",
    with_literature=True,
)
def literature_mass_profile(comparison: Comparison) -> "Figure":
    """M(<r) of the runs with published points."""
    canvas = style.new_figure(style.TWO_COLUMNS, 4.0)
    axes = canvas.subplots()
    draw_masses(axes, comparison)
    for (reference, points), color in zip(rotation_curves().items(), _CURVES, strict=False):
        masses = [point.mass for point in points]
        _errorbars(axes, [p.r for p in points], masses, fmt="o", ms=2, color=color, label=f"v²r/G: {reference}")
    shown = [m for m in enclosed_masses() if m.r >= _INNERMOST]
    _errorbars(
        axes, [m.r for m in shown], [m.mass for m in shown], fmt="s", ms=4, mfc="white", color="0.25", label="M(<r)",
        zorder=4,
    )  # fmt: skip
    low, high = radii(comparison)
    style.radius_axis(axes, min(low, _INNERMOST), max(high, 320.0))
    below, above = axes.get_ylim()
    style.plain_log(axes, "y", min(0.04, below), max(3.5, above))
    axes.legend(loc="upper left", fontsize=7)
    return canvas


@comparison_figure(
    "literature_virial_mass",
    title="Virial mass and published ones",
    caption="Published masses of the Milky Way by year, and the runs (bands: 68 %). Top: virial masses at the edge "
    "named on the axis; hollow where the source does not state its own, so that the mass stands as published; a star "
    "where a concentration or Hubble constant was assumed for the conversion. The "
    "errors of Eadie & Juric are 50 % ones. Bottom: masses within a radius, each with what the runs have there.",
    with_literature=True,
)
def literature_virial_mass(comparison: Comparison) -> "Figure":
    """A forest of published masses, and the runs."""
    virial = at_common_edge(comparison.threshold)
    within = [m for m in enclosed_masses() if m.r >= 15]
    heights = len(virial) + len(comparison.runs) + 1, len(within) + 1
    canvas = style.new_figure(style.TWO_COLUMNS, 1.2 + _ROW * sum(heights))
    top, bottom = canvas.subplots(2, 1, sharex=True, height_ratios=heights)
    _virial_forest(top, comparison, virial)
    _within_forest(bottom, comparison, within)
    ends = [end / MASS_UNIT for compared in comparison.runs for end in (compared.m_vir.lower, compared.m_vir.upper)]
    style.plain_log(bottom, "x", min(0.1, *ends) / 1.02, max(6.0, *ends) * 1.02)
    top.set_xlabel(rf"$M_{{\rm vir}}$ {_MASS_LABEL}, {comparison.edge}")
    top.tick_params(labelbottom=True)
    bottom.set_xlabel(rf"$M(\!<\!r)$ {_MASS_LABEL}")
    return canvas


def _virial_forest(axes: "Axes", comparison: Comparison, published: Sequence[Converted]) -> None:
    names = []
    for y, item in enumerate(published):
        stated = item.source.is_defined
        _row(axes, y, item.mass, fmt="o", ms=3.5, color=_PUBLISHED, mfc=_PUBLISHED if stated else "white")
        kind = item.source.component if not item.source.reference.endswith(("total", "DM")) else ""
        star = "*" if item.remark and stated else ""
        names.append(" · ".join(part for part in (item.source.reference + star, kind) if part))
    for index, compared in enumerate(comparison.runs):
        color, marker = look(index)
        m, y = compared.m_vir, len(published) + index
        mass = Mass(m.median, m.lower, m.upper)
        axes.axvspan(m.lower / MASS_UNIT, m.upper / MASS_UNIT, color=color, alpha=0.15, lw=0, zorder=0)
        _row(axes, y, mass, fmt=marker, ms=5, color=color)
        names.append(f"{compared.name} · halo")
    _rows(axes, names, n_bold=len(comparison.runs))


def _within_forest(axes: "Axes", comparison: Comparison, published: Sequence[EnclosedMass]) -> None:
    for y, item in enumerate(published):
        _row(axes, y, item.mass, fmt="o", ms=3.5, color=_PUBLISHED)
        for index, compared in enumerate(comparison.runs):
            profile, (color, marker) = compared.run.mass_profile, look(index)
            if profile.r[0] <= item.r <= profile.r[-1]:
                band = profile.enclosed_mass
                ends = (float(np.interp(item.r, profile.r, b)) for b in (band.median, band.lower, band.upper))
                _row(axes, y + 0.25, Mass(*ends), fmt=marker, ms=3.5, color=color)
    _rows(axes, [f"r = {item.r:g} kpc · {item.reference}" for item in published])


def _row(axes: "Axes", y: float, mass: Mass, **look_: Any) -> None:
    _errorbars(axes, [y], [mass], sideways=True, **look_)


def _rows(axes: "Axes", names: Sequence[str], n_bold: int = 0) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", which="both", left=False, right=False)
    axes.grid(axis="y", color="0.92", lw=0.5, zorder=0)
    axes.set_axisbelow(True)
    for label in axes.get_yticklabels()[len(names) - n_bold :]:
        label.set_fontweight("bold")


def _errorbars(
    axes: "Axes", at: Sequence[float], masses: Sequence[Mass], *, sideways: bool = False, **look_: Any
) -> None:
    """Points with 68 % intervals; a mass without an error stays without a bar."""
    values = np.array([m.value for m in masses]) / MASS_UNIT
    ends = np.array([[m.value - m.lower, m.upper - m.value] for m in masses]).T / MASS_UNIT
    errors = np.nan_to_num(ends)
    place = {"x": values, "y": at, "xerr": errors} if sideways else {"x": at, "y": values, "yerr": errors}
    axes.errorbar(**place, **{"fmt": "o", "elinewidth": 0.8, "zorder": 3, **look_})
