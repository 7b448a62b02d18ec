"""What the commands share: their options, exit codes, and how a step and a failure are told."""

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haloscale.errors import HaloscaleError

if TYPE_CHECKING:
    from haloscale.run import Event

EXIT_NOT_RELIABLE, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 3, 2, 130


def names_of(kind: str) -> Callable[[str], list[str]]:
    """Completion of registered names."""

    def complete(incomplete: str) -> list[str]:
        from haloscale.listing import names

        return [name for name in names(kind) if name.startswith(incomplete)]

    return complete


Catalogue = Annotated[
    Path,
    typer.Argument(
        metavar="CATALOGUE",
        help="Star catalogue: FITS, CSV, ECSV, VOTable, MRT or Parquet. "
        "weigh and check also take a TOML file that lists several.",
    ),
]
Survey = Annotated[
    str,
    typer.Option(
        "--survey", metavar="NAME", help="Where the catalogue comes from.", autocompletion=names_of("surveys")
    ),
]
Recipe = Annotated[
    str,
    typer.Option(
        "--recipe",
        metavar="NAME|FILE.toml",
        help="Recipe, or a file of settings on top of one.",
        autocompletion=names_of("recipes"),
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


def guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the outcome of a command into an exit code, and a foreseen failure into one message.

    For a command that, interrupted and given again, does everything anew.
    """
    return _guarded(command, "the same command starts again")


def resumable(command: Callable[..., int | None]) -> Callable[..., None]:
    """As `guarded`, for a command that, interrupted and given again, goes on where it was."""
    return _guarded(command, "the same command resumes")


def _guarded(command: Callable[..., int | None], given_again: str) -> Callable[..., None]:
    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
        except HaloscaleError as error:
            typer.echo(f"haloscale: {error}", err=True)
            raise typer.Exit(EXIT_BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo(f"haloscale: interrupted; {given_again}", err=True)
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        raise typer.Exit(code or 0)

    return run


def pairs(given: list[str], option: str) -> dict[str, Any]:
    """KEY=VALUE texts as a mapping; values of --set are read as TOML."""
    from haloscale.config import parse_setting
    from haloscale.errors import ConfigError

    found: dict[str, Any] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise ConfigError(f"{option} {text!r}", "key=value", f"write it like {option} {_EXAMPLE[option]}")
        plain = option.endswith("columns")
        if plain and key.strip() in found:
            raise ConfigError(f"{option} names {key.strip()!r} twice", "each name once", "keep one of the two")
        found[key.strip()] = value.strip() if plain else parse_setting(text)[1]
    return found


def one_recipe(file: Path | None, recipe: str) -> Path | str:
    """The file of settings where one is given, else the recipe."""
    from haloscale.config.recipes import DEFAULT
    from haloscale.errors import ConfigError

    if file is None:
        return recipe
    if recipe != DEFAULT:
        raise ConfigError(
            f"both {file} and --recipe {recipe} are given",
            "one of the two",
            f"name the recipe in {file}: recipe = {recipe!r}",
        )
    return file


def numbers(given: str, option: str) -> list[float]:
    """Numbers separated by commas; none in an empty text."""
    from haloscale.errors import ConfigError

    try:
        return [float(text) for text in given.split(",")] if given.strip() else []
    except ValueError:
        example = f"write it like {option} {_EXAMPLE.get(option, '20,40')}"
        raise ConfigError(f"{option} {given!r}", "numbers separated by commas", example) from None


_EXAMPLE = {
    "--set": "anisotropy.beta=0.3",
    "--columns": "v_helio=RV",
    "--photometry-columns": "gmag=gMeanPSFMag",
    "--truth": "beta=0.3",
}


def plain_line(event: "Event", *, quiet: bool, verbose: bool) -> None:
    """Tell a step of a run in one line on standard error."""
    if event.level == "warning":
        typer.echo(f"warning: {event.message}", err=True)
    elif not quiet and (verbose or event.level == "info"):
        typer.echo(f"{event.stage}: {event.message}", err=True)
