"""Coordinates without edges: there and back, the slope, and JAX beside NumPy."""

import numpy as np
import pytest

from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.inference.unbounded import _from_free, _log_slope, _to_free

PRIORS = (
    Uniform(-1.0, 2.0),
    LogUniform(1e11, 1e13),
    Normal(0.0, 1.0),
    Normal(3.0, 2.0, low=1.0),
    Normal(3.0, 2.0, high=4.0),
    LogNormal(1.0, 0.3),
)
W = np.linspace(-8.0, 8.0, 33)


@pytest.mark.parametrize("prior", PRIORS)
def test_there_and_back_within_the_bounds(prior):
    low, high = prior.free_bounds
    u = _to_free(prior, W)
    assert np.all((u >= low) & (u <= high))
    assert _from_free(prior, u) == pytest.approx(W, abs=1e-6)
    assert np.isfinite(_from_free(prior, np.array([b for b in (low, high) if np.isfinite(b)]))).all()
    far = _to_free(prior, np.array([-800.0, 700.0]))
    assert np.all((far >= low) & (far <= high))


@pytest.mark.parametrize("prior", PRIORS)
def test_the_slope_is_that_of_the_way_there(prior):
    step = 1e-5
    numeric = (_to_free(prior, W + step) - _to_free(prior, W - step)) / (2 * step)
    assert np.exp(_log_slope(prior, W)) == pytest.approx(np.abs(numeric), rel=1e-5)


@pytest.mark.parametrize("prior", PRIORS)
def test_jax_agrees_and_its_gradients_are_finite(prior):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        at = jax.numpy.asarray(np.array([-800.0, -30.0, 0.3, 30.0, 600.0]))

        def density(w):
            return prior.log_density_free(_to_free(prior, w)) + _log_slope(prior, w)

        plain = prior.log_density_free(_to_free(prior, W)) + _log_slope(prior, W)
        assert np.asarray(density(jax.numpy.asarray(W))) == pytest.approx(plain, rel=1e-12)
        assert np.isfinite(np.asarray(jax.vmap(jax.grad(density))(at))).all()
