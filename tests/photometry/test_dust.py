"""E(B-V) from SFD maps: small files in the real format, and folders that hold none."""

import sys
from pathlib import Path

import numpy as np
import pytest

from haloscale.errors import ConfigError, MissingExtraError
from haloscale.photometry import SFD_FILES, deredden, sfd_ebv
from haloscale.records import StarTable

SIZE = 256
"""Pixels on a side of the small maps; the real ones have 4096."""


def reddening(l: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A smooth sky of dust, finite at both poles."""
    cosine = np.cos(np.radians(b))
    return 0.3 * cosine**2 + 0.08 + 0.05 * np.sin(np.radians(b)) + 0.04 * cosine * np.cos(np.radians(l - 30.0))


def write_maps(folder: Path) -> None:
    """Two hemispheres with the keywords of the distributed files.

    The values are laid out by the formula printed with the maps, x = S sqrt(1 - n sin b) cos l + S - 0.5 and
    y = -n S sqrt(1 - n sin b) sin l + S - 0.5, S half the size and n = 1 north, -1 south: not by the header.
    """
    from astropy.io import fits

    half, degrees = SIZE // 2, np.degrees(np.sqrt(2.0)) / (SIZE // 2)
    y, x = (np.mgrid[:SIZE, :SIZE] + 0.5 - half) / half
    for name, pole in zip(SFD_FILES, (1, -1), strict=True):
        l, b = np.degrees(np.arctan2(-pole * y, x)), np.degrees(np.arcsin(pole * (1.0 - x**2 - y**2)))
        header = fits.Header({"OBJECT": "E(B-V)", "BUNIT": "mag", "LAM_NSGP": pole, "LAM_SCAL": half})
        header.update({"CTYPE1": "GLON-ZEA", "CTYPE2": "GLAT-ZEA", "CRPIX1": half + 0.5, "CRPIX2": half + 0.5})
        header.update({"CRVAL1": 90.0, "CRVAL2": 90.0 * pole, "LONPOLE": 180})
        header.update({"CD1_1": -degrees, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": degrees})
        fits.PrimaryHDU(reddening(l, b).astype(">f4"), header).writeto(folder / name)


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sfd")
    write_maps(folder)
    return folder


def test_the_map_is_read_as_it_is_printed(maps: Path) -> None:
    pytest.importorskip("dustmaps")
    rng = np.random.default_rng(3)
    l, b = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    found = sfd_ebv(l, b, maps)
    assert np.abs(found - reddening(l, b)).max() < 0.002
    mirrored = [np.abs(found - reddening(*other)).max() for other in ((l, -b), (-l, b), (l + 90, b), (180 - l, b))]
    assert min(mirrored) > 0.03  # north, south and all longitudes are told apart


def test_a_missing_position_has_no_reddening(maps: Path) -> None:
    pytest.importorskip("dustmaps")
    found = sfd_ebv(np.array([10.0, np.nan, 10.0]), np.array([50.0, 50.0, np.nan]), str(maps))
    np.testing.assert_array_equal(np.isfinite(found), [True, False, False])
    assert np.isnan(sfd_ebv(np.array([np.nan]), np.array([np.nan]), maps)).all()


@pytest.mark.parametrize("names", [("l", "b"), ("ra", "dec")])
def test_stars_are_dereddened_with_the_map(maps: Path, names: tuple[str, str]) -> None:
    pytest.importorskip("dustmaps")
    from haloscale.frames import icrs_to_galactic

    ra, dec = np.array([150.0, 20.0, 250.0]), np.array([20.0, -20.0, 40.0])
    l, b = icrs_to_galactic(ra, dec)
    position = dict(zip(names, (l, b) if names == ("l", "b") else (ra, dec), strict=True))
    bands = {f"{band}mag": np.full(3, m) for band, m in (("g", 18.0), ("r", 17.3))}
    errors = {f"{name}_error": np.full(3, 0.01) for name in bands}
    table = StarTable({"row": np.arange(3), **position, **bands, **errors}, "generic")
    out = deredden(table, ebv=str(maps))
    np.testing.assert_allclose(out["ebv"], sfd_ebv(l, b, maps))
    np.testing.assert_allclose(out["rmag0"], 17.3 - 2.285 * out["ebv"])  # SF11 on the raw map: no factor 0.86


@pytest.mark.parametrize("lacking", [SFD_FILES, SFD_FILES[1:]])
def test_a_folder_without_maps_names_the_files_and_where_they_are(tmp_path: Path, lacking: tuple[str, ...]) -> None:
    for name in set(SFD_FILES) - set(lacking):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ConfigError) as caught:
        sfd_ebv(np.zeros(1), np.zeros(1), tmp_path)
    assert all(name in caught.value.found for name in lacking)
    assert all(name in caught.value.expected for name in SFD_FILES)
    assert "10.7910/DVN/EWCNL5" in caught.value.advice


def test_a_word_that_is_no_folder_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'colum', which is no folder[\s\S]*\"column\""):
        sfd_ebv(np.zeros(1), np.zeros(1), "colum")


def test_a_damaged_map_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("dustmaps")
    for name in SFD_FILES:
        (tmp_path / name).write_bytes(b"not a FITS file")
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        sfd_ebv(np.zeros(1), np.zeros(1), tmp_path)
    assert "fetch them again" in caught.value.advice
    assert capsys.readouterr().out == ""


def test_without_dustmaps_one_command_installs_it(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from haloscale.photometry import dust

    dust._maps.cache_clear()
    monkeypatch.setitem(sys.modules, "dustmaps.sfd", None)
    with pytest.raises(MissingExtraError) as caught:
        sfd_ebv(np.zeros(1), np.zeros(1), maps)
    assert caught.value.advice == 'pip install "haloscale[dust]"'
