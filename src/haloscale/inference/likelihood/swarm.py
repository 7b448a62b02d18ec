"""Stars grouped by what was measured of them, each block with its points, its normalisation and its outlier density."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from haloscale.arrays import Array, namespace
from haloscale.frames import sky_axes
from haloscale.inference.likelihood.base import Data
from haloscale.inference.likelihood.block import Block, block_of
from haloscale.inference.likelihood.law import ln_constant, ln_outlier
from haloscale.inference.likelihood.nodes import BLOCK, Nodes, blocks
from haloscale.inference.likelihood.points import Cloud, Points, cloud_of
from haloscale.inference.likelihood.population import Population, ln_density
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.likelihood.seen import Seen, sight_lines, to_centre
from haloscale.inference.likelihood.usable import has_sight
from haloscale.records import Bools, Floats, Ints

_N_NODES: Final = 15
"""Distances at which the density is averaged for the normalisation of a star."""

Motions = tuple[Bools, tuple[Seen, Seen] | None]
"""Which stars have a proper motion, and its two components, as of `seen.proper_motions`."""


@dataclass(frozen=True)
class Part:
    """Some stars of which the same was measured: as measured, and what of it no free parameter touches."""

    cloud: Cloud
    block: Block
    ln_node: Floats
    points: Points | None = None
    ln_norm: Floats | None = None
    ln_other: Floats | None = None


@dataclass(frozen=True)
class Group:
    """Stars of which the same was measured.

    Parameters
    ----------
    nodes : Nodes
        Where they may be.
    seen : tuple of Seen
        Components of the whole sample along the sight line and across it.
    measured : tuple of bool
        Whether the first, and whether the other two, were measured of these stars.
    l, b, distance : array (n,) [deg, deg, kpc]
        As measured.
    """

    nodes: Nodes
    seen: tuple[Seen, Seen, Seen]
    measured: tuple[bool, bool]
    l: Floats
    b: Floats
    distance: Floats


def groups_of(data: Data, stars: Ints, motions: Motions, n_points: int) -> tuple[list[Group], Ints]:
    """Blocks of stars of which the same was measured; and the stars that have no place.

    Parameters
    ----------
    data : Data
    stars : int array (n,)
        Positions in the sample.
    motions : Motions
    n_points : int
        Points of a star.
    """
    sample, seeing, (moving, pair) = data.sample, has_sight(data.sample), motions
    sight, unseen = sight_lines(sample, data.frame), _unseen(data)
    size = max(1, BLOCK // n_points)
    groups, excluded = list[Group](), [stars[:0]]
    for measured in ((True, True), (True, False), (False, True)):
        own = stars[(seeing[stars] == measured[0]) & (moving[stars] == measured[1])]
        across = pair if measured[1] and pair is not None else unseen
        for nodes in blocks(sample, own, _N_NODES, data.frame, data.true_selection, size):
            excluded.append(nodes.star[nodes.excluded])
            kept = nodes.without(nodes.excluded)
            where = sample.l[kept.star], sample.b[kept.star], sample.distance[kept.star]
            groups += [Group(kept, (sight, *across), measured, *where)] if len(kept.star) else []
    return groups, np.concatenate(excluded)


def _unseen(data: Data) -> tuple[Seen, Seen]:
    """Two axes across the sight line along which nothing was measured."""
    axes, zero = sky_axes(data.sample.l, data.sample.b, data.frame)[1:], np.zeros(len(data.sample))
    made = [Seen(axis, to_centre(axis, data.frame), zero, zero, zero, on_sky=True) for axis in axes]
    return made[0], made[1]


def part_of_group(group: Group, data: Data, uniform: Floats, power: float, spline: Spline) -> Part:
    """A block of stars with the random numbers of its points.

    Parameters
    ----------
    group : Group
    data : Data
    uniform : array (4, n_points, n), dimensionless
        Numbers between 0 and 1.
    power : float
        As of `points.cloud_of`.
    spline : Spline
    """
    sample, at, measured = data.sample, group.nodes.star, group.measured
    columns = {"l": group.l, "b": group.b, "distance": group.distance}
    columns["ln_error"] = sample.distance_error[at] / sample.distance[at]
    sight, east, north = (one.take(at) for one in group.seen)
    cloud = cloud_of(at, columns, (sight, east, north), measured, uniform, power, float(data.frame.r0))
    kept = tuple(s for s, has in zip(group.seen, (measured[0], measured[1], measured[1]), strict=True) if has)
    block = block_of(group.nodes, sample, kept, data.frame, spline)
    return Part(cloud, block, np.log(group.nodes.weight.sum(axis=0)))


def ln_norm(block: Block, ln_node: Floats, of: tuple[Population, ...]) -> Array:
    """ln of the mean of nu d^3 in units of the cube of the measured distance, array (..., n_stars).

    Parameters
    ----------
    block : Block
    ln_node : array (n_stars,), dimensionless
        ln of the sum of the weights of the nodes, which the block's are divided by.
    of : tuple of Population
    """
    ln_nu = ln_density(of, block.radii).reshape(-1, *block.weight.shape)
    xp = namespace(ln_nu)
    top = ln_nu.max(axis=-2)
    return xp.log((block.weight * xp.exp(ln_nu - top[..., None, :])).sum(axis=-2)) + top + ln_node


def ln_other(block: Block, of: tuple[Population, ...], sigma: float) -> Array:
    """ln of the density of outliers with a dispersion sigma [km/s], array (..., n_stars)."""
    ln_nu = ln_density(of, block.radii).reshape(-1, *block.weight.shape)
    xp = namespace(ln_nu)
    weight = block.weight * xp.exp(ln_nu - ln_nu.max(axis=-2)[..., None, :])
    weight = weight / weight.sum(axis=-2)[..., None, :]
    normalised = replace(block, tracer_weight=block.weight)  # weights of sum one
    return ln_outlier(normalised, weight, sigma) + ln_constant(block)


def spared(part: Part, n_points: int) -> Part:
    """The part without the random numbers that its points were made of."""
    empty = np.empty((2, n_points, 0))
    none = {"normal": empty, "across": empty, "direction": empty, "ln_radius": empty[0], "ln_favour": empty[0]}
    return replace(part, cloud=replace(part.cloud, **none))


def lean(points: Points, *, spins: bool) -> Points:
    """The points in less memory: places in 32 bits, and no turning where no free or other spin asks for it."""
    turning = points.turning if spins else np.broadcast_to(0.0, np.shape(points.turning))
    return replace(points, interval=np.asarray(points.interval, dtype=np.int32), turning=turning)


def emptied(block: Block) -> Block:
    """The block without its distances: a catalogue of a million stars keeps its points alone."""
    none = np.empty((0, len(block.star)))
    return replace(
        block, distance=none, interval=none, step=none, ln_ratio=none, sin2_psi=none, v=(), error_squared=(), along=()
    )


def uniform_numbers(rng: np.random.Generator, n_samples: int, n: int) -> Floats:
    """Sobol points in four dimensions, shifted for each star on its own, array (4, n_samples, n)."""
    from scipy.stats import qmc

    points = qmc.Sobol(4, rng=rng).random(n_samples).T
    shifted = points[:, :, None] + rng.random((4, 1, n))
    return np.asarray(np.clip(shifted % 1.0, 1e-16, 1.0 - 1e-16))
