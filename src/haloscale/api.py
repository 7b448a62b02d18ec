"""The Python entry points: what `haloscale.weigh` and the command line call."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import mock, photometry, placing, stages, tables, vary
from haloscale import run as runs
from haloscale.config.layers import expand
from haloscale.errors import ConfigError, nearest
from haloscale.folder import read_run
from haloscale.records import Distances, Run, Sample, StarTable
from haloscale.run import Event, OnEvent, Request, redraw
from haloscale.surveys.base import surveys

__all__ = ["check", "demo", "distances", "execute", "read_run", "redraw", "request", "weigh"]

_JOINT: Final = ".toml"
"""Ending of a file that lists several catalogues."""

_SPECTRA: Final = 40_000
"""Rows of the catalogue of demo --from-spectra."""


def weigh(
    catalogue: str | Path,
    survey: str = "",
    recipe: str | Path = "zhai2018",
    out: str | Path | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    vary: bool = False,
) -> Run:
    """Weigh the halo of a star catalogue.

    Parameters
    ----------
    catalogue : str or Path
        FITS, CSV, ECSV, VOTable, MRT or Parquet; or a TOML file with ``[[catalogue]]`` tables, to weigh several
        together.
    survey : str
        Registered survey; "generic" reads standard column names. A file of several catalogues names their own.
    recipe : str or Path
        Name of a recipe, or a TOML file of settings on top of one.
    out : str or Path, optional
        Folder for the results; without it nothing is kept on disk and no figure is drawn.
    seed : int, optional
        Default: the recipe's, 1.
    set : mapping, optional
        Changes to the recipe by dotted key: ``{"anisotropy.beta": 0.3}``; "off" unsets a key.
    columns : mapping, optional
        Standard name -> the catalogue's own name.
    strict : bool
        Refuse cuts whose column the catalogue lacks.
    vary : bool
        Fit again with one assumption changed at a time, for a systematic error.

    Returns
    -------
    Run
        With ``summary``, ``profile``, ``mass_profile``, ``chain``, ``sample``, ``cutflow`` and ``config``, and with
        ``robustness`` where it was varied; with ``substructure`` where groups were sought, and ``all_stars``, the
        answer without their removal, where any was removed.

    Raises
    ------
    InputError
        If the catalogue, a setting or the folder cannot be used.
    """
    given: dict[str, Any] = {"settings": set, "columns": columns, "strict": strict}
    given["only"] = "varying the assumptions" if vary else ""
    asked = request(Path(catalogue), survey, recipe=recipe, seed=seed, **given)
    workers = 1 if vary else None
    if out is not None:
        return execute(asked, Path(out), vary_with=workers)
    with tempfile.TemporaryDirectory() as folder:
        return execute(asked, Path(folder), vary_with=workers, pictures=False)


def execute(
    asked: Request,
    out: Path,
    on_event: OnEvent = lambda event: None,
    *,
    vary_with: int | None = None,
    pictures: bool = True,
) -> Run:
    """Run a request into a folder, resume it, or read it back; vary its assumptions with that many processes.

    Raises
    ------
    InputError
        If the catalogue, the configuration or the folder cannot be used.
    """
    run = runs.execute(asked, out, on_event, pictures=pictures)
    return run if vary_with is None else vary.add(asked, out, on_event, workers=vary_with, pictures=pictures)


def request(
    catalogue: Path,
    survey: str,
    *,
    recipe: str | Path = "zhai2018",
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    only: str = "",
) -> Request:
    """A checked request: the configuration is resolved before the catalogue is read.

    `only` names what takes one catalogue alone; without it a TOML file may list several.
    """
    if catalogue.suffix == _JOINT:
        _refuse_with_joint(catalogue, survey, columns or {}, only)
        return _joint(catalogue, configuration.load_joint(catalogue, recipe, settings, seed), strict)
    if not survey:
        raise ConfigError(
            f"no survey is named for {catalogue}", f"--survey with one of: {', '.join(surveys)}",
            "name the survey the catalogue comes from, or --survey generic with --columns",
        )  # fmt: skip
    if survey not in surveys:
        raise ConfigError(f"no survey is called {survey!r}", f"one of: {', '.join(surveys)}", nearest(survey, surveys))
    about = {"path": catalogue.name, "survey": survey, "columns": dict(columns or {})}
    loaded = configuration.load(recipe, settings or {}, catalogue=about, seed=seed)
    photometry.check_names(columns or {}, loaded.config.distance.options(), runs.states_system(loaded))
    return Request(catalogue, loaded, strict)


def _joint(file: Path, loaded: configuration.Loaded, strict: bool) -> Request:
    """The request for several catalogues, each with a request of its own."""
    several = {}
    for name, one in loaded.catalogues.items():
        about = one.config.catalogue
        with configuration.about_catalogue(name):
            photometry.check_names(about.columns, one.config.distance.options(), runs.states_system(one))
        several[name] = Request(Path(str(about.path)), one, strict)
    return Request(file, loaded, strict, catalogues=several)


def _refuse_with_joint(file: Path, survey: str, columns: Mapping[str, str], only: str) -> None:
    """Refuse what takes one catalogue, and what each catalogue of a file of several has for itself."""
    if only:
        raise ConfigError(
            f"{file} is a file of settings, not of stars", f"a star catalogue: {only} takes one alone",
            "name one of its catalogues, with --survey",
        )  # fmt: skip
    given = f"--survey {survey}" if survey else f"--columns {next(iter(columns))}=..." if columns else ""
    if given:
        raise ConfigError(
            f"{given} is given with {file}",
            "neither --survey nor --columns with a file of several catalogues: each has its own",
            f"write {'survey = ...' if survey else 'columns = { ... }'} below its [[catalogue]] in the file",
        )


def check(asked: Request) -> stages.Selected:
    """Read the catalogue and make the cuts, without a fit."""
    runs.checksums(asked)
    return runs.select_all(asked)


def distances(
    catalogue: str | Path,
    survey: str,
    recipe: str | Path = "zhai2018",
    out: str | Path | None = None,
    set: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    posterior: str | Path | None = None,
) -> Distances:
    """Distances of the stars of a catalogue from its photometry.

    Parameters
    ----------
    catalogue : str or Path
        With magnitudes and what else the method needs; velocities and distances are not needed, positions only to
        read a dust map. Magnitudes are taken as SDSS unless ``distance.system`` is set.
    survey : str
        Registered survey; "generic" reads standard column names.
    recipe : str or Path
        Of it, the tables ``[catalogue]`` and ``[distance]`` count. Where it takes the distances of the catalogue, as
        "zhai2018" does, the method is "giant_branch".
    out : str or Path, optional
        File for the distances, in the format of its extension.
    set : mapping, optional
        Changes to the recipe by dotted key: ``{"distance.system": "ps1"}``.
    columns : mapping, optional
        Standard name -> the catalogue's own name.
    posterior : str or Path, optional
        Parquet file for the posterior of every star; `tables.read_posteriors` reads it.

    Returns
    -------
    Distances
        Every row of the catalogue in order; one without a distance is flagged and holds NaN.

    Raises
    ------
    InputError
        If the catalogue, a setting or a file cannot be used.
    """
    settings = placing.settings_of(recipe, set)
    about: dict[str, Any] = {"settings": settings, "columns": columns, "only": "finding distances"}
    asked = request(Path(catalogue), survey, recipe=recipe, **about)
    files = (None if path is None else Path(path) for path in (out, posterior))
    return placing.write(asked, *files).distances


def demo(
    out: Path,
    *,
    recipe: str | Path = "zhai2018",
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    on_event: OnEvent = lambda event: None,
    from_spectra: bool = False,
) -> Run:
    """Simulate a catalogue of known halo mass and weigh it; its stars move by the exact distribution function.

    Parameters
    ----------
    out : Path
        Folder for the results; the catalogue is kept in it as `simulated_catalogue.fits`.
    recipe, settings, seed
        As for `weigh`; the seed also makes the catalogue.
    on_event : callable
        Told of every step.
    from_spectra : bool
        Simulate spectra and photometry instead of distances, as deep as SEGUE, and find the distances from them.

    Returns
    -------
    Run
        Its summary carries the truth and what is known beforehand of the method's bias.
    """
    truth, path = mock.Truth(), out / folders.SIMULATED_CATALOGUE
    if from_spectra:
        _check_giants(settings or {})
    by_photometry = {"distance.method": placing.METHOD, "distance.system": "ps1"} if from_spectra else {}
    simulated = {**by_photometry, **(settings or {}), "catalogue.simulated": True}
    asked = request(path, "generic", recipe=recipe, seed=seed, settings=simulated)
    made = _spectra(truth, asked.loaded.config) if from_spectra else _distances(truth)

    def simulate() -> None:
        on_event(Event("demo", f"simulating {made.title} of known halo mass"))
        tables.write_star_table(path, made.draw(np.random.default_rng(asked.loaded.config.seed)))

    with folders.catalogue_beside(path, simulate):
        run = execute(replace(asked, truth=truth.numbers, truth_note=made.note), out, on_event)
    if from_spectra:
        on_event(Event("demo", _against_truth(run.sample)))
    return run


def _against_truth(sample: Sample) -> str:
    ratio = sample.distance / sample.extra["true_distance"]
    low, middle, high = np.quantile(ratio, [0.16, 0.5, 0.84])
    stated = np.median(sample.distance_error / sample.distance)
    return (
        f"distances over true ones: median {middle:.3f}, 68 % between {low:.2f} and {high:.2f}; "
        f"median of the stated errors {stated:.0%}"
    )


@dataclass(frozen=True)
class _Simulation:
    """What is simulated, in words; how; and what is known beforehand of the bias of its mass."""

    title: str
    draw: Callable[[np.random.Generator], StarTable]
    note: str


def _distances(truth: mock.Truth) -> _Simulation:
    return _Simulation(
        "a LAMOST-like catalogue", partial(mock.simulate, truth, velocities="exact"), mock.bias_note(truth)
    )


def _check_giants(settings: Mapping[str, Any]) -> None:
    """Refuse another method for simulated giants, before the keys of theirs are found to be none of its own."""
    table = expand(settings).get("distance")
    method = table.get("method", placing.METHOD) if isinstance(table, Mapping) else placing.METHOD
    if method != placing.METHOD:
        raise ConfigError(
            f"distance.method is {method!r}",
            f"{placing.METHOD!r}: the stars of demo --from-spectra are red giants without distances",
            "leave distance.method out, or simulate stars with distances: haloscale demo without --from-spectra",
        )


def _spectra(truth: mock.Truth, config: configuration.RunConfig) -> _Simulation:
    options = config.distance.options()
    seen = mock.Photometry(options["system"], options["transform"])
    draw = partial(mock.simulate_spectra, truth, n_stars=_SPECTRA, photometry=seen, velocities="exact")
    note = mock.bias_note(truth, sample=mock.FROM_SPECTRA)
    return _Simulation("a catalogue of spectra and photometry, as deep as SEGUE,", draw, note)
