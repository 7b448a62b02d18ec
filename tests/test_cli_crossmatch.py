"""`haloscale crossmatch` with files; with a TAP service in tests/tap."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.surveys import surveys
from haloscale.tables import read_catalogue

RNG = np.random.default_rng(9)
N = 40


@pytest.fixture
def spectra(tmp_path: Path) -> Path:
    """A spectroscopic table without distances, in another survey's names."""
    path = tmp_path / "spectra.csv"
    rows = [f"{10 + 0.01 * k},{0.02 * k},{5 * k},{-1.5},{4500}" for k in range(N)]
    path.write_text("\n".join(["ra,dec,rv,feh,teff", *rows]))
    return path


@pytest.fixture
def photometry(tmp_path: Path) -> Path:
    """The first 30 of these stars, under the names of Pan-STARRS."""
    path = tmp_path / "ps1.csv"
    rows = [f"{10 + 0.01 * k},{0.02 * k + 1e-4},{16 + 0.01 * k},0.01,{15.5},0.01,{k}" for k in range(30)]
    path.write_text("\n".join(["raMean,decMean,gMeanPSFMag,gMeanPSFMagErr,rMeanPSFMag,rMeanPSFMagErr,mine", *rows]))
    return path


@pytest.mark.parametrize("extension", ["fits", "csv", "parquet", "ecsv", "vot"])
def test_joins_two_files(
    haloscale: Callable[..., object], tmp_path: Path, spectra: Path, photometry: Path, extension: str
) -> None:
    out = tmp_path / f"joined.{extension}"
    given = ("--survey", "lamost_dr5", "--photometry-columns", "ebv=mine", "--epoch", "2000")
    done = haloscale("crossmatch", spectra, photometry, *given, "-o", out)
    assert done.code == 0, done.err
    assert done.out == f"{out}\n"
    assert "30 of 40 stars matched within 1 arcsec (30 sources)" in done.err
    assert "10 stars unmatched (rows 30, 31, 32" in done.err
    for survey in ("generic", "lamost_dr5"):
        joined = read_catalogue(out, surveys[survey])
        assert joined["gmag"][:30] == pytest.approx(16 + 0.01 * np.arange(30))
        assert joined["v_helio"] == pytest.approx(5.0 * np.arange(N))
        assert np.isnan(joined["gmag"][30:]).all()
        assert joined["ebv"][7] == 7.0
        assert joined.raw["match_separation"][:30] == pytest.approx(0.36, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "no photometry is named"),
        (("--tap", "http://127.0.0.1/tap"), "--table is missing"),
        (("--table", "a.b"), "--tap is missing"),
        (("{photometry}", "--table", "a.b"), "both PHOTOMETRY and --tap"),
        (("{photometry}", "--radius", "0"), "radius of the cross-match is 0"),
        (("{photometry}", "--epoch", "57000"), "epoch of the spectra is 57000"),
        (("{photometry}", "--photometry-columns", "gmag=nosuch"), "gmag (looked for 'nosuch')"),
        (("{photometry}", "--photometry-columns", "gmag"), "--photometry-columns 'gmag'"),
        (("{spectra}",), "no column of magnitudes"),
        (("{photometry}", "--survey", "nosuch"), "'nosuch'"),
        (("{photometry}", "-o", "joined.doc"), "extension '.doc'"),
        (("--tap", "127.0.0.1/tap", "--table", "a.b"), "is no web address"),
    ],
)
def test_wrong_input_is_told_in_one_message(
    haloscale: Callable[..., object], tmp_path: Path, spectra: Path, photometry: Path, words: tuple[str, ...], says: str
) -> None:
    given = [word.format(photometry=photometry, spectra=spectra) for word in words]
    given += [] if "-o" in words else ["-o", str(tmp_path / "joined.fits")]
    given += [] if "--survey" in words else ["--survey", "lamost_dr5"]
    done = haloscale("crossmatch", spectra, *given)
    assert done.code == 2
    assert says in done.err
    assert "what to do:" in done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ps1.csv", "spectra.csv"]


@pytest.mark.parametrize("which", ["spectra", "photometry"])
@pytest.mark.parametrize("way", ["name", "symlink", "hard link"])
def test_an_input_is_never_overwritten(
    haloscale: Callable[..., object], tmp_path: Path, spectra: Path, photometry: Path, which: str, way: str
) -> None:
    target = {"spectra": spectra, "photometry": photometry}[which]
    before, out = target.read_bytes(), target if way == "name" else tmp_path / "out.csv"
    if way == "symlink":
        out.symlink_to(target)
    elif way == "hard link":
        out.hardlink_to(target)
    done = haloscale("crossmatch", spectra, photometry, "--survey", "lamost_dr5", "-o", out)
    assert done.code == 2
    assert "are the same file" in done.err
    assert target.read_bytes() == out.read_bytes() == before


def test_a_marker_of_a_missing_magnitude_has_no_error_in_the_joined_table(
    haloscale: Callable[..., object], tmp_path: Path, spectra: Path
) -> None:
    photometry, out = tmp_path / "ps1.csv", tmp_path / "joined.fits"
    photometry.write_text(
        "ra,dec,gmag,gmag_error\n10,0,16,0.01\n10.01,0.02,-9999,0.02\n10.02,0.04,99.99,0.03\n10.03,0.06,0,0.04\n"
    )
    done = haloscale("crossmatch", spectra, photometry, "--survey", "lamost_dr5", "-o", out)
    assert done.code == 0, done.err
    joined = read_catalogue(out, surveys["generic"], needed=())
    for name, first in (("gmag", 16.0), ("gmag_error", 0.01)):
        assert joined[name] == pytest.approx([first, *[np.nan] * (N - 1)], nan_ok=True)


def test_one_to_one_tells_which_stars_were_left_unmatched(haloscale: Callable[..., object], tmp_path: Path) -> None:
    spectra, photometry, out = tmp_path / "spectra.csv", tmp_path / "ps1.csv", tmp_path / "joined.csv"
    spectra.write_text("ra,dec,rv\n10,0,5\n10.0001,0,6\n")
    photometry.write_text("ra,dec,gmag\n10.00008,0,16\n9.9998,0,18\n")
    done = haloscale("crossmatch", spectra, photometry, "--survey", "lamost_dr5", "--one-to-one", "-o", out)
    assert done.code == 0, done.err
    assert "1 stars whose nearest source is nearer to another star" in done.err
    assert read_catalogue(out, surveys["generic"], needed=())["gmag"] == pytest.approx([np.nan, 16.0], nan_ok=True)


@pytest.mark.parametrize(
    ("words", "where", "says"),
    [
        (("crossmatch", "{spectra}", "{photometry}"), "haloscale.tables.write_star_table", "starts again"),
        (("distances", "{spectra}"), "haloscale.placing.write", "starts again"),
        (("weigh", "{spectra}"), "haloscale.api.execute", "resumes"),
    ],
)
def test_interrupted_it_says_what_the_same_command_does(
    haloscale: Callable[..., object], tmp_path: Path, spectra: Path, photometry: Path,
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], where: str, says: str,
) -> None:  # fmt: skip
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    given = [word.format(photometry=photometry, spectra=spectra) for word in words]
    done = haloscale(*given, "--survey", "lamost_dr5", "-o", tmp_path / "out.csv")
    assert done.code == 130
    assert done.err.strip().endswith(f"interrupted; the same command {says}")
