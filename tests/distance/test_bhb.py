"""Distances of blue horizontal-branch stars."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haloscale.config.options import options_of
from haloscale.distance import distance_methods, find_distances
from haloscale.distance.base import flag_note
from haloscale.distance.bhb import absolute_magnitude
from haloscale.errors import CatalogueError, ConfigError
from haloscale.photometry import deredden
from haloscale.records import StarTable


def stars(n: int = 1, **columns: Any) -> StarTable:
    given = {"gmag": 18.0, "rmag": 18.1, "gmag_error": 0.02, "rmag_error": 0.02, "ebv": 0.04, **columns}
    return StarTable({"row": np.arange(n), **{k: np.zeros(n) + np.asarray(v) for k, v in given.items()}}, "generic")


def test_the_absolute_magnitude_is_the_published_polynomial() -> None:
    x = np.array([-0.2, -0.1, -0.0001])
    np.testing.assert_allclose(absolute_magnitude(x), 0.434 - 0.169 * x + 2.319 * x**2 + 20.449 * x**3 + 94.517 * x**4)
    assert np.isnan(absolute_magnitude(np.array([-0.25, 0.0, 0.1, np.nan]))).all()


def test_it_agrees_with_another_calibration(shared: Callable[[str], Path]) -> None:
    """Barbosa et al. (2022) calibrate on other distances of the clusters; the two differ by 0.02-0.1 mag."""
    path = shared("data/bhb-barbosa2022/bhb_final_pm.csv")
    rows = np.genfromtxt(path, delimiter=",", names=True)
    gr, theirs, distance = rows["gr"], rows["abs_mag_gr"], rows["dist_gr"]
    g0 = theirs + 5 * np.log10(distance / 10)
    table = StarTable({"row": np.arange(len(gr)), "gr0": gr, "rmag0": g0 - gr}, "segue_bhb")
    out = find_distances(table, "bhb", error_floor=0.02)
    good = out["flag"] == "ok"
    np.testing.assert_array_equal(good, (gr > -0.25) & (gr < 0))
    ratio = out["distance"][good] / (distance[good] / 1000)
    assert 0.96 < np.median(ratio) < 1.0
    assert np.std(ratio) < 0.02


def test_distance_error_and_percentiles_follow_from_the_modulus() -> None:
    out = find_distances(stars(), "bhb")
    g0, r0 = 18.0 - 3.303 * 0.04, 18.1 - 2.285 * 0.04
    modulus = g0 - absolute_magnitude(np.array([g0 - r0]))[0]
    assert out["dm_mean"][0] == pytest.approx(modulus)
    assert out["dm_p50"][0] == pytest.approx(modulus)
    assert out["distance"][0] == pytest.approx(10 ** (modulus / 5 - 2))
    assert out["m_r"][0] == pytest.approx(r0 - modulus)
    near, far = (10 ** (out[name][0] / 5 - 2) for name in ("dm_p16", "dm_p84"))
    assert out["distance_error"][0] == pytest.approx((far - near) / 2)
    assert list(np.diff([out[f"dm_p{p:02d}"][0] for p in (5, 16, 50, 84, 95)]) > 0) == [True] * 4


@pytest.mark.parametrize("colour", [-0.18, -0.1])
@pytest.mark.parametrize("system", ["sdss", "ps1"])
def test_the_error_is_that_of_perturbed_photometry(colour: float, system: str) -> None:
    rng, n = np.random.default_rng(8), 100_000
    options = {"system": system, "transform": "tonry2012", "scatter": 0.0, "ebv_error": 0.01}
    mean = {"gmag": 18.0 + colour + 0.04, "rmag": 18.0}
    sigma = {"gmag_error": 0.006, "rmag_error": 0.008}
    clean = find_distances(stars(**mean, **sigma), "bhb", **options)
    noise = {k: m + rng.normal(0, sigma[f"{k}_error"], n) for k, m in mean.items()}
    noisy = find_distances(stars(n, **noise, ebv=0.04 + rng.normal(0, 0.01, n)), "bhb", **options)
    width = (clean["dm_p84"] - clean["dm_p16"])[0]
    assert np.ptp(np.nanpercentile(noisy["dm_p50"], [16, 84])) == pytest.approx(width, rel=0.05)


def test_the_scatter_of_the_stars_is_added() -> None:
    narrow, wide = (find_distances(stars(), "bhb", scatter=s) for s in (0.0, 0.2))
    quadratic = np.hypot((narrow["dm_p84"] - narrow["dm_p16"]) / (2 * 0.9944579), 0.2) * 2 * 0.9944579
    np.testing.assert_allclose(wide["dm_p84"] - wide["dm_p16"], quadratic, rtol=1e-6)


def test_other_colours_and_bad_photometry_are_flagged() -> None:
    table = stars(4, rmag=[18.1, 17.5, 18.5, 18.1], gmag=[18.0, 18.0, 18.0, np.nan])
    out = find_distances(table, "bhb")
    assert list(out["flag"]) == ["ok", "outside_colours", "outside_colours", "missing_band"]
    assert flag_note(out) == "no distance for 3 of 4 stars: 2 outside_colours, 1 missing_band"
    assert flag_note(out.take(np.array([0]))) is None
    assert flag_note(table) is None
    for name in ("distance", "distance_error", "dm_mean", "dm_p05", "m_r"):
        np.testing.assert_array_equal(np.isfinite(out[name]), [True, False, False, False])


def test_a_catalogue_of_giants_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"runs from 0\.3\d+ to 0\.8\d+") as caught:
        find_distances(stars(3, gmag=[18.5, 18.7, 19.0]), "bhb")
    assert "giant_branch" in caught.value.advice


def test_blue_stars_of_pan_starrs_need_the_other_transform() -> None:
    table = stars(2, imag=18.3, imag_error=0.02)
    with pytest.raises(CatalogueError, match="outside the transformation") as caught:
        find_distances(table, "bhb", system="ps1")
    assert "distance.transform" in caught.value.advice
    assert np.isfinite(find_distances(table, "bhb", system="ps1", transform="tonry2012")["distance"]).all()


def test_a_negative_scatter_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"distance\.scatter is -1"):
        find_distances(stars(), "bhb", scatter=-1.0)


def test_the_options_of_the_photometry_are_the_method_s_own() -> None:
    """Declared once, with `deredden`: names, defaults, choices and descriptions reach the configuration."""
    shared, method = options_of(deredden), options_of(distance_methods["bhb"])
    assert {name: method[name] for name in shared} == shared
    assert set(method) - set(shared) == {"scatter"}
    assert method["system"].choices == ("sdss", "ps1")
    assert all(option.description for option in method.values())
    assert distance_methods["bhb"].__name__ == "bhb"
    assert (distance_methods["bhb"].__doc__ or "").startswith("Blue horizontal-branch stars")


def test_distances_of_the_catalogue_stay_beside() -> None:
    out = find_distances(stars(distance=20.0, distance_error=3.0), "bhb")
    assert (out["catalogue_distance"][0], out["catalogue_distance_error"][0]) == (20.0, 3.0)
    assert out["distance"][0] != 20.0
