"""What kind of file this is, judged by its first bytes and not by its name."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from haloscale.errors import CatalogueError

FORMATS: Final = (
    "FITS, Parquet, CSV, ECSV, VOTable, MRT or a text table with a header line (the text ones also gzipped)"
)
_HEAD = 65536
_FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet"),
    (b"\x89HDF", "an HDF5 file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x93NUMPY", "a NumPy array"),
)


@dataclass(frozen=True)
class Kind:
    """Format of a catalogue file ("fits", "parquet", "votable", "ecsv", "mrt", "text") and whether it is gzipped."""

    format: str
    gzipped: bool


def sniff(path: Path) -> Kind:
    """The kind of a catalogue file.

    Raises
    ------
    CatalogueError
        The file is missing, a folder, empty, not readable or none of the formats.
    """
    head = _first_bytes(path)
    gzipped = head.startswith(b"\x1f\x8b")
    if gzipped:
        head = _first_unzipped(path)
    if not head.strip():
        advice = "check that the file was written or downloaded completely"
        raise CatalogueError(f"{path} is empty", f"a catalogue: {FORMATS}", advice)
    kind = Kind(_format(path, head), gzipped)
    if gzipped and kind.format == "parquet":
        expected = "plain Parquet, which is compressed inside"
        raise CatalogueError(f"{path} is a gzipped Parquet file", expected, "unpack it with gunzip")
    return kind


def open_binary(path: Path, gzipped: bool) -> IO[bytes]:
    """The file opened for reading its (unzipped) bytes."""
    return cast(IO[bytes], gzip.open(path, "rb")) if gzipped else path.open("rb")


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except FileNotFoundError as error:
        raise CatalogueError(f"{path} does not exist", "a catalogue file", _where(path)) from error
    except IsADirectoryError as error:
        raise CatalogueError(f"{path} is a folder", "one catalogue file", "give the file inside the folder") from error
    except PermissionError as error:
        found = f"{path} may not be read by this account"
        raise CatalogueError(found, "a readable file", "change its permissions") from error
    except OSError as error:
        found = f"{path} cannot be read ({error.strerror})"
        raise CatalogueError(found, "a readable file", "check the path") from error


def _where(path: Path) -> str:
    folder = path.parent
    try:
        near = sorted(p.name for p in folder.iterdir() if p.name.lower() == path.name.lower() or p.stem == path.stem)
    except OSError:
        return f"the folder {folder} cannot be listed either: check the path"
    return f"did you mean {near[0]}?" if near else "check the path"


def _first_unzipped(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        found = f"{path} is a broken gzip file ({error})"
        raise CatalogueError(found, "a complete gzip file", "copy or download it again") from error


def _format(path: Path, head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"SIMPLE  ="):
        return "fits"
    if head.startswith(b"PAR1"):
        return "parquet"
    foreign = next((what for magic, what in _FOREIGN if head.startswith(magic)), None)
    if foreign is None and (b"\x00" in head or _binary_share(head) > 0.1):
        foreign = "a binary file of an unknown kind"
    if foreign is not None:
        advice = "export the table in one of these formats"
        raise CatalogueError(f"{path} is {foreign}", f"a catalogue: {FORMATS}", advice)
    if text[:4096].upper().find(b"<VOTABLE") >= 0:
        return "votable"
    if text.startswith(b"# %ECSV"):
        return "ecsv"
    if text.lower().startswith((b"<!doctype html", b"<html")):
        advice = "download the file itself, not the page that shows it"
        raise CatalogueError(f"{path} is a web page", f"a catalogue: {FORMATS}", advice)
    return "mrt" if b"Byte-by-byte Description of file" in head else "text"


def _binary_share(head: bytes) -> float:
    control = sum(head.count(bytes([c])) for c in range(32) if c not in (9, 10, 12, 13))
    return control / len(head)
