"""Globular clusters and dwarf galaxies whose stars a catalogue may hold.

The table `data/known_objects.csv` carries published positions, distances and radii; its header names the sources.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from haloscale.frames import galactic_to_icrs
from haloscale.records import Floats, Ints, StarTable

_N_SIGMA = 3.0
_OBJECT_DISTANCE_ERROR = 0.1
"""Fractional tolerance on the distance of an object: its own error, and the zero point of the stars' scale."""


@dataclass(frozen=True)
class KnownObjects:
    """Clusters and dwarf galaxies, one entry a row.

    Parameters
    ----------
    name, kind : tuple of str (n,)
        Kind is "globular cluster" or "dwarf galaxy".
    ra, dec : array (n,) [deg]
    distance : array (n,) [kpc]
    radius : array (n,) [deg]
        On the sky: stars inside are taken for members where the distance agrees.
    """

    name: tuple[str, ...]
    kind: tuple[str, ...]
    ra: Floats
    dec: Floats
    distance: Floats
    radius: Floats

    def __len__(self) -> int:
        return len(self.name)


@cache
def known_objects() -> KnownObjects:
    """The table that comes with haloscale."""
    text = files("haloscale").joinpath("data/known_objects.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    numbers = {k: np.array([float(row[k]) for row in rows]) for k in ("ra", "dec", "distance", "radius")}
    return KnownObjects(tuple(row["name"] for row in rows), tuple(row["kind"] for row in rows), **numbers)


def flag_known_objects(table: StarTable) -> NDArray[np.str_]:
    """Name of the cluster or dwarf galaxy that each star seems to belong to; "" for none.

    Parameters
    ----------
    table : StarTable
        With ``ra, dec`` or ``l, b`` [deg]; ``distance, distance_error`` [kpc] are used where present.

    Returns
    -------
    str array (n,)

    Notes
    -----
    A star belongs to an object when it lies within the object's radius on the sky and, if it has a distance d, when
    |d - d_obj| < 3 sqrt(distance_error^2 + (0.1 d_obj)^2). Of several objects the one that is nearest in units of
    its radius is named.
    """
    objects = known_objects()
    ra, dec = (table["ra"], table["dec"]) if "ra" in table else galactic_to_icrs(table["l"], table["b"])
    star, thing, separation = _inside(np.asarray(ra, float), np.asarray(dec, float), objects)
    agrees = _distance_agrees(table, star, objects.distance[thing])
    star, thing, separation = star[agrees], thing[agrees], separation[agrees]
    order = np.argsort(-separation / objects.radius[thing], kind="stable")
    index = np.full(len(table), len(objects))
    index[star[order]] = thing[order]
    names: NDArray[np.str_] = np.array([*objects.name, ""])[index]
    return names


def _inside(ra: Floats, dec: Floats, objects: KnownObjects) -> tuple[Ints, Ints, Floats]:
    """Star, object and separation [deg] of every star inside an object's radius."""
    from scipy.spatial import cKDTree

    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    stars, centres = _vectors(ra[known], dec[known]), _vectors(objects.ra, objects.dec)
    if not len(known):
        return known, known, np.zeros(0)
    near = cKDTree(stars).query_ball_point(centres, 2.0 * np.sin(np.radians(objects.radius) / 2.0), return_sorted=True)
    thing = np.repeat(np.arange(len(objects)), [len(members) for members in near])
    star = np.concatenate([np.asarray(members, np.int64) for members in near])
    chord = np.linalg.norm(stars[star] - centres[thing], axis=1)
    return known[star], thing, np.degrees(2.0 * np.arcsin(chord / 2.0))


def _distance_agrees(table: StarTable, star: Ints, expected: Floats) -> NDArray[np.bool_]:
    if "distance" not in table:
        return np.ones(len(star), bool)
    distance = np.asarray(table["distance"], float)[star]
    error = np.asarray(table["distance_error"], float)[star] if "distance_error" in table else np.zeros(len(star))
    tolerance = _N_SIGMA * np.hypot(np.nan_to_num(error), _OBJECT_DISTANCE_ERROR * expected)
    agrees: NDArray[np.bool_] = np.isnan(distance) | (np.abs(distance - expected) < tolerance)
    return agrees


def _vectors(longitude: Floats, latitude: Floats) -> Floats:
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
