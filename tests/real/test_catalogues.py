"""The real catalogues, as their authors published them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.records import StarTable
from haloscale.surveys import surveys
from haloscale.tables import read_catalogue

Shared = Callable[[str], Path]
FILES = {
    "lamost_dr3_halo_rgb": ("data/lamost-dr3-halo-rgb/LMDR3_haloRGB2.dat", 5171),
    "segue_kgiants": ("data/segue-kgiants/segue_kgiants.csv", 6016),
    "segue_bhb": ("data/bhb-barbosa2022/bhb_final_pm.csv", 5699),
    "lamost_dr8_kgiants": ("data/lamost-dr8-kgiants/zhang2023_table1_first23.txt", 23),
    "generic": ("data/equilibrium-mocks/v1-isotropic.fits", 9627),
}


def catalogue(shared: Shared, survey: str) -> StarTable:
    return read_catalogue(shared(FILES[survey][0]), surveys[survey])


@pytest.mark.parametrize("survey", FILES)
def test_rows_and_plausible_values(shared: Shared, survey: str) -> None:
    table = catalogue(shared, survey)
    assert len(table) == FILES[survey][1]
    np.testing.assert_array_equal(table["row"], np.arange(len(table)))
    assert np.isfinite(table["distance"]).all()
    assert 3 < np.median(table["distance"]) < 40  # kpc, wherever the file is in parsec
    assert np.nanmax(np.abs(table["v_helio"])) < 700
    assert 0.005 < np.nanmedian(table["distance_error"] / table["distance"]) < 0.4
    assert all(v.dtype == np.float64 for k, v in table.columns.items() if k != "row")


def test_first_lamost_dr3_star(shared: Shared) -> None:
    table = catalogue(shared, "lamost_dr3_halo_rgb")
    first = {k: float(v[0]) for k, v in table.columns.items()}
    assert first == {
        "row": 0, "ra": 263.45129, "dec": 18.10553, "l": 41.34324, "b": 25.01157, "distance": 29.47,
        "distance_error": 0.27, "v_helio": -22.0, "feh": -2.17, "teff": 3870.0, "logg": -0.24,
    }  # fmt: skip
    assert table["distance_error"][1] == pytest.approx((1.82 + 1.15) / 2)
    assert "v_helio_error" not in table
    assert np.isnan(table.raw["lnnu"]).sum() == 5
    assert not np.isinf(table.raw["lnnu"]).any()


def test_lamost_dr3_distance_error_is_the_one_that_gives_3087_stars(shared: Shared) -> None:
    """METHODS section 10: 3087 stars after the cuts, the first visit at every position within 1 arcsec."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    t = catalogue(shared, "lamost_dr3_halo_rgb")
    ra, dec = np.radians(t["ra"]), np.radians(t["dec"])
    sky = np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    i, j = cKDTree(sky).query_pairs(np.radians(1 / 3600), output_type="ndarray").T
    star = connected_components(coo_matrix((np.ones(len(i)), (i, j)), shape=(len(t), len(t))), directed=False)[1]
    first = t.take(np.sort(np.unique(star, return_index=True)[1]))
    assert len(first) == 4452
    high = np.abs(first["distance"] * np.sin(np.radians(first["b"]))) >= 5
    kept = high & (first["feh"] <= -1) & (first["distance_error"] < 0.4 * first["distance"])
    assert kept.sum() == 3087


def test_bhb_distances_are_converted_from_parsec(shared: Shared) -> None:
    table = catalogue(shared, "segue_bhb")
    np.testing.assert_allclose(table["distance"], table.raw["dist_gr"] / 1000, rtol=1e-15)
    np.testing.assert_allclose(table["distance_error"], table.raw["dist_gr_unc"] / 1000, rtol=1e-15)
    assert "feh" not in table
    assert table.raw["objid"][0] == 1237648703520112952  # 19 digits do not fit a float


def test_segue_kgiants_keep_galactic_proper_motions(shared: Shared) -> None:
    table = catalogue(shared, "segue_kgiants")
    assert table["pm_l"][0] == -7.1424
    assert table["pm_b_error"][0] == 0.415
    assert "pmra" not in table
    assert set(np.unique(table.raw["sgr_weak"])) <= {0, 1}


def test_mrt_labels_and_raw_columns(shared: Shared) -> None:
    table = catalogue(shared, "lamost_dr8_kgiants")
    assert (table["feh"][0], table["logg"][0], table["teff"][0], table["v_helio_error"][0]) == (
        -1.275,
        2.764,
        5089,
        8.92,
    )
    assert "l" not in table
    assert table.raw["DM50"][0] == 14.6001
    assert table.units["DM50"] == "mag"


@pytest.mark.parametrize("name", ["v1-isotropic", "v2-beta04", "v3-beta06-steep", "v4-streams"])
def test_mocks(shared: Shared, name: str) -> None:
    table = read_catalogue(shared(f"data/equilibrium-mocks/{name}.fits"), surveys["generic"])
    assert {"l", "b", "distance", "distance_error", "v_helio", "v_helio_error", "feh"} <= set(table.columns)
    assert ("group" in table.raw) == (name == "v4-streams")


@pytest.mark.parametrize("survey", ["lamost_dr3_halo_rgb", "segue_bhb"])
def test_the_checksums_for_fetch_are_those_of_the_files(shared: Shared, survey: str) -> None:
    assert hashlib.sha256(shared(FILES[survey][0]).read_bytes()).hexdigest() == surveys[survey].sha256
