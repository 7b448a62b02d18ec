"""Streams and clumps of known members, planted among the stars of a catalogue and seen as its own survey sees.

A structure is a piece of one orbit: its stars lie about a great circle, their distances and velocities run along it as
on an eccentric orbit, and each is observed with the errors of a like star of the catalogue.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale.errors import SelectionError
from haloscale.frames import ZHAI2018, SolarFrame, galactic_to_icrs, locate, v_gsr
from haloscale.mock.orbit import Orbit, great_circle
from haloscale.records import Bools, Floats, Ints, StarTable
from haloscale.substructure.phase_space import PhaseSpace, phase_space

Accept = Callable[[PhaseSpace, Ints], Bools]
"""(observed stars, the catalogue star that each is like) -> which of them the sample would hold, mask (n,)."""

ECCENTRICITY: Final = (0.2, 0.6)
"""Range of the eccentricities that are drawn."""

_LIKE: Final = 50
_NEIGHBOUR: Final = 3
_ARCS: Final = 64
_BATCHES: Final = 50
_SPAN: Final = 0.5

SAGITTARIUS_LIKE: Final[Mapping[str, Any]] = {
    "n": 475,
    "width": 5.0,
    "length": 320.0,
    "distance": 40.0,
    "v_spread": 12.0,
    "eccentricity": 0.5,
    "phase": 0.5 * np.pi,
    "pole": (273.8, -13.5),
}
"""Arguments of `plant` for a wrap in the orbital plane of Sagittarius (pole: Majewski et al. 2003, ApJ 599, 1082):
distances of 20 to 60 kpc, radial velocities of +-140 km/s."""

CLUMPS: Final[tuple[Mapping[str, Any], ...]] = (
    {"n": 60, "width": 2.5, "v_spread": 20.0},
    {"n": 40, "width": 2.0, "v_spread": 12.0},
    {"n": 28, "width": 1.5, "v_spread": 15.0},
    {"n": 20, "width": 1.5, "v_spread": 10.0},
    {"n": 14, "width": 1.0, "v_spread": 8.0},
)
"""Arguments of `plant` for clumps of falling size, each at the place of a random star."""


@dataclass(frozen=True)
class Planted:
    """Stars of one structure as the survey would see them.

    Parameters
    ----------
    stars : PhaseSpace
    like : int array (n,)
        The catalogue star whose errors (and other columns) each has.
    visible : float
        Share of the stars of the structure that the sample would hold: those in the footprint that pass the cuts.
    """

    stars: PhaseSpace
    like: Ints
    visible: float


def plant(
    stars: PhaseSpace,
    rng: np.random.Generator,
    *,
    n: int,
    width: float,
    length: float = 0.0,
    distance: float | None = None,
    distance_spread: float | None = None,
    v_spread: float = 10.0,
    eccentricity: float | None = None,
    phase: float | None = None,
    pole: tuple[float, float] | None = None,
    r0: float = 8.0,
    accept: Accept | None = None,
) -> Planted:
    """Observed stars of one stream or clump that the survey of a catalogue would hold.

    Parameters
    ----------
    stars : PhaseSpace
        The catalogue.
    rng : numpy.random.Generator
    n : int
        Stars to plant; those that the sample would not hold do not count.
    width : float [deg]
        Standard deviation of the angle from the great circle; of a clump, in each direction.
    length : float [deg]
        Along the great circle, evenly filled; 0: a clump.
    distance : float [kpc], optional
        Heliocentric, at the middle; default: that of the catalogue star through which the great circle passes.
    distance_spread : float [kpc], optional
        Standard deviation about the orbit; default: as deep as it is wide at the middle.
    v_spread : float [km/s]
        Standard deviation about the orbit.
    eccentricity : float, optional
        Of the orbit; default: drawn evenly from `ECCENTRICITY`.
    phase : float [rad], optional
        Radial phase at the middle, 0 at the apocentre; default: any.
    pole : tuple (2,) [deg], optional
        (l, b) of the pole of the great circle; default: any circle through a random star of the catalogue.
    r0 : float [kpc]
        From the Sun to the Galactic centre.
    accept : callable, optional
        The cuts of the sample; default: none.

    Returns
    -------
    Planted

    Raises
    ------
    SelectionError
        The sample could not hold such a structure: no arc of those tried gave `n` stars.

    Notes
    -----
    Footprint: a star is planted only where the nearest star of the catalogue on the sky is no farther than that star's
    own third neighbour. Where stars are spread evenly 95 % would pass, whatever their density. An arc is taken if the
    stars that are left span half of its length (5 to 95 %); of 64 arcs the first that is.

    Distances and velocities along the arc: `mock.orbit.Orbit`. Errors: the fractional distance error and the velocity
    error of one of the 50 catalogue stars nearest in distance; distances scatter log-normally. What is not known of
    that star scatters nothing and stays unknown.
    """
    size, kept_span = max(4 * n, 200), 0.9 * _SPAN * np.deg2rad(length)
    nearby, alike = _footprint(stars), _by_distance(stars)
    for _ in range(_ARCS):
        anchor = int(rng.integers(len(stars)))
        middle = float(stars.distance[anchor]) if distance is None else distance
        orbit = Orbit(
            axes=great_circle(stars.directions()[anchor], pole, rng),
            distance=middle,
            eccentricity=rng.uniform(*ECCENTRICITY) if eccentricity is None else eccentricity,
            phase=rng.uniform(0.0, 2 * np.pi) if phase is None else phase,
            width=np.deg2rad(width),
            depth=np.deg2rad(width) * middle if distance_spread is None else distance_spread,
            v_spread=v_spread,
            r0=r0,
        )
        parts: list[_Seen] = []
        while not parts or (_n_good(parts) and _n_good(parts) < n and len(parts) < _BATCHES):
            true, along = orbit.draw(rng, size, np.deg2rad(length))
            like = alike(true.distance, rng)
            seen = _observe(true, stars.take(like), rng)
            parts.append(_Seen(seen, like, along, nearby(seen) & (True if accept is None else accept(seen, like))))
        if _n_good(parts) >= n and _span(parts) >= kept_span:
            return _first(parts, n)
    raise SelectionError(
        f"no place for a structure of {n} stars, {width:g} deg wide and {length:g} deg long"
        + ("" if distance is None else f", at {distance:g} kpc"),
        "one whose stars lie in the footprint and pass the cuts of [selection]",
        "make it shorter, or put it at a distance where the sample has stars",
    )


def as_table(table: StarTable, seen: PhaseSpace, like: Ints, frame: SolarFrame) -> StarTable:
    """Observed stars as a located table with the columns of another.

    Columns beside positions, distances, velocities and their errors are copied from the stars they are like.

    Parameters
    ----------
    table : StarTable
        All its stars have a direction, a distance and a velocity.
    seen : PhaseSpace
        The observed stars.
    like : int array (n,)
        Positions in `table`.
    frame : SolarFrame
    """
    ra, dec = galactic_to_icrs(seen.l, seen.b)
    own = {
        **{"ra": ra, "dec": dec, "l": seen.l, "b": seen.b},
        **{"distance": seen.distance, "distance_error": seen.distance_error},
        **{"v_helio": seen.v - v_gsr(seen.l, seen.b, np.zeros(len(seen)), frame), "v_helio_error": seen.v_error},
    }
    copied = table.take(like)
    return locate(copied.with_columns(**{name: x for name, x in own.items() if name in table}), frame)


def append(table: StarTable, added: StarTable) -> StarTable:
    """A table with stars of the same columns after its own; their rows continue the table's."""
    rows = int(table["row"].max()) + 1 + np.arange(len(added))
    added = added.with_columns(row=rows)
    return replace(
        table,
        columns={name: np.concatenate([column, added[name]]) for name, column in table.columns.items()},
        raw={name: np.concatenate([column, added.raw[name]]) for name, column in table.raw.items()},
    )


