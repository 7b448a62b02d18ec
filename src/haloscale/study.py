"""A study in its folder: many like pieces of work in any number of processes, the same result whatever their number.

Every piece draws from the stream of its own index, so that it does not matter which process does it, nor when. The rows
are appended to a file below ``.work`` as they come; the same command later does what is missing.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, Final, Protocol

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import tables
from haloscale.errors import ConfigError
from haloscale.provenance import checksum, software
from haloscale.records import Floats
from haloscale.report.citations import bibtex
from haloscale.run import Event, OnEvent

Row = dict[str, float]
"""The numbers of one piece of work; ``index`` is one of them, and the names are the same for all."""

_STEP: Final = 25
"""Pieces between two lines of progress."""


class Design(Protocol):
    """What a study is asked to do, checked."""

    @property
    def loaded(self) -> configuration.Loaded:
        """The configuration as the user gave it."""

    @property
    def n(self) -> int:
        """Pieces of work."""

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked for beside the configuration, by option of the command line."""


@dataclass(frozen=True)
class Study:
    """A kind of study.

    Parameters
    ----------
    name : str
        The command, for messages and the log.
    pieces : str
        What is counted, in words: "catalogues".
    rows, figure, last : str
        Names of the table of the rows, of the figure, and of the summary. A folder that holds the summary holds a whole
        study.
    row : callable
        (start, index) -> `Row`. A function of a module, so that other processes find it.
    summarise : callable
        (start, columns of the rows by name) -> summary, for JSON.
    draw : callable
        (start, columns, summary) -> matplotlib Figure.
    prepare : callable
        (design, say) -> start: what all pieces need, made once and sent to every process; default: the design itself.
        `say` tells the user a line.
    uses : tuple of str
        Tables of the configuration that matter, for the citations; empty: all.
    units : callable, optional
        start -> unit of each column of the rows, whose table is then ECSV.
    cites : tuple of str
        Keys of entries that the study itself cites.
    """

    name: str
    pieces: str
    rows: str
    figure: str
    last: str
    row: Callable[[Any, int], Row]
    summarise: Callable[[Any, Mapping[str, Floats]], dict[str, Any]]
    draw: Callable[[Any, Mapping[str, Floats], Mapping[str, Any]], Any]
    prepare: Callable[[Any, Callable[[str], None]], Any] = lambda design, say: design
    uses: tuple[str, ...] = ()
    units: Callable[[Any], Mapping[str, str]] | None = None
    cites: tuple[str, ...] = ()


def execute(
    study: Study,
    design: Design,
    folder: Path,
    *,
    catalogue: Path | None = None,
    workers: int | None = None,
    on_event: OnEvent = lambda event: None,
) -> dict[str, Any]:
    """Run a study into a folder, resume it, or read it back if it is finished.

    Parameters
    ----------
    study : Study
    design : Design
    folder : Path
    catalogue : Path, optional
        The file it is made from; none where everything is simulated.
    workers : int, optional
        Processes; default: one for each core this process may use. With more than one, a script that calls this must
        guard its own start by ``if __name__ == "__main__":``, because the processes import it again.
    on_event : callable
        Told of the progress.

    Returns
    -------
    dict
        The summary.

    Raises
    ------
    InputError
        The folder cannot be used, or holds another study.
    """
    n_workers = _checked(workers, design.n)
    asked = {**design.loaded.config.to_mapping(), **design.settings}
    identity = {"config": asked, "catalogue_sha256": "" if catalogue is None else checksum(catalogue)}
    if folders.is_finished(folder, study.last):
        _refuse_other(study, folder, identity)
        on_event(Event(study.name, f"{folder} holds this study already; showing its result"))
        return _read_summary(study, folder)
    with folders.claimed(folder, identity, study.last) as work:
        _Execution(study, design, work, identity, on_event).run(n_workers, catalogue)
        work.finish()
    return _read_summary(study, folder)


