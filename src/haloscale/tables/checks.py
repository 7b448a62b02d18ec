"""Values that no star has: refused with the rows and what to do."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError

FASTEST = 2000.0
"""Median absolute velocity beyond which a column is taken for metres per second [km/s]."""

FARTHEST = 1000.0
"""Median distance beyond which a column is taken for parsecs [kpc]."""

_POSITIVE = ("distance",)
_NOT_NEGATIVE = ("distance_error", "v_helio_error")
_REQUIRED = (("v_helio",), ("distance",), ("l", "ra"), ("b", "dec"))
_SHOWN = 5

Columns = Mapping[str, NDArray[np.float64]]


def check_values(file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a catalogue whose numbers cannot be what the columns claim.

    Parameters
    ----------
    file : str
        For messages.
    columns : mapping of str to array (n,) [internal units]
        Standard columns.
    from_file : mapping of str to tuple of str
        Columns of the file behind each standard column, for messages.

    Raises
    ------
    CatalogueError
        A required column without a value, distances <= 0, negative errors, angles out of range, velocities in m/s.
    """
    _check_present(file, columns, from_file)
    for name in ("b", "dec"):
        _check_range(file, columns, from_file, name, 90.0, "a latitude between -90 and 90 degrees")
    for name in ("l", "ra"):
        _check_range(file, columns, from_file, name, 360.0, "a longitude between -360 and 360 degrees")
    for name in _POSITIVE:
        _check_sign(file, columns, from_file, name, zero_allowed=False)
    for name in _NOT_NEGATIVE:
        _check_sign(file, columns, from_file, name, zero_allowed=True)
    _check_speed(file, columns, from_file)
    _check_reach(file, columns, from_file)


def _check_present(file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]]) -> None:
    for names in _REQUIRED:
        there = [n for n in names if n in columns]
        if there and all(np.isnan(columns[n]).all() for n in there):
            raise CatalogueError(
                f"{_column(from_file, there[0])} of {file} has no value in any of its {len(columns[there[0]])} rows",
                f"{there[0]} for at least one star (NaN, inf and -9999 count as missing)",
                f"name the right column with --columns {there[0]}=COLUMN",
            )


def _check_range(
    file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]], name: str, limit: float, expected: str
) -> None:
    if name in columns:
        bad = np.abs(columns[name]) > limit
        if bad.any():
            advice = "check that the columns are not interchanged and the unit is degrees, or set bad values to NaN"
            raise _bad_rows(file, columns, from_file, name, bad, expected, advice)


def _check_sign(
    file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]], name: str, zero_allowed: bool
) -> None:
    if name in columns:
        bad = columns[name] < 0 if zero_allowed else columns[name] <= 0
        if bad.any():
            expected = "no negative error" if zero_allowed else "distances above zero"
            advice = "remove these rows, or set the value to NaN or -9999 if it means missing"
            raise _bad_rows(file, columns, from_file, name, bad, expected, advice)


def _check_speed(file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]]) -> None:
    if "v_helio" not in columns:
        return
    typical = float(np.nanmedian(np.abs(columns["v_helio"])))
    if typical > FASTEST:
        raise CatalogueError(
            f"{_column(from_file, 'v_helio')} of {file} has a median size of {typical:.0f} km/s",
            f"heliocentric velocities in km/s, below {FASTEST:.0f} in the median",
            "if they are in m/s, state the unit m/s in the file or divide the column by 1000",
        )


def _check_reach(file: str, columns: Columns, from_file: Mapping[str, tuple[str, ...]]) -> None:
    if "distance" not in columns:
        return
    typical = float(np.nanmedian(columns["distance"]))
    if typical > FARTHEST:
        raise CatalogueError(
            f"{_column(from_file, 'distance')} of {file} has a median of {typical:.0f} kpc",
            f"heliocentric distances in kpc, below {FARTHEST:.0f} in the median",
            "if they are in pc, state the unit pc in the file or divide the column by 1000",
        )


def _bad_rows(
    file: str,
    columns: Columns,
    from_file: Mapping[str, tuple[str, ...]],
    name: str,
    bad: NDArray[np.bool_],
    expected: str,
    advice: str,
) -> CatalogueError:
    rows = np.flatnonzero(bad)
    listed = ", ".join(map(str, rows[:_SHOWN])) + (", ..." if len(rows) > _SHOWN else "")
    return CatalogueError(
        f"{_column(from_file, name)} of {file} is {columns[name][rows[0]]:g} in row {rows[0]}; "
        f"{len(rows)} of {len(bad)} rows are like that (rows {listed}, counted from 0)",
        expected,
        advice,
    )


def _column(from_file: Mapping[str, tuple[str, ...]], name: str) -> str:
    behind = from_file.get(name, (name,))
    return f"the column {behind[0]!r}" if behind == (name,) else f"{name} (column {', '.join(map(repr, behind))})"
