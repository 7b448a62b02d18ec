"""A bias study in its folder: any number of processes, resumable, the same result whatever their number.

Every catalogue draws from the stream of its own index, so that it does not matter which process makes it, nor when. The
rows are appended to a file below ``.work`` as they come; the same command later does what is missing.
"""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import tables
from haloscale.bias.catalogue import Row, columns, fit_catalogue, true_values
from haloscale.bias.design import Design
from haloscale.bias.summary import summarise
from haloscale.errors import ConfigError
from haloscale.report.citations import bibtex
from haloscale.run import Event, OnEvent, software

LAST: Final = "bias_summary.json"
"""A folder that holds it holds a whole study."""

_STEP: Final = 25
"""Catalogues between two lines of progress."""


def execute(
    design: Design, folder: Path, *, workers: int | None = None, on_event: OnEvent = lambda event: None
) -> dict[str, Any]:
    """Run a bias study into a folder, resume it, or read it back if it is finished.

    Parameters
    ----------
    design : Design
    folder : Path
    workers : int, optional
        Processes; default: one for each core this process may use. With more than one, a script that calls this must
        guard its own start by ``if __name__ == "__main__":``, because the processes import it again.
    on_event : callable
        Told of the progress.

    Returns
    -------
    dict
        As in bias_summary.json.

    Raises
    ------
    InputError
        The folder cannot be used, or holds another study.
    """
    n_workers = _checked(workers, design.n)
    asked = {**design.loaded.config.to_mapping(), **design.settings}
    identity = {"config": asked, "catalogue_sha256": ""}
    if folders.is_finished(folder, LAST):
        held = json.loads((folder / "provenance.json").read_text())["asked"]
        folders.refuse_other(folder, {"config": held, "catalogue_sha256": ""}, identity, "a finished bias study")
        on_event(Event("bias", f"{folder} holds this study already; showing its result"))
        return _read_summary(folder)
    with folders.claimed(folder, identity, LAST) as work:
        _Study(design, work, asked, on_event).run(n_workers)
        work.finish()
    return _read_summary(folder)


class _Study:
    """The state of one study: what was asked, where it goes, whom to tell."""

    def __init__(self, design: Design, work: folders.Work, asked: Mapping[str, Any], on_event: OnEvent) -> None:
        self.design, self.work, self.asked, self._on_event = design, work, asked, on_event
        self._rows_file = work.files.parent / "rows.jsonl"

    def run(self, workers: int) -> None:
        start = perf_counter()
        rows = self._known_rows()
        missing = [i for i in range(self.design.n) if i not in rows]
        resumed = f", {len(rows)} of them known from the interrupted study" if rows else ""
        self._say(f"{self.design.n} catalogues{resumed}; {workers} processes")
        with self._rows_file.open("a") as file, _results(self.design, missing, workers) as results:
            for row in results:
                file.write(json.dumps({name: None if np.isnan(x) else x for name, x in row.items()}) + "\n")
                file.flush()
                rows[int(row["index"])] = row
                if len(rows) % _STEP == 0 or len(rows) == self.design.n:
                    self._say(f"{len(rows)} of {self.design.n} catalogues", len(rows) / self.design.n)
        self._write(rows, perf_counter() - start, workers)

    def _known_rows(self) -> dict[int, Row]:
        """Rows of an interrupted study; a line that a killed process left unfinished is cut off."""
        text = self._rows_file.read_text() if self._rows_file.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        tables.atomic_write(self._rows_file, whole)
        rows = (json.loads(line) for line in whole.splitlines())
        return {row["index"]: {k: np.nan if x is None else x for k, x in row.items()} for row in rows}

    def _write(self, rows: Mapping[int, Row], seconds: float, workers: int) -> None:
        from haloscale.figures.base import save
        from haloscale.figures.bias import draw_bias

        files, design = self.work.files, self.design
        table = {name: np.array([rows[i][name] for i in range(design.n)], dtype=float) for name in columns()}
        summary = summarise(design, table)
        tables.write_bias(files / "bias.csv", table)
        (files / "figures").mkdir(exist_ok=True)
        save(draw_bias(table, true_values(design), summary), files / "figures" / "bias")
        resolved = design.loaded.config.to_mapping()
        (files / "config.input.toml").write_text(configuration.to_toml(design.loaded.given))
        (files / "config.resolved.toml").write_text(configuration.to_toml(resolved))
        (files / "CITE.bib").write_text(bibtex(resolved))
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        about = {**software(), "asked": self.asked, "workers": workers, "seconds": seconds, "finished": now}
        (files / "provenance.json").write_text(json.dumps(about, indent=1) + "\n")
        (files / LAST).write_text(json.dumps(summary, indent=1, allow_nan=False) + "\n")

    def _say(self, message: str, fraction: float | None = None) -> None:
        self.work.log(f"{datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')} info bias: {message}")
        self._on_event(Event("bias", message, "info", fraction))


@contextmanager
def _results(design: Design, indices: list[int], workers: int) -> Iterator[Iterator[Row]]:
    """The rows as they come. On an interruption what has not begun is given up, and what has is waited for."""
    if workers == 1 or len(indices) < 2:
        yield (fit_catalogue(design, index) for index in indices)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(design,))
    try:
        with _interrupts_held():
            submitted = [pool.submit(_fit_of_process, index) for index in indices]
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


_design_of_process: list[Design] = []
"""Filled once in each process, so that the design does not travel with every catalogue."""


def _begin(design: Design) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where signals cannot be held back
    Thread(target=_end_with_parent, daemon=True).start()
    _design_of_process[:] = [design]


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _fit_of_process(index: int) -> Row:
    return fit_catalogue(_design_of_process[0], index)


def _checked(workers: int | None, n: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers is not None and workers < 1:
        raise ConfigError(f"--workers {workers}", "at least one process", f"leave it out: {cores} are used")
    return min(workers or cores, n)


def _read_summary(folder: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((folder / LAST).read_text())
    return summary
