"""Queries of remote tables over TAP, the Virtual Observatory's protocol; the only file of haloscale that queries.

An answer is used whole or not at all: it is read to its end, must be well-formed, and must say itself that it is
complete (``QUERY_STATUS``: OK, not OVERFLOW or ERROR, as the standards TAP 1.1 and DALI 1.1 state them).
"""

import os
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from math import ceil
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from haloscale.errors import FetchError, HaloscaleError, MissingExtraError
from haloscale.surveys.answer import check_answer, excerpt
from haloscale.surveys.network import reason
from haloscale.tables import atomic_path

Uploads = Mapping[str, Mapping[str, NDArray[Any]]]
"""Name of an uploaded table -> its columns, array (n,) each."""

PATIENCE: Final = 600.0
"""Seconds that one query may take."""

_CONNECT, _SILENCE = 10.0, 60.0
"""Seconds to wait for a connection, and for the next byte."""

_FIRST_WAIT, _LONGEST_WAIT, _SLOWER = 0.25, 15.0, 1.5
"""Seconds between two looks at a job; each wait is so much longer than the one before."""

_GRACE = 5
"""Seconds after our own time limit at which a service is asked to end a job by itself."""

_LOOKS_MISSED = 3
"""So many looks at a job may fail in a row before the service counts as gone."""

_REGULAR = re.compile(r'[A-Za-z]\w*(\.[A-Za-z]\w*){0,2}|.*".*')
_CHUNK, _SHOWN = 1 << 16, 200


@dataclass(frozen=True)
class RemoteTable:
    """A table of a service.

    Parameters
    ----------
    name : str
        As a query writes it.
    columns : tuple of str
        Its columns, as the service names them.
    """

    name: str
    columns: tuple[str, ...]


def query(
    service: str,
    adql: str,
    path: str | os.PathLike[str],
    *,
    uploads: Uploads | None = None,
    max_rows: int | None = None,
    timeout: float = PATIENCE,
    wait: bool = False,
) -> Path:
    """Ask a TAP service, and write its complete answer as a VOTable; nothing is written where it is not complete.

    Parameters
    ----------
    service : str
        Base address of the service, which ends before ``/sync`` and ``/async``.
    adql : str
        The question.
    path : str or path
        The file to appear.
    uploads : mapping, optional
        Tables the question may use, as ``TAP_UPLOAD.name``.
    max_rows : int, optional
        Row limit to ask for; None: the service's own.
    timeout : float [s]
        How long the answer may take in all.
    wait : bool
        Ask synchronously, for what is answered at once; by default a job is submitted, watched, fetched and deleted.

    Returns
    -------
    path

    Raises
    ------
    TruncatedAnswerError
        The row limit cut the answer off.
    FetchError
        The service is down, too slow, refuses the query or breaks off; or it answers with what is no VOTable.
    MissingExtraError
        pyvo is not installed.
    """
    _check_address(service)
    deadline = time.monotonic() + timeout
    asked = _Asked(service.rstrip("/"), adql, uploads or {}, max_rows, timeout, deadline)
    with atomic_path(path) as aside, _plainly(service), _session(min(timeout, _SILENCE)) as session:
        answering = _now(asked, session) if wait else _as_job(asked, session)
        with answering as response:
            _save(response, aside, asked)
        check_answer(aside, service)
    return Path(path)


def describe(service: str, table: str, folder: Path, *, timeout: float = PATIENCE) -> RemoteTable:
    """The columns of a remote table, from the service's own description.

    Parameters
    ----------
    service, table : str
        Address; name of the table, with its schema.
    folder : Path
        For the answers, which are removed again.
    timeout : float [s]

    Raises
    ------
    FetchError
        There is no such table, or the service fails; see `query`.
    """
    names = ", ".join(_text(name) for name in dict.fromkeys((table, quoted(table))))
    about = f"SELECT table_name, column_name FROM TAP_SCHEMA.columns WHERE table_name IN ({names})"
    found = _rows(service, about, folder, timeout)
    if not found:
        known = [row[0] for row in _rows(service, "SELECT table_name FROM TAP_SCHEMA.tables", folder, timeout)]
        close = get_close_matches(table, known, n=1, cutoff=0.5)
        raise FetchError(
            f"the service {service} has no table {table!r}",
            f"one of the {len(known)} tables that it lists in TAP_SCHEMA.tables",
            f"did you mean {close[0]!r}?" if close else "give the name with its schema, as the service's pages show it",
        )
    return RemoteTable(quoted(found[0][0]), tuple(column for _, column in found))


def quoted(name: str) -> str:
    """A name as ADQL writes it: in quotation marks where it is no plain word."""
    return name if _REGULAR.fullmatch(name) else f'"{name}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _rows(service: str, adql: str, folder: Path, timeout: float) -> list[tuple[str, ...]]:
    """The rows of a short answer, as text."""
    path = query(service, adql, folder / "about.vot", timeout=timeout, wait=True)
    table = _read(path)
    path.unlink()
    return [tuple(str(value).strip() for value in row) for row in table.array.tolist()]


def count_rows(path: Path) -> int:
    """Rows of an answer."""
    return len(_read(path).array)


def _read(path: Path) -> Any:
    from astropy.io import votable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of every unusual unit or identifier
        return votable.parse(path, verify="ignore").get_first_table()


