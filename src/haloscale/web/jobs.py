"""Fits: each in a process of its own, told of as it goes, found again by any page, leaving an ordinary run folder."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final

from haloscale import run as runs
from haloscale.errors import ConfigError, HaloscaleError
from haloscale.records import Run
from haloscale.run import Event, Request
from haloscale.web.advice import on_page
from haloscale.web.answers import Message, complaint, plain
from haloscale.web.isolated import bounded, context, end

_AT_ONCE, _MOST_WAITING, _MOST_KEPT = 2, 8, 100
ENDED: Final = ("finished", "failed", "cancelled")

Tell = Callable[[Message], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Job:
    """What is known of a fit; `state` is what a page showed when it asked for it, `title` the name of its catalogue."""

    name: str
    folder: Path
    state: dict[str, Any]
    title: str = ""
    status: str = "waiting"
    stage: str = ""
    line: str = ""
    fraction: float | None = None
    files: tuple[str, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    complaint: dict[str, Any] | None = None

    @property
    def report(self) -> str | None:
        """Address of the report below the token, where there is one."""
        return f"jobs/{self.name}/report.html" if "report.html" in self.files else None

    def message(self) -> Message:
        """The message "job"."""
        return {
            "kind": "job", "job": self.name, "status": self.status, "stage": self.stage, "line": self.line,
            "fraction": self.fraction, "folder": str(self.folder), "files": list(self.files), "summary": self.summary,
            "warnings": list(map(on_page, self.warnings)), "report": self.report, "complaint": self.complaint,
            "state": self.state, "title": self.title,
        }  # fmt: skip


class Jobs:
    """The fits of one server.

    Parameters
    ----------
    folder : Path
        Below it each fit has its run folder, fit-001 and so on.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, Any] = {}
        self._waiting: list[tuple[str, Request]] = []
        self._watchers: dict[int, tuple[asyncio.AbstractEventLoop, Tell]] = {}
        self._n_watchers = 0

    def fit(self, request: Request, state: dict[str, Any], title: str = "") -> Message:
        """Start a fit, or let it wait for its turn.

        Raises
        ------
        ConfigError
            Too many are waiting.
        """
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                told = f"{len(self._waiting)} fits are waiting"
                raise ConfigError(told, f"at most {_MOST_WAITING}", "wait for one to end, or cancel one")
            name = self._free_name()
            self._jobs[name] = Job(name, self.folder / name, state, title)
            self._waiting.append((name, request))
            self._forget()
        self._next()
        return self._jobs[name].message()

    def cancel(self, name: str) -> Message:
        """End a fit and remove what it has written. Errors: `ConfigError`, there is no such fit."""
        job = self.job(name)
        with self._lock:
            self._waiting = [entry for entry in self._waiting if entry[0] != name]
            process = self._processes.get(name)
        if job.status in ENDED:
            return job.message()
        self._change(name, status="cancelled", line="cancelled", fraction=None)
        if process is not None:
            end(process)
        shutil.rmtree(job.folder, ignore_errors=True)
        self._next()
        return self.job(name).message()

    def job(self, name: str) -> Job:
        """What is known of a fit. Errors: `ConfigError`."""
        if name not in self._jobs:
            raise ConfigError("no fit has that name", "one of this server", "ask for the list of fits")
        return self._jobs[name]

    def messages(self) -> list[Message]:
        """One message for each fit, in the order in which they were asked for."""
        return [job.message() for job in list(self._jobs.values())]

    def watch(self, tell: Tell) -> int:
        """Have every change told to a page, in its loop; the answer is for `unwatch`."""
        with self._lock:
            self._n_watchers += 1
            self._watchers[self._n_watchers] = asyncio.get_running_loop(), tell
            return self._n_watchers

    def unwatch(self, watcher: int) -> None:
        """Tell that page nothing more."""
        with self._lock:
            self._watchers.pop(watcher, None)

    def close(self) -> None:
        """Cancel what is under way."""
        for job in list(self._jobs.values()):
            if job.status not in ENDED:
                self.cancel(job.name)

    def _free_name(self) -> str:
        number = len(self._jobs) + 1
        while (name := f"fit-{number:03d}") in self._jobs or (self.folder / name).exists():
            number += 1
        return name

    def _forget(self) -> None:
        ended = [name for name, job in self._jobs.items() if job.status in ENDED]
        for name in ended[: max(0, len(self._jobs) - _MOST_KEPT)]:
            del self._jobs[name]

    def _next(self) -> None:
        with self._lock:
            while self._waiting and len(self._processes) < _AT_ONCE:
                name, request = self._waiting.pop(0)
                here, there = context().Pipe(duplex=False)
                arguments = there, request, self._jobs[name].folder
                process = context().Process(target=_fit, args=arguments, daemon=True)  # type: ignore[attr-defined]
                process.start()
                there.close()
                self._processes[name] = process
                Thread(target=self._follow, args=(name, here), daemon=True).start()

    def _follow(self, name: str, here: Connection) -> None:
        """Take what the process of a fit says, until it ends."""
        self._change(name, status="running", line="starting")
        try:
            while True:
                self._change(name, **here.recv())
        except (EOFError, OSError):
            pass
        with self._lock:
            process = self._processes.pop(name)
        end(process)
        job = self._jobs[name]
        if job.status not in ENDED:
            lost = HaloscaleError("the process of the fit ended without an answer")
            self._change(name, status="failed", complaint=complaint(lost))
        if self._jobs[name].status != "finished":
            shutil.rmtree(job.folder, ignore_errors=True)
        self._next()

    def _change(self, name: str, **changed: Any) -> None:
        with self._lock:
            job = self._jobs[name]
            if job.status in ENDED:
                return
            self._jobs[name] = made = replace(job, **changed)
            watchers = list(self._watchers.values())
        for loop, tell in watchers:
            if not loop.is_closed():
                asyncio.run_coroutine_threadsafe(tell(made.message()), loop)


def _fit(there: Connection, request: Request, folder: Path) -> None:
    """Run a fit and tell of it; in a process of its own."""
    bounded()
    warnings: list[str] = []

    def tell(event: Event) -> None:
        if event.level == "warning":  # it stands beside the progress, not in its place
            warnings.append(event.message)
            there.send({"warnings": tuple(warnings)})
        elif event.stage != "config":  # how settings were joined is no progress
            there.send({"stage": event.stage, "line": event.message, "fraction": event.fraction})

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        run = runs.execute(request, folder, tell)
        there.send(
            {"status": "finished", "line": "finished", "fraction": 1.0, "files": listing(folder), "summary": told(run)}
        )
    except HaloscaleError as error:
        there.send({"status": "failed", "line": "failed", "complaint": complaint(error)})
    except Exception as error:  # the page has to hear of it
        there.send({"status": "failed", "line": f"{type(error).__name__}: {error}", "complaint": complaint(error)})
    there.close()


def listing(folder: Path) -> tuple[str, ...]:
    """The files of a run folder, as they are named in addresses."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def told(run: Run) -> dict[str, Any]:
    """What a page shows of a finished run."""
    summary, check = run.summary, run.predictive
    return {
        "parameters": plain(summary.parameters), "derived": plain(summary.derived), "chi2": summary.chi2,
        "n_points": summary.n_points, "n_read": summary.n_read, "n_kept": summary.n_kept,
        "n_in_bins": summary.n_in_bins, "sampling": summary.sampling.status, "ess": summary.sampling.ess,
        "verdict": check.verdict if check is not None else "", "version": summary.version,
    }  # fmt: skip
