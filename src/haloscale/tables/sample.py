"""The stars of a run: sample.parquet."""

import dataclasses
import os
from typing import Any, Final

import numpy as np

from haloscale.records import Sample
from haloscale.tables.atomic import reading
from haloscale.tables.parquet import read_parquet, write_parquet
from haloscale.tables.units import STANDARD_UNITS

_ORDER: Final = (
    "row", "l", "b", "distance", "distance_error", "x", "y", "z", "r", "v_helio", "v_helio_error", "v_gsr",
    "group_id", "bin", "sin2_psi",
)  # fmt: skip
_COUNTED: Final = ("row", "group_id", "bin")


def write_sample(path: str | os.PathLike[str], sample: Sample) -> None:
    """Write the sample as Parquet: the columns of the contract, sin2_psi, then what else the catalogue has.

    Units are in the metadata of each column (dex columns have none). Errors: `RunFolderError` if it cannot be written.
    """
    columns = {name: getattr(sample, name) for name in _ORDER} | dict(sample.extra)
    units = {name: unit for name, unit in STANDARD_UNITS.items() if unit != "dex"}
    write_parquet(os.fspath(path), columns, units)


def read_sample(path: str | os.PathLike[str]) -> Sample:
    """Read what `write_sample` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source:
        columns, _, _ = read_parquet(source)
        known: dict[str, Any] = {f.name: columns.pop(f.name) for f in dataclasses.fields(Sample) if f.name != "extra"}
        for name, values in known.items():
            known[name] = np.asarray(values, dtype=np.int64 if name in _COUNTED else np.float64)
    return Sample(**known, extra=columns)
