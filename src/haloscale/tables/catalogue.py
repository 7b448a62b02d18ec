"""A survey's file becomes a `StarTable`: standard names, internal units, NaN for what is missing."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError
from haloscale.records import StarTable
from haloscale.tables.checks import check_values
from haloscale.tables.columns import Filling, SurveySpec, choose_columns
from haloscale.tables.formats import open_source
from haloscale.tables.numbers import to_numbers, to_raw
from haloscale.tables.source import Source
from haloscale.tables.units import (
    BRIGHTEST,
    FAINTEST,
    MAGNITUDES,
    STANDARD_UNITS,
    UnitMismatch,
    conversion_factor,
    states_unit,
)


def read_catalogue(
    path: str | os.PathLike[str],
    survey: SurveySpec,
    columns: Mapping[str, str] | None = None,
    keep_raw: Collection[str] | None = None,
    needed: Collection[str] | None = None,
    position: bool = True,
) -> StarTable:
    """Read a star catalogue: FITS, CSV, ECSV, VOTable, MRT, Parquet or a text table; the text ones also gzipped.

    The format is found from the content. A unit that the file states is honoured, otherwise the survey's holds. NaN,
    inf, masked, blank and `numbers.SENTINELS` are missing and come out as NaN; a row with a missing value is kept.
    Columns are read one after the other, so that about one copy of them is in memory.

    Parameters
    ----------
    path : str or path
    survey : Survey
        Names and units of the columns; see `haloscale.surveys`.
    columns : mapping of str to str, optional
        Standard name -> column of the file, before the survey's own names. Such a column is read in its stated unit,
        or in the survey's.
    keep_raw : collection of str, optional
        Names of the columns that `StarTable.raw` shall hold (those the file lacks are ignored); None: all, except
        those that bear the name of the standard column they fill.
    needed, position
        Which columns must be there; see `columns.choose_columns`.

    Returns
    -------
    StarTable
        All rows in the order of the file; `l` and `b` are not computed here where only `ra` and `dec` are given.

    Raises
    ------
    CatalogueError
        The file, a column, a unit or a value cannot be used; the message says which and what to do.
    ConfigError
        `columns` names an unknown standard column, or one column of the file twice.
    """
    file = Path(path)
    with open_source(file) as source:
        fillings = choose_columns(str(file), source.names, survey, columns or {}, needed, position)
        standard: dict[str, NDArray[Any]] = {"row": np.arange(source.n_rows)}
        for name, filling in fillings.items():
            standard[name] = _standard_column(file, source, name, filling)
        behind = {name: filling.columns for name, filling in fillings.items()}
        check_values(str(file), standard, behind)
        taken = {name for name, cols in behind.items() if cols == (name,)}
        wanted = [n for n in source.names if (n in keep_raw if keep_raw is not None else n not in taken)]
        raw = {name: to_raw(source.load(name)) for name in wanted}
    units = {name: source.units[name] for name in wanted if states_unit(source.units.get(name))}
    return StarTable(standard, survey.name, raw, units)


def _standard_column(file: Path, source: Source, name: str, filling: Filling) -> NDArray[np.float64]:
    """One standard column in its internal unit; the mean of the file's columns where it has several."""
    parts = [_in_internal_unit(file, source, name, column, filling.unit) for column in filling.columns]
    return parts[0] if len(parts) == 1 else np.mean(parts, axis=0, dtype=np.float64)


def _in_internal_unit(file: Path, source: Source, name: str, column: str, default: str) -> NDArray[np.float64]:
    stated = source.units.get(column)
    unit = stated if stated is not None and states_unit(stated) else default
    try:
        factor = conversion_factor(unit, STANDARD_UNITS[name])
    except UnitMismatch as error:
        raise CatalogueError(
            f"the column {column!r} of {file}, read as {name}: {error}",
            f"a unit of the same kind as {STANDARD_UNITS[name]}, or none",
            f"correct the unit in the file, or name another column with --columns {name}=COLUMN",
        ) from error
    numbers = to_numbers(str(file), column, source.load(column))
    if factor != 1.0:
        numbers *= factor
    if name in MAGNITUDES:
        numbers[(numbers <= BRIGHTEST) | (numbers >= FAINTEST)] = np.nan
    return numbers
