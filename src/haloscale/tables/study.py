"""The numbers of a study, one row a simulated catalogue or an injection: bias.csv, injections.csv, calibration.ecsv."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.records import Floats
from haloscale.tables.atomic import atomic_write, reading
from haloscale.tables.ecsv import read_ecsv, write_ecsv


def write_study(
    path: str | os.PathLike[str], table: Mapping[str, Floats], units: Mapping[str, str] | None = None
) -> None:
    """Write the columns as CSV or, where they have units, as ECSV.

    Parameters
    ----------
    path : str or path
    table : mapping of str to array (n,) [own units]
        NaN, which stands for an impossible fit, is an empty field.
    units : mapping of str to str, optional

    Raises
    ------
    RunFolderError
        It cannot be written.
    """
    if units is not None:
        write_ecsv(path, {name: _narrow(values) for name, values in table.items()}, units)
        return
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows([_text(float(x)) for x in row] for row in zip(*table.values(), strict=True))
    atomic_write(path, out.getvalue())


def read_study(path: str | os.PathLike[str]) -> dict[str, Floats]:
    """Read what `write_study` wrote, NaN where empty. Errors: `RunFolderError` if the file is missing or damaged."""
    if Path(path).suffix == ".ecsv":
        with reading(path) as source:
            columns, _ = read_ecsv(source)
        return {name: np.asarray(values, dtype=float) for name, values in columns.items()}
    with reading(path) as source, source.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
        values = np.array([[float(x) if x else np.nan for x in row] for row in rows], dtype=float)
        return dict(zip(head, values.T, strict=True))


def _narrow(values: Floats) -> NDArray[Any]:
    """Whole numbers as integers, so that they are written as such."""
    return values.astype(np.int64) if np.all(np.isfinite(values) & (values == np.round(values))) else values


def _text(x: float) -> str:
    return "" if np.isnan(x) else repr(int(x)) if x.is_integer() and abs(x) < 1e9 else repr(x)
