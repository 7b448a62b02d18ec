"""Every format gives the same stars; units in the file are honoured."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haloscale.records import StarTable
from haloscale.surveys import surveys
from haloscale.tables import read_catalogue, write_star_table
from haloscale.tables.formats import open_source

N = 6
L = np.array([10.0, 350.5, 120.25, 200.0, 45.0, 0.0])
B = np.array([45.0, -60.5, 30.0, 89.0, -12.0, 5.0])
DISTANCE = np.array([12.5, 8.25, np.nan, 44.0, 20.0, 9.5])
V_HELIO = np.array([-120.5, 33.0, 250.0, np.nan, -7.25, 101.0])


def stars() -> StarTable:
    columns = {"row": np.arange(N), "l": L, "b": B, "distance": DISTANCE, "v_helio": V_HELIO, "feh": np.full(N, -1.5)}
    raw = {
        "source": np.array([2**60 + i for i in range(N)]),
        "field": np.array([f"f{i}" for i in range(N)], dtype=object),
    }
    return StarTable(columns, "generic", raw, {})


def read(path: Path, survey: str = "generic", **options: object) -> StarTable:
    return read_catalogue(path, surveys[survey], **options)


def assert_same(table: StarTable) -> None:
    np.testing.assert_array_equal(table["row"], np.arange(N))
    for name, expected in (("l", L), ("b", B), ("distance", DISTANCE), ("v_helio", V_HELIO)):
        np.testing.assert_array_equal(table[name], expected, err_msg=name)
        assert table[name].dtype == np.dtype("=f8")


@pytest.mark.parametrize("name", ["a.fits", "a.csv", "a.ecsv", "a.vot", "a.parquet"])
def test_written_star_table_is_read_again(tmp_path: Path, name: str) -> None:
    write_star_table(tmp_path / name, stars())
    table = read(tmp_path / name)
    assert_same(table)
    assert table.raw["source"].tolist() == [2**60 + i for i in range(N)]  # whole numbers keep all digits
    assert list(table.raw["field"]) == [f"f{i}" for i in range(N)]
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]


@pytest.mark.parametrize("name", ["a.csv", "a.ecsv", "a.vot", "a.fits"])
def test_gzipped(tmp_path: Path, name: str) -> None:
    write_star_table(tmp_path / name, stars())
    packed = tmp_path / (name + ".gz")
    packed.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    assert_same(read(packed))


@pytest.mark.parametrize(("written", "misnamed"), [("a.fits", "b.csv"), ("a.parquet", "b.dat"), ("a.csv", "b.fits")])
def test_content_decides_not_the_extension(tmp_path: Path, written: str, misnamed: str) -> None:
    write_star_table(tmp_path / written, stars())
    (tmp_path / written).rename(tmp_path / misnamed)
    assert_same(read(tmp_path / misnamed))


def rows(delimiter: str) -> list[str]:
    missing = {True: "nan"}
    return [
        delimiter.join(missing.get(bool(np.isnan(v)), f"{v:+.3f}") for v in row)
        for row in zip(L, B, DISTANCE, V_HELIO, strict=True)
    ]


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", " ", "   "])
@pytest.mark.parametrize("mark", ["", "#", "# "])
def test_text_tables(tmp_path: Path, delimiter: str, mark: str) -> None:
    lines = [mark + delimiter.join(["l", "b", "distance", "v_helio"]), *rows(delimiter)]
    (tmp_path / "a.txt").write_text("\r\n".join(lines) + "\r\n")
    assert_same(read(tmp_path / "a.txt"))


def test_comments_before_the_header_and_between_rows_are_skipped(tmp_path: Path) -> None:
    body = rows(",")
    lines = ["# made by nobody, on purpose", "#", "", "l,b,distance,v_helio", *body[:3], "# half-time", *body[3:], ""]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert_same(read(tmp_path / "a.csv"))


def test_byte_order_mark_and_quotes(tmp_path: Path) -> None:
    text = '\ufeff"l","b","distance","v_helio","name"\n1,2,3,4,"a, b"\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    table = read(tmp_path / "a.csv")
    assert table["l"].tolist() == [1.0]
    assert list(table.raw["name"]) == ["a, b"]


def test_whole_numbers_first_and_fractions_later(tmp_path: Path) -> None:
    lines = ["l,b,distance,v_helio", *["1,2,3,4"] * 300_000, "1.5,2.5,3.5,4.5"]  # beyond the reader's first block
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert read(tmp_path / "a.csv")["distance"][-1] == 3.5


def test_vizier_tab_separated_has_units_and_a_rule_below_the_header(tmp_path: Path) -> None:
    head = "#\n#   VizieR Astronomical Server\n#Name: V/164/stellar5\nRAJ2000\tDEJ2000\tHRV\te_HRV\t[Fe/H]\tTeff\n"
    text = (
        head
        + "deg\tdeg\tkm/s\tkm/s\t[Sun]\tK\n-----\t-----\t----\t---\t----\t---\n 10.5\t-5.25\t-33.1\t4.5\t-1.2\t4500\n\n"
    )
    (tmp_path / "v164.tsv").write_text(text)
    table = read(tmp_path / "v164.tsv", "lamost_dr5")
    assert {k: float(v[0]) for k, v in table.columns.items()} == {
        "row": 0, "ra": 10.5, "dec": -5.25, "v_helio": -33.1, "v_helio_error": 4.5, "feh": -1.2, "teff": 4500.0,
    }  # fmt: skip
    assert table.units["HRV"] == "km/s"


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet"])
@pytest.mark.parametrize(
    "units",
    [
        {"l": "rad", "b": "arcmin", "distance": "pc", "v_helio": "m / s"},
        {"l": "arcsec", "b": "deg", "distance": "Mpc", "v_helio": "cm / s"},
    ],
)
def test_units_in_the_file_are_honoured(tmp_path: Path, suffix: str, units: dict[str, str]) -> None:
    import astropy.units as u

    scale = {
        name: u.Unit(unit).to(i) for (name, unit), i in zip(units.items(), ("deg", "deg", "kpc", "km/s"), strict=True)
    }
    given = {"l": L, "b": B, "distance": DISTANCE, "v_helio": V_HELIO}
    if suffix == "parquet":
        from haloscale.tables.parquet import write_parquet

        write_parquet(tmp_path / "a.parquet", {k: v / scale[k] for k, v in given.items()}, units)
    else:
        table = Table({k: MaskedColumn(v / scale[k], unit=units[k]) for k, v in given.items()})
        table.write(tmp_path / f"a.{suffix}", format={"vot": "votable", "ecsv": "ascii.ecsv"}.get(suffix, suffix))
    read_back = read(tmp_path / f"a.{suffix}")
    for name, expected in given.items():
        np.testing.assert_allclose(read_back[name], expected, rtol=1e-14, atol=1e-13, err_msg=name)


def test_units_in_astropys_own_parquet(tmp_path: Path) -> None:
    table = Table({"l": L, "b": B, "distance": DISTANCE * 1000, "v_helio": V_HELIO})
    table["distance"].unit = "pc"
    table.write(tmp_path / "a.parquet")
    np.testing.assert_allclose(read(tmp_path / "a.parquet")["distance"], DISTANCE, rtol=1e-15)


def test_units_of_our_parquet_are_those_astropy_reads(tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from astropy.table.meta import get_header_from_yaml

    write_star_table(tmp_path / "a.parquet", stars())
    stated = pq.read_schema(tmp_path / "a.parquet").metadata[b"table_meta_yaml"].decode()
    described = {c["name"]: c.get("unit") for c in get_header_from_yaml(stated.splitlines())["datatype"]}
    assert str(described["v_helio"]) == "km / s"
    assert described["feh"] is None


def test_masked_null_and_big_endian(tmp_path: Path) -> None:
    gaps = [False, True, False]
    table = Table(
        {
            "l": np.array([1, 2, 3], dtype=">f4"),
            "b": np.array([1, 2, 3], dtype=">i2"),
            "distance": MaskedColumn([5, 6, 7], mask=gaps),
            "v_helio": MaskedColumn([1.0, 2.0, 3.0], mask=gaps),
            "flag": MaskedColumn([1, 0, 1], mask=gaps),
            "many": np.zeros((3, 4)),
        }
    )
    table.write(tmp_path / "a.fits")
    read_back = read(tmp_path / "a.fits")
    np.testing.assert_array_equal(read_back["distance"], [5, np.nan, 7])
    np.testing.assert_array_equal(read_back["v_helio"], [1, np.nan, 3])
    np.testing.assert_array_equal(read_back.raw["flag"], [1, np.nan, 1])
    assert read_back["l"].dtype.isnative
    assert "many" not in read_back.raw


def test_a_parquet_file_with_nulls_dictionaries_and_lists(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "ra": pa.array([1, None], pa.int32()),
            "dec": pa.array([2.0, 3.0], pa.float32()),
            "distance": pa.array([2.0, 3.0]),
            "v_helio": pa.array([2.0, None]),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "spectrum": pa.array([[1.0], [2.0]]),
            "bright": pa.array([True, False]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    stars = read(tmp_path / "a.parquet")
    np.testing.assert_array_equal(stars["ra"], [1, np.nan])
    np.testing.assert_array_equal(stars["v_helio"], [2, np.nan])
    assert list(stars.raw["kind"]) == ["a", "b"]
    assert list(stars.raw) == ["kind", "bright"]


@pytest.mark.parametrize(
    ("keep", "expected"), [(None, ["source", "field"]), ((), []), (["field", "absent"], ["field"]), (["l"], ["l"])]
)
def test_raw_columns_kept_on_request(tmp_path: Path, keep: list[str] | None, expected: list[str]) -> None:
    write_star_table(tmp_path / "a.fits", stars())
    assert list(read(tmp_path / "a.fits", keep_raw=keep).raw) == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(-300, 300, width=64), min_size=1, max_size=20), delimiter=st.sampled_from(",|; \t"))
def test_text_keeps_every_digit(tmp_path: Path, values: list[float], delimiter: str) -> None:
    lines = [delimiter.join(("v", "w")), *(delimiter.join((repr(v), "1")) for v in values)]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    with open_source(tmp_path / "a.txt") as source:
        np.testing.assert_array_equal(np.asarray(source.load("v"), dtype=float), values)
