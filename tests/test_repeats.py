"""Repeat observations: who is merged with whom, and into what."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.errors import ConfigError
from haloscale.records import StarTable
from haloscale.repeats import first_visits, merge_repeats

ARCSEC = 1 / 3600


def visits(dec_arcsec: list[float], **columns: list[float]) -> StarTable:
    n = len(dec_arcsec)
    positions = {"ra": np.full(n, 150.0), "dec": np.array(dec_arcsec) * ARCSEC}
    return StarTable({"row": np.arange(n) + 10, **positions, **{k: np.array(v) for k, v in columns.items()}}, "generic")


def test_spectra_are_weighted_by_their_errors() -> None:
    table = visits([0, 1, 500], v_helio=[100.0, 106.0, 7.0], v_helio_error=[3.0, 6.0, 2.0])
    out, cut = merge_repeats(table, 3.0)
    np.testing.assert_array_equal(out["row"], [10, 12])
    assert out["v_helio"] == pytest.approx([(100 / 9 + 106 / 36) / (1 / 9 + 1 / 36), 7.0])
    assert out["v_helio_error"] == pytest.approx([(1 / 9 + 1 / 36) ** -0.5, 2.0])
    np.testing.assert_array_equal(out["n_visits"], [2, 1])
    np.testing.assert_array_equal(out["velocity_variable"], [False, False])
    assert cut is not None
    assert (cut.name, cut.n_before, cut.n_after) == ("repeat observations merged", 3, 2)


def test_distances_of_the_same_photometry_do_not_gain_precision() -> None:
    out, _ = merge_repeats(visits([0, 1], distance=[10.0, 14.0], distance_error=[2.0, 2.0]), 3.0)
    assert out["distance"] == pytest.approx([12.0])
    assert out["distance_error"] == pytest.approx([2.0])


def test_labels_without_errors_have_equal_weights() -> None:
    out, _ = merge_repeats(visits([0, 1, 1], feh=[-1.0, -2.0, np.nan], teff=[4500.0, np.nan, np.nan]), 3.0)
    assert out["feh"] == pytest.approx([-1.5])
    assert out["teff"] == pytest.approx([4500.0])


def test_one_visit_without_error_gives_equal_weights_and_the_largest_error() -> None:
    out, _ = merge_repeats(visits([0, 1, 1], feh=[-1.0, -2.0, -3.0], feh_error=[0.1, np.nan, 0.3]), 3.0)
    assert out["feh"] == pytest.approx([-2.0])
    assert out["feh_error"] == pytest.approx([0.3])


def test_a_value_missing_everywhere_stays_missing() -> None:
    out, _ = merge_repeats(visits([0, 1], distance=[np.nan, np.nan], distance_error=[np.nan, 1.0]), 3.0)
    assert np.isnan(out["distance"][0])


@pytest.mark.parametrize(("difference", "variable"), [(5.1, True), (4.9, False)])
def test_visits_that_differ_are_merged_and_flagged(difference: float, variable: bool) -> None:
    error = 7.0
    v = [0.0, 10.0, difference * error * np.sqrt(2)]
    out, cut = merge_repeats(visits([0, 1, 1], v_helio=v, v_helio_error=[error] * 3), 3.0)
    assert len(out) == 1
    assert bool(out["velocity_variable"][0]) is variable
    assert cut is not None
    assert f"{int(variable)} of variable velocity" in cut.note


def test_rows_do_not_chain_from_star_to_star() -> None:
    first = first_visits(np.full(5, 20.0), np.arange(5) * 2 * ARCSEC, 3.0)
    np.testing.assert_array_equal(first, [0, 0, 2, 2, 4])


def test_the_pole_and_the_meridian_are_no_edge() -> None:
    ra, dec = np.array([0.0, 359.9999, 40.0, 220.0]), np.array([10.0, 10.0, 89.9999, 89.9999])
    np.testing.assert_array_equal(first_visits(ra, dec, 3.0), [0, 0, 2, 2])


def test_rows_without_position_stand_alone() -> None:
    np.testing.assert_array_equal(first_visits(np.array([np.nan, np.nan, 1.0]), np.zeros(3), 3.0), [0, 1, 2])


def test_off_merges_nothing() -> None:
    table = visits([0, 0])
    assert merge_repeats(table, None) == (table, None)


@pytest.mark.parametrize("radius", [0.0, -3.0, float("nan")])
def test_a_radius_is_positive(radius: float) -> None:
    with pytest.raises(ConfigError, match="merge_radius"):
        merge_repeats(visits([0, 1]), radius)


def test_a_radius_that_merges_the_sky_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ConfigError, match="rows on average"):
        first_visits(rng.uniform(0, 360, 5000), rng.uniform(-90, 90, 5000), 36000.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 60), min_size=1, max_size=40), st.floats(0.5, 10))
def test_every_row_is_near_its_leader_and_leaders_are_apart(offsets: list[float], radius: float) -> None:
    dec = np.array(offsets) * ARCSEC
    first = first_visits(np.full(len(dec), 100.0), dec, radius)
    assert np.abs(dec - dec[first]).max() <= radius * ARCSEC * (1 + 1e-6)
    np.testing.assert_array_equal(first[first], first)
    assert (first <= np.arange(len(dec))).all()
    leaders = np.sort(dec[np.unique(first)])
    assert len(leaders) < 2 or np.diff(leaders).min() >= radius * ARCSEC * (1 - 1e-6)


@pytest.mark.slow
def test_a_million_rows() -> None:
    rng = np.random.default_rng(1)
    n = 1_000_000
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    ra[900_000:], dec[900_000:] = ra[:100_000], dec[:100_000] + 0.3 * ARCSEC
    v, e = rng.normal(0, 100, n), np.full(n, 5.0)
    table = StarTable({"row": np.arange(n), "ra": ra, "dec": dec, "v_helio": v, "v_helio_error": e}, "generic")
    start = time.perf_counter()
    out, _ = merge_repeats(table, 3.0)
    elapsed = time.perf_counter() - start
    assert 899_000 < len(out) <= 900_000
    assert elapsed < 10