def with_structures(
    table: StarTable,
    rng: np.random.Generator,
    structures: Iterable[Mapping[str, Any]] = (SAGITTARIUS_LIKE, *CLUMPS),
    frame: SolarFrame = ZHAI2018,
) -> tuple[StarTable, Ints]:
    """A catalogue with structures planted, and the structure of each star.

    Parameters
    ----------
    table : StarTable
        With positions, distances and velocities, located or not. Stars without them are left out.
    rng : numpy.random.Generator
    structures : iterable of mapping
        Arguments of `plant`, one mapping a structure.
    frame : SolarFrame

    Returns
    -------
    table : StarTable
        Located; the planted stars come last.
    label : int array (n,)
        Position in `structures`; -1: a star of the catalogue.
    """
    located = locate(table, frame)
    stars, usable = phase_space(located)
    located = located.take(usable)
    whole, label = located, [np.full(len(located), -1)]
    for k, structure in enumerate(structures):
        planted = plant(stars, rng, r0=float(frame.r0), **structure)
        whole = append(whole, as_table(located, planted.stars, planted.like, frame))
        label.append(np.full(len(planted.stars), k))
    return whole, np.concatenate(label)


@dataclass(frozen=True)
class _Seen:
    """A batch of stars drawn from one orbit: what is observed, the stars they are like, the angle along, and which
    of them the sample would hold."""

    stars: PhaseSpace
    like: Ints
    along: Floats
    good: Bools


