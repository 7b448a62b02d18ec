"""A `StarTable` as a catalogue file, for simulated stars and for users' own programs."""

import csv
import io
import os
import warnings
from collections.abc import Callable, Mapping
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
    target = Path(path)
    columns = {k: v for k, v in stars.columns.items() if k != "row"}
    columns |= {k: v for k, v in stars.raw.items() if k not in columns}
    stated = {**STANDARD_UNITS, **{k: v for k, v in stars.units.items() if k not in stars.columns}}
    units = {k: u for k, u in stated.items() if k in columns and u != "dex" and states_unit(u)}
    extension = target.suffix.lower()
    if extension == ".parquet":
        write_parquet(target, columns, units)
    elif extension == ".csv":
        _write_csv(target, columns)
    elif extension in _ASTROPY:
        _write_astropy(target, columns, units, _ASTROPY[extension])
    else:
        raise RunFolderError(
            f"{target} has the extension {extension!r}, which names no format of a catalogue",
            ".fits, .csv, .ecsv, .vot, .xml or .parquet",
            "choose one of these extensions",
        )


def _write_csv(target: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    import pyarrow as pa
    from pyarrow import csv as pacsv

    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(columns)
    table = pa.Table.from_arrays([pa.array(v) for v in columns.values()], names=list(columns))
    with atomic_path(target) as aside, aside.open("wb") as file:
        file.write(header.getvalue().encode())
        pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False))


def _write_astropy(target: Path, columns: Mapping[str, NDArray[Any]], units: Mapping[str, str], style: str) -> None:
    from astropy.table import Column, Table

    write: Callable[..., None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # units that a format does not know are written as they are
        table = Table()
        for name, values in columns.items():
            text = values.dtype.kind == "O"
            table[name] = Column(values.astype(str) if text else values, unit=units.get(name))
        write = table.write
        if style == "fits":  # through memory, since astropy hides what the system says of a full disk
            buffer = io.BytesIO()
            write(buffer, format=style)
            atomic_write(target, buffer.getvalue())
            return
        with atomic_path(target) as aside:
            write(aside, format=style)
