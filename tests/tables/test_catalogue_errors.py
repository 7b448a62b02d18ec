"""Bad catalogues: one message each that says what was found, what was expected and what to do."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from haloscale.errors import CatalogueError, ConfigError, InputError
from haloscale.records import StarTable
from haloscale.surveys import surveys
from haloscale.tables import read_catalogue

HEADER = "l,b,distance,v_helio"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")


def read(path: Path, survey: str = "generic", **options: object) -> StarTable:
    return read_catalogue(path, surveys[survey], **options)


def message(path: Path, error: type[InputError] = CatalogueError, **options: object) -> str:
    with pytest.raises(error) as raised:
        read(path, **options)
    text = str(raised.value)
    assert len(text.splitlines()) == 3
    assert all((raised.value.found, raised.value.expected, raised.value.advice))
    return text


def csv(folder: Path, *lines: str) -> Path:
    path = folder / "stars.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def good(n: int = 20) -> Table:
    return Table(
        {"l": np.linspace(0, 300, n), "b": np.full(n, 40.0), "distance": np.full(n, 20.0), "v_helio": np.full(n, 9.0)}
    )


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read everything: become nobody for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_missing_file_offers_the_near_one(tmp_path: Path) -> None:
    csv(tmp_path, HEADER, "1,2,3,4")
    assert "did you mean stars.csv?" in message(tmp_path / "stars.fits")
    assert "does not exist" in message(tmp_path / "no" / "where.csv")


@pytest.mark.parametrize("content", [b"", b"  \n\n", gzip.compress(b"", mtime=0)])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert "is empty" in message(tmp_path / "a.csv")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in message(tmp_path)


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_no_permission(tmp_path: Path, locked: str) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    path = csv(folder, HEADER, "1,2,3,4")
    target = path if locked == "file" else folder
    target.chmod(0)
    for parent in (tmp_path, *tmp_path.parents[:2]):  # let nobody come as far as the locked thing
        parent.chmod(0o755)
    try:
        with unprivileged():
            assert "may not be read" in message(path)
    finally:
        target.chmod(0o755)


def fits_bytes(folder: Path) -> bytes:
    good(500).write(folder / "whole.fits")
    return (folder / "whole.fits").read_bytes()


@pytest.mark.parametrize("share", [0.02, 0.15, 0.3, 0.5, 0.7, 0.9])  # beyond that only padding is lost
def test_truncated_fits(tmp_path: Path, share: float) -> None:
    whole = fits_bytes(tmp_path)
    (tmp_path / "a.fits").write_bytes(whole[: int(share * len(whole))])
    assert "a.fits" in message(tmp_path / "a.fits")


def test_fits_without_table(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(tmp_path / "a.fits")
    assert "without a table" in message(tmp_path / "a.fits")


def test_truncated_parquet_gzip_and_votable(tmp_path: Path) -> None:
    from haloscale.tables.parquet import write_parquet

    table = good(500)
    write_parquet(tmp_path / "a.parquet", {n: np.asarray(table[n]) for n in table.colnames}, {})
    table.write(tmp_path / "a.vot", format="votable")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((HEADER + "\n" + "1,2,3,4\n" * 100_000).encode(), 0))
    for name in ("a.parquet", "a.vot", "a.csv.gz"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: int(0.6 * len(whole))])
        assert "cannot be read" in message(tmp_path / name), name


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (PNG, "a PNG picture"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (bytes(range(256)), "a binary file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (gzip.compress(b"PAR1....", mtime=0), "a gzipped Parquet"),
        (b"\x1f\x8b" + b"12345", "a broken gzip file"),
    ],
)
def test_something_else_named_csv(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert what in message(tmp_path / "a.csv")


def test_no_rows(tmp_path: Path) -> None:
    assert "no rows" in message(csv(tmp_path, HEADER))
    assert "no rows" in message(csv(tmp_path, "# " + HEADER))
    good()[:0].write(tmp_path / "a.fits")
    assert "no rows" in message(tmp_path / "a.fits")


def test_no_header(tmp_path: Path) -> None:
    assert "no header line" in message(csv(tmp_path, "1,2,3,4", "1,2,3,4"))
    assert "3 names for 4 columns" in message(csv(tmp_path, "# l b distance", "1 2 3 4"))


def test_row_of_another_length(tmp_path: Path) -> None:
    assert "a row with 3 instead of 4 columns: '5,6,7'" in message(csv(tmp_path, HEADER, "1,2,3,4", "5,6,7"))


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("l,b,distance,vhelio", "--columns v_helio=vhelio"),
        ("L,B,distance,v_helio", "--columns l=L"),
        ("l,b,Distance,v_helio", "--columns distance=Distance"),
        ("RA,DEC,distance,v_helio", "--columns ra=RA"),
        ("p,q,distance,v_helio", "the file has: p, q, distance, v_helio"),
        ("l,q,distance,v_helio", "--columns b=COLUMN"),
    ],
)
def test_missing_column(tmp_path: Path, header: str, hint: str) -> None:
    assert hint in message(csv(tmp_path, header, "1,2,3,4"))


def test_column_named_by_the_user_is_missing(tmp_path: Path) -> None:
    text = message(csv(tmp_path, HEADER, "1,2,3,4"), columns={"feh": "metallicity"})
    assert "no column for feh (looked for 'metallicity')" in text


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.vot", "a.fits"])
def test_duplicate_column(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("l,b,distance,v_helio,l\n1,2,3,4,5\n")
    elif name == "a.parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_arrays([pa.array([1.0])] * 5, names=["l", "b", "distance", "v_helio", "l"]), path)
    elif name == "a.vot":
        table = good()
        table["twin"] = 1.0
        table.write(path, format="votable")
        path.write_text(path.read_text().replace('name="twin"', 'name="l"'))
    else:
        table = good()
        table["u"] = 1.0
        table.write(path)
        path.write_bytes(path.read_bytes().replace(b"TTYPE5  = 'u ", b"TTYPE5  = 'l "))
    assert "'l' more than once" in message(path)


def test_one_column_for_two(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER + ",D", "1,2,3,4,5")
    text = message(path, ConfigError, columns={"distance": "D", "distance_error": "D"})
    assert "'D' is given twice" in text


def test_unknown_standard_column(tmp_path: Path) -> None:
    text = message(csv(tmp_path, HEADER, "1,2,3,4"), ConfigError, columns={"distanse": "distance"})
    assert "did you mean 'distance'?" in text


@pytest.mark.parametrize(
    ("column", "unit"),
    [("distance", "km / s"), ("v_helio", "kpc"), ("b", "kpc"), ("distance", "wombat"), ("feh", "kpc")],
)
@pytest.mark.parametrize("suffix", ["fits", "ecsv"])
def test_unit_of_the_wrong_kind(tmp_path: Path, column: str, unit: str, suffix: str) -> None:
    lines = ["# %ECSV 1.0", "# ---", "# datatype:"]
    table = good(2)
    table["feh"] = -1.0
    for name in table.colnames:
        lines.append(f"# - {{name: {name}, {f'unit: {unit}, ' if name == column else ''}datatype: float64}}")
    path = tmp_path / f"a.{suffix}"
    if suffix == "ecsv":
        path.write_text("\n".join([*lines, " ".join(table.colnames), "1 2 3 4 5"]) + "\n")
    else:
        hdu = fits.table_to_hdu(table)
        hdu.columns[column].unit = unit
        hdu.writeto(path)
    text = message(path)
    assert repr(column) in text
    assert repr(unit) in text


@pytest.mark.parametrize("column", [0, 1, 2, 3])
@pytest.mark.parametrize("value", ["nan", "-9999", "inf", "", "--"])
def test_all_values_missing(tmp_path: Path, column: int, value: str) -> None:
    fields = ["1", "2", "3", "4"]
    fields[column] = value
    text = message(csv(tmp_path, HEADER, *[",".join(fields)] * 3))
    assert HEADER.split(",")[column] in text
    assert "no value in any of its 3 rows" in text


@pytest.mark.parametrize("value", ["0", "-3.5"])
def test_distances_not_positive(tmp_path: Path, value: str) -> None:
    text = message(csv(tmp_path, HEADER, "1,2,3,4", f"1,2,{value},4", "1,2,nan,4", f"1,2,{value},4"))
    assert f"'distance' of {tmp_path / 'stars.csv'} is {value} in row 1; 2 of 4 rows are like that (rows 1, 3," in text
    assert "NaN or -9999" in text


def test_negative_errors(tmp_path: Path) -> None:
    assert "no negative error" in message(csv(tmp_path, HEADER + ",v_helio_error", "1,2,3,4,-1"))


@pytest.mark.parametrize(
    ("names", "values"),
    [("l,b", "1,91"), ("l,b", "1,-90.5"), ("ra,dec", "1,123"), ("l,b", "361,1"), ("ra,dec", "-360.5,1")],
)
def test_angles_out_of_range(tmp_path: Path, names: str, values: str) -> None:
    path = csv(tmp_path, f"{names},distance,v_helio", f"{values},3,4", "1,2,3,4")
    assert "in row 0; 1 of 2 rows" in message(path)


def test_velocities_in_metres_per_second_without_a_unit(tmp_path: Path) -> None:
    text = message(csv(tmp_path, HEADER, "1,2,3,-120000", "1,2,3,4", "1,2,3,95000"))
    assert "median size of 95000 km/s" in text
    assert "m/s" in text


def test_text_in_a_number_column_names_row_and_value(tmp_path: Path) -> None:
    text = message(csv(tmp_path, HEADER, "1,2,3,4", "1,2,3,fast", "1,2,3,faster"))
    assert "'v_helio'" in text
    assert "holds 'fast' in row 1" in text


def test_sexagesimal_positions(tmp_path: Path) -> None:
    text = message(csv(tmp_path, "ra,dec,distance,v_helio", "12:30:00,-05:00:00,3,4"))
    assert "'12:30:00' in row 0" in text


def test_a_row_with_a_missing_required_value_is_kept(tmp_path: Path) -> None:
    table = read(csv(tmp_path, HEADER, "1,2,,4", ",2,3,4", "1,2,3,-9999"))
    assert len(table) == 3
    np.testing.assert_array_equal(table["distance"], [np.nan, 3, 3])
