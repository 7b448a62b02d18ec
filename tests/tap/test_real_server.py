"""Questions to a TAP server that nobody here wrote: DaCHS, started by `.ci/tap-server`.

HALOSCALE_TAP_URL is its address, HALOSCALE_TAP_DIR its folder (for the tests that break it down).
"""

import csv
import io
import os
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from haloscale.crossmatch import Epochs, crossmatch, crossmatch_remote
from haloscale.errors import CatalogueError, FetchError, TruncatedAnswerError
from haloscale.records import StarTable
from haloscale.surveys import tap
from haloscale.surveys.generic import GENERIC
from haloscale.tables import read_catalogue, write_star_table

pytestmark = pytest.mark.tap

ROOT = Path(__file__).resolve().parents[2]
FOR_EVER = "SELECT COUNT(*) AS n FROM phot.stars AS a, phot.stars AS b, phot.stars AS c WHERE a.gmag + b.gmag > c.gmag"
SOFT_LIMIT, HARD_LIMIT, N = 500, 2000, 3000


@pytest.fixture(scope="module")
def server() -> str:
    address = os.environ.get("HALOSCALE_TAP_URL", "")
    if not address:
        pytest.skip(
            "HALOSCALE_TAP_URL is not set: start a server with `.ci/tap-server start DIR`, see docs/crossmatch.md"
        )
    return address


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def truth(server: str) -> dict[str, np.ndarray]:
    """The whole table, fetched without haloscale."""
    rows: list[dict[str, str]] = []
    for low in range(0, N, HARD_LIMIT):
        start = 10**17 + low
        adql = f"SELECT * FROM phot.stars WHERE number >= {start} AND number < {start + HARD_LIMIT} ORDER BY number"
        asked = {"LANG": "ADQL", "REQUEST": "doQuery", "FORMAT": "csv", "MAXREC": str(HARD_LIMIT), "QUERY": adql}
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{server}/sync", urllib.parse.urlencode(asked).encode()) as answer:
            rows += csv.DictReader(io.StringIO(answer.read().decode()))
    assert len(rows) == N
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


def stars_near(truth: dict[str, np.ndarray], index: np.ndarray, years: float = 0.0) -> StarTable:
    """Stars 0.3 arcsec north of some sources, or where these stood `years` ago."""
    cos = np.cos(np.radians(truth["dec"][index]))
    ra = truth["ra"][index] - years * truth["pmra"][index] / 3.6e6 / cos
    dec = truth["dec"][index] + 0.3 / 3600.0 - years * truth["pmdec"][index] / 3.6e6
    columns = {"ra": ra % 360.0, "dec": dec, "v_helio": np.arange(len(index), dtype=float)}
    return StarTable({"row": np.arange(len(index)), **columns}, "generic")


