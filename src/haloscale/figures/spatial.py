"""Where the stars are: the Y-X and Z-X planes (Fig. 1 of the paper)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Floats, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MANY_STARS = 20_000


@figure(
    "spatial",
    title="Spatial distribution",
    caption="Stars of the sample in the Y-X and Z-X planes of the Galactocentric frame (cross: Galactic centre, "
    "circle: Sun); stars removed as substructure are orange, and large samples are shown as counts per cell.",
    paper_figure=1,
)
def spatial(run: Run) -> "Figure":
    """Positions in the Y-X and Z-X planes."""
    canvas = style.new_figure(style.TWO_COLUMNS, 3.5)
    panels = canvas.subplots(1, 2)
    sample, removed = run.sample, style.removed_as_substructure(run)
    reach = _reach(np.concatenate([sample.x, sample.y, sample.z]))
    cells: list[Any] = []
    for axes, second, name in zip(panels, (sample.y, sample.z), "YZ", strict=True):
        if len(sample) > MANY_STARS:
            cells.append(style.density(axes, sample.x, second, (-reach, reach), (-reach, reach), 90))
        else:
            _points(axes, sample.x, second, ~removed, style.BLUE, "kept")
            _points(axes, sample.x, second, removed, style.ORANGE, "removed as substructure")
        for width, color in ((3.0, "white"), (1.3, style.BLACK)):
            axes.plot(0, 0, "+", ms=8 + (width > 2), mew=width, color=color, zorder=5)
        _mark_sun(axes, run.config.get("frame", {}))
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set(xlabel="$X$ (kpc)", ylabel=f"${name}$ (kpc)")
    if cells:
        most = max(float(c.get_array().max()) for c in cells)
        for c in cells:
            c.set_clim(1, max(most, 2))
        canvas.colorbar(cells[0], ax=list(panels), label="stars per cell", shrink=0.85, pad=0.02)
    elif removed.any():
        legend = panels[0].legend(loc="upper left", frameon=True, edgecolor="none", handletextpad=0.1)
        for handle in legend.legend_handles:
            handle.set_sizes([14.0])
            handle.set_alpha(1.0)
    return canvas


def _points(axes: "Axes", x: Floats, y: Floats, take: Any, color: str, label: str) -> None:
    if take.any():
        size, alpha = (1.4, 0.6) if len(x) > 1500 else (6.0, 0.8)
        axes.scatter(x[take], y[take], s=size, c=color, alpha=alpha, lw=0, rasterized=True, label=label)


def _reach(values: Floats) -> float:
    """Half the side of the square that holds every star, rounded up to 10 kpc."""
    finite = np.abs(values[np.isfinite(values)])
    return float(10 * np.ceil(1.02 * max(finite.max(initial=0.0), 10.0) / 10))


def _mark_sun(axes: "Axes", frame: Any) -> None:
    """The Sun, where its distance from the centre is a number (not a free parameter)."""
    r0 = frame.get("r0")
    if isinstance(r0, (int, float)):
        side = 1 if frame.get("handedness", "left") == "left" else -1
        axes.plot(side * r0, 0, "o", ms=4.5, mfc="white", mec=style.BLACK, mew=1.1, zorder=6)
