"""The command line. The only module that prints, draws a progress bar and sets exit codes.

0: done and reliable; 3: done, but tentative or unusable; 2: bad input (one message, no traceback); 130: interrupted,
and the message says whether the same command resumes or starts again; 1: a bug.
"""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haloscale import cli_crossmatch, cli_explore, cli_studies
from haloscale.cli_options import (
    EXIT_NOT_RELIABLE,
    Catalogue,
    Columns,
    Folder,
    Out,
    Quiet,
    Recipe,
    Seed,
    Settings,
    Strict,
    Survey,
    Verbose,
    guarded,
    names_of,
    pairs,
    plain_line,
    resumable,
)

if TYPE_CHECKING:
    from haloscale.records import CutFlow, Run, Summary
    from haloscale.run import Event

app = typer.Typer(
    name="haloscale",
    help="Weigh a galaxy's dark halo from the motions of its stars.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


@app.command()
@resumable
def weigh(
    catalogue: Catalogue,
    out: Out,
    survey: Survey = "",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    seed: Seed = None,
    strict: Strict = False,
    vary: Annotated[
        bool, typer.Option("--vary", help="Fit again with one assumption changed at a time: a systematic error.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Weigh the halo: catalogue in, mass, figures and report out."""
    from haloscale import api

    given: dict[str, Any] = {"settings": pairs(settings, "--set"), "columns": pairs(columns, "--columns")}
    given["only"] = "varying the assumptions" if vary else ""
    request = api.request(catalogue, survey, recipe=recipe, seed=seed, strict=strict, **given)
    workers = min(os.cpu_count() or 1, 8) if vary else None
    return _run(lambda tell: api.execute(request, out, tell, vary_with=workers), out, quiet, verbose)


@app.command()
@resumable
def demo(
    out: Out = Path("demo"),
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    seed: Seed = None,
    from_spectra: Annotated[
        bool, typer.Option("--from-spectra", help="Simulate spectra and photometry, and find the distances from them.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Weigh a simulated halo of known mass: answer, figures and report; nothing is downloaded."""
    from haloscale import api

    changed = pairs(settings, "--set")

    def start(tell: "Callable[[Event], None]") -> "Run":
        return api.demo(out, recipe=recipe, settings=changed, seed=seed, on_event=tell, from_spectra=from_spectra)

    return _run(start, out, quiet, verbose)


@app.command()
@guarded
def check(
    catalogue: Catalogue,
    survey: Survey = "",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    seed: Seed = None,
    strict: Strict = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Read the catalogue, make the cuts and print the cut flow; no fit."""
    from haloscale import api

    given: dict[str, Any] = {"settings": pairs(settings, "--set"), "columns": pairs(columns, "--columns")}
    request = api.request(catalogue, survey, recipe=recipe, seed=seed, strict=strict, **given)
    checked = api.check(request)
    _print_cutflow(checked.cutflow)
    for note in () if quiet else (*(request.loaded.notes if verbose else ()), *checked.notes):
        typer.echo(f"note: {note}", err=True)


@app.command()
@guarded
def distances(
    catalogue: Catalogue,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="Table to write: .csv, .fits, .ecsv, .vot or .parquet.")
    ],
    survey: Survey = "",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    posterior: Annotated[
        Path | None,
        typer.Option("--posterior", metavar="FILE.parquet", help="Write the posterior of every star as well."),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find the distances of the stars from photometry and spectra: every row in order, no cuts, no fit.

    The method is giant_branch, or what distance.method says (`--set distance.method=bhb`).
    """
    from haloscale import api, placing

    chosen = placing.settings_of(recipe, pairs(settings, "--set"))
    about: dict[str, Any] = {
        "settings": chosen,
        "columns": pairs(columns, "--columns"),
        "only": "finding distances",
    }
    asked = api.request(catalogue, survey, recipe=recipe, **about)
    for note in asked.loaded.notes if verbose and not quiet else ():
        typer.echo(f"note: {note}", err=True)
    placed = placing.write(asked, out, posterior)
    for note in () if quiet else placed.notes:
        typer.echo(f"warning: {note}", err=True)
    for line in (*placed.lines(), *(str(f) for f in (out, posterior) if f)):
        typer.echo(line)


@app.command()
@guarded
def new(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", autocompletion=names_of("recipes"))] = "zhai2018",
) -> None:
    """Print an annotated configuration: every key with its unit, value and reason."""
    from haloscale.config import annotated

    typer.echo(annotated(recipe), nl=False)


@app.command()
@guarded
def report(
    folder: Folder,
    latex: Annotated[bool, typer.Option("--latex", help="Print the result as a row of a LaTeX table instead.")] = False,
) -> None:
    """Draw the figures and the report of a finished run again, from its folder alone."""
    from haloscale import api

    if latex:
        from haloscale.report.latex import latex_row

        typer.echo(latex_row(api.read_run(folder).summary))
        return
    api.redraw(folder)
    typer.echo(str(folder / "report.html"))


@app.command()
@guarded
def cite(folder: Folder) -> None:
    """Print BibTeX of exactly what a run used."""
    from haloscale import api

    api.read_run(folder)
    typer.echo((folder / "CITE.bib").read_text(), nl=False)


@app.command(name="list")
@guarded
def list_(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="surveys, mass, tracer, anisotropy, ... (any other word lists the kinds)"),
    ],
) -> None:
    """List what is registered: surveys, mass, tracer, anisotropy, samplers, recipes, figures, ..."""
    from haloscale.listing import describe

    lines = describe(kind)
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        typer.echo(f"{name:<{width}}  {text}".rstrip())


@app.command()
@guarded
def fetch(
    survey: Annotated[str, typer.Argument(metavar="SURVEY", autocompletion=names_of("surveys"))],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Folder for the file; default: this one.")
    ] = None,
    address: Annotated[
        str,
        typer.Option("--address", metavar="URL", help="A mirror that serves the same bytes; the checksum still holds."),
    ] = "",
) -> None:
    """Download a survey's catalogue and verify its checksum."""
    from haloscale.surveys.fetch import fetch as download

    typer.echo(str(download(survey, out or Path(), address=address or None)))


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from haloscale._version import __version__

        typer.echo(f"haloscale {__version__}")
        raise typer.Exit


def _run(start: "Callable[[Callable[[Event], None]], Run]", out: Path, quiet: bool, verbose: bool) -> int:
    if quiet or not sys.stderr.isatty():
        run = start(functools.partial(plain_line, quiet=quiet, verbose=verbose))
    else:
        run = _with_bar(start, verbose)
    if run.robustness is not None:
        from haloscale.report.robustness import lines

        typer.echo("\n".join([*lines(run.robustness), ""]))
    _print_result(run, out)
    return 0 if run.summary.sampling.status == "reliable" else EXIT_NOT_RELIABLE


def _with_bar(start: "Callable[[Callable[[Event], None]], Run]", verbose: bool) -> "Run":
    """A spinner with the stage at hand; lines that stay scroll above it."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:

        def tell(event: "Event") -> None:
            status.update(event.stage)
            if event.level == "warning":
                console.print(f"warning: {event.message}", style="yellow", markup=False, highlight=False)
            elif verbose or event.level == "info":
                console.print(f"{event.stage}: {event.message}", style="dim", markup=False, highlight=False)

        return start(tell)


def _print_result(run: "Run", out: Path) -> None:
    from haloscale.report.terminal import result_rows, sampling_line, substructure_line

    summary = run.summary
    lines = result_rows(summary)
    if sys.stdout.isatty():
        _rich_table(summary, lines)
    else:
        for line in lines:
            typer.echo("  ".join(part for part in line if part))
    typer.echo(sampling_line(summary))
    if removed := substructure_line(run):
        typer.echo(removed)
    for name, check in {"": run.predictive, **run.predictives}.items():
        if check is not None:
            typer.echo(f"fit{f' of {name}' if name else ''}: {check.verdict}")
    for name, velocities in {"": run.velocities, **run.velocity_checks}.items():
        if velocities is not None:
            typer.echo(f"velocities{f' of {name}' if name else ''}: {velocities.verdict}")
    if summary.truth_note:
        typer.echo(f"expected: {summary.truth_note}")
    typer.echo(f"report: {out / 'report.html'}")


def _rich_table(summary: "Summary", lines: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=summary.parameters["m_vir"].definition, title_justify="left")
    for heading in ("", "median", "68 % errors", "unit", *(("",) if summary.truth else ())):
        table.add_column(heading, justify="left" if heading in ("", "unit") else "right")
    for line in lines:
        table.add_row(*(line if summary.truth else line[:-1]))
    Console().print(table)


def _print_cutflow(cutflow: "CutFlow") -> None:
    width, catalogue = max(len(cut.name) for cut in cutflow), ""
    typer.echo(f"{'cut':<{width}}  {'before':>9}  {'after':>9}")
    for cut in cutflow:
        if cut.catalogue != catalogue:
            catalogue = cut.catalogue
            typer.echo(f"{catalogue}:")
        remark = cut.note if cut.applied else f"not applied: {cut.note}"
        typer.echo(f"{cut.name:<{width}}  {cut.n_before:>9}  {cut.n_after:>9}  {remark}".rstrip())


for _study in (
    cli_studies.bias,
    cli_studies.calibrate,
    cli_studies.compare,
    cli_studies.inject,
    cli_studies.reproduce,
):
    app.command()(_study)
app.command()(cli_crossmatch.crossmatch)
app.command()(cli_explore.explore)


def main() -> None:
    """Entry point of the `haloscale` command.

    The process ends at once with its exit code: tearing the interpreter down while the threads of the table library
    wind up can abort it, and the code would be lost.
    """
    try:
        app()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))


if __name__ == "__main__":
    main()