def jobs(server: str) -> set[bytes]:
    """Jobs that the server holds."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{server}/async") as answer:
        return set(re.findall(rb'<uws:jobref id="(\w+)"', answer.read()))


@pytest.fixture
def no_job_stays(server: str) -> Iterator[None]:
    """Every job that a test makes is deleted again."""
    before = jobs(server)
    yield
    assert jobs(server) <= before


def test_describes_a_table(server: str, tmp_path: Path) -> None:
    about = tap.describe(server, "phot.stars", tmp_path)
    assert about.name == "phot.stars"
    assert set(about.columns) >= {"ra", "dec", "pmra", "gmag", "gmag_error", "ebv"}
    assert not list(tmp_path.iterdir())


def test_a_table_that_is_not_there(server: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"no table 'phot\.star'") as raised:
        tap.describe(server, "phot.star", tmp_path)
    assert "did you mean 'phot.stars'?" in raised.value.advice


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.usefixtures("no_job_stays")
def test_upload_join(server: str, tmp_path: Path, truth: dict[str, np.ndarray], wait: bool) -> None:
    picked = np.array([0, 700, 2999])
    uploads = {"mine": {"id": np.array([5, 6, 7]), "lon": truth["ra"][picked], "lat": truth["dec"][picked]}}
    adql = (
        "SELECT u.id, p.gmag FROM TAP_UPLOAD.mine AS u JOIN phot.stars AS p ON 1 = CONTAINS("
        "POINT('ICRS', p.ra, p.dec), CIRCLE('ICRS', u.lon, u.lat, 0.0003)) ORDER BY u.id"
    )
    path = tap.query(server, adql, tmp_path / "a.vot", uploads=uploads, wait=wait)
    from astropy.table import Table

    found = Table.read(path, format="votable")
    assert found["id"].tolist() == [5, 6, 7]
    assert found["gmag"].tolist() == pytest.approx(truth["gmag"][picked].tolist(), rel=1e-6)


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("max_rows", [None, 100, 10 * N])
@pytest.mark.usefixtures("no_job_stays")
def test_an_overflow_is_never_used(server: str, tmp_path: Path, wait: bool, max_rows: int | None) -> None:
    with pytest.raises(TruncatedAnswerError, match="OVERFLOW"):
        tap.query(server, "SELECT ra FROM phot.stars", tmp_path / "a.vot", max_rows=max_rows, wait=wait)
    assert not list(tmp_path.iterdir())


def test_fewer_rows_than_the_limit_are_no_overflow(server: str, tmp_path: Path) -> None:
    adql = f"SELECT ra FROM phot.stars WHERE number < {10**17 + HARD_LIMIT - 1}"
    path = tap.query(server, adql, tmp_path / "a.vot", max_rows=10 * N, wait=True)
    assert tap.count_rows(path) == HARD_LIMIT - 1


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize(
    ("adql", "says"), [("SELECT nosuch FROM phot.stars", "nosuch"), ("SELECT * FROM a.b", "a.b"), ("SELEKT", "SELECT")]
)
@pytest.mark.usefixtures("no_job_stays")
def test_an_error_document_is_told(server: str, tmp_path: Path, adql: str, says: str, wait: bool) -> None:
    with pytest.raises(FetchError, match=f"refused the query: .*{says}"):
        tap.query(server, adql, tmp_path / "a.vot", wait=wait)
    assert not list(tmp_path.iterdir())


def test_an_address_without_a_service(server: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="it answered 404"):
        tap.query(f"{server}/nosuch", "SELECT ra FROM phot.stars", tmp_path / "a.vot")


@pytest.mark.usefixtures("no_job_stays")
def test_a_slow_job_is_given_up_and_deleted(server: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"has not answered in 2 s"):
        tap.query(server, FOR_EVER, tmp_path / "a.vot", timeout=2.0)
    assert time.monotonic() - begun < 6.0
    assert not list(tmp_path.iterdir())


def test_a_slow_answer_is_not_waited_for(server: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"the server stopped sending"):
        tap.query(server, FOR_EVER, tmp_path / "a.vot", timeout=2.0, wait=True)
    assert time.monotonic() - begun < 6.0
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_job_stays")
def test_a_remote_match_is_that_of_the_whole_table(server: str, truth: dict[str, np.ndarray]) -> None:
    index = np.random.default_rng(1).permutation(N)[:400]
    stars = stars_near(truth, np.r_[index, index[:50]])  # 50 stars with two visits
    names = ("ra", "dec", "pmra", "pmdec", "gmag", "gmag_error", "rmag", "rmag_error", "imag", "ebv")
    whole = StarTable({"row": np.arange(N)} | {name: truth[name] for name in names}, "generic")
    expected, _ = crossmatch(stars, whole)
    done: list[tuple[int, int]] = []
    joined, matches = crossmatch_remote(
        stars, server, "phot.stars", progress=lambda *both: done.append(both), block=200
    )
    for name in names[2:]:
        assert joined[name] == pytest.approx(expected[name], rel=1e-6, nan_ok=True), name
    assert joined["gmag"] == pytest.approx(truth["gmag"][np.r_[index, index[:50]]], rel=1e-6)
    assert np.isnan(joined["imag"][:400][index % 10 == 0]).all()
    assert (matches.n_matched, matches.n_sources, matches.n_shared) == (450, 400, 50)
    assert matches.separation[50] == pytest.approx(0.3, abs=1e-3)
    assert done == [(200, 450), (400, 450), (450, 450)]


def test_answers_that_overflow_are_asked_again_in_smaller_blocks(server: str, truth: dict[str, np.ndarray]) -> None:
    stars = stars_near(truth, np.arange(2400))
    joined, matches = crossmatch_remote(stars, server, "phot.stars")
    assert joined["gmag"] == pytest.approx(truth["gmag"][:2400], rel=1e-6)
    assert matches.n_matched == 2400
    assert any("1200 stars at a time" in note for note in matches.notes)


def test_epochs(server: str, truth: dict[str, np.ndarray]) -> None:
    stars = stars_near(truth, np.arange(0, N, 30), years=100.0)
    _, still = crossmatch_remote(stars, server, "phot.stars")
    _, moved = crossmatch_remote(stars, server, "phot.stars", epochs=Epochs(1916.0, 2016.0))
    assert still.n_matched < 50
    assert moved.n_matched == 100
    assert moved.separation[95] == pytest.approx(0.3, abs=1e-3)


def test_no_star_in_the_remote_table(server: str) -> None:
    lonely = StarTable({"row": np.arange(1), "ra": np.array([1.0]), "dec": np.array([2.0])}, "generic")
    with pytest.raises(CatalogueError, match="none of 1 stars"):
        crossmatch_remote(lonely, server, "phot.stars")


def test_a_table_without_positions(server: str, truth: dict[str, np.ndarray]) -> None:
    with pytest.raises(CatalogueError, match=r"tap_schema\.columns .* has no column for .*ra"):
        crossmatch_remote(stars_near(truth, np.arange(3)), server, "tap_schema.columns")


def test_the_command(
    server: str, tmp_path: Path, truth: dict[str, np.ndarray], haloscale: Callable[..., object]
) -> None:
    write_star_table(tmp_path / "spectra.fits", stars_near(truth, np.arange(100)))
    given = ("--tap", server, "--table", "phot.stars", "-o", tmp_path / "joined.fits")
    done = haloscale("crossmatch", tmp_path / "spectra.fits", *given)
    assert done.code == 0, done.err
    assert "100 of 100 stars matched within 1 arcsec" in done.err
    assert read_catalogue(tmp_path / "joined.fits", GENERIC)["rmag"] == pytest.approx(truth["rmag"][:100], rel=1e-6)
    failed = haloscale(
        "crossmatch", tmp_path / "spectra.fits", "--tap", server, "--table", "no.such", "-o", tmp_path / "b.csv"
    )
    assert failed.code == 2
    assert "no table 'no.such'" in failed.err


@pytest.fixture
def broken_down() -> Iterator[Callable[[], None]]:
    """Kills the server; it is started again afterwards."""
    folder = os.environ.get("HALOSCALE_TAP_DIR", "")
    if not folder:
        pytest.skip("HALOSCALE_TAP_DIR is not set: the folder given to `.ci/tap-server start`")
    script = str(ROOT / ".ci" / "tap-server")
    yield lambda: subprocess.run([script, "halt", folder], check=True)  # type: ignore[misc]
    subprocess.run([script, "serve", folder], check=True)


def test_a_server_that_breaks_down_in_the_middle(
    server: str, tmp_path: Path, broken_down: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap, "_LONGEST_WAIT", 0.3)
    killer = threading.Timer(1.5, broken_down)
    killer.start()
    with pytest.raises(FetchError, match=r"cannot be reached or closed the connection"):
        tap.query(server, FOR_EVER, tmp_path / "a.vot", timeout=30.0)
    killer.join()
    assert not list(tmp_path.iterdir())
