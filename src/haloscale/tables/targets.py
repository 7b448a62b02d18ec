"""Which files a command reads and writes: none may be two of them at once."""

import os
from pathlib import Path

from haloscale.errors import RunFolderError


def check_distinct(*paths: str | os.PathLike[str] | None, expected: str, advice: str) -> None:
    """Refuse a command of which two files are one: under one name, through a symbolic link, or by a hard link.

    Parameters
    ----------
    paths : str or path, optional
        The files that are read and written; they need not exist. None is passed over.
    expected, advice : str
        See `InputError`.

    Raises
    ------
    RunFolderError
        Two of them are the same file.
    """
    files = [Path(path).resolve() for path in paths if path is not None]
    if len({_identity(file) for file in files}) < len(files):
        raise RunFolderError(f"two of {', '.join(map(str, files))} are the same file", expected, advice)


def _identity(file: Path) -> object:
    """Device and inode of a file that exists, which its hard links share; else its path."""
    try:
        status = file.stat()
    except OSError:
        return file
    return status.st_dev, status.st_ino
