"""Where an answer comes from: the versions that computed it, and the files that went in."""

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from haloscale._version import __version__
from haloscale.errors import CatalogueError

_SEEN_IN_PROVENANCE: Final = ("numpy", "scipy", "astropy", "pyarrow", "emcee", "matplotlib", "pydantic")


def software() -> dict[str, Any]:
    """Versions of everything that computes, for provenance.json."""
    return {
        "haloscale": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: metadata.version(name) for name in _SEEN_IN_PROVENANCE},
    }


def file_entry(path: Path, sha256: str) -> dict[str, Any]:
    """A catalogue file for provenance.json: where it lay, its checksum and its size."""
    return {"path": str(path.resolve()), "sha256": sha256, "bytes": path.stat().st_size}


def checksum(path: Path) -> str:
    """SHA-256 of a catalogue file. Errors: `CatalogueError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CatalogueError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}",
            "a catalogue file that you may read",
            "check the path and its permissions; a folder is no catalogue, name the file inside it",
        ) from error


def _commit() -> str | None:
    """Commit of the checkout this package runs from; None where it is installed from a wheel."""
    here = Path(__file__).resolve().parent
    try:
        found = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
