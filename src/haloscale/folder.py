"""The run folder: who may use it, how it fills, and how it is read back.

While a run is under way everything lies in the hidden folder ``.work`` inside it: the records of the finished stages
and `state.json`, which knows them by their hash. At the end the files move to their places, summary.json last, so that
a folder with a summary.json and no ``.work`` holds a whole run, and any other shows no result.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from haloscale import config as configuration
from haloscale import tables
from haloscale.errors import InputError, RunFolderError
from haloscale.records import PredictiveCheck, Run, Substructure, VelocityCheck

SIMULATED_CATALOGUE: Final = "simulated_catalogue.fits"
"""Where `haloscale demo` keeps the catalogue it makes, beside the run's own files."""

_WORK: Final = ".work"
_LAST: Final = "summary.json"
SAMPLE: Final = "sample.parquet"
GROUPS: Final = "groups.ecsv"
PAIRS: Final = "pairs.ecsv"
"""What the search for substructure found; absent where none was made, the pairs where they were not counted."""

ALL_STARS: Final = "all_stars.json"
"""The answer with no group removed, with dispersion_all_stars.ecsv; absent where none was."""

PREDICTIVE: Final = "predictive.ecsv"
"""Whether data that the fitted model makes look like the real ones; absent for the route "v_circ"."""

VELOCITIES: Final = "velocities.ecsv"
VELOCITY_HISTOGRAMS: Final = "velocity_histograms.ecsv"
"""The same of the velocities in space; absent where the likelihood predicts none, or the stars have none."""

VARY: Final = "vary.csv"
"""The refits with one assumption changed at a time, where `weigh --vary` asked for them."""


class Work:
    """The unfinished part of a run folder: where files are made, and what is known of the stages.

    Parameters
    ----------
    folder : Path
        The run folder; `files` is the place below it where the run's files are written first.
    identity : mapping
        Resolved configuration and catalogue checksum.
    last : str
        Name of the file that moves last, and so marks a whole run.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], last: str = _LAST) -> None:
        self.folder, self.files, self._last = folder, folder / _WORK / "files", last
        self._state_file = folder / _WORK / "state.json"
        self.stages: dict[str, dict[str, Any]] = {}
        self.resumed = self._state_file.exists()
        if self.resumed:
            self.stages = json.loads(self._state_file.read_text())["stages"]
        self._identity = identity
        self.files.mkdir(parents=True, exist_ok=True)
        self.save()

    def save(self, *, finishing: bool = False) -> None:
        """Write the state aside and rename it into place."""
        state = {"identity": self._identity, "stages": self.stages, "finishing": finishing}
        with tables.atomic_path(self._state_file) as path:
            path.write_text(json.dumps(state))

    def log(self, line: str) -> None:
        """Add a line to the run's log."""
        with (self.files / "log.txt").open("a") as file:
            file.write(line + "\n")

    def finish(self) -> None:
        """Move every file to its place, summary.json (or another) last, and remove the work folder."""
        self.save(finishing=True)
        _move_into_place(self.folder, self._last)


def is_finished(folder: Path, last: str = _LAST) -> bool:
    """Whether the folder holds a whole run; completes one that was stopped while its files were being moved."""
    state = folder / _WORK / "state.json"
    if state.exists() and json.loads(state.read_text())["finishing"]:
        _move_into_place(folder, last)
    return (folder / last).exists() and not (folder / _WORK).exists()


def refuse_other_run(folder: Path, identity: Mapping[str, Any]) -> None:
    """Raise `RunFolderError`, naming the changed key, if a finished folder holds a run with another identity."""
    found = json.loads((folder / "provenance.json").read_text())["catalogue"]
    held = {
        "config": tomllib.loads((folder / "config.resolved.toml").read_text()),
        "catalogue_sha256": {one["name"]: one["sha256"] for one in found}
        if isinstance(found, list)
        else found["sha256"],
    }
    refuse_other(folder, held, identity, "a finished run")


def _refuse_other_unfinished(folder: Path, identity: Mapping[str, Any]) -> None:
    """Raise `RunFolderError`, naming the changed key, if an unfinished run in the folder has another identity."""
    state = folder / _WORK / "state.json"
    if state.exists():
        refuse_other(folder, json.loads(state.read_text())["identity"], identity, "an unfinished run")


