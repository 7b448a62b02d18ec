"""One run from catalogue to report: the order of the stages, their events and hashes, resuming, provenance.

Each stage is a pure function of `haloscale.stages`; here it is given its generator, timed, and its record is written
and, when the same command runs again after an interruption, read back instead of being computed.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import photometry, stages, tables
from haloscale._version import __version__
from haloscale.config.layers import OFF
from haloscale.errors import CatalogueError
from haloscale.figures import base as drawing
from haloscale.provenance import checksum, file_entry, software
from haloscale.records import (
    AllStars,
    Chain,
    CircularVelocity,
    DispersionProfile,
    Run,
    Sample,
    StarTable,
    Substructure,
)
from haloscale.report.citations import bibtex
from haloscale.report.page import write_report
from haloscale.surveys.base import surveys

T = TypeVar("T")

_Stars = tuple[Sample, Substructure | None, Mapping[str, Substructure]]


@dataclass(frozen=True)
class Event:
    """Something that happened: the stage, a line for the user, its level, and the share of the stage that is done."""

    stage: str
    message: str
    level: str = "info"
    fraction: float | None = None


OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Request:
    """What is to be run.

    Parameters
    ----------
    catalogue : Path
        The file of the stars, or the one that lists several catalogues.
    loaded : config.Loaded
        The resolved configuration, what the user gave of it, and remarks on how the two were joined.
    strict : bool
        Refuse cuts whose column the catalogue lacks.
    truth : mapping of str to float
        Known parameters, where the stars are simulated.
    truth_note : str
        What is known beforehand of the method's bias for this truth.
    catalogues : mapping of str to Request
        What is to be read and selected, by the name of the catalogue, where there are several.
    """

    catalogue: Path
    loaded: configuration.Loaded
    strict: bool = False
    truth: Mapping[str, float] = field(default_factory=dict)
    truth_note: str = ""
    catalogues: Mapping[str, "Request"] = field(default_factory=dict)

    @property
    def members(self) -> Mapping[str, "Request"]:
        """What is to be read and selected, by the name of the catalogue; a single one has none: ""."""
        return self.catalogues or {"": self}


def execute(request: Request, folder: Path, on_event: OnEvent = lambda event: None, *, pictures: bool = True) -> Run:
    """Run a request into a folder, resume it, or read it back if it is finished.

    Parameters
    ----------
    request : Request
    folder : Path
    on_event : callable
        Told of every stage, warning and progress.
    pictures : bool
        Draw figures and report.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        If the catalogue, the configuration or the folder cannot be used.
    """
    identity = {"config": request.loaded.config.to_mapping(), "catalogue_sha256": checksums(request)}
    if folders.is_finished(folder):
        folders.refuse_other_run(folder, identity)
        on_event(Event("run", f"{folder} holds this run already; showing its result"))
        run = folders.read_run(folder)
        for warning in run.summary.warnings:
            on_event(Event("run", warning, "warning"))
        return run
    with folders.claimed(folder, identity) as work:
        _Execution(request, work, identity, on_event).run(pictures)
        work.finish()
    return folders.read_run(folder)


def generator(seed: int, stage: str) -> np.random.Generator:
    """The random numbers of a stage: each has its own stream, so that a resumed run equals an uninterrupted one."""
    return np.random.default_rng([seed, zlib.crc32(stage.encode())])


def read_stars(catalogue: Path, config: configuration.RunConfig) -> StarTable:
    """The catalogue of a run; it needs distances only where the run takes them from it.

    Raises
    ------
    CatalogueError
        The file cannot be used.
    """
    needed = None if config.distance.method == "catalogue" else ("v_helio",)
    survey = surveys[config.catalogue.survey]
    return tables.read_catalogue(catalogue, survey, config.catalogue.columns, needed=needed)


def select(request: Request, table: StarTable, stage: str = "sample") -> stages.Selected:
    """The sample of one catalogue, with remarks on what of its settings only the user can know."""
    config = request.loaded.config
    made = stages.select_sample(config, table, request.strict, generator(config.seed, stage))
    return replace(made, notes=(*made.notes, *system_notes(request.loaded, made.sample.extra)))


def select_all(request: Request) -> stages.Selected:
    """The sample of a request, its catalogues read one after another. Errors: `InputError`, with the catalogue."""
    found = {}
    for name, one in request.members.items():
        with configuration.about_catalogue(name):
            found[name] = select(one, read_stars(one.catalogue, one.loaded.config), f"sample {name}".strip())
    return stages.join(request.loaded.config, found)


def system_notes(loaded: configuration.Loaded, columns: Mapping[str, Any]) -> tuple[str, ...]:
    """What the user must know where the photometric system is a default; `columns` as the distance method left them."""
    note = photometry.system_note(columns, loaded.config.distance.options(), states_system(loaded))
    return (note,) if note else ()


def states_system(loaded: configuration.Loaded) -> bool:
    """Whether the user said what photometric system the magnitudes are in."""
    given = loaded.given.get("distance")
    return isinstance(given, Mapping) and given.get("system", OFF) != OFF


def redraw(folder: Path) -> None:
    """Draw figures and report of a finished run again, from its records alone.

    Raises
    ------
    RunFolderError
        If the folder holds no finished run.
    """
    run = folders.read_run(folder)
    _draw(run, folder, lambda name: None)


def draw_further(run: Run, folder: Path, names: Iterable[str]) -> None:
    """Draw figures that a finished run lacks, and its report again."""
    pictures = folder / "figures"
    pictures.mkdir(exist_ok=True)
    for name in names:
        drawing.save(drawing.draw(name, run), pictures / name)
    write_report(run, pictures, folder / "report.html")


class _Execution:
    """The state of one run: what was asked, where it goes, whom to tell."""

    def __init__(self, request: Request, work: folders.Work, identity: Mapping[str, Any], on_event: OnEvent) -> None:
        self.request, self.work, self.identity, self._on_event = request, work, identity, on_event
        self.config = request.loaded.config
        self.warnings: list[str] = []
        self._hash = hashlib.sha256(json.dumps([identity, __version__], sort_keys=True).encode()).hexdigest()

    def run(self, pictures: bool) -> None:
        self.say("run", "resuming an interrupted run" if self.work.resumed else f"haloscale {__version__}")
        for note in self.request.loaded.notes:
            self.say("config", note, "detail")
        run = self._compute()
        files = self.work.files
        (files / "config.input.toml").write_text(configuration.to_toml(self.request.loaded.given))
        (files / "config.resolved.toml").write_text(configuration.to_toml(self.identity["config"]))
        (files / "CITE.bib").write_text(bibtex(run.config, run.sample.extra))
        if pictures:
            self._timed("figures", lambda: _draw(run, files, lambda name: self.say("figures", name, "detail")))
        (files / "provenance.json").write_text(json.dumps(self._provenance(), indent=1) + "\n")
        tables.write_summary(files / "summary.json", run.summary)

    def _compute(self) -> Run:
        files, config = self.work.files, self.config

        def profiled() -> Any:
            profile, notes = stages.measure_profile(config, sample, self._generator("dispersion"))
            tables.write_dispersion(files / "dispersion.ecsv", profile)
            return profile, notes

        def differentiated(chain: Chain | None) -> CircularVelocity:
            path = files / "circular_velocity.ecsv"

            def compute() -> Any:
                made, notes = stages.circular_velocity(config, profile, self._generator("circular_velocity"), chain)
                tables.write_circular_velocity(path, made)
                return made, notes

            made: CircularVelocity = self._stage(
                "circular_velocity", compute, lambda: tables.read_circular_velocity(path)
            )
            return made

        def fitted() -> Any:
            told = self._progress("fit")
            chain, notes = stages.fit(config, sample, profile, self._generator("fit"), told, points)
            tables.write_chain(files / "chain.parquet", chain)
            return chain, notes

        def weighed() -> Any:
            masses = stages.mass_profile(config, chain, profile)
            tables.write_mass_profile(files / "mass_profile.ecsv", masses)
            return masses, ()

        sample, substructure, substructures = self._select()
        profile = self._stage("dispersion", profiled, lambda: tables.read_dispersion(files / "dispersion.ecsv"))
        # Eq. 9 makes the data of the route v_circ; under the route sigma it takes the parameters that were fitted
        points = differentiated(None) if config.jeans.route == "v_circ" else None
        # that V_circ is of one tracer: several catalogues have none together
        one_tracer = not self.request.catalogues
        chain = self._stage("fit", fitted, lambda: tables.read_chain(files / "chain.parquet"))
        points = differentiated(chain) if points is None and one_tracer else points
        masses = self._stage("mass", weighed, lambda: tables.read_mass_profile(files / "mass_profile.ecsv"))
        records = sample, profile, chain
        predictive = self._checked(
            "predictive", stages.predictive_check, folders.write_predictive, folders.read_predictive, *records
        )
        velocities = dict[str, Any]()
        if stages.has_velocities_in_space(config, sample):
            velocities = self._checked(
                "velocities", stages.velocity_check, folders.write_velocities, folders.read_velocities, *records
            )
        whole = self._with_all_stars(sample, profile)
        cutflow = tables.read_cutflow(files / "cutflow.csv")
        about_truth = self.request.truth, self.request.truth_note
        summary = stages.summarise(config, cutflow, sample, profile, chain, tuple(self.warnings), *about_truth, points)
        made = cutflow, sample, profile, chain, masses, summary
        run = Run(self.identity["config"], *made, circular_velocity=points, all_stars=whole)
        run = replace(run, predictive=predictive.pop("", None), predictives=predictive)
        run = replace(run, velocities=velocities.pop("", None), velocity_checks=velocities)
        return replace(run, substructure=substructure, substructures=substructures)

    def _select(self) -> _Stars:
        files = self.work.files

        def compute() -> Any:
            made = select_all(self.request)
            tables.write_sample(files / folders.SAMPLE, made.sample)
            tables.write_cutflow(files / "cutflow.csv", made.cutflow)
            for name, found in {"": made.substructure, **made.substructures}.items():
                folders.write_substructure(files, found, name)
            return (made.sample, made.substructure, made.substructures), made.notes

        def read() -> Any:
            found = folders.read_substructures(files, self.request.catalogues)
            return tables.read_sample(files / folders.SAMPLE), folders.read_substructure(files), found

        made: _Stars = self._stage("sample", compute, read)
        return made

    def _checked(self, name: str, check: Any, write: Any, read: Any, *records: Any) -> dict[str, Any]:
        """Whether data that the fitted model makes look like the real ones, by the name of the catalogue."""

        def compute() -> Any:
            made, notes = check(self.config, *records, self._generator(name))
            write(self.work.files, made)
            return made, notes

        names = "", *self.request.catalogues
        made: dict[str, Any] = self._stage(name, compute, lambda: read(self.work.files, names))
        return made

    def _with_all_stars(self, sample: Sample, profile: DispersionProfile) -> AllStars | None:
        """The fit with no group removed; None where none was."""
        path = self.work.files / folders.ALL_STARS

        def compute() -> Any:
            told = self._progress("all_stars")
            made, notes = stages.all_stars(self.config, sample, profile, self._generator, told)
            tables.write_all_stars(path, made)
            return made, notes

        if not stages.removed(self.config, sample).any():
            return None
        made: AllStars = self._stage("all_stars", compute, lambda: tables.read_all_stars(path))
        return made

    def _stage(self, name: str, compute: Callable[[], tuple[T, tuple[str, ...]]], read: Callable[[], T]) -> T:
        """The record of a stage, computed, or read back if this very run made it before it was interrupted."""
        self._hash = hashlib.sha256(f"{self._hash} {name}".encode()).hexdigest()
        known = self.work.stages.get(name, {})
        if known.get("hash") == self._hash:
            record, warnings = read(), known["warnings"]
            self.say(name, "taken from the interrupted run", "detail")
        else:
            start = time.perf_counter()
            record, warnings = compute()
            seconds = time.perf_counter() - start
            self.work.stages[name] = {"hash": self._hash, "seconds": seconds, "warnings": list(warnings)}
            self.work.save()
        for warning in warnings:
            self.say(name, warning, "warning")
        self.warnings += warnings
        return record

    def _timed(self, name: str, action: Callable[[], None]) -> None:
        start = time.perf_counter()
        action()
        self.work.stages[name] = {"hash": self._hash, "seconds": time.perf_counter() - start, "warnings": []}

    def _progress(self, stage: str) -> Callable[[float, str], None]:
        return lambda fraction, line: self.say(stage, line, "info", fraction)

    def _generator(self, stage: str) -> np.random.Generator:
        return generator(self.config.seed, stage)

    def say(self, stage: str, message: str, level: str = "info", fraction: float | None = None) -> None:
        """Tell the user, and the log."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.work.log(f"{now} {level} {stage}: {message}")
        self._on_event(Event(stage, message, level, fraction))

    def _provenance(self) -> dict[str, Any]:
        sha256, several = self.identity["catalogue_sha256"], self.request.catalogues
        files = [{"name": name, **file_entry(one.catalogue, sha256[name])} for name, one in several.items()]
        return {
            **software(),
            "catalogue": files or file_entry(self.request.catalogue, sha256),
            "seed": self.config.seed,
            "finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "stages": {name: {k: s[k] for k in ("hash", "seconds")} for name, s in self.work.stages.items()},
        }


def _draw(run: Run, folder: Path, on_figure: Callable[[str], None]) -> None:
    pictures = folder / "figures"
    pictures.mkdir(exist_ok=True)
    drawing.draw_all(run, pictures, on_figure)
    write_report(run, pictures, folder / "report.html")


def checksums(request: Request) -> str | dict[str, str]:
    """SHA-256 of the catalogue, or of each of several by its name. Errors: `InputError`, two that are the same."""
    found: dict[str, str] = {}
    for name, one in request.members.items():
        with configuration.about_catalogue(name):
            found[name] = checksum(one.catalogue)
        twin = next((other for other in found if other != name and found[other] == found[name]), None)
        if twin is not None:
            raise CatalogueError(
                f"the catalogues {twin!r} and {name!r} are the same file, {one.catalogue}",
                "a file for each: the same stars would count twice",
                "leave one of the two out, or correct its path",
            )
    return found if request.catalogues else found[""]
