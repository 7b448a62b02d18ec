"""Positions at an epoch, and pairs of positions near each other."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.records import Bools, Floats, Ints, StarTable

_SYSTEMS: Final = (("icrs", "ra", "dec", "pmra", "pmdec"), ("galactic", "l", "b", "pm_l", "pm_b"))
_MAS: Final = np.pi / 180.0 / 3600.0 / 1000.0


@dataclass(frozen=True)
class Sky:
    """Where the rows of a table stand.

    Parameters
    ----------
    ra, dec : array (n,) [deg]
        ICRS; NaN where the row has no position.
    moved : bool array (n,)
        Rows to which the proper motion was applied.
    """

    ra: Floats
    dec: Floats
    moved: Bools

    @property
    def known(self) -> Ints:
        """Rows with a position, int array (n_known,)."""
        return np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))

    def coordinates(self, index: Ints) -> Any:
        """The astropy coordinates of some rows; `index` : int array (n_picked,)."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.ra[index], self.dec[index], unit="deg")


def has_motions(table: StarTable) -> bool:
    """True if some row has both components of its proper motion, beside a position in the same system."""
    return any(_has(table, *names) for _, *names in _SYSTEMS)


def positions(table: StarTable, years: float = 0.0) -> Sky:
    """Positions of a table, carried forward by its proper motions.

    Parameters
    ----------
    table : StarTable
        With ``ra, dec`` or ``l, b`` [deg]; ``pmra, pmdec`` or ``pm_l, pm_b`` [mas/yr] where known.
    years : float [yr]
        Time to carry them, negative: back. A row without a proper motion stays.

    Returns
    -------
    Sky

    Notes
    -----
    Motion is along the great circle, ``p + t mu`` renormalised, for each row: what `astropy` does for a star without
    radial velocity and parallax.
    """
    choice = [s for s in _SYSTEMS if years and _has(table, *s[1:])] or [s for s in _SYSTEMS if _has(table, *s[1:3])]
    system, lon_name, lat_name, pm_lon, pm_lat = (*choice, _SYSTEMS["ra" not in table])[0]
    lon, lat = np.asarray(table[lon_name], float), np.asarray(table[lat_name], float)
    moved = np.zeros(len(lon), bool)
    if years and _has(table, lon_name, lat_name, pm_lon, pm_lat):
        motions = np.asarray(table[pm_lon], float), np.asarray(table[pm_lat], float)
        moved = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(motions[0]) & np.isfinite(motions[1])
        lon, lat = lon.copy(), lat.copy()
        lon[moved], lat[moved] = _carried(lon[moved], lat[moved], *(years * _MAS * m[moved] for m in motions))
    ra, dec = _to_icrs(lon, lat) if system == "galactic" else (lon, lat)
    return Sky(ra, dec, moved)


def near_pairs(stars: Sky, sources: Sky, radius: float) -> tuple[Ints, Ints, Floats]:
    """Every pair within a radius, ordered by star, then separation, then source.

    Parameters
    ----------
    stars, sources : Sky
    radius : float [arcsec]

    Returns
    -------
    star, source : int array (n_pairs,)
        Rows of the two tables.
    separation : array (n_pairs,) [arcsec]
    """
    from astropy import units as u
    from astropy.coordinates import search_around_sky

    a, b = stars.known, sources.known
    if not len(a) or not len(b):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    i, j, separation, _ = search_around_sky(stars.coordinates(a), sources.coordinates(b), radius * u.arcsec)
    star, source, arcsec = a[i], b[j], np.asarray(separation.to_value("arcsec"))
    order = np.lexsort((source, arcsec, star))
    return star[order], source[order], arcsec[order]


def _has(table: StarTable, *names: str) -> bool:
    """True if some row has a value in every one of these columns."""
    if not all(name in table for name in names):
        return False
    return bool(np.logical_and.reduce([np.isfinite(np.asarray(table[name], float)) for name in names]).any())


def _carried(lon: Floats, lat: Floats, along: Floats, up: Floats) -> tuple[Floats, Floats]:
    """Positions [deg] after the displacements `along` (times the cosine of the latitude) and `up` [rad]."""
    x, y = np.radians(lon), np.radians(lat)
    sin_x, cos_x, sin_y, cos_y = np.sin(x), np.cos(x), np.sin(y), np.cos(y)
    vector = np.stack(
        [
            cos_y * cos_x - along * sin_x - up * sin_y * cos_x,
            cos_y * sin_x + along * cos_x - up * sin_y * sin_x,
            sin_y + up * cos_y,
        ]
    )
    flat = np.hypot(vector[0], vector[1])
    return np.degrees(np.arctan2(vector[1], vector[0])) % 360.0, np.degrees(np.arctan2(vector[2], flat))


def _to_icrs(l: NDArray[Any], b: NDArray[Any]) -> tuple[Floats, Floats]:
    from astropy.coordinates import SkyCoord

    icrs = SkyCoord(l, b, unit="deg", frame="galactic").icrs
    return np.array(icrs.ra.deg), np.array(icrs.dec.deg)
