"""Repeat observations of one star, found on the sky and merged into one row.

Rows within the merging radius of a leading row are visits of its star. A leading row is one that has no earlier leading
row within the radius, so a star's visits never spread further than one radius from its first row: rows do not chain
from star to star in a crowded field, as plain friends-of-friends groups would.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import ConfigError
from haloscale.records import Bools, Cut, Floats, Ints, StarTable

_VARIABLE = 5.0
"""Visits that differ in velocity by more than this many standard deviations of the difference are flagged."""

_PHOTOMETRY = ("gmag", "rmag", "imag", "ebv", "gmag0", "rmag0", "gr0")
_MEASURED = ("v_helio", "distance", "feh", "teff", "logg", "pmra", "pmdec", *_PHOTOMETRY)
_SHARED = ("distance", "pmra", "pmdec", *_PHOTOMETRY)
"""Visits of one star share its photometry and its astrometry: their errors are the same error, and averaging does not
shrink it. The merged error is then the weighted mean of the visits' errors, which is the error of a weighted mean of
fully correlated measurements. Spectra are independent: there it is the error of an independent weighted mean."""

_CROWDED = 50


def merge_repeats(table: StarTable, radius_arcsec: float | None) -> tuple[StarTable, Cut | None]:
    """One row a star: visits within a radius on the sky merged.

    Parameters
    ----------
    table : StarTable
        With ``ra, dec`` (or ``l, b``) and, for the weights, errors; NaN is missing.
    radius_arcsec : float or None [arcsec]
        Largest separation from the star's first row; None: nothing is merged.

    Returns
    -------
    table : StarTable
        The first row of each star, in the old order. Velocity, distance, [Fe/H], T_eff, log g, proper motions and
        photometry are inverse-variance means over the visits that have a value; with equal weights where a visit of
        the star has no error. Further columns: ``n_visits`` (int) and ``velocity_variable`` (bool: two visits differ
        by more than 5 sigma of the difference).
    cut : Cut or None
        The line of the cut flow; its note counts stars with several visits and variable ones.

    Raises
    ------
    ConfigError
        The radius is not positive, or so large that it merges neighbours all over the sky.
    """
    if radius_arcsec is None:
        return table, None
    if not radius_arcsec > 0:
        raise ConfigError(
            f"selection.merge_radius is {radius_arcsec:g}", "a positive radius in arcsec", 'give 3, or "off"'
        )
    first = first_visits(*_sky(table), radius_arcsec)
    kept = np.flatnonzero(first == np.arange(len(table)))
    visits = np.bincount(first, minlength=len(table))
    repeated = np.flatnonzero(visits[first] > 1)
    star = np.searchsorted(kept, first[repeated])
    columns = {k: v[kept] for k, v in table.columns.items()}
    for name in _MEASURED:
        if name in table and len(repeated):
            columns |= _merge_column(table, name, repeated, star, columns)
    variable = np.zeros(len(kept), bool)
    variable[_variable_stars(table, repeated, star)] = True
    merged = table.take(kept).with_columns(**columns, n_visits=visits[kept], velocity_variable=variable)
    note = f"{int((visits[kept] > 1).sum())} stars with several visits, {int(variable.sum())} of variable velocity"
    return merged, Cut("repeat observations merged", len(table), len(kept), note=note)


def first_visits(longitude: Floats, latitude: Floats, radius_arcsec: float) -> Ints:
    """For each row the index of the first row of its star (its own where it is the first).

    Parameters
    ----------
    longitude, latitude : array (n,) [deg]
        In any one system; rows with a missing coordinate stand alone.
    radius_arcsec : float [arcsec]

    Returns
    -------
    int array (n,)

    Raises
    ------
    ConfigError
        The radius is so large that it merges neighbours all over the sky.
    """
    from scipy.spatial import cKDTree

    first = np.arange(len(longitude))
    known = np.flatnonzero(np.isfinite(longitude) & np.isfinite(latitude))
    if len(known) < 2:
        return first
    lon, lat = np.radians(longitude[known]), np.radians(latitude[known])
    vectors = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    tree = cKDTree(vectors, balanced_tree=False, compact_nodes=False)
    chord = 2.0 * np.sin(np.radians(min(radius_arcsec / 3600.0, 180.0)) / 2.0)
    probe = vectors[:: max(1, len(vectors) // 500)]
    typical = float(np.mean(tree.query_ball_point(probe, chord, return_length=True)))
    if typical > _CROWDED:
        raise ConfigError(
            f"within selection.merge_radius = {radius_arcsec:g} arcsec a star has {typical:.0f} rows on average",
            f"a radius within which a star has its own visits only (at most {_CROWDED})",
            "give a few arcsec, and check that the positions are in degrees and differ",
        )
    pairs = np.sort(tree.query_pairs(chord, output_type="ndarray"), axis=1)
    first[known] = known[_lead(pairs, len(known))]
    return first


def _lead(pairs: Ints, n: int) -> Ints:
    """The leading row of each row: in rounds, rows without a free earlier neighbour lead and take their neighbours."""
    lead = np.arange(n)
    free = np.ones(n, bool)
    while len(pairs):
        later = np.zeros(n, bool)
        later[pairs[:, 1]] = True
        leads = ~later[pairs[:, 0]]
        taken = pairs[leads]
        lead[taken[:, 1]] = n
        np.minimum.at(lead, taken[:, 1], taken[:, 0])
        free[taken.ravel()] = False
        pairs = pairs[free[pairs].all(axis=1)]
    return lead


def _sky(table: StarTable) -> tuple[Floats, Floats]:
    return (table["ra"], table["dec"]) if "ra" in table and "dec" in table else (table["l"], table["b"])


def _merge_column(
    table: StarTable, name: str, repeated: Ints, star: Ints, columns: dict[str, NDArray[Any]]
) -> dict[str, Floats]:
    """The merged values (and errors) of one measured column, in full length; stars of one visit are untouched."""
    n = len(columns[name])
    value = np.asarray(table[name], float)[repeated]
    has_value = np.isfinite(value)
    error_name = f"{name}_error"
    error = np.asarray(table[error_name], float)[repeated] if error_name in table else np.full(len(repeated), np.nan)
    has_error = np.isfinite(error) & (error > 0)
    equal = _sums(star, has_value & ~has_error, n) > 0
    scale = np.where(has_error, error, 1.0)
    weight = np.where(has_value, np.where(equal[star], 1.0, 1.0 / scale**2), 0.0)
    total = _sums(star, weight, n)
    merge = np.zeros(n, bool)
    merge[star] = True
    merge &= total > 0
    share = weight / np.where(total > 0, total, 1.0)[star]
    result = {name: np.where(merge, _sums(star, share * np.where(has_value, value, 0.0), n), columns[name])}
    if error_name in table:
        counted = has_value & has_error
        known = merge & ~equal
        if name in _SHARED:
            merged = _sums(star, share * np.where(counted, error, 0.0), n)
        else:
            merged = np.sqrt(_sums(star, np.where(counted, share * scale, 0.0) ** 2, n))
        largest = np.full(n, -np.inf)
        np.maximum.at(largest, star[counted], error[counted])
        some = np.where(np.isfinite(largest), largest, columns[error_name])
        result[error_name] = np.where(known, merged, np.where(merge, some, columns[error_name]))
    return result


def _variable_stars(table: StarTable, repeated: Ints, star: Ints) -> Ints:
    """Stars of which two visits differ by more than `_VARIABLE` sigma of the difference."""
    if "v_helio" not in table or "v_helio_error" not in table or not len(repeated):
        return np.zeros(0, np.int64)
    order = np.argsort(star, kind="stable")
    star = star[order]
    v, e = (np.asarray(table[k], float)[repeated[order]] for k in ("v_helio", "v_helio_error"))
    found: list[Bools] = []
    lag, low = 1, np.arange(len(star) - 1)
    while len(low := low[low + lag < len(star)]) and len(low := low[star[low] == star[low + lag]]):
        high = low + lag
        differ = np.abs(v[low] - v[high]) > _VARIABLE * np.hypot(e[low], e[high])
        found.append(star[low[differ]])
        lag += 1
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _sums(index: Ints, weight: NDArray[Any], n: int) -> Floats:
    sums: Floats = np.bincount(index, weights=np.asarray(weight, float), minlength=n).astype(float)
    return sums