@dataclass(frozen=True)
class _Asked:
    """A question on its way."""

    service: str
    adql: str
    uploads: Uploads
    max_rows: int | None
    timeout: float
    deadline: float

    def submit(self, session: Any, mode: str) -> Any:
        """Send it, with its tables; the answer of `requests`, unread."""
        from astropy.table import Table
        from pyvo.dal.tap import TAPQuery

        tables = {name: Table(dict(columns)) for name, columns in self.uploads.items()}
        given = {"mode": mode, "maxrec": self.max_rows, "uploads": tables or None, "session": session}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return TAPQuery(self.service, self.adql, **given).submit()

    def check_time(self) -> None:
        """Errors: `FetchError` once the time is over."""
        if time.monotonic() > self.deadline:
            raise FetchError(
                f"{self.service} has not answered in {self.timeout:g} s; the query was given up",
                "an answer within the time limit",
                "give --timeout more seconds, ask for fewer stars at a time, or try when the service is less busy",
            )


@contextmanager
def _now(asked: _Asked, session: Any) -> Iterator[Any]:
    """A synchronous answer, open for reading."""
    response = asked.submit(session, "sync")
    with _refused_where(response, asked.service):
        yield response


@contextmanager
def _as_job(asked: _Asked, session: Any) -> Iterator[Any]:
    """The answer of a job, open for reading; the job is deleted in the end, whatever happens."""
    from pyvo.dal import DALServiceError
    from pyvo.dal.tap import AsyncTAPJob

    with _refused_where(asked.submit(session, "async"), asked.service) as accepted:
        address = accepted.url
    job = AsyncTAPJob(address, session=session)
    try:
        with suppress(DALServiceError):  # a service may keep the limit to itself; with it, none computes for nobody
            job.execution_duration = ceil(asked.timeout) + _GRACE
        job.run()
        _watch(job, asked)
        result = job.result_uri
        if result is None:
            raise _failed(asked.service, "its job says it is completed, but names no result")
        with _refused_where(session.get(result, stream=True), asked.service) as response:
            yield response
    finally:
        with suppress(Exception):  # the service may be gone; its own clean-up removes the job then
            job.delete()


def _watch(job: Any, asked: _Asked) -> None:
    """Look at the job from time to time until it is done."""
    from pyvo.dal import DALServiceError

    missed, pause = 0, _FIRST_WAIT
    while True:
        try:
            phase, missed = job.phase, 0
        except DALServiceError:
            missed += 1
            phase = "UNKNOWN"
            if missed > _LOOKS_MISSED:
                raise
        if phase == "COMPLETED":
            return
        if phase in ("ERROR", "ABORTED"):
            raise _query_refused(asked.service, _told_by(job) or f"the job ended as {phase}")
        asked.check_time()
        time.sleep(min(pause, max(0.0, asked.deadline - time.monotonic())))
        pause = min(pause * _SLOWER, _LONGEST_WAIT)


def _told_by(job: Any) -> str:
    """What the service says of a job that failed."""
    summary = job.job.errorsummary
    message = getattr(getattr(summary, "message", None), "content", None)
    return " ".join(str(message or "").split())


def _save(response: Any, aside: Path, asked: _Asked) -> None:
    with aside.open("wb") as file:
        for chunk in response.iter_content(_CHUNK):
            file.write(chunk)
            asked.check_time()


@contextmanager
def _refused_where(response: Any, service: str) -> Iterator[Any]:
    """The answer, closed in the end; `FetchError` with the service's own words where its status is a failure."""
    with response:
        if response.status_code >= 400:
            said = excerpt(response.content[:_CHUNK])
            told = f"it answered {response.status_code}" + (f": {said}" if said else "")
            raise _query_refused(service, told) if response.status_code == 400 else _failed(service, told)
        yield response


@contextmanager
def _session(silence: float) -> Iterator[Any]:
    """A session of requests that never waits for ever."""
    import requests

    class Patient(requests.Session):
        """Gives every request a time limit, and remembers the answers, since pyvo leaves some open."""

        def request(self, *words: Any, **given: Any) -> Any:
            """As of requests."""
            given["timeout"] = (min(_CONNECT, silence), silence)
            answers.append(super().request(*words, **given))
            return answers[-1]

    answers: list[Any] = []
    with Patient() as session:
        try:
            yield session
        finally:
            for answer in answers:
                answer.close()


@contextmanager
def _plainly(service: str) -> Iterator[None]:
    """Turn what pyvo, requests and the parsers raise into one `FetchError`."""
    try:
        import pyvo  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "a TAP service can be asked only with pyvo, which is not installed",
            "the extra `tap`",
            'python3 -m pip install "haloscale[tap]"',
        ) from error
    try:
        yield
    except (HaloscaleError, MemoryError):
        raise
    except Exception as error:  # each library has its own
        cause = getattr(error, "cause", None)
        told = cause if isinstance(cause, OSError) else error
        said = reason(told) if isinstance(told, OSError) else (str(told) or type(told).__name__).splitlines()[0]
        raise _failed(service, said[:_SHOWN]) from error


def _failed(service: str, cause: str) -> FetchError:
    return FetchError(
        f"the TAP service {service} failed: {cause}",
        "a TAP service that answers completely",
        "check the address (it ends before /sync), or try again later; nothing of the answer was kept",
    )


def _query_refused(service: str, told: str) -> FetchError:
    return FetchError(
        f"the TAP service {service} refused the query: {told}",
        "a query that the service can carry out",
        "check the name of the table and of its columns; if they are right, ask for fewer stars at a time",
    )


def _check_address(service: str) -> None:
    if not service.startswith(("http://", "https://")):
        raise FetchError(f"{service!r} is no web address", "an address with http:// or https://", "correct the address")
