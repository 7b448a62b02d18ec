"""A cross-match with a table of a remote service: the stars are uploaded, in blocks, and joined there."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from haloscale.crossmatch.epochs import Epochs
from haloscale.crossmatch.join import JOINED, RADIUS, crossmatch
from haloscale.crossmatch.sky import Sky, has_motions, positions
from haloscale.errors import CatalogueError, TruncatedAnswerError
from haloscale.records import Floats, Matches, StarTable
from haloscale.surveys import tap
from haloscale.surveys.photometric import PHOTOMETRIC
from haloscale.tables import read_catalogue
from haloscale.tables.columns import choose_columns

BLOCK: Final = 5000
"""Stars in one query: its upload stays well below the size that services accept."""

_ROWS_PER_STAR, _FEWEST_ROWS = 10, 1000

_ALIAS: Final = "hs_"
"""Before every name in an answer: none is then a reserved word of the query language."""

_FASTEST: Final = 0.1
"""Proper motion that the search of a service allows for where the stars have none of their own [arcsec/yr]."""


def crossmatch_remote(
    stars: StarTable,
    service: str,
    table: str,
    radius: float = RADIUS,
    epochs: Epochs = Epochs(),  # noqa: B008 - a frozen value
    *,
    columns: Mapping[str, str] | None = None,
    one_to_one: bool = False,
    block: int = BLOCK,
    timeout: float = tap.PATIENCE,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[StarTable, Matches]:
    """Give each star the photometry of the nearest source of a remote table.

    Parameters
    ----------
    stars : StarTable
    service : str
        Address of a TAP service that takes uploads.
    table : str
        Its table, with the schema.
    radius : float [arcsec]
    epochs : Epochs
        Of the stars, and of the positions in the remote table.
    columns : mapping of str to str, optional
        Standard name -> column of the remote table, before the names that are known.
    one_to_one : bool
        See `crossmatch`.
    block : int
        Stars in one query. Where the service's row limit cuts an answer off, that answer is discarded and the stars
        are asked for again in smaller blocks.
    timeout : float [s]
        How long one query may take.
    progress : callable
        Told of the stars that are done and the stars in all.

    Returns
    -------
    joined : StarTable
        As of `crossmatch`; of the remote table only the standard columns are fetched.
    matches : Matches

    Raises
    ------
    FetchError
        The service fails; see `haloscale.surveys.tap.query`.
    CatalogueError
        The table lacks a position, or no star has a counterpart.
    ConfigError
        The radius, or a name in `columns`.
    """
    with tempfile.TemporaryDirectory() as folder:
        join = _planned(service, table, radius, epochs, columns or {}, timeout, Path(folder))
        carried = positions(stars, epochs.years if has_motions(stars) else 0.0)
        sources, notes = _fetched(join, carried, block, progress)
    joined, matches = crossmatch(stars, sources, radius, epochs, one_to_one=one_to_one)
    return joined, replace(matches, notes=(*matches.notes, *notes))


@dataclass(frozen=True)
class _Join:
    """What a service is asked, and how."""

    service: str
    adql: str
    columns: Mapping[str, str]
    timeout: float
    folder: Path

    def sources_near(self, ra: Floats, dec: Floats) -> StarTable | None:
        """The sources near some positions, array (n,) [deg] each; None where there are none."""
        limit = max(_FEWEST_ROWS, _ROWS_PER_STAR * len(ra))
        uploads, answer = {"stars": {"lon": ra, "lat": dec}}, self.folder / "sources.vot"
        path = tap.query(self.service, self.adql, answer, uploads=uploads, max_rows=limit, timeout=self.timeout)
        if not tap.count_rows(path):
            return None
        return read_catalogue(path, PHOTOMETRIC, self.columns, keep_raw=(), needed=())


def _planned(
    service: str, table: str, radius: float, epochs: Epochs, given: Mapping[str, str], timeout: float, folder: Path
) -> _Join:
    about = tap.describe(service, table, folder, timeout=timeout)
    spelled = {name.strip('"'): tap.quoted(name) for name in about.columns}
    known = f"the table {table} of {service}"
    found = choose_columns(known, spelled, PHOTOMETRIC, given, needed=("ra", "dec"))
    wanted = {name: spelled[found[name].columns[0]] for name in ("ra", "dec", *JOINED) if name in found}
    slack = _FASTEST * abs(epochs.years) if "pmra" in wanted else 0.0
    adql = (
        f"SELECT {', '.join(f'p.{column} AS {_ALIAS}{name}' for name, column in wanted.items())} "
        f"FROM TAP_UPLOAD.stars AS u JOIN {about.name} AS p "
        f"ON 1 = CONTAINS(POINT('ICRS', p.{wanted['ra']}, p.{wanted['dec']}), "
        f"CIRCLE('ICRS', u.lon, u.lat, {(radius + slack) / 3600.0:.9f}))"
    )
    return _Join(service, adql, {name: f"{_ALIAS}{name}" for name in wanted}, timeout, folder)


def _fetched(
    join: _Join, stars: Sky, block: int, progress: Callable[[int, int], None]
) -> tuple[StarTable, tuple[str, ...]]:
    """All sources near the stars, each once, and notes on what happened on the way."""
    rows, start, size, parts = stars.known, 0, max(1, block), []
    while start < len(rows):
        here = rows[start : start + size]
        try:
            part = join.sources_near(stars.ra[here], stars.dec[here])
        except TruncatedAnswerError:
            if len(here) == 1:
                raise
            size = (len(here) + 1) // 2
            continue
        parts += [part] if part is not None else []
        start += len(here)
        progress(start, len(rows))
    if not parts:
        raise CatalogueError(
            f"none of {len(stars.ra)} stars has a counterpart in the remote table",
            "a table that covers the same part of the sky",
            "check the positions of the stars, the name of the table, and the radius",
        )
    cut = f"the service cut answers off at its row limit; they were discarded and asked again, {size} stars at a time"
    return _each_once(parts), (cut,) if size < block else ()


def _each_once(parts: list[StarTable]) -> StarTable:
    """One table of the sources; one that was found for several stars stands in it once."""
    names = [name for name in parts[0].columns if name != "row"]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in names}
    both = np.ascontiguousarray(np.column_stack(list(columns.values())))
    both[np.isnan(both)] = np.nan  # missing is missing, whatever bits a service sends for it
    _, first = np.unique(both.view(np.uint64), axis=0, return_index=True)  # as bits: no NaN equals another
    first = np.sort(first)
    return StarTable({"row": np.arange(len(first))} | {n: v[first] for n, v in columns.items()}, PHOTOMETRIC.name)
