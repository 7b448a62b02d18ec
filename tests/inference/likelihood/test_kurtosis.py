"""Velocities flatter or more peaked than a Gaussian: normalisation, moments, and draws."""

import numpy as np
import pytest
from scipy import integrate, stats

from haloscale.inference.likelihood import kurtosis

SHAPES = [-1.19, -0.8, -0.2, -1e-3, 0.0, 1e-3, 0.5, 1.5, 2.9]


def density(v, variance, error_squared, shape):
    return np.exp(kurtosis.ln_density(v, variance, error_squared, shape)) / np.sqrt(2 * np.pi)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("error", [5.0, 80.0])
def test_moments_are_those_asked_for(shape, error):
    sigma = 110.0

    def moment(k):
        def integrand(v):
            return v**k * float(density(v, sigma**2, error**2, shape))

        return (
            2 * integrate.quad(integrand, 0, 40 * sigma, epsabs=0, epsrel=1e-10, limit=400, points=[sigma, 200, 600])[0]
        )

    total = sigma**2 + error**2
    assert moment(0) == pytest.approx(1, rel=1e-8)
    assert moment(2) == pytest.approx(total, rel=1e-8)
    assert moment(4) - 3 * total**2 == pytest.approx(shape * sigma**4, rel=1e-6, abs=1e-6 * sigma**4)


def test_it_goes_over_into_the_gaussian():
    v = np.linspace(0, 800, 50)
    expected = stats.norm.logpdf(v, scale=np.hypot(110, 5)) + 0.5 * np.log(2 * np.pi)
    for shape in (-2e-6, -1e-7, 0.0, 1e-7, 2e-6):
        assert kurtosis.ln_density(v, 110.0**2, 25.0, shape) == pytest.approx(expected, rel=1e-3)


def test_far_tails_are_finite():
    far = kurtosis.ln_density(np.array([3e3, 3e4]), 100.0**2, 1.0, np.array([[-1.0], [1.0]]))
    assert np.isfinite(far).all()
    assert (np.diff(far, axis=1) < 0).all()


@pytest.mark.slow
def test_jax_agrees_and_differentiates():
    jax = pytest.importorskip("jax")
    v = np.linspace(-400, 400, 9)
    with jax.enable_x64(True):
        for shape in (-0.5, 0.7):
            here = kurtosis.ln_density(jax.numpy.asarray(v), 110.0**2, 25.0, jax.numpy.asarray(shape))
            assert np.asarray(here) == pytest.approx(kurtosis.ln_density(v, 110.0**2, 25.0, shape), rel=1e-9)
            slope = jax.grad(lambda k: kurtosis.ln_density(jax.numpy.asarray(v), 110.0**2, 25.0, k).sum())(shape)
            ends = [kurtosis.ln_density(v, 110.0**2, 25.0, shape + d).sum() for d in (-1e-6, 1e-6)]
            assert float(slope) == pytest.approx((ends[1] - ends[0]) / 2e-6, rel=1e-5)


@pytest.mark.parametrize("shape", [-1.0, -0.3, 0.0, 0.6, 2.0])
def test_draws_have_the_moments(shape):
    drawn = kurtosis.draw(np.full(400_000, 110.0**2), shape, np.random.default_rng(1))
    assert drawn.std() == pytest.approx(110, rel=0.01)
    assert stats.kurtosis(drawn) == pytest.approx(shape, abs=0.12)
