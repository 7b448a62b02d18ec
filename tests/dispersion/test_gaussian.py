"""The exact posterior of Eq. 17."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, kstest

from haloscale.dispersion import dispersion_profile
from haloscale.dispersion.gaussian import Gaussian
from haloscale.dispersion.posterior import log_posterior
from haloscale.errors import ConfigError


def brute_force(v: np.ndarray, e: np.ndarray, free_mean: bool) -> tuple[float, float, float]:
    """Quantiles by adaptive quadrature of the posterior, the mean integrated out by the closed form of a Gaussian."""

    def density(sigma: float) -> float:
        s2 = sigma**2 + e**2
        w = 1 / s2
        mu = (v * w).sum() / w.sum() if free_mean else 0.0
        log_p = -0.5 * (np.log(s2).sum() + ((v - mu) ** 2 * w).sum()) - (0.5 * np.log(w.sum()) if free_mean else 0.0)
        return float(np.exp(log_p + 0.5 * len(v) * np.log(np.mean(v**2)) + 0.5 * len(v)))

    top = 60 * np.sqrt(np.mean(v**2))
    knots = np.sqrt(np.mean(v**2)) * np.array([0.1, 0.3, 0.6, 0.8, 1.0, 1.2, 1.5, 2, 4, 10])
    grid = np.concatenate([[0.0], knots, [top]])
    parts = [quad(density, a, b, epsabs=0, epsrel=1e-10, limit=200)[0] for a, b in pairwise(grid)]
    parts.append(quad(density, top, np.inf)[0])

    def cdf(x: float) -> float:
        i = int(np.searchsorted(grid, x)) - 1
        return (sum(parts[:i]) + quad(density, grid[i], x, epsabs=0, epsrel=1e-10, limit=200)[0]) / sum(parts)

    from scipy.optimize import brentq

    return tuple(brentq(lambda x, q=q: cdf(x) - q, 1e-3, top) for q in (0.5, 0.15865525, 0.84134475))


@pytest.mark.parametrize("n", [6, 12, 60])
@pytest.mark.parametrize("free_mean", [False, True])
def test_the_closed_form_is_the_integral(n: int, free_mean: bool) -> None:
    v = np.random.default_rng(n).normal(10, 100, n)
    np.testing.assert_allclose(
        Gaussian(free_mean).estimate(v, np.zeros(n)), brute_force(v, np.zeros(n), free_mean), rtol=1e-5
    )


@pytest.mark.parametrize("n", [6, 12, 60])
@pytest.mark.parametrize("free_mean", [False, True])
def test_the_deconvolved_posterior_is_the_integral(n: int, free_mean: bool) -> None:
    rng = np.random.default_rng(n)
    e = rng.uniform(5, 80, n)
    v = rng.normal(10, 100, n) + e * rng.standard_normal(n)
    np.testing.assert_allclose(Gaussian(free_mean, True).estimate(v, e), brute_force(v, e, free_mean), rtol=2e-3)


def test_vanishing_errors_change_nothing() -> None:
    v = np.random.default_rng(4).normal(0, 100, 300)
    for free_mean in (False, True):
        exact = Gaussian(free_mean).estimate(v, v)
        np.testing.assert_allclose(Gaussian(free_mean, True).estimate(v, np.full(300, 1e-3)), exact, rtol=1e-4)


@pytest.mark.parametrize("free_mean", [False, True])
def test_many_stars_are_resolved_on_the_grid(free_mean: bool) -> None:
    rng = np.random.default_rng(4)
    n = 300_000
    v = rng.normal(30, 100, n) if free_mean else rng.normal(0, 100, n)
    noisy = v + 50 * rng.standard_normal(n)
    median, lower, upper = Gaussian(free_mean, True).estimate(noisy, np.full(n, 50.0))
    expected = np.sqrt(np.mean((noisy - noisy.mean() * free_mean) ** 2) - 50.0**2)
    assert median == pytest.approx(expected, rel=1e-4)
    width = np.mean((noisy - noisy.mean() * free_mean) ** 2) / np.sqrt(2 * n) / expected
    assert (upper - lower) / 2 == pytest.approx(width, rel=0.02)


def test_draws_follow_the_quantiles() -> None:
    v = np.random.default_rng(8).normal(0, 120, 40)
    for estimator in (Gaussian(), Gaussian(free_mean=True)):
        draws = estimator.sample_sigma(v, np.random.default_rng(9), 100_000)
        found = np.percentile(draws, [50, 15.8655, 84.1345])
        np.testing.assert_allclose(found, estimator.estimate(v, v), rtol=0.005)


@pytest.mark.parametrize(("n", "free_mean", "deconvolve"), [(3, False, False), (8, True, False), (20, False, True)])
def test_the_interval_covers_the_truth_as_often_as_it_says(n: int, free_mean: bool, deconvolve: bool) -> None:
    """Truths drawn from a flat prior on a range have uniform ranks in the posterior restricted to that range."""
    rng = np.random.default_rng(n)
    estimator, trials = Gaussian(free_mean, deconvolve), 1500
    low, high = 50.0, 150.0
    ranks = []
    for sigma in rng.uniform(low, high, trials):
        e = rng.uniform(5, 60, n) if deconvolve else np.zeros(n)
        v = 30.0 * free_mean + np.hypot(sigma, e) * rng.standard_normal(n)
        ranks.append(_rank(estimator, v, e, sigma, low, high, rng))
    inside = sum(0.1587 < rank < 0.8413 for rank in ranks)
    assert binom.sf(inside - 1, trials, 0.6827) > 1e-4
    assert binom.cdf(inside, trials, 0.6827) > 1e-4
    assert kstest(ranks, "uniform").pvalue > 1e-4


def _rank(estimator: Gaussian, v: np.ndarray, e: np.ndarray, truth: float, low: float, high: float, rng) -> float:
    """Where the truth lies in the posterior restricted to the range of the prior."""
    if estimator.deconvolve:
        grid = np.linspace(low, high, 400)
        log_p = log_posterior(v, e, estimator.free_mean)(grid)
        cumulative = np.cumsum(np.exp(log_p - log_p.max()))
        return float(np.interp(truth, grid, cumulative / cumulative[-1]))
    draws = estimator.sample_sigma(v, rng, 4000)
    draws = draws[(draws > low) & (draws < high)]
    return float(np.mean(draws < truth))


@settings(deadline=None, max_examples=30)
@given(st.floats(0.1, 50), st.integers(3, 30), st.booleans(), st.booleans())
def test_the_answer_scales_with_the_velocities(scale: float, n: int, free_mean: bool, deconvolve: bool) -> None:
    rng = np.random.default_rng(n)
    v, e = rng.normal(0, 100, n), rng.uniform(1, 30, n)
    estimator = Gaussian(free_mean, deconvolve)
    once, scaled = estimator.estimate(v, e), estimator.estimate(scale * v, scale * e)
    np.testing.assert_allclose(scaled, scale * np.array(once), rtol=1e-6)
    assert once[1] < once[0] < once[2]


def test_a_free_mean_does_not_see_a_bulk_motion() -> None:
    v = np.random.default_rng(8).normal(0, 120, 400)
    for deconvolve in (False, True):
        still = Gaussian(True, deconvolve).estimate(v, np.full(400, 5.0))
        moving = Gaussian(True, deconvolve).estimate(v + 500, np.full(400, 5.0))
        np.testing.assert_allclose(moving, still, rtol=1e-9)
    assert Gaussian().estimate(v + 500, v)[0] > 450


def test_equal_velocities_have_no_dispersion_to_state() -> None:
    assert np.isnan(Gaussian(True).estimate(np.full(5, 7.0), np.ones(5))).all()
    assert np.isnan(Gaussian().estimate(np.zeros(5), np.ones(5))).all()


@pytest.mark.parametrize("option", [{"mean": "fre"}, {"method": "mc"}])
def test_an_unknown_option_is_refused(option: dict) -> None:
    with pytest.raises(ConfigError, match=f"dispersion.{next(iter(option))}"):
        dispersion_profile(np.ones(2), np.ones(2), np.ones(2), np.ones(2), [0, 2], **option)


def test_a_million_stars() -> None:
    rng = np.random.default_rng(1)
    n = 1_000_000
    v, r = rng.normal(0, 120, n), rng.uniform(5, 120, n)
    start = time.perf_counter()
    profile = dispersion_profile(
        v, np.full(n, 7.0), r, np.zeros(n), [5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120]
    )
    assert time.perf_counter() - start < 5
    np.testing.assert_allclose(profile.sigma_los, 120, rtol=0.02)
