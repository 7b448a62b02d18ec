"""Catalogues that were dropped on the page: kept in a private folder, described, and removed when the server ends."""

import asyncio
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from haloscale import tables
from haloscale.errors import CatalogueError, ConfigError, InputError
from haloscale.surveys.base import surveys
from haloscale.tables.formats import open_source
from haloscale.tables.units import STANDARD_UNITS, states_unit
from haloscale.web.columns import ROLES, guess
from haloscale.web.isolated import isolated
from haloscale.web.scene import MOST_ROWS

LARGEST: Final = 200 * 1024**2
"""Bytes of an upload."""
_MOST, _MOST_AT_ONCE, _MOST_COLUMNS, _N_EXAMPLES, _LONGEST_TEXT = 8, 4, 500, 5, 60
_LONGEST: Final = 60.0
"""Seconds in which a file has to be described."""
_LONGEST_PAUSE: Final = 30.0
"""Seconds between two blocks of a file that comes."""
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Upload:
    """A file on disk, and what the page was told of it."""

    name: str
    path: Path
    described: dict[str, Any]


class TooLarge(ConfigError):
    """An upload is larger than allowed."""


class TooMany(ConfigError):
    """There are as many uploads as allowed."""


class Uploads:
    """The uploads of one server, in a folder that only its user can read."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="haloscale-explore-"))
        self._kept: dict[str, Upload] = {}
        self._n_coming = 0

    def __getitem__(self, name: str) -> Upload:
        if name not in self._kept:
            raise ConfigError("that upload is not here any more", "a file of this session", "drop the file again")
        return self._kept[name]

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def close(self) -> None:
        """Remove all."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def scratch(self, suffix: str) -> Path:
        """A name for a file that is made to be sent, in the private folder."""
        return self._folder / f"{secrets.token_hex(8)}{suffix}"

    async def receive(self, shown: str, announced: int, body: AsyncIterator[bytes]) -> Path:
        """A body written to disk as it comes; a file that is refused, or breaks off, is removed.

        Raises
        ------
        TooLarge, TooMany
        """
        if announced > LARGEST:
            raise _too_large()
        if self._n_coming >= _MOST_AT_ONCE:
            raise TooMany(
                f"{self._n_coming} files are coming", f"at most {_MOST_AT_ONCE} at once", "wait for one of them"
            )
        self._n_coming += 1
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        path, size = folder / safe_name(shown), 0
        try:
            with path.open("wb") as file:
                async for block in _patiently(body):
                    size += len(block)
                    if size > LARGEST:
                        raise _too_large()
                    file.write(block)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self._n_coming -= 1
        return path

    def describe(self, path: Path, shown: str) -> dict[str, Any]:
        """What the page is told of a file that has come; one that is no table is removed. Errors: `InputError`."""
        try:
            told = isolated(describe, path, seconds=_LONGEST, what="reading the file")
        except BaseException as error:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise (named(error, path, shown) if isinstance(error, InputError) else error) from None
        name = path.parent.name
        described = {"upload": name, "file": shown[:200], **told, "roles": ROLES}
        self._kept[name] = Upload(name, path, described)
        while len(self._kept) > _MOST:
            oldest = self._kept.pop(next(iter(self._kept)))
            shutil.rmtree(oldest.path.parent, ignore_errors=True)
        return described


async def _patiently(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The blocks of a body; one that does not come is not waited for. Errors: `TooMany`, its place is needed."""
    blocks = aiter(body)
    while True:
        try:
            async with asyncio.timeout(_LONGEST_PAUSE):
                block = await anext(blocks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooMany("the file stopped coming", "a file that comes at once", "drop it again") from None
        yield block


def safe_name(shown: str) -> str:
    """A file name of letters, digits, dots, dashes; never one that is read as settings."""
    plain = _ODD.sub("_", shown.replace("\\", "/").rpartition("/")[2]).lstrip(".")[-80:] or "catalogue"
    return f"{plain}.txt" if plain.lower().endswith(".toml") else plain


def describe(path: Path) -> dict[str, Any]:
    """Rows, columns with examples, the best guess of their meaning; in a process of its own. Errors: `InputError`."""
    with open_source(path) as source:
        if source.n_rows > MOST_ROWS:
            raise CatalogueError(
                f"{path} has {source.n_rows:,} rows",
                f"at most {MOST_ROWS:,} to explore",
                "weigh it whole with `haloscale weigh`, which takes any number, or drop a part of the rows",
            )
        if len(source.names) > _MOST_COLUMNS:
            told = f"{path} has {len(source.names)} columns"
            raise CatalogueError(told, f"at most {_MOST_COLUMNS}", "leave out those that are not needed")
        columns = []
        for name in source.names:
            values = source.load(name)
            stated = source.units.get(name)
            columns.append({
                "name": name, "unit": stated if stated is not None and states_unit(stated) else "",
                "type": "text" if values.dtype.kind in "OSU" else "number",
                "examples": [str(v)[:_LONGEST_TEXT] for v in values[:_N_EXAMPLES]], "description": "",
            })  # fmt: skip
        units = {str(column["name"]): str(column["unit"]) for column in columns}
        return {"n_rows": source.n_rows, "columns": columns, "guess": guess(source.names, units),
                "surveys": [_told_of(name) for name in surveys]}  # fmt: skip


def _told_of(survey: str) -> dict[str, Any]:
    """A survey for the form, and the standard columns it needs beside those that every file has to have."""
    needs = ["v_helio_error"] if surveys[survey].v_helio_error_typical is None else []
    return {"name": survey, "text": surveys[survey].title, "needs": needs}


def preview_rows(table: Any, n: int = 20) -> dict[str, Any]:
    """The first rows of a catalogue as it was read, and the units of its columns."""
    names = [name for name in tables.STANDARD_UNITS if name in table.columns]
    rows = [[_cell(table[name][k]) for name in names] for k in range(min(n, len(table)))]
    return {"columns": names, "rows": rows, "units": {name: STANDARD_UNITS[name] for name in names}, "n": len(table)}


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    number = float(value)
    return float(f"{number:.6g}") if number == number and abs(number) < 1e300 else None


def named(error: InputError, path: Path, shown: str) -> InputError:
    """A complaint that calls the file by its name, and does not say where it lies."""
    found, expected, advice = (part.replace(str(path), shown) for part in (error.found, error.expected, error.advice))
    return type(error)(found, expected, advice)


def _too_large() -> TooLarge:
    return TooLarge(
        f"the file is larger than {LARGEST // 1024**2} MB",
        "a smaller one",
        "leave out rows or columns, or weigh it whole",
    )
