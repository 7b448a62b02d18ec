"""Files that appear whole or not at all, and errors of the file system in plain words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from haloscale.errors import InputError, RunFolderError

_CAUSES = {
    errno.ENOSPC: ("the disk is full", "free some space, or choose another output folder"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, or choose another output folder"),
    errno.EFBIG: ("the file is larger than this account may write", "raise the limit, or choose another output folder"),
    errno.EACCES: ("no permission to write there", "change the permissions, or choose another output folder"),
    errno.EPERM: ("no permission to write there", "change the permissions, or choose another output folder"),
    errno.EROFS: ("the file system is read-only", "choose another output folder"),
    errno.ENOENT: ("its folder does not exist", "create the folder, or choose another one"),
    errno.ENOTDIR: ("a part of the path is not a folder", "choose another output folder"),
    errno.EISDIR: ("a folder of that name stands in the way", "remove the folder, or choose another name"),
}


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the name `path` when the block ends well, and is removed when not.

    The temporary name depends on `path` alone, so that what a killed process left behind is replaced by the next run
    instead of piling up.

    Parameters
    ----------
    path : str or path
        The file to appear.

    Raises
    ------
    RunFolderError
        The disk is full, the folder is missing or cannot be written.
    """
    target = Path(path)
    aside = target.with_name(f".{target.name}.part")
    try:
        yield aside
        os.replace(aside, target)
    except OSError as error:
        raise in_plain_words(error, target) from error
    finally:
        _discard(aside)


def atomic_write(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a whole file, or nothing.

    Parameters
    ----------
    path : str or path
    content : bytes or str
        Text is written as UTF-8 with its line ends unchanged.

    Raises
    ------
    RunFolderError
        The disk is full, the folder is missing or cannot be written.
    """
    with atomic_path(path) as aside:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Turn every failure to read a file of a run folder into a `RunFolderError`."""
    source = Path(path)
    try:
        yield source
    except (InputError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise RunFolderError(
            f"{source} does not exist", "a file of a finished run", "give the same `haloscale weigh` again to finish it"
        ) from error
    except Exception as error:  # each library has its own exceptions for a damaged file
        reason = (str(error) or "damaged").splitlines()[0]
        raise RunFolderError(
            f"{source} cannot be read ({type(error).__name__}: {reason})",
            "a file written by haloscale",
            "run again into an empty folder",
        ) from error


def in_plain_words(error: OSError, target: Path) -> RunFolderError:
    """What the operating system refused when `target` was to be written, as one error with advice."""
    cause, advice = _CAUSES.get(error.errno or 0, (str(error), "choose another output folder"))
    if error.errno == errno.ENOENT and target.parent.is_dir():  # /proc and its like
        cause, advice = "nothing can be created there", "choose another output folder"
    expected = "a folder with space where files may be written"
    return RunFolderError(f"{target} cannot be written: {cause}", expected, advice)


def _discard(aside: Path) -> None:
    with suppress(OSError):  # where the folder cannot be written at all, nothing was left in it either
        aside.unlink(missing_ok=True)
