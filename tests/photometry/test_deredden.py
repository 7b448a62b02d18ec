"""Observed magnitudes to dereddened SDSS ones: values, errors, flags, refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.errors import CatalogueError, ConfigError
from haloscale.photometry import FLAGS, deredden, photometry_note, transforms
from haloscale.records import StarTable


def stars(n: int = 3, **columns: Any) -> StarTable:
    given = {"gmag": 17.9, "rmag": 17.1, "imag": 16.8, "ebv": 0.05, **columns}
    errors = {f"{k}_error": 0.02 for k in ("gmag", "rmag", "imag")}
    merged = {k: v for k, v in {**errors, **given}.items() if v is not None}
    filled = {k: np.broadcast_to(np.asarray(v, float), n).copy() for k, v in merged.items()}
    return StarTable({"row": np.arange(n), **filled}, "generic")


def test_sdss_magnitudes_lose_their_extinction_only() -> None:
    out = deredden(stars())
    np.testing.assert_allclose(out["gmag0"], 17.9 - 3.303 * 0.05)
    np.testing.assert_allclose(out["rmag0"], 17.1 - 2.285 * 0.05)
    np.testing.assert_allclose(out["gr0"], 0.8 - 1.018 * 0.05)
    np.testing.assert_allclose(out["ebv"], 0.05)
    np.testing.assert_array_equal(out["photometry_flag"], "ok")


def test_magnitudes_of_pan_starrs_are_dereddened_there_and_then_transformed() -> None:
    out = deredden(stars(), system="ps1")
    g, r, i = 17.9 - 3.172 * 0.05, 17.1 - 2.271 * 0.05, 16.8 - 1.682 * 0.05
    x = g - i
    np.testing.assert_allclose(out["gmag0"], g + 0.01808 + 0.13595 * x - 0.01941 * x**2 + 0.00183 * x**3)
    np.testing.assert_allclose(out["rmag0"], r + 0.01836 + 0.03577 * x - 0.02612 * x**2 + 0.00558 * x**3)
    other = deredden(stars(imag=None, imag_error=None), system="ps1", transform="tonry2012")
    x = g - r
    np.testing.assert_allclose(other["gmag0"], g + 0.013 + 0.145 * x + 0.019 * x**2)
    np.testing.assert_allclose(other["rmag0"], r - 0.001 + 0.004 * x + 0.007 * x**2)


def test_dereddening_before_or_after_the_transform_is_the_same_at_high_latitude() -> None:
    """METHODS section 4: below 0.01 mag for E(B-V) < 0.1."""
    before = deredden(stars(ebv=0.1), system="ps1")
    reddened = deredden(stars(ebv=0.1), system="ps1", ebv="none")
    assert np.abs(before["rmag0"] - (reddened["rmag0"] - 2.285 * 0.1)).max() < 0.01
    assert np.abs(before["gr0"] - (reddened["gr0"] - 1.018 * 0.1)).max() < 0.01


@pytest.mark.parametrize(
    ("system", "transform"), [("sdss", "tonry2012"), ("ps1", "finkbeiner2016"), ("ps1", "tonry2012")]
)
def test_errors_are_those_of_perturbed_magnitudes(system: Any, transform: Any) -> None:
    rng, n = np.random.default_rng(11), 100_000
    sigma = {"gmag": 0.03, "rmag": 0.02, "imag": 0.025}
    options = {"system": system, "transform": transform}
    clean = deredden(stars(1, **{f"{k}_error": s for k, s in sigma.items()}), ebv_error=0.02, **options)
    noise = {k: {"gmag": 17.9, "rmag": 17.1, "imag": 16.8}[k] + rng.normal(0, s, n) for k, s in sigma.items()}
    noisy = deredden(stars(n, **noise, ebv=0.2 + rng.normal(0, 0.02, n)), **options)
    for name in ("gmag0", "rmag0", "gr0"):
        assert noisy[name].std() == pytest.approx(clean[f"{name}_error"][0], rel=0.01)


def test_an_error_of_the_reddening_explains_the_published_smallest_errors() -> None:
    """Zhang et al. (2023): no error of r0 below 0.037 and none of (g-r)0 below 0.017, however bright the star."""
    out = deredden(stars(gmag_error=0.004, rmag_error=0.002))
    assert out["rmag0_error"][0] == pytest.approx(0.037, abs=0.0006)
    assert out["gr0_error"][0] == pytest.approx(0.0172, abs=0.0006)


@given(st.floats(0.0, 0.2), st.floats(1e-6, 0.1))
def test_the_floor_is_added_in_quadrature_band_by_band(floor: float, error: float) -> None:
    out = deredden(stars(1, gmag_error=error, rmag_error=error), ebv_error=0.0, error_floor=floor)
    assert out["rmag0_error"][0] == pytest.approx(np.hypot(error, floor))
    assert out["gr0_error"][0] == pytest.approx(np.sqrt(2) * np.hypot(error, floor))


def test_a_catalogue_without_errors_needs_a_floor() -> None:
    table = stars(gmag_error=None)
    with pytest.raises(CatalogueError, match="gmag_error") as caught:
        deredden(table)
    assert "distance.error_floor" in caught.value.advice
    out = deredden(table, error_floor=0.03, ebv_error=0.0)
    np.testing.assert_allclose(out["gmag0_error"], 0.03)
    np.testing.assert_allclose(out["rmag0_error"], np.hypot(0.02, 0.03))


def test_stars_that_cannot_be_used_are_flagged_and_counted() -> None:
    table = stars(
        8,
        gmag=[17.9, np.nan, 99.99, 17.9, 17.9, 17.9, 17.9, 16.9],
        rmag_error=[0.02, 0.02, 0.02, np.nan, -1.0, 0.02, 0.02, 0.02],
        ebv=[0.05, 0.05, 0.05, 0.05, 0.05, -0.01, np.nan, 0.05],
    )
    out = deredden(table, system="ps1")
    wanted = ["ok", *["missing_band"] * 2, *["missing_error"] * 2, *["bad_ebv"] * 2, "outside_transform"]
    np.testing.assert_array_equal(out["photometry_flag"], wanted)
    for name in ("gmag0", "rmag0", "gr0", "gmag0_error", "rmag0_error", "gr0_error"):
        np.testing.assert_array_equal(np.isfinite(out[name]), [True] + [False] * 7)
    note = photometry_note(out["photometry_flag"])
    assert note is not None
    assert note.startswith("no photometry for 7 of 8 stars: 2 lack a magnitude (missing_band), 2 ")
    assert all(name in note for name in FLAGS)
    assert photometry_note(np.array(["ok", "ok"])) is None


@pytest.mark.parametrize("name", ["finkbeiner2016", "tonry2012"])
def test_a_transform_is_used_within_its_range_only(name: Any) -> None:
    transform = transforms()[name]
    x = np.array([transform.x_min - 0.01, transform.x_min + 0.01, transform.x_max - 0.01, transform.x_max + 0.01])
    table = stars(4, gmag=17.0 + x, **{f"{transform.red}mag": 17.0}, ebv=0.0)
    out = deredden(table, system="ps1", transform=name)
    wanted = ["outside_transform", "ok", "ok", "outside_transform"]
    np.testing.assert_array_equal(out["photometry_flag"], wanted)


def test_the_limit_of_the_reddening_is_a_parameter() -> None:
    table = stars(4, ebv=[0.1, 0.2, 1.4, 0.3])
    assert list(deredden(table)["photometry_flag"]) == ["ok", "ok", "bad_ebv", "ok"]
    assert list(deredden(table, ebv_max=2.0)["photometry_flag"]) == ["ok"] * 4


@pytest.mark.parametrize("ebv", [[-0.1, -0.2, 0.1, np.nan], [3.1, 2.0, 0.1, 40.0]])
def test_a_column_that_is_no_reddening_is_refused(ebv: list[float]) -> None:
    with pytest.raises(CatalogueError, match=r"of [34] values are negative or above 1") as caught:
        deredden(stars(4, ebv=ebv))
    assert "--columns ebv=" in caught.value.advice


def test_without_reddening_the_choices_are_named() -> None:
    with pytest.raises(CatalogueError, match="no column ebv") as caught:
        deredden(stars(ebv=None))
    assert "SFD maps" in caught.value.advice
    assert '"none"' in caught.value.advice
    np.testing.assert_allclose(deredden(stars(ebv=None), ebv="none")["rmag0"], 17.1)


@pytest.mark.parametrize(("absent", "options", "advice"), [
    ({"imag": None}, {"system": "ps1"}, "tonry2012"),
    ({"rmag": None}, {}, "--columns rmag=COLUMN"),
])  # fmt: skip
def test_a_missing_band_is_named(absent: dict, options: dict, advice: str) -> None:
    with pytest.raises(CatalogueError, match=f"no column {next(iter(absent))}") as caught:
        deredden(stars(**absent), **options)
    assert advice in caught.value.advice


def test_no_star_left_says_why() -> None:
    with pytest.raises(CatalogueError, match=r"no photometry for 3 of 3 stars: 3 have a colour outside") as caught:
        deredden(stars(gmag=16.9), system="ps1")
    assert "g - i between 0.4 and 2.7" in caught.value.expected


@pytest.mark.parametrize("option", ["ebv_error", "error_floor", "ebv_max"])
def test_options_in_mag_are_not_negative(option: str) -> None:
    with pytest.raises(ConfigError, match=f"distance.{option} is -0.1"):
        deredden(stars(), **{option: -0.1})


def given_stars(**columns: Any) -> StarTable:
    none = dict.fromkeys(("gmag", "rmag", "imag", "gmag_error", "rmag_error", "imag_error", "ebv"))
    dereddened = {"gr0": 0.75, "rmag0": 16.9, "gr0_error": 0.05, "rmag0_error": 0.03}
    return stars(**none, **{**dereddened, **columns})


def test_dereddened_columns_of_the_catalogue_are_used_as_given() -> None:
    out = deredden(given_stars(), system="ps1")
    for name, value in (("gr0", 0.75), ("rmag0", 16.9), ("gr0_error", 0.05), ("rmag0_error", 0.03), ("gmag0", 17.65)):
        np.testing.assert_allclose(out[name], value)
    np.testing.assert_allclose(out["gmag0_error"], 0.04)
    again = deredden(out)
    np.testing.assert_allclose(again["gmag0_error"], 0.04)


def test_given_columns_are_flagged_where_they_are_missing() -> None:
    table = given_stars(gr0=[0.75, np.nan, 0.75], rmag0_error=[0.03, 0.03, np.nan])
    assert list(deredden(table)["photometry_flag"]) == ["ok", "missing_band", "missing_error"]
    with pytest.raises(CatalogueError, match="gr0_error"):
        deredden(given_stars(gr0_error=None))
    np.testing.assert_allclose(deredden(given_stars(gr0_error=None), error_floor=0.02)["gr0_error"], np.sqrt(2) * 0.02)


@pytest.mark.parametrize("floor", [0.0, 0.02])
def test_an_error_of_zero_is_a_missing_one(floor: float) -> None:
    out = deredden(stars(3, gmag_error=[0.02, 0.0, -0.1]), error_floor=floor)
    assert out["photometry_flag"].tolist() == ["ok", "missing_error", "missing_error"]
    own = deredden(given_stars(gr0_error=[0.05, 0.0, -0.1]), error_floor=floor)
    assert own["photometry_flag"].tolist() == ["ok", "missing_error", "missing_error"]


def test_a_surplus_magnitude_without_an_error_does_no_harm() -> None:
    out, without = deredden(given_stars(gmag0=[17.7, np.nan, 17.7])), deredden(given_stars())
    np.testing.assert_allclose(out["gmag0"], [17.7, 17.65, 17.7])
    np.testing.assert_allclose(out["gmag0_error"], without["gmag0_error"][0])
    assert (out["photometry_flag"] == "ok").all()


def test_the_map_is_read_at_positions() -> None:
    table = stars()
    bare = {name: values for name, values in table.columns.items() if name not in ("ra", "dec", "l", "b")}
    with pytest.raises(CatalogueError, match="positions"):
        deredden(StarTable(bare, "generic"), ebv="/maps")
