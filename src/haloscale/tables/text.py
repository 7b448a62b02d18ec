"""Delimited text: CSV, `|`, tab, `;` and blanks, with the header line plain or behind `#`; VizieR's two extra lines."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from haloscale.errors import CatalogueError
from haloscale.tables.sniff import open_binary
from haloscale.tables.source import Source

_DELIMITERS = ("|", "\t", ",", ";")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_RULE = re.compile(r"[-\s]*-[-\s]*")
_HEADER_LINES = 2000
MISSING_WORDS = (
    "",
    "nan",
    "NaN",
    "NAN",
    "-nan",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "null",
    "NULL",
    "None",
    "none",
    "--",
    "-",
    "masked",
)
"""What a text file may write for a missing number."""


@dataclass(frozen=True)
class Layout:
    """Names, units, delimiter ("" for blanks), the lines before the first row of data, and whether there is one."""

    names: tuple[str, ...]
    units: dict[str, str]
    delimiter: str
    skip: int
    has_rows: bool = True


def open_text(path: Path, gzipped: bool) -> Source:
    """Open a delimited text file.

    Raises
    ------
    CatalogueError
        No header line, or a row with another number of columns.
    """
    with open_binary(path, gzipped) as file:
        layout = find_layout(path, islice(file, _HEADER_LINES))
    if not layout.has_rows:
        return Source(layout.names, 0, {}, _nothing)
    with open_binary(path, gzipped) as file:
        for _ in range(layout.skip):
            file.readline()
        table = _read(path, file if layout.delimiter else _blanks_to_tabs(file), layout)
    names = tuple(n for n in layout.names if n)

    def load(name: str) -> NDArray[Any]:
        return _numpy(table.column(layout.names.index(name)))

    return Source(names, table.num_rows, layout.units, load)


def _nothing(name: str) -> NDArray[Any]:
    raise KeyError(name)


def find_layout(path: Path, lines: Iterable[bytes]) -> Layout:
    """The layout of a text table from its first lines."""
    rows: list[tuple[int, str]] = []
    comment, first = "", -1
    for number, raw in enumerate(lines):
        line = raw.decode("utf-8-sig" if number == 0 else "utf-8", errors="replace").rstrip("\r\n")
        if line.lstrip().startswith("#") and not rows:
            comment = line.lstrip().lstrip("#") if line.strip("# \t") else comment
        elif line.strip():
            first = number if not rows else first
            rows.append((number, line))
            if len(rows) == 4:
                break
    if not rows:
        return Layout(tuple(split(comment, _delimiter(comment))), {}, _delimiter(comment), 0, has_rows=False)
    head = rows[0][1]
    delimiter = _delimiter(head)
    if any(_NUMBER.fullmatch(word) for word in split(head, delimiter)):
        return _behind_comment(path, comment, head, delimiter, first)
    names = tuple(split(head, delimiter))
    if len(rows) > 2 and _RULE.fullmatch(rows[2][1].replace(delimiter, "") if delimiter else rows[2][1]):
        units = {n: u for n, u in zip(names, split(rows[1][1], delimiter), strict=False) if u}
        return Layout(names, units, delimiter, rows[2][0] + 1, has_rows=len(rows) > 3)
    return Layout(names, {}, delimiter, first + 1, has_rows=len(rows) > 1)


def split(line: str, delimiter: str) -> list[str]:
    """The fields of a line, stripped of blanks and quotes."""
    if not delimiter:
        return line.split()
    return [word.strip() for word in next(csv.reader([line.strip(" ")], delimiter=delimiter), [])]


def _behind_comment(path: Path, comment: str, head: str, delimiter: str, first: int) -> Layout:
    names = tuple(split(comment, delimiter if delimiter in comment else _delimiter(comment)))
    n_fields = len(split(head, delimiter))
    if len(names) != n_fields:
        found = f"its last # line has {len(names)} names for {n_fields} columns" if names else "it begins with numbers"
        raise CatalogueError(
            f"{path} has no header line: {found}",
            "a first line with the column names, plain or after a #",
            "write the names above the data, as many as there are columns",
        )
    return Layout(names, {}, delimiter, first)


def _delimiter(line: str) -> str:
    counts = {d: line.count(d) for d in _DELIMITERS}
    return next((d for d in _DELIMITERS if counts[d]), "")


def _blanks_to_tabs(file: IO[bytes]) -> IO[bytes]:
    """The rest of a blank-separated file with one tab between fields, as pyarrow's reader wants it."""
    out = io.BytesIO()
    for line in file:
        fields = line.split()
        if fields:
            out.write(b"\t".join(fields) + b"\n")
    out.seek(0)
    return out


def _read(path: Path, file: IO[bytes], layout: Layout) -> Any:
    from pyarrow import csv as pacsv

    bad: list[Any] = []

    def on_invalid(row: Any) -> str:
        if row.text.lstrip().startswith("#"):
            return "skip"
        bad.append(row)
        return "error"

    columns = [str(i) for i in range(len(layout.names))]  # positions, since names may repeat
    try:
        return pacsv.read_csv(
            file,
            read_options=pacsv.ReadOptions(column_names=columns),
            parse_options=pacsv.ParseOptions(delimiter=layout.delimiter or "\t", invalid_row_handler=on_invalid),
            convert_options=pacsv.ConvertOptions(null_values=list(MISSING_WORDS)),
        )
    except ValueError as error:
        if not bad:
            raise
        row = bad[0]
        raise CatalogueError(
            f"{path} has a row with {row.actual_columns} instead of {row.expected_columns} columns: {row.text[:80]!r}",
            "the same number of columns in every row",
            "complete or remove that row; if the file breaks off there, copy or download it again",
        ) from error


def _numpy(column: Any) -> NDArray[Any]:
    """A pyarrow column as numpy; numbers with gaps become floats with NaN."""
    import numpy as np

    if len(column) and column.null_count == len(column):
        return np.full(len(column), np.nan)
    values: NDArray[Any] = column.to_numpy()
    return values
