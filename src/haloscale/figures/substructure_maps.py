"""Where the groups are: on the sky, and in distance and velocity (beyond the paper)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.figures.spatial import MANY_STARS
from haloscale.figures.velocity_radius import velocity_limit
from haloscale.records import Bools, Floats, Groups, Run, Substructure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOOKS: Final = (
    (style.VERMILLION, "o"), (style.BLUE, "s"), (style.GREEN, "^"), (style.ORANGE, "D"),
    (style.PURPLE, "v"), (style.SKY, "p"), (style.BLACK, "X"), (style.VERMILLION, "<"),
)  # fmt: skip
"""Colour and marker of each of the largest removed groups: no two share both, and few share one."""


_FIELD: Final = "0.75"


@dataclass(frozen=True)
class Layer:
    """Stars drawn alike, mask (n,), and how: label, colour, marker, area of a marker [pt^2], height in the stack."""

    stars: Bools
    label: str
    color: str
    marker: str
    size: float
    height: float


@figure(
    "substructure_sky",
    title="Groups on the sky",
    caption="Stars of the sample on the sky in Galactic coordinates (Mollweide's equal-area projection, longitude "
    "increasing to the left). The largest groups that were removed are listed with their number, the known structure "
    "they are likely part of, and their stars; dark grey are groups too small to be removed, light grey stars in no "
    "group (counts per cell in large samples).",
    applies=lambda run: run.substructure is not None,
    each_catalogue=True,
)
def substructure_sky(run: Run) -> "Figure":
    """Galactic longitude and latitude."""
    canvas = style.new_figure(style.TWO_COLUMNS, 4.7)
    axes = canvas.add_subplot(projection="mollweide")
    centre = _centre(run.sample.l)
    x = -np.deg2rad((run.sample.l - centre + 180) % 360 - 180)
    cells = np.linspace(-np.pi, np.pi, 181), np.arcsin(np.linspace(-1, 1, 91))
    _draw(axes, run, x, np.deg2rad(run.sample.b), *cells)
    _graticule(axes, centre)
    canvas.legend(title=_title(run.substructure), loc="outside lower center", ncols=3, **_LEGEND)
    return canvas


@figure(
    "substructure_distance_velocity",
    title="Groups in distance and velocity",
    caption="Line-of-sight velocity in the Galactic rest frame against heliocentric distance, the groups marked as on "
    "the sky.",
    applies=lambda run: run.substructure is not None,
    each_catalogue=True,
)
def substructure_distance_velocity(run: Run) -> "Figure":
    """v_gsr against heliocentric distance."""
    canvas = style.new_figure(style.TWO_COLUMNS, 4.6)
    axes = canvas.subplots()
    distance, v = run.sample.distance, run.sample.v_gsr
    positive = distance[np.isfinite(distance) & (distance > 0)]
    low, high = (positive.min() / 1.06, positive.max() * 1.06) if len(positive) else (1.0, 100.0)
    limit = velocity_limit(v[np.isfinite(v)])
    style.plain_log(axes, "x", float(low), float(high))
    _draw(axes, run, distance, v, np.geomspace(low, high, 141), np.linspace(-limit, limit, 91))
    axes.set(ylim=(-limit, limit), xlabel="heliocentric distance $d$ (kpc)", ylabel=style.V_LABEL)
    outside = int(np.sum(np.abs(v) > limit))
    if outside:
        axes.text(0.99, 0.98, f"{outside:,} outside", transform=axes.transAxes, ha="right", va="top", fontsize=8)
    canvas.legend(title=_title(run.substructure), loc="outside lower center", ncols=3, **_LEGEND)
    return canvas


_LEGEND: Final = {"alignment": "left", "title_fontsize": 8, "handletextpad": 0.2, "columnspacing": 1.4}


def layers(run: Run) -> Iterator[Layer]:
    """What lies over the field stars: the largest removed groups, each over the larger ones; the others; small groups.

    In the order of the legend.
    """
    if run.substructure is None:
        raise ValueError("the run has no groups to show")
    groups, group_id = run.substructure.groups, run.sample.group_id
    small, large = groups.group_id[~groups.removed], groups.group_id[groups.removed]
    for height, (row, look) in enumerate(zip(np.flatnonzero(groups.removed), _LOOKS, strict=False), 5):
        size = 14.0 if groups.n_members[row] < 150 else 7.0
        yield Layer(group_id == groups.group_id[row], _label(groups, int(row)), *look, size, height)
    further = np.isin(group_id, large[len(_LOOKS) :])
    if further.any():
        count = len(large) - len(_LOOKS)
        yield Layer(further, f"{count:,} further {_groups(count)} ({further.sum():,})", "0.2", "d", 9.0, 4)
    if len(small):
        kept = np.isin(group_id, small)
        label = f"in {len(small):,} smaller {_groups(len(small))}, kept ({kept.sum():,})"
        yield Layer(kept, label, "0.45", "o", 1.8, 3)


def _groups(count: int) -> str:
    return "group" if count == 1 else "groups"


def _label(groups: Groups, row: int) -> str:
    return f"{groups.group_id[row]}: {groups.structure[row]} ({groups.n_members[row]:,})"


def _title(found: Substructure | None) -> str:
    if found is None or not found.groups.removed.any():
        return f"No group of more than {found.max_members if found else 0} stars was found."
    return f"Groups of more than {found.max_members} stars, removed: number, likely structure (stars)"


def _draw(axes: "Axes", run: Run, x: Floats, y: Floats, x_cells: Floats, y_cells: Floats) -> None:
    """Field stars as points, or as counts in cells of the given edges where there are many; the groups over them."""
    field = (run.sample.group_id < 0) & np.isfinite(x) & np.isfinite(y)
    label = f"in no group ({field.sum():,})"
    over = list(layers(run))
    for layer in over:
        axes.scatter([], [], s=max(layer.size, 7), c=layer.color, marker=layer.marker, lw=0, label=layer.label)
    axes.scatter([], [], s=7, c=_FIELD, lw=0, label=label)
    if field.sum() > MANY_STARS:
        counts = np.histogram2d(x[field], y[field], bins=(x_cells, y_cells))[0].T
        shown = np.ma.masked_equal(counts, 0)
        axes.pcolormesh(x_cells, y_cells, np.log1p(shown), cmap="Greys", vmin=0, vmax=_darkest(counts), rasterized=True)
    else:
        axes.scatter(x[field], y[field], s=1.8 if field.sum() > 1500 else 6.0, c=_FIELD, lw=0, rasterized=True)
    for layer in over:
        axes.scatter(
            x[layer.stars], y[layer.stars], s=layer.size, c=layer.color, marker=layer.marker, lw=_width(layer),
            edgecolors="white", zorder=layer.height, rasterized=layer.stars.sum() > MANY_STARS,
        )  # fmt: skip


def _width(layer: Layer) -> float:
    """Width of the white edge of a marker [pt]; none where markers are small or lie on each other."""
    return 0.25 if layer.size > 2 and layer.stars.sum() < 150 else 0.0


def _darkest(counts: Floats) -> float:
    """Upper end of the grey scale: twice the fullest cell's logarithm, so that no cell is darker than a mid grey."""
    return 2.0 * float(np.log1p(max(counts.max(initial=0.0), 2.0)))


