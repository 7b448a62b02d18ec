"""Radial bins and the profile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.dispersion import dispersion_profile, equal_number_edges, estimators, radial_bins
from haloscale.errors import ConfigError, SelectionError


def test_bins_are_closed_below_and_the_last_one_above() -> None:
    r = np.array([4.9, 5.0, 7.999, 8.0, 10.0, 10.001, np.nan, np.inf])
    np.testing.assert_array_equal(radial_bins(r, [5, 8, 10]), [-1, 0, 0, 1, 1, -1, -1, -1])


@pytest.mark.parametrize("edges", [[5, 5, 8], [8, 5], [5], [-1, 3], [1, np.nan, 3], [[1, 2], [3, 4]]])
def test_edges_must_increase(edges: list) -> None:
    with pytest.raises(ConfigError, match="edges"):
        radial_bins(np.ones(3), edges)


@settings(deadline=None)
@given(n=st.integers(40, 500), n_bins=st.integers(1, 12), seed=st.integers(0, 1000))
def test_equal_number_bins_hold_equal_numbers(n: int, n_bins: int, seed: int) -> None:
    r = np.random.default_rng(seed).uniform(5, 120, n)
    edges = equal_number_edges(r, n_bins, 5.0, 120.0)
    counts = np.bincount(radial_bins(r, edges), minlength=n_bins)
    assert counts.sum() == n
    assert np.ptp(counts) <= 1
    assert (edges[0], edges[-1]) == (5.0, 120.0)


def test_equal_number_bins_need_stars_that_differ() -> None:
    with pytest.raises(SelectionError, match="3 stars"):
        equal_number_edges(np.array([6.0, 7.0, 8.0, 200.0]), 2, 5.0, 120.0)
    with pytest.raises(ConfigError, match="n_bins"):
        equal_number_edges(np.arange(10.0), 0, 5.0, 120.0)
    with pytest.raises(ConfigError, match="edges"):
        equal_number_edges(np.full(50, 7.0), 4, 5.0, 120.0)


def test_counts_and_means_of_each_bin() -> None:
    rng = np.random.default_rng(2)
    r, v, s = rng.uniform(4, 30, 500), rng.normal(-20, 100, 500), rng.uniform(0, 1, 500)
    profile = dispersion_profile(v, np.zeros(500), r, s, [5, 10, 20, 25])
    for i, (low, high) in enumerate([(5, 10), (10, 20), (20, 25)]):
        m = (r >= low) & (r < high)
        assert profile.n[i] == m.sum()
        assert profile.mean_v_gsr[i] == pytest.approx(v[m].mean())
        assert profile.mean_v_gsr_error[i] == pytest.approx(v[m].std(ddof=1) / np.sqrt(m.sum()))
        assert profile.r_mean[i] == pytest.approx(r[m].mean())
        assert profile.mean_sin2_psi[i] == pytest.approx(s[m].mean())
    np.testing.assert_array_equal(profile.r, [7.5, 15, 22.5])
    np.testing.assert_array_equal(profile.edges, [5, 10, 20, 25])
    assert profile.in_fit.all()


@pytest.mark.parametrize(
    ("mean", "fits"), [("zero", [False, False, True, True]), ("free", [False, False, False, True])]
)
def test_thin_bins_stay_and_are_marked(mean: str, fits: list[bool]) -> None:
    r = np.array([11.0, 21.0, 22.0, 31.0, 32.0, 33.0])
    v = np.array([10.0, -50.0, 60.0, 5.0, 80.0, -90.0])
    profile = dispersion_profile(v, np.ones(6), r, np.zeros(6), [0, 10, 20, 30, 40], mean=mean)
    np.testing.assert_array_equal(profile.n, [0, 1, 2, 3])
    np.testing.assert_array_equal(profile.in_fit, fits)
    np.testing.assert_array_equal(np.isfinite(profile.sigma_los), fits)
    np.testing.assert_array_equal(np.isfinite(profile.r_mean), [False, True, True, True])
    assert profile.mean_v_gsr[1] == 10.0
    assert np.isnan(profile.mean_v_gsr_error[1])


def test_stars_outside_the_edges_do_not_count() -> None:
    rng = np.random.default_rng(2)
    r, v = rng.uniform(10, 20, 100), rng.normal(0, 100, 100)
    alone = dispersion_profile(v, np.zeros(100), r, np.zeros(100), [10, 20])
    more = dispersion_profile(
        np.append(v, [9e4, 9e4]), np.zeros(102), np.append(r, [5.0, np.nan]), np.zeros(102), [10, 20]
    )
    assert alone.sigma_los[0] == more.sigma_los[0]


def test_the_registry_offers_the_nearest() -> None:
    assert "gaussian" in list(estimators)
    with pytest.raises(ConfigError, match="did you mean 'gaussian'"):
        dispersion_profile(np.ones(2), np.ones(2), np.ones(2), np.ones(2), [0, 2], estimator="gausian")