def _footprint(stars: PhaseSpace) -> Callable[[PhaseSpace], Bools]:
    """Whether the catalogue has a star as near on the sky as its stars are among themselves thereabouts."""
    from scipy.spatial import KDTree

    tree = KDTree(stars.directions())
    reach = tree.query(stars.directions(), k=[_NEIGHBOUR + 1])[0][:, 0]  # the first is the star itself

    def covers(seen: PhaseSpace) -> Bools:
        distance, nearest = tree.query(seen.directions())
        return np.asarray(distance <= reach[nearest])

    return covers


def _by_distance(stars: PhaseSpace) -> Callable[[Floats, np.random.Generator], Ints]:
    """Draws for each distance one of the catalogue stars nearest in distance."""
    order = np.argsort(stars.distance, kind="stable")
    known, count = stars.distance[order], min(_LIKE, len(stars))

    def alike(distance: Floats, rng: np.random.Generator) -> Ints:
        first = np.clip(np.searchsorted(known, distance) - count // 2, 0, len(known) - count)
        return np.asarray(order[first + rng.integers(count, size=len(distance))])

    return alike


def _observe(true: PhaseSpace, like: PhaseSpace, rng: np.random.Generator) -> PhaseSpace:
    fraction, v_error = like.distance_fraction(), like.velocity_error()
    noise = rng.standard_normal((2, len(true)))
    distance = true.distance * np.exp(np.nan_to_num(fraction) * noise[0])
    v = true.v + np.nan_to_num(v_error) * noise[1]
    unknown = np.isnan(fraction), np.isnan(v_error)
    return true.with_motion(
        distance,
        np.where(unknown[0], like.distance_error, fraction * distance),
        v,
        np.where(unknown[1], like.v_error, v_error),
    )


def _n_good(parts: list[_Seen]) -> int:
    return sum(int(part.good.sum()) for part in parts)


def _span(parts: list[_Seen]) -> float:
    """From 5 to 95 % of the stars that are left, along the arc [rad]."""
    return float(np.ptp(np.quantile(np.concatenate([part.along[part.good] for part in parts]), [0.05, 0.95])))


def _first(parts: list[_Seen], n: int) -> Planted:
    drawn = sum(len(part.along) for part in parts)
    like = np.concatenate([part.like[part.good] for part in parts])[:n]
    pieces = [part.stars.take(part.good) for part in parts]
    names = PhaseSpace.__dataclass_fields__
    stars = PhaseSpace(*(np.concatenate([getattr(piece, name) for piece in pieces])[:n] for name in names))
    return Planted(stars, like, _n_good(parts) / drawn)