@contextmanager
def claimed(folder: Path, identity: Mapping[str, Any], last: str = _LAST) -> Iterator[Work]:
    """Claim a folder for one run: no foreign files, no other process, no other configuration.

    Wrong input and a disk that cannot be written leave nothing behind; an interruption leaves what the same command
    resumes from.

    Raises
    ------
    RunFolderError
        If the folder cannot be used.
    """
    _refuse_foreign_files(folder)
    made = _make(folder)
    with _lock(folder):
        _refuse_other_unfinished(folder, identity)
        try:
            yield Work(folder, identity, last)
        except InputError:
            _discard(folder, made)
            raise
        except OSError as error:
            _discard(folder, made)
            raise tables.in_plain_words(error, folder) from error


@contextmanager
def catalogue_beside(path: Path, make: Callable[[], None], last: str = _LAST) -> Iterator[None]:
    """A simulated catalogue kept in the run folder: made if it is missing, removed if the run is refused.

    Raises
    ------
    RunFolderError
        If the folder cannot be used.
    """
    folder = path.parent
    _refuse_foreign_files(folder, finished=is_finished(folder, last))
    created: list[Path] = []
    fresh = not path.exists()
    try:
        if fresh:
            created = [p for p in (folder, *folder.parents) if not p.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            make()
        yield
    except (InputError, OSError) as error:
        if fresh:
            path.unlink(missing_ok=True)
            _remove_empty(created)
        raise (tables.in_plain_words(error, folder) if isinstance(error, OSError) else error) from error


def read_run(folder: str | Path) -> Run:
    """The records of a finished run.

    Raises
    ------
    RunFolderError
        If the folder does not hold a finished run.
    """
    folder = Path(folder)
    if not is_finished(folder):
        raise RunFolderError(
            f"{folder} holds no finished run",
            "a folder that `haloscale weigh` or `haloscale demo` has completed (it contains summary.json)",
            "run the same `haloscale weigh` command again to resume or start it",
        )
    return Run(
        tomllib.loads((folder / "config.resolved.toml").read_text()),
        tables.read_cutflow(folder / "cutflow.csv"),
        tables.read_sample(folder / SAMPLE),
        profile := tables.read_dispersion(folder / "dispersion.ecsv"),
        tables.read_chain(folder / "chain.parquet"),
        tables.read_mass_profile(folder / "mass_profile.ecsv"),
        tables.read_summary(folder / _LAST),
        json.loads((folder / "provenance.json").read_text()),
        tables.read_circular_velocity(points) if (points := folder / "circular_velocity.ecsv").exists() else None,
        tables.read_robustness(refits) if (refits := folder / VARY).exists() else None,
        read_substructure(folder),
        tables.read_all_stars(kept) if (kept := folder / ALL_STARS).exists() else None,
        read_substructures(folder, profile.catalogues),
        read_predictive(folder).get(""),
        read_predictive(folder, profile.catalogues),
        read_velocities(folder).get(""),
        read_velocities(folder, profile.catalogues),
    )


def write_predictive(folder: Path, checks: Mapping[str, PredictiveCheck]) -> None:
    """Write the posterior predictive check of each catalogue into a folder; a single one has no name: ""."""
    for name, check in checks.items():
        tables.write_predictive(_of(folder / PREDICTIVE, name), check)


def read_predictive(folder: Path, catalogues: Iterable[str] = ("",)) -> dict[str, PredictiveCheck]:
    """What `write_predictive` wrote of some catalogues."""
    paths = {name: _of(folder / PREDICTIVE, name) for name in catalogues}
    return {name: tables.read_predictive(path) for name, path in paths.items() if path.exists()}


def write_velocities(folder: Path, checks: Mapping[str, VelocityCheck]) -> None:
    """Write the check of the velocities in space of each catalogue, as `write_predictive` does."""
    for name, check in checks.items():
        tables.write_velocities(_of(folder / VELOCITIES, name), check)
        tables.write_velocity_histograms(_of(folder / VELOCITY_HISTOGRAMS, name), check)


def read_velocities(folder: Path, catalogues: Iterable[str] = ("",)) -> dict[str, VelocityCheck]:
    """What `write_velocities` wrote of some catalogues."""
    paths = {name: (_of(folder / VELOCITIES, name), _of(folder / VELOCITY_HISTOGRAMS, name)) for name in catalogues}
    return {name: tables.read_velocities(*pair) for name, pair in paths.items() if pair[0].exists()}


def write_substructure(folder: Path, found: Substructure | None, catalogue: str = "") -> None:
    """Write the groups and pairs of a search into a folder; nothing where no search was made."""
    if found is not None:
        tables.write_groups(_of(folder / GROUPS, catalogue), found)
        if found.pairs is not None:
            tables.write_pairs(_of(folder / PAIRS, catalogue), found.pairs)


def read_substructure(folder: Path, catalogue: str = "") -> Substructure | None:
    """What `write_substructure` wrote; None where there is nothing."""
    groups, pairs = _of(folder / GROUPS, catalogue), _of(folder / PAIRS, catalogue)
    if not groups.exists():
        return None
    return replace(tables.read_groups(groups), pairs=tables.read_pairs(pairs) if pairs.exists() else None)


def read_substructures(folder: Path, catalogues: Iterable[str]) -> dict[str, Substructure]:
    """What was found in those of several catalogues that were searched."""
    found = {name: read_substructure(folder, name) for name in catalogues}
    return {name: one for name, one in found.items() if one is not None}


def _of(path: Path, catalogue: str) -> Path:
    """The file of one of several catalogues; without a name that of the only one."""
    return path.with_stem(f"{path.stem}_{catalogue}") if catalogue else path


def refuse_other(folder: Path, held: Mapping[str, Any], asked: Mapping[str, Any], what: str) -> None:
    """Raise `RunFolderError`, naming the changed key, if what a folder holds is not what is asked for."""
    changed = configuration.diff(held["config"], asked["config"])
    old, new = held["catalogue_sha256"], asked["catalogue_sha256"]
    changed = [key for key in changed if not _is_same_file(key, old, new)]  # under another name
    if old != new and not changed:
        changed = ["the content of the catalogue file"]
    if changed:
        raise RunFolderError(
            f"{folder} holds {what} with other settings: {', '.join(changed)} changed",
            "an empty or new folder, or the same settings as before",
            "choose another folder with -o, or remove this one",
        )


def _is_same_file(key: str, old: Any, new: Any) -> bool:
    """Whether a setting is the path of a catalogue, or of one of several, whose checksum is the same."""
    match key.split("."):
        case ["catalogue", "path"]:
            return bool(old == new)
        case ["catalogue", name, "path"]:
            return bool(old[name] == new[name])
    return False


def _refuse_foreign_files(folder: Path, *, finished: bool = False) -> None:
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder} is a file", "a folder for the results", "choose another name with -o")
    if not folder.exists() or (folder / _WORK).exists() or finished:
        return
    foreign = sorted(p.name for p in folder.iterdir() if p.name != SIMULATED_CATALOGUE)
    if foreign:
        raise RunFolderError(
            f"{folder} is not empty and holds no run of haloscale (it contains {', '.join(foreign[:3])})",
            "an empty or new folder",
            "choose another folder with -o",
        )


def _make(folder: Path) -> list[Path]:
    """Create the folder and its parents; return those that did not exist, innermost first."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _WORK).mkdir(exist_ok=True)
    except OSError as error:
        _remove_empty(missing)
        raise tables.in_plain_words(error, folder) from error
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _discard(folder: Path, made: list[Path]) -> None:
    shutil.rmtree(folder / _WORK, ignore_errors=True)
    _remove_empty(made)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder against a second process; the operating system lets go when this one ends."""
    try:
        import fcntl
    except ImportError:  # not on Windows: two processes in one folder are then the user's care
        yield
        return
    with (folder / _WORK / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RunFolderError(
                f"another process is working in {folder}", "one process a folder", "wait for it, or choose another -o"
            ) from error
        yield


def _move_into_place(folder: Path, last: str) -> None:
    files = folder / _WORK / "files"
    for path in sorted(files.iterdir(), key=lambda p: (p.name == last, p.name)) if files.exists() else ():
        target = folder / path.name
        if path.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        os.replace(path, target)
    shutil.rmtree(folder / _WORK)
