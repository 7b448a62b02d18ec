"""A `StarTable` as a catalogue file, for simulated stars and for users' own programs."""

import csv
import io
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from haloscale.errors import RunFolderError
from haloscale.records import StarTable
from haloscale.tables.atomic import atomic_path, atomic_write
from haloscale.tables.parquet import write_parquet
from haloscale.tables.units import STANDARD_UNITS, states_unit

_ASTROPY: Final = {
    ".fits": "fits",
    ".fit": "fits",
    ".ecsv": "ascii.ecsv",
    ".vot": "votable",
    ".xml": "votable",
    ".votable": "votable",
}


def write_star_table(path: str | os.PathLike[str], stars: StarTable) -> None:
    """Write a catalogue that ``--survey generic`` reads; the format is that of the file's extension.

    ``.fits``, ``.ecsv``, ``.vot``/``.xml`` and ``.parquet`` carry units, ``.csv`` cannot. The column ``row`` is left
    out, since reading counts the rows anew; raw columns follow the standard ones.

    Parameters
    ----------
    path : str or path
    stars : StarTable

    Raises
    ------
    RunFolderError
        The extension is none of these, or the file cannot be written.
    """
    columns = {k: v for k, v in stars.columns.items() if k != "row"}
    columns |= {k: v for k, v in stars.raw.items() if k not in columns}
    stated = {**STANDARD_UNITS, **{k: v for k, v in stars.units.items() if k not in stars.columns}}
    write_columns(Path(path), columns, {k: u for k, u in stated.items() if k in columns})


def write_columns(
    target: Path, columns: Mapping[str, NDArray[Any]], units: Mapping[str, str], comments: Sequence[str] = ()
) -> None:
    """Write columns in the format that the file's extension names; their units (but dex) where the format has any.

    Parameters
    ----------
    target : Path
    columns : mapping of str to array (n,) [own units]
        In their order.
    units : mapping of str to str
        Units of some or all of them.
    comments : sequence of str
        Lines for the header: COMMENT of FITS, ``comments`` of ECSV and Parquet, DESCRIPTION of VOTable
        (between semicolons); CSV has none.

    Raises
    ------
    RunFolderError
        The extension names no format, or the file cannot be written.
    """
    extension, stated = known_extension(target), {k: u for k, u in units.items() if u != "dex" and states_unit(u)}
    if extension == ".parquet":
        write_parquet(target, columns, stated, {"comments": "\n".join(comments)} if comments else None)
    elif extension == ".csv":
        _write_csv(target, columns)
    else:
        _write_astropy(target, columns, stated, _ASTROPY[extension], comments)


def known_extension(target: Path) -> str:
    """The extension of a file to be written, in lower case. Errors: `RunFolderError` if it names no format."""
    extension = target.suffix.lower()
    if extension not in (".parquet", ".csv", *_ASTROPY):
        raise RunFolderError(
            f"{target} has the extension {extension!r}, which names no format of a catalogue",
            ".fits, .csv, .ecsv, .vot, .xml or .parquet",
            "choose one of these extensions",
        )
    return extension


def _write_csv(target: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    import pyarrow as pa
    from pyarrow import csv as pacsv

    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(columns)
    table = pa.Table.from_arrays([pa.array(v) for v in columns.values()], names=list(columns))
    with atomic_path(target) as aside, aside.open("wb") as file:
        file.write(header.getvalue().encode())
        pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False))


def _write_astropy(
    target: Path, columns: Mapping[str, NDArray[Any]], units: Mapping[str, str], style: str, comments: Sequence[str]
) -> None:
    from astropy.table import Column, Table

    write: Callable[..., None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # units that a format does not know are written as they are
        table = Table()
        for name, values in columns.items():
            text = values.dtype.kind == "O"
            table[name] = Column(values.astype(str) if text else values, unit=units.get(name))
        if comments:
            table.meta |= {"description": "; ".join(comments)} if style == "votable" else {"comments": list(comments)}
        write = table.write
        if style == "fits":  # through memory, since astropy hides what the system says of a full disk
            buffer = io.BytesIO()
            write(buffer, format=style)
            atomic_write(target, buffer.getvalue())
            return
        with atomic_path(target) as aside:
            write(aside, format=style)
