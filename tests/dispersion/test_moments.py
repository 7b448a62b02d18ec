"""Moments in bins against numpy, one bin at a time."""

import numpy as np
import pytest
from scipy.stats import kurtosis

from haloscale.dispersion.moments import Binning

N = np.array([2, 40, 1, 300])
START = np.array([0, 2, 42, 43])


def velocities(n_sets=3):
    return np.random.default_rng(1).normal(20.0, 110.0, (n_sets, N.sum()))


@pytest.mark.parametrize("free_mean", [False, True])
@pytest.mark.parametrize("error", [0.0, 30.0])
def test_they_are_those_of_each_bin(free_mean, error):
    v = velocities()
    made = Binning(START, N, np.full(N.sum(), error), free_mean, deconvolve=error > 0).moments(v)
    for k in (1, 3):
        part = v[:, START[k] : START[k] + N[k]]
        square = part.var(axis=1) if free_mean else (part**2).mean(axis=1)
        np.testing.assert_allclose(made.spread[:, k], np.sqrt(square - error**2))
        np.testing.assert_allclose(made.mean[:, k], part.mean(axis=1))
        np.testing.assert_allclose(made.kurtosis[:, k], kurtosis(part, axis=1))


def test_one_star_has_no_shape_and_no_vanishing_spread():
    made = Binning(START, N, np.zeros(N.sum()), free_mean=True).moments(velocities())
    assert (made.kurtosis[:, 2] == 0).all()
    assert (made.spread > 0).all()
    assert np.isfinite(np.log(made.spread)).all()


@pytest.mark.parametrize("free_mean", [False, True])
def test_what_is_expected_is_the_mean_of_many(free_mean):
    rng = np.random.default_rng(2)
    mean, sigma = rng.uniform(-30, 30, N.sum()), rng.uniform(80, 130, N.sum())
    binning = Binning(START, N, np.zeros(N.sum()), free_mean)
    many = binning.moments(mean + sigma * rng.standard_normal((4000, N.sum())))
    centre, spread = binning.expected(mean, mean**2 + sigma**2)
    of_many = np.sqrt((many.spread**2).mean(axis=0))
    np.testing.assert_allclose(many.mean.mean(axis=0)[[1, 3]], centre[[1, 3]], atol=1.5)
    np.testing.assert_allclose(of_many[[1, 3]], spread[[1, 3]], rtol=0.01)
