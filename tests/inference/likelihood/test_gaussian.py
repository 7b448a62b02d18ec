"""The velocity ellipsoid with errors against a general multivariate normal."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from haloscale.inference.likelihood import gaussian


def cases(n, k, seed=5):
    rng = np.random.default_rng(seed)
    along = rng.standard_normal((3, n))
    along /= np.linalg.norm(along, axis=0)
    v, error = 120 * rng.standard_normal((k, n)), rng.uniform(1, 900, (k, n))
    sigma2, beta = rng.uniform(50, 200, n) ** 2, rng.uniform(-0.5, 0.99, n)
    return v, along[:k], error, sigma2 * (1 - beta), sigma2 * beta


def log_density(exponent, determinant, k):
    return -exponent - 0.5 * np.log(determinant) - 0.5 * k * np.log(2 * np.pi)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_ellipsoid_is_a_multivariate_normal(k):
    v, along, error, across, excess = cases(30, k)
    found = log_density(*gaussian.in_space(v, along, error, across, excess), k)
    for i in range(30):
        matrix = np.diag(across[i] + error[:, i]) + excess[i] * np.outer(along[:, i], along[:, i])
        assert found[i] == pytest.approx(multivariate_normal(np.zeros(k), matrix).logpdf(v[:, i]), rel=1e-10)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_streaming_takes_its_square_off_the_second_moments(k):
    v, along, error, across, excess = cases(30, k)
    mean = 20 * np.random.default_rng(2).standard_normal((k, 30))
    found = log_density(*gaussian.streaming(v, along, error, across, excess, mean), k)
    for i in range(30):
        matrix = np.diag(across[i] + error[:, i]) + excess[i] * np.outer(along[:, i], along[:, i])
        matrix -= np.outer(mean[:, i], mean[:, i])
        expected = multivariate_normal(mean[:, i], matrix).logpdf(v[:, i])
        assert found[i] == pytest.approx(expected, rel=1e-9)


def test_no_streaming_is_the_ellipsoid():
    v, along, error, across, excess = cases(10, 3)
    still = gaussian.streaming(v, along, error, across, excess, np.zeros((3, 10)))
    for a, b in zip(still, gaussian.in_space(v, along, error, across, excess), strict=True):
        assert a == pytest.approx(b)


def test_streaming_faster_than_the_second_moments_is_impossible():
    v, along, _, across, excess = cases(10, 3)
    exponent, _ = gaussian.streaming(v, along, np.zeros((3, 10)), across, excess, np.full((3, 10), 400.0))
    assert np.isposinf(exponent).all()


def test_one_component_is_a_normal():
    exponent, variance = gaussian.along_sight(np.array([30.0]), np.array([400.0]))
    assert log_density(exponent, variance, 1) == pytest.approx(-0.5 * 900 / 400 - 0.5 * np.log(2 * np.pi * 400))
