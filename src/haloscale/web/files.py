"""The files of the page itself: kept in memory as they are sent, and not sent again to a browser that has them."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Final

from starlette.responses import Response

TYPES: Final = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
    ".png": "image/png", ".ico": "image/x-icon", ".json": "application/json", ".pdf": "application/pdf",
    ".toml": "text/plain; charset=utf-8", ".csv": "text/plain; charset=utf-8", ".ecsv": "text/plain; charset=utf-8",
    ".bib": "text/plain; charset=utf-8",
}  # fmt: skip
"""Media type by ending; what is not here is saved, not shown."""
_FOLDER: Final = "static"


@dataclass(frozen=True)
class _Kept:
    """The bytes of a file and their checksum, as the header ETag has it."""

    content: bytes
    tag: str


def static_name(path: str) -> str | None:
    """The file of the page that a path below the token asks for; None where it asks for something else."""
    if path == "/":
        return "index.html"
    return path.removeprefix(f"/{_FOLDER}/") if path.startswith(f"/{_FOLDER}/") else None


def static(name: str, known: str | None = None) -> Response:
    """A file of the page, or that the browser has it; names that climb out of the folder are not found."""
    parts, suffix = PurePosixPath(name).parts, PurePosixPath(name).suffix
    if not parts or any(part in ("..", "/") or part.startswith(".") for part in parts) or suffix not in TYPES:
        return Response("not found", 404)
    found = Path(str(files("haloscale.web").joinpath(_FOLDER, *parts)))
    if not found.is_file():
        return Response("not found", 404)
    kept = _kept(found, found.stat().st_mtime_ns)
    headers = {"ETag": kept.tag, "Cache-Control": "no-cache"}
    if known == kept.tag:
        return Response(status_code=304, headers=headers)
    return Response(kept.content, media_type=TYPES[suffix], headers=headers)


@lru_cache(maxsize=256)
def _kept(path: Path, changed: int) -> _Kept:
    """A file as it was when it was last changed."""
    content = path.read_bytes()
    return _Kept(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
