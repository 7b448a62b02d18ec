"""The Python entry points: what `haloscale.weigh` and the command line call."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import mock, stages, tables, vary
from haloscale import run as runs
from haloscale.errors import ConfigError, nearest
from haloscale.folder import read_run
from haloscale.records import Run
from haloscale.run import Event, OnEvent, Request, redraw
from haloscale.surveys.base import surveys

__all__ = ["check", "demo", "execute", "read_run", "redraw", "request", "weigh"]


def weigh(
    catalogue: str | Path,
    survey: str,
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
        FITS, CSV, ECSV, VOTable, MRT or Parquet.
    survey : str
        Registered survey; "generic" reads standard column names.
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
) -> Request:
    """A checked request: the configuration is resolved before the catalogue is read."""
    if not survey:
        raise ConfigError(
            f"no survey is named for {catalogue}", f"--survey with one of: {', '.join(surveys)}",
            "name the survey the catalogue comes from, or --survey generic with --columns",
        )  # fmt: skip
    if survey not in surveys:
        raise ConfigError(f"no survey is called {survey!r}", f"one of: {', '.join(surveys)}", nearest(survey, surveys))
    about = {"path": catalogue.name, "survey": survey, "columns": dict(columns or {})}
    loaded = configuration.load(recipe, settings or {}, catalogue=about, seed=seed)
    return Request(catalogue, loaded, strict)


def check(asked: Request) -> stages.Selected:
    """Read the catalogue and make the cuts, without a fit."""
    config = asked.loaded.config
    table = tables.read_catalogue(asked.catalogue, surveys[config.catalogue.survey], config.catalogue.columns)
    return stages.select_sample(config, table, asked.strict, runs.generator(config.seed, "sample"))


def demo(
    out: Path,
    *,
    recipe: str | Path = "zhai2018",
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    on_event: OnEvent = lambda event: None,
) -> Run:
    """Simulate a LAMOST-like catalogue of known halo mass and weigh it.

    Parameters
    ----------
    out : Path
        Folder for the results; the catalogue is kept in it as `simulated_catalogue.fits`.
    recipe, settings, seed
        As for `weigh`; the seed also makes the catalogue.
    on_event : callable
        Told of every step.

    Returns
    -------
    Run
        Its summary carries the truth and what is known beforehand of the method's bias.
    """
    truth, path = mock.Truth(), out / folders.SIMULATED_CATALOGUE
    simulated = {**(settings or {}), "catalogue.simulated": True}
    asked = request(path, "generic", recipe=recipe, seed=seed, settings=simulated)

    def simulate() -> None:
        on_event(Event("demo", "simulating a LAMOST-like catalogue of known halo mass"))
        tables.write_star_table(path, mock.simulate(truth, np.random.default_rng(asked.loaded.config.seed)))

    with folders.catalogue_beside(path, simulate):
        asked = replace(asked, truth=truth.numbers, truth_note=mock.bias_note(truth))
        return execute(asked, out, on_event)
