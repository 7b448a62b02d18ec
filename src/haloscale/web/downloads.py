"""What a page can take home: the settings as TOML, a figure as PDF or SVG, a run folder as one file."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from haloscale import config as configuration
from haloscale import run as runs
from haloscale import stages
from haloscale.config import RunConfig, change
from haloscale.errors import ConfigError, nearest
from haloscale.figures import base as drawing
from haloscale.records import Run, StarTable
from haloscale.run import Request
from haloscale.web.binned import binned
from haloscale.web.scene import Prepared, circular_velocity, prepare

KINDS: Final = {"pdf": "application/pdf", "svg": "image/svg+xml"}
_NOT_OF_ONE_RUN: Final = ("tornado", "catalogue_profiles", "profiles_before_after")
"""Figures of what a page has not: refits, several catalogues, a fit with the groups left in."""


def settings_text(request: Request, drawn_at: Mapping[str, float]) -> str:
    """The settings of a state as TOML: `haloscale weigh` on it gives what a fit of the state gives."""
    about = request.loaded.config.catalogue
    point = "".join(f"\n#   {name} = {value!r}" for name, value in drawn_at.items())
    drawn = f"# The model was drawn at:{point}\n" if point else ""
    command = f"haloscale weigh {_quoted(str(about.path))} --survey {about.survey} --recipe THIS_FILE.toml -o DIR"
    return f"# {command}\n{drawn}{configuration.to_toml(request.loaded.given)}"


def _quoted(name: str) -> str:
    """A file name as a shell takes it; it stands in a comment, so it has to stay in one line."""
    import shlex

    return shlex.quote(" ".join(name.split()))


def figure_list(run: Run | None = None) -> list[dict[str, str]]:
    """The figures that a page may ask for, or those that apply to a finished run."""
    specs = (spec for spec in drawing.in_order(run) if run is not None or spec.name not in _NOT_OF_ONE_RUN)
    return [{"name": spec.name, "title": spec.title, "caption": spec.caption} for spec in specs]


def drawable(config: RunConfig, made: Prepared) -> list[str]:
    """Names of the figures that `picture` can make of a configuration and its stars."""
    later: Any = None  # no figure asks a fit whether it applies, but for its check
    selected, checked = made.selected, config.jeans.route == "sigma" or None
    run = Run(config.to_mapping(), selected.cutflow, selected.sample, made.profile, later, later, later,
              substructure=selected.substructure, predictive=cast(Any, checked))  # fmt: skip
    return [spec.name for spec in drawing.in_order(run) if spec.name not in _NOT_OF_ONE_RUN]


def check_figure(name: str, kind: str, known: Sequence[str]) -> None:
    """Refuse a figure that is not one of those known. Errors: `ConfigError`."""
    if name not in known:
        raise ConfigError(
            f"no figure is called {name[:60]!r}", f"one of: {', '.join(known)}", nearest(name[:60], known)
        )
    if kind not in KINDS:
        raise ConfigError(f"a figure as {kind[:10]!r}", f"one of: {', '.join(KINDS)}", "choose one of them")


def picture(request: Request, table: StarTable, name: str, kind: str) -> bytes:
    """A figure of a state, with the posterior drawn by the sampler `laplace`; in a process of its own.

    Raises
    ------
    InputError
        The figure shows what this sample has not.
    """
    return rendered(_quick_run(request, table), name, kind)


def picture_of_folder(folder: Path, name: str, kind: str) -> bytes:
    """A figure of a finished run; in a process of its own. Errors: as `picture`."""
    from haloscale.folder import read_run

    return rendered(read_run(folder), name, kind)


def rendered(run: Run, name: str, kind: str) -> bytes:
    """A registered figure of a run as bytes. Errors: `ConfigError`, it does not apply to the run."""
    applying = [spec.name for spec in drawing.in_order(run)]
    if name not in applying:
        told = f"the figure {name!r} shows what this sample or model has not"
        raise ConfigError(told, f"one of: {', '.join(applying)}", "choose another figure")
    return drawing.render(drawing.draw(name, run), kind)


def _quick_run(request: Request, table: StarTable) -> Run:
    """The records of a run of the state, by the stages of a run and the sampler `laplace`."""
    config = drawn_config(request.loaded.config)
    made = prepare(replace(request, loaded=replace(request.loaded, config=config)), table)
    sample, profile, cutflow = made.selected.sample, made.profile, made.selected.cutflow
    points = circular_velocity(config, profile)
    chain, _ = stages.fit(config, sample, profile, runs.generator(config.seed, "fit"), lambda f, s: None, points)
    if points is None:
        rng = runs.generator(config.seed, "circular_velocity")
        points, _ = stages.circular_velocity(config, profile, rng, chain)
    masses = stages.mass_profile(config, chain, profile)
    summary = stages.summarise(config, cutflow, sample, profile, chain, (), {}, "", points)
    run = Run(config.to_mapping(), cutflow, sample, profile, chain, masses, summary, circular_velocity=points)
    checked, _ = stages.predictive_check(config, sample, profile, chain, runs.generator(config.seed, "predictive"))
    return replace(run, substructure=made.selected.substructure, predictive=checked.get(""))


def drawn_config(config: RunConfig) -> RunConfig:
    """The configuration whose posterior a page draws: of the bins, as on its screen."""
    return change(binned(config, stages.galaxy_model(config)).config, {"sampler": {"name": "laplace"}})


def packed(folder: Path, names: tuple[str, ...], target: Path) -> None:
    """Some files of a folder as one ZIP file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(folder / name, f"{folder.name}/{name}")
