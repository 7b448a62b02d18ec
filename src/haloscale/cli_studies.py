"""The commands that make more than one fit or search: bias, calibrate, compare, inject, reproduce."""

import functools
from pathlib import Path
from typing import Annotated, Any

import typer

from haloscale.cli_options import (
    EXIT_NOT_RELIABLE,
    Catalogue,
    Columns,
    Out,
    Quiet,
    Recipe,
    Seed,
    Settings,
    Strict,
    Survey,
    Verbose,
    guarded,
    numbers,
    one_recipe,
    pairs,
    plain_line,
    resumable,
)


@resumable
def bias(
    out: Out = Path("bias"),
    n: Annotated[int, typer.Option("--n", metavar="N", help="Simulated catalogues.")] = 500,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="W", help="Processes; default: one a core.")
    ] = None,
    truth: Annotated[
        list[str],
        typer.Option("--truth", metavar="KEY=VALUE", help="Change m_vir, c, beta, log_slope or distance_error."),
    ] = [],  # noqa: B006
    sample: Annotated[str, typer.Option("--sample", metavar="demo|complete", help="What the survey sees.")] = "demo",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    seed: Seed = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Weigh many simulated catalogues of one halo by both routes: the distribution of fitted over true mass."""
    from haloscale import bias as study

    known, given = pairs(truth, "--truth"), pairs(settings, "--set")
    design = study.design(n, recipe=recipe, settings=given, seed=seed, truth=known, sample=sample)
    tell = functools.partial(plain_line, quiet=quiet, verbose=verbose)
    summary = study.execute(design, out, workers=workers, on_event=tell)
    for line in (*study.lines(summary), f"figure: {out / 'figures' / 'bias.png'}"):
        typer.echo(line)
    return EXIT_NOT_RELIABLE if max(summary["failed"].values()) == summary["n"] else 0


@resumable
def calibrate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE.toml]", help="Settings, as --recipe; also those of several catalogues."),
    ] = None,
    out: Out = Path("calibrate"),
    n: Annotated[int, typer.Option("--n", metavar="N", help="Simulated catalogues.")] = 300,
    stars: Annotated[int, typer.Option("--stars", metavar="M", help="Halo stars of each, before the cuts.")] = 3000,
    sample: Annotated[
        str, typer.Option("--sample", metavar="complete|lamost", help="What the survey sees.")
    ] = "complete",
    distance_error: Annotated[
        float, typer.Option("--distance-error", metavar="X", help="Standard deviation of ln distance.")
    ] = 0.13,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="W", help="Processes; default: one a core.")
    ] = None,
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    seed: Seed = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Draw galaxies from the priors, simulate and fit them: do the intervals hold the truth as often as they say?"""
    from haloscale import calibrate as study

    design = study.design(
        n,
        recipe=one_recipe(file, recipe),
        settings=pairs(settings, "--set"),
        seed=seed,
        stars=stars,
        sample=sample,
        distance_error=distance_error,
    )
    tell = functools.partial(plain_line, quiet=quiet, verbose=verbose)
    summary = study.execute(design, out, workers=workers, on_event=tell)
    for line in (*study.lines(summary), f"figure: {out / 'figures' / 'calibration.png'}"):
        typer.echo(line)
    return 0 if study.is_calibrated(summary) else EXIT_NOT_RELIABLE


@guarded
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of finished runs.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write the table and the figures here.")
    ] = None,
    literature: Annotated[bool, typer.Option("--literature", help="Beside published masses; one run will do.")] = False,
) -> None:
    """Set runs side by side: answers, settings that differ, figures; also against published masses."""
    from haloscale import compare as study

    comparison = study.compare(folders, alone=literature)
    said = [*study.lines(comparison), *(["", *study.literature_lines(comparison)] if literature else [])]
    files = study.write(comparison, out, with_literature=literature) if out else []
    for line in (*said, *(str(file) for file in files)):
        typer.echo(line)


@resumable
def inject(
    catalogue: Catalogue,
    out: Out,
    survey: Survey = "",
    stars: Annotated[str, typer.Option("--stars", metavar="N,...", help="Stars of a structure.")] = "15,30,60,120",
    width: Annotated[str, typer.Option("--width", metavar="DEG,...", help="Standard deviation across.")] = "2",
    length: Annotated[str, typer.Option("--length", metavar="DEG,...", help="Extent along; 0: a clump.")] = "0,60",
    distance: Annotated[
        str, typer.Option("--distance", metavar="KPC,...", help="Default: those of random stars of the catalogue.")
    ] = "",
    v_spread: Annotated[float, typer.Option("--v-spread", metavar="KM/S", help="Of the stars of a structure.")] = 15.0,
    n: Annotated[int, typer.Option("--n", metavar="N", help="Structures of every combination of the above.")] = 20,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="W", help="Processes; default: one a core.")
    ] = None,
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    seed: Seed = None,
    strict: Strict = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Plant streams and clumps into the catalogue and look for them: how complete and pure is the search?"""
    from haloscale import api
    from haloscale import inject as study

    given: dict[str, Any] = {"settings": pairs(settings, "--set"), "columns": pairs(columns, "--columns")}
    design = study.design(
        api.request(catalogue, survey, recipe=recipe, seed=seed, strict=strict, only="planting streams", **given),
        stars=numbers(stars, "--stars"),
        width=numbers(width, "--width"),
        length=numbers(length, "--length"),
        distance=numbers(distance, "--distance"),
        v_spread=v_spread,
        repetitions=n,
    )
    tell = functools.partial(plain_line, quiet=quiet, verbose=verbose)
    summary = study.execute(design, out, workers=workers, on_event=tell)
    for line in (*study.lines(summary), f"figure: {out / 'figures' / 'injection.png'}"):
        typer.echo(line)
    return 0 if any(kind["n_injections"] for kind in summary["kinds"]) else EXIT_NOT_RELIABLE


@resumable
def reproduce(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="zhai2018")],
    out: Out,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", metavar="FILE", help="Default: simulated from the paper's best fit.")
    ] = None,
    survey: Survey = "",
    also: Annotated[
        list[Path], typer.Option("--also", metavar="FILE", help="A further sample for Fig. 6. Repeatable.")
    ] = [],  # noqa: B006
    also_survey: Annotated[
        list[str], typer.Option("--also-survey", metavar="NAME", help="Survey of each --also, in their order.")
    ] = [],  # noqa: B006
    bias: Annotated[
        Path | None, typer.Option("--bias", metavar="DIR", help="A finished bias study, to set the paper's 15 % in.")
    ] = None,
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    seed: Seed = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Repeat a paper: its fits, its figures, and every number it prints beside ours, with the reason."""
    from haloscale import reproduce as study

    design = study.design(
        paper,
        out,
        catalogue=catalogue,
        survey=survey,
        settings=pairs(settings, "--set"),
        columns=pairs(columns, "--columns"),
        seed=seed,
        also=also,
        also_survey=also_survey,
        bias=bias,
    )
    made = study.execute(design, out, functools.partial(plain_line, quiet=quiet, verbose=verbose))
    for line in study.lines(made):
        typer.echo(line)
    return 0 if made.is_reliable else EXIT_NOT_RELIABLE
