"""The command that joins spectra and photometry."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haloscale.cli_options import Columns, Quiet, Survey, guarded, pairs
from haloscale.errors import ConfigError

if TYPE_CHECKING:
    from haloscale.crossmatch import Epochs
    from haloscale.records import Matches, StarTable


@guarded
def crossmatch(
    spectra: Annotated[Path, typer.Argument(metavar="SPECTRA", help="Spectroscopic table, any format.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="The joined table: .fits, .csv, .ecsv, .vot, .parquet.")
    ],
    photometry: Annotated[
        Path | None, typer.Argument(metavar="PHOTOMETRY", help="Photometric table, any format; or --tap and --table.")
    ] = None,
    survey: Survey = "generic",
    columns: Columns = [],  # noqa: B006
    photometry_columns: Annotated[
        list[str], typer.Option("--photometry-columns", metavar="NAME=COLUMN", help="Likewise, of PHOTOMETRY.")
    ] = [],  # noqa: B006
    tap: Annotated[str, typer.Option("--tap", metavar="URL", help="A TAP service instead of PHOTOMETRY.")] = "",
    table: Annotated[str, typer.Option("--table", metavar="NAME", help="Its table, with the schema.")] = "",
    radius: Annotated[float, typer.Option("--radius", metavar="ARCSEC", help="Largest separation.")] = 1.0,
    epoch: Annotated[
        float | None, typer.Option("--epoch", metavar="YEAR", help="Epoch of the positions in SPECTRA.")
    ] = None,
    photometry_epoch: Annotated[
        float | None, typer.Option("--photometry-epoch", metavar="YEAR", help="Epoch of the positions of the sources.")
    ] = None,
    one_to_one: Annotated[bool, typer.Option("--one-to-one", help="A source serves its nearest star only.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Longest wait for one answer.")] = 600.0,
    quiet: Quiet = False,
) -> None:
    """Join a spectroscopic table with a photometric one on the sky: a file, or a table of a TAP service."""
    from haloscale import crossmatch as sky
    from haloscale.tables import write_star_table

    _check(photometry, tap, table, timeout)
    _check_out(out, spectra, photometry)
    stars = _spectra(spectra, survey, pairs(columns, "--columns"))
    epochs = sky.Epochs(epoch, photometry_epoch)
    given = pairs(photometry_columns, "--photometry-columns")
    if photometry is not None:
        joined, matches = _with_file(stars, photometry, given, radius, epochs, one_to_one)
    else:
        joined, matches = sky.crossmatch_remote(
            stars, tap, table, radius, epochs, columns=given, one_to_one=one_to_one, timeout=timeout
        )
    write_star_table(out, joined)
    for line in () if quiet else sky.lines(matches):
        typer.echo(line, err=True)
    typer.echo(str(out))


def _check(photometry: Path | None, tap: str, table: str, timeout: float) -> None:
    if photometry is not None and (tap or table):
        raise ConfigError("both PHOTOMETRY and --tap or --table are given", "one of the two", "leave one of them out")
    if photometry is None and not (tap and table):
        raise ConfigError(
            "no photometry is named" if not tap and not table else f"--{'table' if tap else 'tap'} is missing",
            "PHOTOMETRY, a file, or --tap URL --table NAME",
            "add it, as in: haloscale crossmatch spectra.fits --tap URL --table gaiadr3.gaia_source",
        )
    if not timeout > 0:
        raise ConfigError(f"--timeout {timeout:g}", "seconds, above 0", "leave it out, or give 600")


def _check_out(out: Path, spectra: Path, photometry: Path | None) -> None:
    from haloscale.tables import check_distinct, check_target

    check_target(out)
    for given in (spectra, photometry):
        check_distinct(
            *(given, out),
            expected="the joined table in a file of its own",
            advice="choose another name with -o",
        )


def _spectra(path: Path, survey: str, columns: dict[str, str]) -> "StarTable":
    """A catalogue need not have distances to be joined with photometry."""
    from haloscale.surveys import surveys
    from haloscale.tables import read_catalogue

    return read_catalogue(path, surveys[survey], columns, needed=("v_helio",))


def _with_file(
    stars: "StarTable", path: Path, given: dict[str, str], radius: float, epochs: "Epochs", one_to_one: bool
) -> "tuple[StarTable, Matches]":
    from haloscale.crossmatch import crossmatch as join
    from haloscale.surveys.photometric import PHOTOMETRIC
    from haloscale.tables import read_catalogue

    sources = read_catalogue(path, PHOTOMETRIC, given, needed=())
    return join(stars, sources, radius, epochs, one_to_one=one_to_one)
