"""Downloads, always with a checksum; the only file of haloscale that fetches files.

The real addresses could not be reached where this was written; the code is tested against an HTTP server on the same
machine, and the checksums against copies of the files.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from haloscale.errors import FetchError
from haloscale.surveys.base import Survey, surveys
from haloscale.surveys.network import reason

Progress = Callable[[int, int], None]
"""Called with the bytes received and the bytes expected (0: unknown)."""

_TIMEOUT = 30.0


def fetch(
    survey_name: str,
    folder: str | os.PathLike[str] | None = None,
    address: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Download the catalogue of a survey, or find it already there, and verify its checksum.

    Parameters
    ----------
    survey_name : str
        Registered name.
    folder : str or path, optional
        Where to put the file; by default the user's cache folder.
    address : str, optional
        A mirror (http or https) instead of the survey's own address; the checksum stays the same.
    progress : callable, optional
        Called with (bytes received, bytes expected or 0).

    Returns
    -------
    path
        The verified file.

    Raises
    ------
    FetchError
        No public address serves these bytes, the download failed, or the checksum is wrong; nothing is left behind.
    ConfigError
        No such survey.
    """
    survey = surveys[survey_name]
    if survey.sha256 is None or survey.address is None:
        raise FetchError(
            f"the survey {survey.name!r} has no public address that serves its file",
            "a survey that can be fetched: " + ", ".join(n for n, s in surveys.items() if s.address),
            f"get the file yourself: {survey.where}",
        )
    source = address or survey.address
    name = survey.address.rsplit("/", 1)[-1]
    with _folder(folder) as place, _quiet():
        return Path(_retrieve(source, survey, name, place, progress))


def _retrieve(source: str, survey: Survey, name: str, place: Path, progress: Progress | None) -> str:
    import pooch

    if not source.startswith(("http://", "https://")):
        raise FetchError(f"{source!r} is no web address", "an address with http:// or https://", "correct the address")
    bar = _Bar(progress) if progress else False
    answers: list[Any] = []  # pooch leaves an answer open when it fails
    hooks = {"response": lambda answer, **_: answers.append(answer)}
    download = pooch.HTTPDownloader(progressbar=bar, timeout=_TIMEOUT, hooks=hooks)
    try:
        return str(pooch.retrieve(source, f"sha256:{survey.sha256}", fname=name, path=place, downloader=download))
    except ValueError as error:
        if "hash" not in str(error):
            raise _failed(source, survey, str(error)) from error
        raise FetchError(
            f"what {source} serves is not the catalogue {survey.name!r}: its checksum differs",
            f"sha256 {survey.sha256}",
            f"try again later; if it stays so the file was changed: {survey.where}",
        ) from error
    except OSError as error:  # every exception of requests is one
        raise _failed(source, survey, reason(error)) from error
    finally:
        for answer in answers:
            answer.close()


def _failed(source: str, survey: Survey, cause: str) -> FetchError:
    return FetchError(
        f"{source} could not be downloaded: {cause}",
        f"the file of the survey {survey.name!r}",
        f"try again, or get the file yourself: {survey.where}",
    )


@contextmanager
def _folder(folder: str | os.PathLike[str] | None) -> Iterator[Path]:
    """The folder for the file, made if need be and removed again if nothing came into it."""
    import pooch

    place = Path(folder) if folder is not None else Path(pooch.os_cache("haloscale"))
    made = not place.exists()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"the folder {place} cannot be made ({error.strerror})"
        raise FetchError(found, "a folder to write to", "choose another") from error
    try:
        yield place
    finally:
        if made and not any(place.iterdir()):
            place.rmdir()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pooch's own log lines away; the caller says what happens."""
    import pooch

    logger = pooch.get_logger()
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


class _Bar:
    """What pooch asks of a progress bar, handed on to a function."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.total, self.received = progress, 0, 0

    def update(self, n: int) -> Any:
        """Count `n` more bytes."""
        self.received += n
        self.progress(min(self.received, self.total) if self.total else self.received, self.total)

    def reset(self) -> Any:
        """Start again from zero (pooch does this once at the end)."""
        self.received = 0

    def close(self) -> Any:
        """Nothing to close."""
