"""A catalogue file opened for reading: its columns by name, one at a time, whatever the format."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from haloscale.errors import CatalogueError, HaloscaleError


@dataclass(frozen=True)
class Source:
    """An open catalogue.

    Parameters
    ----------
    names : tuple of str
        Its one-dimensional columns, in order.
    n_rows : int
    units : mapping of str to str
        Units that the file states.
    load : callable
        Column name -> array (n_rows,), masked where the format knows missing values.
    """

    names: tuple[str, ...]
    n_rows: int
    units: Mapping[str, str]
    load: Callable[[str], NDArray[Any]]


@contextmanager
def damaged(path: Path, what: str) -> Iterator[None]:
    """Turn a library's own exceptions while reading a file into one `CatalogueError`."""
    try:
        yield
    except (HaloscaleError, MemoryError):
        raise
    except Exception as error:  # six formats, each with exceptions of its own for a damaged file
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CatalogueError(
            f"{path} looks like {what} but cannot be read: {reason}",
            f"{what} that is whole: complete and undamaged",
            "copy or download the file again, or save it anew",
        ) from error


def check_source(path: Path, source: Source) -> None:
    """Refuse a table without columns or rows, or with two columns of one name."""
    twice = [name for name, count in Counter(source.names).items() if count > 1]
    if twice:
        also = f" (also {', '.join(map(repr, twice[1:]))})" if twice[1:] else ""
        raise CatalogueError(
            f"{path} has the column {twice[0]!r} more than once{also}",
            "every column name once",
            "rename or remove one of the two columns in the file",
        )
    if source.n_rows == 0:
        raise CatalogueError(f"{path} has a header but no rows", "at least one star", "check how the file was made")
