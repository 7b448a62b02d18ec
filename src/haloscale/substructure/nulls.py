"""Null catalogues: the same survey of a halo without streams, to count what is found by chance.

Every null keeps the directions of the stars, and so the footprint of the survey.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from haloscale.errors import ConfigError, nearest
from haloscale.records import Floats, Ints
from haloscale.substructure.phase_space import PhaseSpace

NullKind: TypeAlias = Literal["like", "shuffle", "smooth"]
"""How null catalogues are made; see `null_catalogues`."""

_SUN: Final = 8.0
"""Distance of the Sun from the Galactic centre [kpc]: only to tell which stars are at like radii."""

_CELL: Final = 0.04
_CELL_MIN: Final = 40
"""Share of the stars in a cell of like directions, and the fewest of them."""

_LIKE_RADII: Final = 0.05
"""Share of the stars, inwards and outwards, among which velocities are exchanged or a dispersion is measured."""


def null_catalogues(stars: PhaseSpace, rng: np.random.Generator, n: int, kind: NullKind) -> Iterator[PhaseSpace]:
    """Null catalogues of a sample, one after the other.

    Parameters
    ----------
    stars : PhaseSpace
    rng : numpy.random.Generator
    n : int
        Catalogues.
    kind : str
        "shuffle": distances, with their errors, and velocities, with theirs, are permuted independently among all
        stars. "like": distances are permuted among stars in like directions (equal angles to the Galactic centre and to
        the plane, on all sides of it), velocities among stars at like Galactocentric radii, each with a random sign.
        "smooth": distances from a kernel density of the stars in like directions, with the fractional errors of the
        stars drawn; velocities from Gaussians of the dispersion at the radius.

    Yields
    ------
    PhaseSpace
        The same directions with other distances and velocities.

    Raises
    ------
    ConfigError
        No null catalogue is called that.

    Notes
    -----
    "shuffle" forgets that the depth of a halo depends on the direction, and its dispersion on the radius: where both
    matter, its nulls are less dense than the smooth halo of which they should tell the chance friends, and a search
    tuned on them finds groups in it. "like" keeps both. A stream in the sample is thinned out, not lost: its stars
    stay in the null at their distances, in four quadrants, with other velocities.
    """
    if kind not in _KINDS:
        known = get_args(NullKind)
        raise ConfigError(f"no null catalogue is called {kind!r}", f"one of: {', '.join(known)}", nearest(kind, known))
    cells = _cells(stars) if len(stars) else []
    for _ in range(n):
        yield _KINDS[kind](stars, cells, rng) if len(stars) else stars


def _shuffled(stars: PhaseSpace, cells: list[Ints], rng: np.random.Generator) -> PhaseSpace:
    place, motion = rng.permutation(len(stars)), rng.permutation(len(stars))
    return stars.with_motion(stars.distance[place], stars.distance_error[place], stars.v[motion], stars.v_error[motion])


def _among_like(stars: PhaseSpace, cells: list[Ints], rng: np.random.Generator) -> PhaseSpace:
    place = np.arange(len(stars))
    for cell in cells:
        place[cell] = rng.permutation(cell)
    distance = stars.distance[place]
    # The star at the p-th smallest new radius is given the velocity of one at about the p-th smallest old radius.
    motion = np.empty(len(stars), dtype=np.intp)
    blurred = np.arange(len(stars)) + rng.uniform(-_LIKE_RADII, _LIKE_RADII, len(stars)) * len(stars)
    motion[_by_radius(stars, distance)] = _by_radius(stars, stars.distance)[np.argsort(blurred)]
    sign = rng.choice([-1.0, 1.0], len(stars))
    return stars.with_motion(distance, stars.distance_error[place], sign * stars.v[motion], stars.v_error[motion])


def _drawn(stars: PhaseSpace, cells: list[Ints], rng: np.random.Generator) -> PhaseSpace:
    place, jitter = np.arange(len(stars)), np.zeros(len(stars))
    for cell in cells:
        place[cell] = rng.choice(cell, len(cell))
        width = np.log(stars.distance[cell]).std() * len(cell) ** -0.2  # Scott's rule
        jitter[cell] = width * rng.standard_normal(len(cell))
    distance = stars.distance[place] * np.exp(jitter)
    motion = rng.permutation(len(stars))
    v = _dispersion(stars, distance) * rng.standard_normal(len(stars))
    return stars.with_motion(distance, stars.distance_error[place] * np.exp(jitter), v, stars.v_error[motion])


_KINDS: Final[Mapping[str, Callable[[PhaseSpace, list[Ints], np.random.Generator], PhaseSpace]]] = {
    "like": _among_like,
    "shuffle": _shuffled,
    "smooth": _drawn,
}


def _dispersion(stars: PhaseSpace, distance: Floats) -> Floats:
    """Root mean square velocity, errors included, of the stars at like radii, for other distances of the same stars."""
    order = _by_radius(stars, stars.distance)
    half = max(1, round(_LIKE_RADII * len(stars)))
    total = np.concatenate([[0.0], np.cumsum(stars.v[order] ** 2)])
    middle = np.searchsorted(_radius(stars, stars.distance)[order], _radius(stars, distance))
    low, high = np.clip(middle - half, 0, len(stars) - 1), np.clip(middle + half, 1, len(stars))
    return np.asarray(np.sqrt((total[high] - total[low]) / (high - low)))


def _radius(stars: PhaseSpace, distance: Floats) -> Floats:
    """Galactocentric radius of the stars at other distances, array (n,) [kpc]."""
    towards = stars.directions()[:, 0]
    return np.asarray(np.sqrt(distance**2 - 2.0 * _SUN * distance * towards + _SUN**2))


def _by_radius(stars: PhaseSpace, distance: Floats) -> Ints:
    return np.argsort(_radius(stars, distance), kind="stable")


def _cells(stars: PhaseSpace) -> list[Ints]:
    """The stars in cells of like directions: halved at the median of the wider coordinate until few are left.

    A halo that is symmetric about its axis and its plane looks the same in all four quadrants about the centre.
    """
    towards, _, up = stars.directions().T
    like = np.stack([np.arccos(np.clip(towards, -1.0, 1.0)), np.arcsin(np.clip(np.abs(up), 0.0, 1.0))], axis=1)
    most = max(_CELL_MIN, int(_CELL * len(stars)))
    done, open_cells = list[Ints](), [np.arange(len(stars))]
    while open_cells:
        cell = open_cells.pop()
        if len(cell) <= most:
            done.append(cell)
            continue
        axis = int(np.argmax(np.ptp(like[cell], axis=0)))
        order = cell[np.argsort(like[cell, axis], kind="stable")]
        open_cells += [order[len(order) // 2 :], order[: len(order) // 2]]
    return done
