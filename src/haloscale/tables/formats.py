"""FITS, Parquet, and the formats that astropy reads: VOTable, ECSV, MRT."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError
from haloscale.tables.sniff import Kind, open_binary, sniff
from haloscale.tables.source import Source, check_source, damaged
from haloscale.tables.text import open_text

_TITLES = {
    "fits": "a FITS",
    "parquet": "a Parquet",
    "votable": "a VOTable",
    "ecsv": "an ECSV",
    "mrt": "an MRT",
    "text": "a text",
}


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a catalogue of any supported format.

    Raises
    ------
    CatalogueError
        The file cannot be read, is of no supported format, has no rows, or names a column twice.
    """
    kind = sniff(path)
    what = f"{_TITLES[kind.format]} table"
    closers: list[Callable[[], None]] = []
    try:
        with damaged(path, what), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # readers warn of every unusual unit or header card
            source = _open(path, kind, closers)
        check_source(path, source)

        def load(name: str) -> NDArray[Any]:
            with damaged(path, what), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return source.load(name)

        yield Source(source.names, source.n_rows, source.units, load)
    finally:
        for close in closers:
            close()


def _open(path: Path, kind: Kind, closers: list[Callable[[], None]]) -> Source:
    if kind.format == "fits":
        return _open_fits(path, kind.gzipped, closers)
    if kind.format == "parquet":
        return _open_parquet(path, closers)
    if kind.format == "votable":
        return _open_votable(path, kind.gzipped)
    if kind.format == "text":
        return open_text(path, kind.gzipped)
    return _open_astropy(path, kind)


def _open_fits(path: Path, gzipped: bool, closers: list[Callable[[], None]]) -> Source:
    from astropy.io import fits

    hdus = fits.open(path, memmap=not gzipped)
    closers.append(hdus.close)
    table = next((h for h in hdus if isinstance(h, (fits.BinTableHDU, fits.TableHDU))), None)
    if table is None:
        found = f"{path} is a FITS file without a table"
        raise CatalogueError(found, "a FITS binary table", "save the catalogue as a table")
    announced, size = table.fileinfo()["datLoc"] + table.size, path.stat().st_size
    if not gzipped and announced > size:
        raise CatalogueError(
            f"{path} is cut off: its header announces {announced} bytes, the file has {size}",
            "a complete FITS file",
            "copy or download the file again",
        )
    columns = {c.name: c for c in table.columns if not _is_array(c)}
    units = {name: c.unit for name, c in columns.items() if c.unit}

    def load(name: str) -> NDArray[Any]:
        values = np.asarray(table.data[name])
        null = columns[name].null
        if null is not None and values.dtype.kind in "iu":
            values = np.ma.masked_equal(values, null)
        return values

    names = tuple(c.name for c in table.columns if not _is_array(c))
    return Source(names, int(table.header["NAXIS2"]), units, load)


def _is_array(column: Any) -> bool:
    """True for a FITS column with several or complex values a row."""
    dim = getattr(column.format, "repeat", 1)
    code = str(getattr(column.format, "format", column.format)).strip()
    return code[:1] in ("P", "Q", "C", "M") or (code[:1] != "A" and dim != 1)


def _open_parquet(path: Path, closers: list[Callable[[], None]]) -> Source:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from haloscale.tables.parquet import units_of

    file = pq.ParquetFile(path)
    closers.append(file.close)
    schema = file.schema_arrow
    names = tuple(f.name for f in schema if not pa.types.is_nested(f.type))

    def load(name: str) -> NDArray[Any]:
        column = file.read(columns=[name]).column(0)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        values: NDArray[Any] = column.to_numpy()
        return values

    return Source(names, file.metadata.num_rows, units_of(schema), load)


def _open_votable(path: Path, gzipped: bool) -> Source:
    from astropy.io import votable

    with open_binary(path, gzipped) as file:
        table = votable.parse(file, verify="ignore").get_first_table()
    data = table.array
    fields = {f.name: key for f, key in zip(table.fields, data.dtype.names, strict=True) if data[key].ndim == 1}
    names = tuple(f.name for f in table.fields if f.name in fields)
    units = {f.name: str(f.unit) for f in table.fields if f.unit is not None}
    return Source(names, len(data), units, lambda name: data[fields[name]])


def _open_astropy(path: Path, kind: Kind) -> Source:
    from astropy.table import Column, Table

    if kind.format == "ecsv" and not kind.gzipped:
        table = Table.read(path, format="ecsv", engine="pyarrow")
    else:
        with open_binary(path, kind.gzipped) as file:
            lines = file.read().decode("utf-8", errors="replace").splitlines()
        table = Table.read(lines, format=f"ascii.{kind.format}")
    plain = [name for name in table.colnames if isinstance(table[name], Column) and table[name].ndim == 1]
    units = {name: str(table[name].unit) for name in plain if table[name].unit is not None}

    def load(name: str) -> NDArray[Any]:
        column = table[name]
        return np.ma.MaskedArray(column.data, column.mask) if hasattr(column, "mask") else np.asarray(column)

    return Source(tuple(plain), len(table), units, load)
