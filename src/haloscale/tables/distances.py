"""Distances of the stars of a catalogue, and their posteriors on a grid."""

import dataclasses
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale.errors import RunFolderError
from haloscale.records import DistancePosterior, Distances
from haloscale.tables.atomic import atomic_path, reading
from haloscale.tables.parquet import read_parquet
from haloscale.tables.star_table import known_extension, write_columns
from haloscale.tables.units import STANDARD_UNITS

_EMPTY: Final = 1e-12
"""Densities below this part of a star's largest are not written."""


def write_distances(path: str | os.PathLike[str], found: Distances, comments: Sequence[str] = ()) -> None:
    """Write one row a star in their order, ``row`` counting from 0; the format is that of the file's extension.

    As of `write_star_table`: ``.fits``, ``.ecsv``, ``.vot``/``.xml``, ``.parquet`` with units, ``.csv`` without.
    The lines of `comments` go to the header, which CSV has none of.
    Errors: `RunFolderError` if the extension names no format, or the file cannot be written.
    """
    columns = {"row": np.arange(len(found)), **vars(found)}
    write_columns(
        Path(path), columns, {name: STANDARD_UNITS[name] for name in columns if name in STANDARD_UNITS}, comments
    )


def read_distances(path: str | os.PathLike[str]) -> Distances:
    """Read what `write_distances` wrote as Parquet. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source:
        columns, _, _ = read_parquet(source)
        return Distances(**{f.name: columns[f.name] for f in dataclasses.fields(Distances)})


def check_target(path: str | os.PathLike[str], *formats: str) -> None:
    """Refuse a file that could not be written, before hours of work are lost on it.

    Parameters
    ----------
    path : str or path
    formats : str
        The extensions that are allowed; without any, those of a catalogue.

    Raises
    ------
    RunFolderError
        The extension names no format, the folder does not exist, or the file is a folder.
    """
    target = Path(path)
    if not formats:
        known_extension(target)
    elif target.suffix.lower() not in formats:
        raise RunFolderError(
            f"{target} has the extension {target.suffix!r}", " or ".join(formats), "choose this extension"
        )
    if not target.parent.is_dir():
        raise RunFolderError(f"the folder {target.parent} does not exist", "an existing folder", "create it first")
    if target.is_dir():
        raise RunFolderError(f"{target} is a folder", "a file to write", "name a file inside it")


def write_posteriors(
    path: str | os.PathLike[str], parts: Iterable[DistancePosterior], comments: Sequence[str] = ()
) -> None:
    """Write posteriors as Parquet, part after part, so that only one of them is in memory.

    One row a star: ``row`` counting from 0, ``flag``, ``dm_first`` and ``dm_step`` [mag], and ``density`` [1/mag], a
    list of as many values as the posterior of the star reaches over; empty for a star without a distance. The lines of
    `comments` are kept in the metadata.

    Raises
    ------
    RunFolderError
        The file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    units = {"dm_first": "mag", "dm_step": "mag", "density": "1 / mag"}
    kinds = {
        "row": pa.int64(), "flag": pa.string(), "dm_first": pa.float64(), "dm_step": pa.float64(),
        "density": pa.list_(pa.float32()),
    }  # fmt: skip
    schema = pa.schema(
        [pa.field(k, t, metadata={"unit": units[k]} if k in units else None) for k, t in kinds.items()],
        metadata={"comments": "\n".join(comments)} if comments else None,
    )
    with atomic_path(path) as aside, aside.open("wb") as file, pq.ParquetWriter(file, schema) as writer:
        written = 0
        for part in parts:
            columns = _posterior_columns(part, written)
            lists = pa.ListArray.from_arrays(*columns.pop("density"))
            arrays = [*(pa.array(v, kinds[k]) for k, v in columns.items()), lists]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            written += len(part)


def read_posteriors(path: str | os.PathLike[str]) -> DistancePosterior:
    """Read what `write_posteriors` wrote, all stars at once. Errors: `RunFolderError` if it is missing or damaged."""
    import pyarrow.parquet as pq

    with reading(path) as source:
        table = pq.read_table(source).combine_chunks()
        first, step = (table.column(name).to_numpy()[:, None] for name in ("dm_first", "dm_step"))
        lists = table.column("density").chunk(0) if len(table) else None
        offsets = np.zeros(1, int) if lists is None else lists.offsets.to_numpy()
        values = np.empty(0) if lists is None else lists.values.to_numpy()
        lengths = np.diff(offsets)
        k = np.arange(max(lengths.max(initial=1), 1))
        inside = k < lengths[:, None]
        density = np.where(np.isfinite(first), 0.0, np.full(inside.shape, np.nan))
        density[inside] = values[offsets[0] : offsets[-1]]
        return DistancePosterior(first + step * k, density, table.column("flag").to_numpy())


def _posterior_columns(part: DistancePosterior, first_row: int) -> dict[str, Any]:
    """Columns of a part; of the densities offsets (n + 1,) and values, the empty ends left out."""
    with np.errstate(invalid="ignore"):
        some = part.density > _EMPTY * np.nanmax(np.nan_to_num(part.density), axis=1, keepdims=True)
    n, n_dm = some.shape
    low = np.where(some.any(axis=1), some.argmax(axis=1), 0)
    high = np.where(some.any(axis=1), n_dm - some[:, ::-1].argmax(axis=1), 0)
    kept = (np.arange(n_dm) >= low[:, None]) & (np.arange(n_dm) < high[:, None])
    offsets = np.concatenate([[0], np.cumsum(high - low)]).astype(np.int32)
    return {
        "row": np.arange(first_row, first_row + n),
        "flag": part.flag.astype(str).astype(object),
        "dm_first": part.dm[np.arange(n), low],
        "dm_step": part.dm[:, 1] - part.dm[:, 0] if n_dm > 1 else np.full(n, np.nan),
        "density": (offsets, part.density[kept].astype(np.float32)),
    }
