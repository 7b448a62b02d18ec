"""Which stars a likelihood of single stars can use, where they may be, and the spline that covers those places."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from haloscale.anisotropy.base import check_below_one
from haloscale.errors import ConfigError, InputError
from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.base import Data
from haloscale.inference.likelihood.nodes import Nodes, blocks, geometry
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.model import GalaxyModel
from haloscale.inference.priors import Prior
from haloscale.jeans.panels import breaks_of
from haloscale.records import Bools, Floats, Ints, Sample

_TYPICAL: Final = 20.0
_SHOWN: Final = 5
_TAIL: Final = 1e-4
"""Probability of each tail of a prior of distance_scale or r0 in which the spline extrapolates."""


def usable(sample: Sample, has_motion: Bools | None = None) -> tuple[Ints, tuple[str, ...]]:
    """Positions of the stars in a radial bin that have distance, velocity and errors, and a sentence on the others.

    Parameters
    ----------
    sample : Sample
    has_motion : bool array (n,), optional
        Stars whose proper motion may stand for the velocity.
    """
    inside = np.flatnonzero(sample.bin >= 0)
    known = has_sight(sample)[inside] | (False if has_motion is None else has_motion[inside])
    known &= np.isfinite(sample.distance[inside]) & np.isfinite(sample.distance_error[inside])
    known &= (sample.distance[inside] > 0) & (sample.distance_error[inside] >= 0)
    exact = int((sample.distance_error[inside[known]] == 0).sum())
    said = left_out(sample, inside[~known], "without a distance, a velocity or their errors")
    sight = inside[known & has_sight(sample)[inside]]
    still = int((sample.v_helio_error[sight] == 0).sum())
    if still:
        said += (f"stars whose velocity error is 0: {still} of {len(sight)}; their velocities are taken as exact",)
    if exact:
        said += (f"stars whose distance error is 0: {exact} of {int(known.sum())}; their distances are taken as exact",)
    return inside[known], said


def has_sight(sample: Sample) -> Bools:
    """Stars with a line-of-sight velocity and its error, mask (n,)."""
    return np.isfinite(sample.v_gsr) & np.isfinite(sample.v_helio_error)


def placed(data: Data, stars: Ints, n_nodes: int) -> tuple[list[Nodes], Ints]:
    """The nodes of some stars, int array (n,), block by block, and those of them that have none.

    Parameters
    ----------
    data : Data
    stars : int array (n,)
        Positions in the sample.
    n_nodes : int
    """
    kept, excluded = list[Nodes](), list[Ints]()
    for nodes in blocks(data.sample, stars, n_nodes, data.frame, data.true_selection):
        excluded.append(nodes.star[nodes.excluded])
        kept += [rest] if len((rest := nodes.without(nodes.excluded)).star) else []
    return kept, np.concatenate([*excluded, stars[:0]])


def left_out(sample: Sample, stars: Ints, reason: str) -> tuple[str, ...]:
    """A sentence that names the first stars left out, or none; `stars` : int array (n,)."""
    if not len(stars):
        return ()
    return (f"stars {reason} are left out: {len(stars)} (row{'s' * (len(stars) > 1)} {rows_of(sample, stars)})",)


def rows_of(sample: Sample, stars: Ints) -> str:
    """The rows of the first few stars, int array (n,), in words."""
    rows = ", ".join(str(row) for row in sample.row[stars[:_SHOWN]])
    return f"{rows}, ..." if len(stars) > _SHOWN else rows


def none_left(sample: Sample, kind: str, advice: tuple[str, ...]) -> InputError:
    """What to say when no star is left."""
    return InputError(
        f"none of the {int((sample.bin >= 0).sum())} stars in the radial bins can be used"
        + "".join(f"; {a}" for a in advice),
        f'for likelihood.kind = "{kind}", stars with distance, velocity and both errors',
        "relax the selection or likelihood.true_selection, or check the columns of the catalogue",
    )


def none_bound(n: int, mass: Any) -> InputError:
    """What to say when the mass at the middle of the priors binds no star at all."""
    escape = float(np.sqrt(-2.0 * np.ravel(mass.potential(np.array([_TYPICAL])))[0]))
    return InputError(
        f"none of the {n} stars is bound at the middle of the priors",
        f"stars slower than the escape speed: {escape:.0f} km/s at {_TYPICAL:g} kpc there",
        "check the units of velocities, distances and proper motions, or the prior of the mass",
    )


def spline_over(nodes: list[Nodes], model: GalaxyModel, data: Data) -> Spline:
    """The spline that carries sigma_r^2 to the nodes, bent where a fixed tracer or anisotropy is."""
    ends = [end for part in nodes for end in _ends(part, model, data)]
    r_low, r_high = float(min(low for low, _ in ends)), float(max(high for _, high in ends))
    galaxy = model.middle
    check_below_one(galaxy.anisotropy, r_low, r_high)
    parts = {"tracer": galaxy.tracer, "anisotropy": galaxy.anisotropy}
    breaks = breaks_of(*(part for table, part in parts.items() if model.is_fixed(table)))
    return Spline(r_low, r_high, [float(radius) for radius in breaks])


def _ends(nodes: Nodes, model: GalaxyModel, data: Data) -> Iterator[tuple[float, float]]:
    """Smallest and largest radius of nodes, wherever free parameters may move them."""
    sample = data.sample
    for scale in _tried(model, "catalogue", "distance_scale", data.distance_scale):
        for ratio in _tried(model, "frame", "r0", float(data.frame.r0)):
            frame = SolarFrame(r0=ratio * float(data.frame.r0))
            r, _ = geometry(scale * nodes.distance, sample.l[nodes.star], sample.b[nodes.star], frame)
            yield float(r.min()), float(r.max())


def _tried(model: GalaxyModel, table: str, key: str, middle: float) -> Floats:
    """Values of a free parameter over the one in use, throughout its prior; 1 where it is fixed."""
    priors = [c.values[key] for c in model.components if c.table == table and isinstance(c.values.get(key), Prior)]
    shares = np.linspace(_TAIL, 1.0 - _TAIL, 9)
    return np.ravel([prior.quantile(shares) for prior in priors]) / middle if priors else np.ones(1)


def check_true_selection(data: Data, free: frozenset[str]) -> None:
    """Refuse a selection on true position where the places of the stars are free. Errors: ConfigError."""
    moving = [key for key in ("catalogue.distance_scale", "frame.r0") if key in free]
    if moving and data.true_selection is not None:
        raise ConfigError(
            f"{moving[0]} is free, and likelihood.true_selection is given",
            "a sample selected on true position, whose distances have a known scale, or no likelihood.true_selection",
            f"fix {moving[0]}, or --set likelihood.true_selection=off",
        )


def split(stars: Ints, has: Bools) -> tuple[Ints, Ints]:
    """Those of some stars, int array (n,), that a mask of the whole sample has, and those that it has not."""
    return stars[has[stars]], stars[~has[stars]]
