"""Who answers the pages: the scene, the uploads and the fits of one server, and the threads in which they work."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from haloscale import config as configuration
from haloscale._version import __version__
from haloscale.errors import ConfigError, HaloscaleError, InputError
from haloscale.surveys.base import surveys
from haloscale.web import controls, downloads
from haloscale.web.advice import on_page
from haloscale.web.answers import Answers, Message, complaint, cut_rows
from haloscale.web.held import Held, refuse_change, start_state
from haloscale.web.isolated import isolated
from haloscale.web.jobs import Jobs
from haloscale.web.scene import Scene, Stars
from haloscale.web.state import START, UPLOAD, Source, State
from haloscale.web.uploads import Uploads, named, preview_rows

T = TypeVar("T")

QUICK, SLOW, WAITING = "quick", "slow", "waiting"
"""Threads for what takes a moment, for what takes up to a second, and for what waits on another process."""
_THREADS: Final = {QUICK: 2, SLOW: 2, WAITING: 32}
_LONGEST_DRAWING: Final = 120.0
_LACKING: Final = re.compile(r"(\w+) \(looked for")


@dataclass(frozen=True)
class Start:
    """What the server was started with.

    Parameters
    ----------
    jobs : Path
        Folder below which fits write their run folders.
    stars : Stars, optional
        The catalogue; None: the page begins with an upload.
    state : State
        What the page shows first.
    folder : Path, optional
        A finished run, which opens read-only.
    """

    jobs: Path
    stars: Stars | None = None
    state: State = field(default_factory=State)
    folder: Path | None = None


class Desk:
    """Everything behind one server. Errors: `RunFolderError`, the folder to open cannot be read."""

    def __init__(self, start: Start) -> None:
        self.held = Held(start.folder) if start.folder is not None else None
        self.start = start
        self.first = start_state(self.held.config) if self.held else start.state
        self.jobs, self.uploads = Jobs(start.jobs), Uploads()
        self.scene = Scene(self._find)
        self.answers = self.held or Answers(self.scene)
        self._figures = downloads.figure_list(self.held.run if self.held else None)
        self._threads = {name: ThreadPoolExecutor(n, name) for name, n in _THREADS.items()}

    async def in_thread(self, work: Callable[[], T], pool: str = QUICK) -> T:
        """The result of some work, done beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads[pool], work)

    def close(self) -> None:
        """End fits and threads, remove uploads."""
        self.jobs.close()
        for pool in self._threads.values():
            pool.shutdown(wait=False, cancel_futures=True)
        self.uploads.close()

    def warm(self) -> None:
        """Read the catalogue and load the libraries before the first page asks."""
        if self.start.stars is not None:
            first = ("sample", "profile", "curves", "posterior")
            self._threads[WAITING].submit(lambda: [self.show(kind, self.first) for kind in first])

    def is_quick(self, state: State) -> bool:
        """Whether an answer about a state takes a moment; a wrong state does."""
        try:
            return self.held is not None or self.scene.is_quick(state)
        except HaloscaleError:
            return True

    def show(self, kind: str, state: State, first: bool = False) -> Message:
        """The answer of a kind about a state. Errors: `HaloscaleError`."""
        if kind == "curves":
            return self.answers.curves(state, with_published=first)
        made: Message = getattr(self.answers, kind)(state)
        return made

    def preview(self, source: Source) -> Message:
        """Rows, units and cut flow of a source, and what is wrong with it; nothing is fitted."""
        if self.held:
            refuse_change()
        state = State(source=source)
        message: Message = {"kind": "preview", "complaints": [], "notes": [], "cuts": []}
        try:
            message |= preview_rows(self.scene.table(state))
            selected = self.scene.prepared(state).selected
            message |= {
                "cuts": cut_rows(selected.cutflow),
                "n_kept": len(selected.sample),
                "notes": list(map(on_page, selected.notes)),
            }
        except InputError as error:
            message["complaints"] = self._complaints(error, source)
        return message

    def _complaints(self, error: InputError, source: Source) -> list[dict[str, Any]]:
        """What is wrong with a source: of several columns that it lacks, one complaint each."""
        if source.kind == UPLOAD and source.upload in self.uploads:
            upload = self.uploads[source.upload]
            error = named(error, upload.path, str(upload.described["file"]))
        lacking = _LACKING.findall(error.found) if " has no column for " in error.found else []
        return [{**complaint(error), "field": role} for role in lacking] or [complaint(error, source.columns)]

    def fit(self, state: State) -> Message:
        """Start a fit of a state. Errors: `InputError`."""
        if self.held:
            refuse_change()
        request = self.scene.asked(state).request
        self.scene.prepared(state)  # what cannot be selected is said at once, beside the field it is about
        return self.jobs.fit(request, state.to_mapping(), self.title(state.source))

    def title(self, source: Source) -> str:
        """What is shown: the run folder, or the file as its owner calls it. Errors: `ConfigError`, no such upload."""
        if self.held:
            return self.held.title
        if source.kind == UPLOAD:
            return str(self.uploads[source.upload].described["file"])
        return self.start.stars.path.name if self.start.stars else ""

    def settings_text(self, state: State) -> str:
        """The settings of a state as TOML. Errors: `InputError`."""
        if isinstance(self.answers, Held):
            return (self.answers.folder / "config.input.toml").read_text(encoding="utf-8")
        request, drawn_at = self.scene.asked(state).request, state.point
        with suppress(InputError):  # settings with which nothing can be drawn are settings still
            drawn_at = self.answers.point(state)
        return downloads.settings_text(request, drawn_at)

    def figure(self, state: State, name: str, kind: str) -> bytes:
        """A figure of a state. Errors: `InputError`."""
        downloads.check_figure(name, kind, [spec["name"] for spec in self._figures])
        limits: dict[str, Any] = {"seconds": _LONGEST_DRAWING, "what": "drawing the figure"}
        if self.held:
            return isolated(downloads.picture_of_folder, self.held.folder, name, kind, **limits)
        request, table = self.scene.asked(state).request, self.scene.table(state)
        return isolated(downloads.picture, request, table, name, kind, **limits)

    def controls(self, state: State | None = None) -> Message:
        """What GET controls answers: of the recipe of a state, or of what is shown first. Errors: `ConfigError`."""
        state = state or self.first
        # of a run what it held; else the recipe alone, since a state holds what differs from it
        config = self.held.config if self.held else configuration.load(state.recipe).config
        resolved = config.to_mapping()
        several = isinstance(resolved["catalogue"], list)
        stars = self.start.stars
        return {
            "title": self.title(state.source),
            "survey": stars.survey if stars else None,
            "version": __version__,
            "read_only": self.held is not None,
            "recipes": controls.recipe_list(),
            "recipe": state.recipe,
            "sections": [] if several else controls.controls(resolved),
            "defaults": {} if several else controls.defaults(resolved),
            "glossary": controls.GLOSSARY,
            "start": self.first.to_mapping(),
            "has_start": self.held is not None or stars is not None,
            "surveys": controls.survey_list(),
            "figures": self._figures,
            "files": list(self.held.files) if self.held else [],
            "summary": self.held.summary() if self.held else None,
        }

    def _find(self, source: Source) -> Stars:
        if source.kind == START:
            if self.start.stars is None:
                raise ConfigError("no catalogue is open", "a catalogue of stars", "drop a file on the page")
            return self.start.stars
        upload = self.uploads[source.upload]
        guessed = upload.described["guess"]
        known = guessed["columns"] if source.survey == guessed["survey"] else {}
        # what the survey says itself need not be said again; of an error with two sides it knows the other one too
        plain = {role: spec.names[0] for role, spec in surveys[source.survey].columns.items() if not spec.average}
        own = {
            role: name
            for role, name in source.columns.items()
            if name not in (known.get(role, {}).get("name"), plain.get(role))
        }
        return Stars(upload.path, source.survey, own)
