"""The numbers of a study, one row a simulated catalogue or an injection: bias.csv, injections.csv."""

import csv
import io
import os
from collections.abc import Mapping

import numpy as np

from haloscale.records import Floats
from haloscale.tables.atomic import atomic_write, reading


def write_study(path: str | os.PathLike[str], table: Mapping[str, Floats]) -> None:
    """Write the columns, array (n,) each, as CSV; NaN, which stands for an impossible fit, is an empty field.

    Errors: `RunFolderError` if it cannot be written.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows([_text(float(x)) for x in row] for row in zip(*table.values(), strict=True))
    atomic_write(path, out.getvalue())


def read_study(path: str | os.PathLike[str]) -> dict[str, Floats]:
    """Read what `write_study` wrote, NaN where empty. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source, source.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
        values = np.array([[float(x) if x else np.nan for x in row] for row in rows], dtype=float)
        return dict(zip(head, values.T, strict=True))


def _text(x: float) -> str:
    return "" if np.isnan(x) else repr(int(x)) if x.is_integer() and abs(x) < 1e9 else repr(x)
