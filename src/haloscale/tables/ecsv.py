"""Tables of numbers with units as ECSV, the same bytes for the same record."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.tables.atomic import atomic_path


def write_ecsv(
    path: str | os.PathLike[str],
    columns: Mapping[str, NDArray[Any]],
    units: Mapping[str, str],
    meta: Mapping[str, Any] | None = None,
) -> None:
    """Write columns as ECSV; a NaN is masked.

    Parameters
    ----------
    path : str or path
    columns : mapping of str to array (n,) [own units]
    units : mapping of str to str
        Units of some or all of them.
    meta : mapping, optional
        For the header.

    Raises
    ------
    RunFolderError
        It cannot be written.
    """
    from astropy.table import MaskedColumn, Table

    table = Table(meta=dict(meta or {}))
    for name, values in columns.items():
        gaps = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
        table[name] = MaskedColumn(values, mask=gaps, unit=units[name] or None)
    with atomic_path(path) as aside:
        table.write(aside, format="ascii.ecsv")


def read_ecsv(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The columns of an ECSV file, NaN where masked, and the meta of its header."""
    from astropy.table import Table

    table = Table.read(path, format="ascii.ecsv")
    return {name: _filled(np.ma.asanyarray(table[name])) for name in table.colnames}, dict(table.meta)


def _filled(column: Any) -> NDArray[Any]:
    gaps = np.ma.getmaskarray(column)
    values = np.array(np.ma.getdata(column))
    if gaps.any():
        values[gaps] = np.nan if values.dtype.kind == "f" else ""
    return values