class _Execution:
    """The state of one study: what was asked, where it goes, whom to tell."""

    def __init__(
        self, study: Study, design: Design, work: folders.Work, identity: Mapping[str, Any], on_event: OnEvent
    ) -> None:
        self.study, self.design, self.work, self.identity, self._on_event = study, design, work, identity, on_event
        self._rows_file = work.files.parent / "rows.jsonl"

    def run(self, workers: int, catalogue: Path | None) -> None:
        start, n, pieces = perf_counter(), self.design.n, self.study.pieces
        rows = self._known_rows()
        missing = [i for i in range(n) if i not in rows]
        resumed = f", {len(rows)} of them known from the interrupted study" if rows else ""
        self._say(f"{n} {pieces}{resumed}; {workers} processes")
        begun = self.study.prepare(self.design, self._say)
        with self._rows_file.open("a") as file, _results(self.study.row, begun, missing, workers) as results:
            for row in results:
                file.write(json.dumps({name: None if np.isnan(x) else x for name, x in row.items()}) + "\n")
                file.flush()
                rows[int(row["index"])] = row
                if len(rows) % _STEP == 0 or len(rows) == n:
                    self._say(f"{len(rows)} of {n} {pieces}", len(rows) / n)
        self._write(begun, rows)
        self._write_provenance(perf_counter() - start, workers, catalogue)

    def _known_rows(self) -> dict[int, Row]:
        """Rows of an interrupted study; a line that a killed process left unfinished is cut off."""
        text = self._rows_file.read_text() if self._rows_file.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        tables.atomic_write(self._rows_file, whole)
        rows = (json.loads(line) for line in whole.splitlines())
        return {row["index"]: {k: np.nan if x is None else x for k, x in row.items()} for row in rows}

    def _write(self, begun: Any, rows: Mapping[int, Row]) -> None:
        from haloscale.figures.base import save

        files, design, study = self.work.files, self.design, self.study
        table = {name: np.array([rows[i][name] for i in range(design.n)], dtype=float) for name in rows[0]}
        summary = study.summarise(begun, table)
        tables.write_study(files / study.rows, table, study.units(begun) if study.units else None)
        (files / "figures").mkdir(exist_ok=True)
        save(study.draw(begun, table, summary), files / "figures" / study.figure)
        resolved = design.loaded.config.to_mapping()
        (files / "config.input.toml").write_text(configuration.to_toml(design.loaded.given))
        (files / "config.resolved.toml").write_text(configuration.to_toml(resolved))
        (files / "CITE.bib").write_text(
            bibtex({k: v for k, v in resolved.items() if k in study.uses or not study.uses}, further=study.cites)
        )
        (files / study.last).write_text(json.dumps(summary, indent=1, allow_nan=False) + "\n")

    def _write_provenance(self, seconds: float, workers: int, catalogue: Path | None) -> None:
        about: dict[str, Any] = {**software(), "asked": self.identity["config"]}
        if catalogue is not None:
            sha256, size = self.identity["catalogue_sha256"], catalogue.stat().st_size
            about["catalogue"] = {"path": str(catalogue.resolve()), "sha256": sha256, "bytes": size}
        about |= {"workers": workers, "seconds": seconds, "finished": _now()}
        (self.work.files / "provenance.json").write_text(json.dumps(about, indent=1) + "\n")

    def _say(self, message: str, fraction: float | None = None) -> None:
        self.work.log(f"{_now()} info {self.study.name}: {message}")
        self._on_event(Event(self.study.name, message, "info", fraction))


def _refuse_other(study: Study, folder: Path, identity: Mapping[str, Any]) -> None:
    known = json.loads((folder / "provenance.json").read_text())
    held = {"config": known["asked"], "catalogue_sha256": known.get("catalogue", {}).get("sha256", "")}
    folders.refuse_other(folder, held, identity, f"a finished {study.name} study")


@contextmanager
def _results(row: Callable[[Any, int], Row], begun: Any, indices: list[int], workers: int) -> Iterator[Iterator[Row]]:
    """The rows as they come. On an interruption what has not begun is given up, and what has is waited for."""
    if workers == 1 or len(indices) < 2:
        yield (row(begun, index) for index in indices)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(row, begun))
    try:
        with _interrupts_held():
            submitted = [pool.submit(_row_of_process, index) for index in indices]
        yield (done.result() for done in as_completed(submitted))
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the processes have begun, and they, which inherit that, never see it: it is the parent's."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_work_of_process: list[tuple[Callable[[Any, int], Row], Any]] = []
"""Filled once in each process, so that the start does not travel with every index."""


def _begin(row: Callable[[Any, int], Row], begun: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where signals cannot be held back
    Thread(target=_end_with_parent, daemon=True).start()
    _work_of_process[:] = [(row, begun)]


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _row_of_process(index: int) -> Row:
    row, begun = _work_of_process[0]
    return row(begun, index)


def _checked(workers: int | None, n: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers is not None and workers < 1:
        raise ConfigError(f"--workers {workers}", "at least one process", f"leave it out: {cores} are used")
    return min(workers or cores, n)


def _read_summary(study: Study, folder: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((folder / study.last).read_text())
    return summary


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
