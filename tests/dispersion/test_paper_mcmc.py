"""The paper's chain against the exact posterior."""

import numpy as np
import pytest

from haloscale.dispersion import dispersion_profile
from haloscale.dispersion.gaussian import Gaussian
from haloscale.dispersion.paper_mcmc import sigma_by_emcee


@pytest.mark.parametrize("free_mean", [False, True])
@pytest.mark.parametrize("error", [0.0, 40.0])
@pytest.mark.parametrize("n", [10, 300])
def test_the_chain_agrees_with_the_exact_posterior(n: int, error: float, free_mean: bool) -> None:
    v = np.random.default_rng(n).normal(0, 110, n)
    e = np.full(n, error)
    draws = sigma_by_emcee(v, e, np.random.default_rng(2), free_mean, n_steps=4000)
    below = [np.mean(draws < x) for x in Gaussian(free_mean, deconvolve=True).estimate(v, e)]
    # 32 x 3000 draws at an autocorrelation time of about 40 steps: a standard error of at most 0.01 in a fraction.
    np.testing.assert_allclose(below, [0.5, 0.158655, 0.841345], atol=0.04)


def test_the_chain_is_reproducible() -> None:
    v = np.random.default_rng(1).normal(0, 110, 50)
    once, again, other = (sigma_by_emcee(v, 0 * v, np.random.default_rng(s), n_steps=50) for s in (3, 3, 4))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_the_profile_by_chain() -> None:
    rng = np.random.default_rng(6)
    v, r, e = rng.normal(0, 110, 400), rng.uniform(5, 20, 400), np.full(400, 7.0)
    exact = dispersion_profile(v, e, r, e, [5, 10, 20, 30])
    chain = dispersion_profile(v, e, r, e, [5, 10, 20, 30], method="emcee", rng=np.random.default_rng(1))
    np.testing.assert_allclose(chain.sigma_los, exact.sigma_los, atol=0.2 * exact.sigma_los_error[:2].min())
    np.testing.assert_array_equal(chain.in_fit, [True, True, False])