def _graticule(axes: "Axes", centre: float) -> None:
    """Circles of longitude and latitude with their degrees; those along the equator stay legible over stars."""
    from matplotlib.patheffects import withStroke

    for east in range(-120, 121, 60):
        label = axes.text(np.deg2rad(east), 0, f"{(centre - east) % 360:.0f}°", fontsize=7.5, zorder=30)
        label.set(ha="center", va="bottom", path_effects=[withStroke(linewidth=2.0, foreground="white")])
    axes.set_xticks(list(np.deg2rad(np.arange(-120, 121, 60))), [""] * 5)
    north = np.arange(-60, 61, 30)
    axes.set_yticks(list(np.deg2rad(north)), [f"{degrees:d}°".replace("-", "−") for degrees in north], fontsize=7.5)
    axes.grid(color="0.85", lw=0.4)
    axes.set(xlabel="Galactic longitude $l$", ylabel="Galactic latitude $b$", axisbelow=True)


def _centre(l: Floats) -> float:
    """Longitude [deg] in the middle of the map: that of the Galactic centre, or the opposite if more stars are there.

    Surveys of the north look away from the centre, and a map should not be cut where its stars are.
    """
    near_centre = np.abs((l + 180) % 360 - 180) < 90
    return 0.0 if near_centre.sum() >= 0.5 * len(l) else 180.0
