"""The cuts of a run: cutflow.csv."""

import csv
import io
import os

from haloscale.records import Cut, CutFlow
from haloscale.tables.atomic import atomic_write, reading

_HEADER = ("cut", "n_before", "n_after", "applied", "note")
_OF_SEVERAL = "catalogue"
"""Further column where there are several catalogues."""


def write_cutflow(path: str | os.PathLike[str], cutflow: CutFlow) -> None:
    """Write the cut flow as CSV: cut, n_before, n_after, applied (true or false), note; of several catalogues which.

    Errors: `RunFolderError` if it cannot be written.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    several = any(c.catalogue for c in cutflow)
    writer.writerow((*_HEADER, _OF_SEVERAL) if several else _HEADER)
    for c in cutflow:
        row = c.name, int(c.n_before), int(c.n_after), str(bool(c.applied)).lower(), c.note
        writer.writerow((*row, c.catalogue) if several else row)
    atomic_write(path, out.getvalue())


def read_cutflow(path: str | os.PathLike[str]) -> CutFlow:
    """Read what `write_cutflow` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source, source.open(newline="", encoding="utf-8") as file:
        return CutFlow(
            tuple(
                Cut(
                    row["cut"],
                    int(row["n_before"]),
                    int(row["n_after"]),
                    row["applied"] == "true",
                    row["note"],
                    row.get(_OF_SEVERAL, ""),
                )
                for row in csv.DictReader(file)
            )
        )
