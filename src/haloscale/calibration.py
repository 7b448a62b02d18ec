"""Measurements made ready for use: missing velocity errors filled, zero points of velocity and distance changed."""

import numpy as np

from haloscale.errors import CatalogueError
from haloscale.records import MODULI, Cut, StarTable


def fill_velocity_errors(table: StarTable, typical: float | None) -> tuple[StarTable, Cut | None, str | None]:
    """Give every star a velocity error, or drop those that have none.

    Parameters
    ----------
    table : StarTable
    typical : float or None [km/s]
        Typical error that the survey states; None: it states none, and rows without an error are dropped.

    Returns
    -------
    table : StarTable
        With a finite, non-negative ``v_helio_error`` in every row.
    cut : Cut or None
        The line of the cut flow where rows were dropped.
    note : str or None
        What was filled in, for the log.

    Raises
    ------
    CatalogueError
        No row has an error and the survey states no typical one.
    """
    n = len(table)
    errors = np.asarray(table["v_helio_error"], float) if "v_helio_error" in table else np.full(n, np.nan)
    known = np.isfinite(errors) & (errors >= 0)
    if known.all():
        return table, None, None
    missing = n - int(known.sum())
    if typical is not None:
        note = f"{missing} of {n} stars have no velocity error and take the typical {typical:g} km/s of {table.survey}"
        return table.with_columns(v_helio_error=np.where(known, errors, typical)), None, note
    if missing == n:
        raise CatalogueError(
            "no row of the catalogue has a velocity error: v_helio_error is absent, or missing or infinite throughout",
            f"finite velocity errors in km/s (survey {table.survey!r} states no typical error)",
            "name the column with --columns v_helio_error=..., or use the survey the stars come from",
        )
    cut = Cut("velocity error present", n, n - missing, note=f"survey {table.survey} states no typical velocity error")
    return table.take(known), cut, None


def calibrate_columns(table: StarTable, v_offset: float = 0.0, distance_scale: float = 1.0) -> StarTable:
    """Shift the velocities and stretch the distances of a whole catalogue.

    Parameters
    ----------
    table : StarTable
    v_offset : float [km/s]
        Added to ``v_helio``.
    distance_scale : float
        Multiplies ``distance`` and ``distance_error``; distance moduli and absolute magnitudes found with them follow.

    Returns
    -------
    StarTable
    """
    changed = {}
    if v_offset != 0.0:
        changed["v_helio"] = table["v_helio"] + v_offset
    if distance_scale != 1.0:
        shift = 5.0 * float(np.log10(distance_scale))
        changed |= {k: table[k] * distance_scale for k in ("distance", "distance_error") if k in table}
        changed |= {k: table[k] + shift for k in MODULI if k in table}
        changed |= {k: table[k] - shift for k in ("m_r",) if k in table}
    return table.with_columns(**changed)
