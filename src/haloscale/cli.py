"""The command line. The only module that prints, draws a progress bar and sets exit codes.

0: done and reliable; 3: done, but tentative or unusable; 2: bad input (one message, no traceback); 130: interrupted,
the same command resumes; 1: a bug.
"""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haloscale.errors import HaloscaleError

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

EXIT_NOT_RELIABLE, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 3, 2, 130

_SHOWN = ("m_vir", "c", "r_vir", "m_within_60kpc", "m_within_100kpc", "v_circ_r0")


def _names(kind: str) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        from haloscale.listing import names

        return [name for name in names(kind) if name.startswith(incomplete)]

    return complete


Catalogue = Annotated[
    Path, typer.Argument(metavar="CATALOGUE", help="Star catalogue: FITS, CSV, ECSV, VOTable, MRT or Parquet.")
]
Survey = Annotated[
    str,
    typer.Option("--survey", metavar="NAME", help="Where the catalogue comes from.", autocompletion=_names("surveys")),
]
Recipe = Annotated[
    str,
    typer.Option(
        "--recipe",
        metavar="NAME|FILE.toml",
        help="Recipe, or a file of settings on top of one.",
        autocompletion=_names("recipes"),
    ),
]
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Change one key of the recipe; `off` unsets it. Repeatable."),
]
Columns = Annotated[
    list[str],
    typer.Option("--columns", metavar="NAME=COLUMN", help="The catalogue's own name of a column. Repeatable."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every random number; default: the recipe's, 1.")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder for the results.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse cuts whose column the catalogue lacks.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but warnings and the result.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say every step.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")]


def _guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the outcome of a command into an exit code, and a foreseen failure into one message."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
        except HaloscaleError as error:
            typer.echo(f"haloscale: {error}", err=True)
            raise typer.Exit(EXIT_BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("haloscale: interrupted; the same command resumes", err=True)
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        raise typer.Exit(code or 0)

    return run


@app.command()
@_guarded
def weigh(
    catalogue: Catalogue,
    out: Out,
    survey: Survey = "",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    seed: Seed = None,
    strict: Strict = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Weigh the halo: catalogue in, mass, figures and report out."""
    from haloscale import api

    request = api.request(
        catalogue,
        survey,
        recipe=recipe,
        seed=seed,
        settings=_pairs(settings, "--set"),
        columns=_pairs(columns, "--columns"),
        strict=strict,
    )
    return _run(lambda tell: api.execute(request, out, tell), out, quiet, verbose)


@app.command()
@_guarded
def demo(
    out: Out = Path("demo"),
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    seed: Seed = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Weigh a simulated halo of known mass: answer, figures and report; nothing is downloaded."""
    from haloscale import api

    return _run(
        lambda tell: api.demo(out, recipe=recipe, settings=_pairs(settings, "--set"), seed=seed, on_event=tell),
        out,
        quiet,
        verbose,
    )


@app.command()
@_guarded
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

    request = api.request(
        catalogue,
        survey,
        recipe=recipe,
        seed=seed,
        settings=_pairs(settings, "--set"),
        columns=_pairs(columns, "--columns"),
        strict=strict,
    )
    checked = api.check(request)
    _print_cutflow(checked.cutflow)
    for note in () if quiet else (*(request.loaded.notes if verbose else ()), *checked.notes):
        typer.echo(f"note: {note}", err=True)


@app.command()
@_guarded
def new(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", autocompletion=_names("recipes"))] = "zhai2018",
) -> None:
    """Print an annotated configuration: every key with its unit, value and reason."""
    from haloscale.config import annotated

    typer.echo(annotated(recipe), nl=False)


@app.command()
@_guarded
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
@_guarded
def cite(folder: Folder) -> None:
    """Print BibTeX of exactly what a run used."""
    from haloscale import api

    api.read_run(folder)
    typer.echo((folder / "CITE.bib").read_text(), nl=False)


@app.command(name="list")
@_guarded
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
@_guarded
def fetch(
    survey: Annotated[str, typer.Argument(metavar="SURVEY", autocompletion=_names("surveys"))],
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


def _pairs(given: list[str], option: str) -> dict[str, Any]:
    """KEY=VALUE texts as a mapping; values of --set are read as TOML."""
    from haloscale.config import parse_setting
    from haloscale.errors import ConfigError

    pairs: dict[str, Any] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise ConfigError(f"{option} {text!r}", "key=value", f"write it like {option} {_EXAMPLE[option]}")
        if option == "--columns" and key.strip() in pairs:
            raise ConfigError(f"--columns names {key.strip()!r} twice", "each name once", "keep one of the two")
        pairs[key.strip()] = value.strip() if option == "--columns" else parse_setting(text)[1]
    return pairs


_EXAMPLE = {"--set": "anisotropy.beta=0.3", "--columns": "v_helio=RV"}


def _run(start: "Callable[[Callable[[Event], None]], Run]", out: Path, quiet: bool, verbose: bool) -> int:
    if quiet or not sys.stderr.isatty():
        run = start(functools.partial(_plain_line, quiet=quiet, verbose=verbose))
    else:
        run = _with_bar(start, verbose)
    _print_result(run.summary, out)
    return 0 if run.summary.sampling.status == "reliable" else EXIT_NOT_RELIABLE


def _plain_line(event: "Event", *, quiet: bool, verbose: bool) -> None:
    if event.level == "warning":
        typer.echo(f"warning: {event.message}", err=True)
    elif not quiet and (verbose or event.level == "info"):
        typer.echo(f"{event.stage}: {event.message}", err=True)


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


def _print_result(summary: "Summary", out: Path) -> None:
    rows = [(name, {**summary.derived, **summary.parameters}[name]) for name in _result_names(summary)]
    lines = [
        (name, *_with_errors(e.median, e.lower, e.upper, e.fixed), e.unit, _truth(summary, name)) for name, e in rows
    ]
    if sys.stdout.isatty():
        _rich_table(summary, lines)
    else:
        for line in lines:
            typer.echo("  ".join(part for part in line if part))
    sampling = summary.sampling
    fit = f"chi2 = {summary.chi2:.1f} for {summary.n_points} bins"
    typer.echo(f"sampling: {sampling.status}; {fit}; {summary.n_in_bins} stars in bins")
    if summary.truth_note:
        typer.echo(f"expected: {summary.truth_note}")
    typer.echo(f"report: {out / 'report.html'}")


def _result_names(summary: "Summary") -> list[str]:
    free = [name for name, e in summary.parameters.items() if not e.fixed]
    return list(dict.fromkeys((*_SHOWN[:2], *free, *_SHOWN[2:])))


def _with_errors(median: float, lower: float, upper: float, fixed: bool) -> tuple[str, str]:
    scale = f"e{power}" if (power := _power_of_ten(median)) else ""
    unit = 10.0**power
    if fixed:
        return f"{median / unit:.4g}{scale}", "(fixed)"
    return f"{median / unit:.3f}{scale}", f"+{(upper - median) / unit:.3f} -{(median - lower) / unit:.3f}"


def _power_of_ten(value: float) -> int:
    """Exponent to factor out of large masses, so that 0.1 to 100 is left: a multiple of three."""
    from math import floor, log10

    return 3 * floor((log10(abs(value)) + 1) / 3) if abs(value) >= 1e6 else 0


def _truth(summary: "Summary", name: str) -> str:
    if name not in summary.truth:
        return ""
    value = summary.truth[name]
    power = _power_of_ten(value)
    return f"truth {value / 10.0**power:#.4g}{f'e{power}' if power else ''}"


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
    width = max(len(cut.name) for cut in cutflow)
    typer.echo(f"{'cut':<{width}}  {'before':>9}  {'after':>9}")
    for cut in cutflow:
        remark = cut.note if cut.applied else f"not applied: {cut.note}"
        typer.echo(f"{cut.name:<{width}}  {cut.n_before:>9}  {cut.n_after:>9}  {remark}".rstrip())


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
