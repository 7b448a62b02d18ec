"""Known streams and clouds of the halo: which stars lie on one, in direction, distance and velocity.

The table `data/known_structures.csv` carries approximate tracks with their widths; its header names the sources.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Final

import numpy as np

from haloscale.records import Bools, Floats
from haloscale.substructure.phase_space import PhaseSpace

N_WIDTHS: Final = 2.0
"""A star lies on a track within this many widths of it, in distance and in velocity."""

_AT_ONCE: Final = 100_000
"""Stars compared with a track at a time: some 100 MB at most."""

_NUMBERS: Final = ("width", "distance", "distance_width", "v_gsr", "v_gsr_width")


@dataclass(frozen=True)
class Track:
    """One part of a known structure: nodes joined by great-circle arcs, along which every number runs linearly.

    Parameters
    ----------
    structure, part : str
        "Sagittarius", "leading".
    l, b : array (n_nodes,) [deg]
    width : array (n_nodes,) [deg]
        Half-width on the sky.
    distance, distance_width : array (n_nodes,) [kpc]
        Heliocentric, and its spread (one sigma).
    v_gsr, v_gsr_width : array (n_nodes,) [km/s]
        Along the sight line, and its spread (one sigma).
    source : tuple of str (n_nodes,)
        Keys of the table's header.
    """

    structure: str
    part: str
    l: Floats
    b: Floats
    width: Floats
    distance: Floats
    distance_width: Floats
    v_gsr: Floats
    v_gsr_width: Floats
    source: tuple[str, ...]

    @property
    def nodes(self) -> Floats:
        """Unit vectors towards the nodes, array (n_nodes, 3)."""
        l, b = np.radians(self.l), np.radians(self.b)
        return np.stack([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)], axis=1)

    def holds(self, directions: Floats, distance: Floats, distance_error: Floats, v: Floats, v_error: Floats) -> Bools:
        """Which stars lie on the track.

        Parameters
        ----------
        directions : array (n, 3)
            Unit vectors, dimensionless.
        distance, distance_error : array (n,) [kpc]
            An error of 0: not known.
        v, v_error : array (n,) [km/s]
            Along the sight line in the Galactic rest frame.

        Returns
        -------
        bool array (n,)

        Notes
        -----
        At the nearest point of the track, the angle is at most the width, and |d - d_track| and |v - v_track| are at
        most two times the width of the track and the star's error, added in quadrature.
        """
        held = np.zeros(len(v), dtype=bool)
        may = np.flatnonzero(
            _within(distance, distance_error, self.distance, self.distance_width)
            & _within(v, v_error, self.v_gsr, self.v_gsr_width)
        )
        may = may[_around(directions[may], self.nodes, np.radians(self.width.max()))]
        angle, place = nearest(directions[may], self.nodes)
        near = np.flatnonzero(angle <= np.radians(self.width.max()))
        may, angle, place = may[near], angle[near], place[near]
        numbers = {name: np.interp(place, np.arange(len(self.l)), getattr(self, name)) for name in _NUMBERS}
        on = angle <= np.radians(numbers["width"])
        for value, error, name in ((distance, distance_error, "distance"), (v, v_error, "v_gsr")):
            tolerance = N_WIDTHS * np.hypot(numbers[f"{name}_width"], error[may])
            on &= np.abs(value[may] - numbers[name]) <= tolerance
        held[may] = on
        return held


def _within(value: Floats, error: Floats, track: Floats, width: Floats) -> Bools:
    """Whether a star may lie on the track at all: it is within the outermost limits of the whole."""
    tolerance = N_WIDTHS * np.hypot(width.max(), error)
    return np.asarray((value >= track.min() - tolerance) & (value <= track.max() + tolerance))


def _around(directions: Floats, nodes: Floats, width: float) -> Bools:
    """Whether a star may lie within the width of the chain at all: it is near enough to some node of it."""
    half_arc = 0.5 * np.arccos(np.clip(np.einsum("ij,ij->i", nodes[:-1], nodes[1:]), -1.0, 1.0)).max()
    return np.asarray((directions @ nodes.T).max(axis=1) >= np.cos(min(width + half_arc, np.pi)))


@cache
def known_tracks() -> tuple[Track, ...]:
    """The table that comes with haloscale."""
    text = files("haloscale").joinpath("data/known_structures.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    tracks = []
    for (structure, part), of_part in groupby(rows, key=lambda row: (row["structure"], row["part"])):
        nodes = list(of_part)
        numbers = {name: np.array([float(node[name]) for node in nodes]) for name in ("l", "b", *_NUMBERS)}
        tracks.append(Track(structure, part, **numbers, source=tuple(node["source"] for node in nodes)))
    return tuple(tracks)


@cache
def known_structures() -> tuple[str, ...]:
    """Names of the structures, in the order of the table."""
    return tuple(dict.fromkeys(track.structure for track in known_tracks()))


def on_known_structures(stars: PhaseSpace) -> Bools:
    """Which stars lie on which structure, bool array (n, n_structures) in the order of `known_structures`."""
    return held_by_structures(
        stars.directions(),
        stars.distance,
        np.nan_to_num(stars.distance_error),
        stars.v,
        np.nan_to_num(stars.v_error),
    )


def held_by_structures(
    directions: Floats, distance: Floats, distance_error: Floats, v: Floats, v_error: Floats
) -> Bools:
    """Which stars lie on any part of which structure.

    Parameters
    ----------
    directions : array (n, 3)
        Unit vectors, dimensionless.
    distance, distance_error : array (n,) [kpc]
        An error of 0: not known.
    v, v_error : array (n,) [km/s]
        Along the sight line in the Galactic rest frame.

    Returns
    -------
    bool array (n, n_structures)
    """
    names = known_structures()
    held = np.zeros((len(v), len(names)), dtype=bool)
    for start in range(0, len(v), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        stars = directions[rows], distance[rows], distance_error[rows], v[rows], v_error[rows]
        for track in known_tracks():
            held[rows, names.index(track.structure)] |= track.holds(*stars)
    return held


def nearest(directions: Floats, nodes: Floats) -> tuple[Floats, Floats]:
    """The nearest point of a chain of great-circle arcs.

    Parameters
    ----------
    directions : array (n, 3)
        Unit vectors, dimensionless.
    nodes : array (n_nodes, 3)
        Unit vectors, dimensionless; two or more, no two neighbours equal or opposite.

    Returns
    -------
    angle : array (n,) [rad]
        To that point.
    place : array (n,)
        Where it lies: 2.5 half-way between the third and the fourth node.
    """
    start, end, row = nodes[:-1], nodes[1:], np.arange(len(directions))
    poles = np.cross(start, end)
    poles /= np.linalg.norm(poles, axis=1)[:, None]
    ahead, back = np.cross(poles, start), np.cross(end, poles)
    at_nodes = directions @ nodes.T
    # Between its ends an arc is nearest at the foot of the perpendicular, elsewhere at the nearer end.
    beside = (directions @ ahead.T >= 0.0) & (directions @ back.T >= 0.0)
    foot = np.sqrt(np.maximum(1.0 - (directions @ poles.T) ** 2, 0.0))
    cosine = np.where(beside, foot, np.maximum(at_nodes[:, :-1], at_nodes[:, 1:]))
    k = cosine.argmax(axis=1)
    arc = np.arctan2(np.einsum("ij,ij->i", end, ahead), np.einsum("ij,ij->i", end, start))[k]
    along = np.arctan2(np.einsum("ij,ij->i", directions, ahead[k]), at_nodes[row, k])
    ends = np.where(at_nodes[row, k] >= at_nodes[row, k + 1], 0.0, arc)
    along = np.where(beside[row, k], along, ends)
    point = np.cos(along)[:, None] * start[k] + np.sin(along)[:, None] * ahead[k]
    angle = 2.0 * np.arcsin(np.minimum(0.5 * np.linalg.norm(directions - point, axis=1), 1.0))
    return angle, k + along / arc
