"""Stars known in space against the formula, and bad input."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from haloscale.anisotropy import OsipkovMerritt
from haloscale.errors import InputError
from haloscale.inference.likelihood.known_positions import KnownPositions
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform
from haloscale.jeans import variance_r
from haloscale.mass import NFW
from haloscale.tracer import PowerLaw

MODEL = GalaxyModel(
    (
        Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
        Component("tracer", PowerLaw, {"log_slope": -4.0}),
        Component("anisotropy", OsipkovMerritt, {"r_a": LogUniform(1.0, 100.0)}),
    ),
    {},
)
THETA = np.array([1e12, 12.0, 25.0])


def stars(n=40):
    rng = np.random.default_rng(1)
    return 30 * rng.standard_normal((n, 3)), 120 * rng.standard_normal((n, 3))


def test_it_is_the_formula():
    position, velocity = stars()
    error = np.linspace(0, 20, 40)
    galaxy, total = MODEL.build(THETA), 0.0
    for x, v, e in zip(position, velocity, error, strict=True):
        r = np.linalg.norm(x)
        sigma2 = float(np.squeeze(variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, np.array([r]))))
        beta, radial = float(np.squeeze(galaxy.anisotropy.beta_at(r))), x / r
        matrix = sigma2 * ((1 - beta) * np.eye(3) + beta * np.outer(radial, radial)) + e**2 * np.eye(3)
        total += multivariate_normal(np.zeros(3), matrix).logpdf(v)
    made = KnownPositions(position, velocity, MODEL, error)
    assert made.log_likelihood(galaxy) == pytest.approx(total, rel=1e-8)
    assert made.n_points == 120


@pytest.mark.slow
def test_a_batch_equals_its_members_and_jax_agrees():
    jax = pytest.importorskip("jax")
    posterior = Posterior(MODEL, KnownPositions(*stars(), MODEL))
    u = posterior.to_free(posterior.draw_prior(np.random.default_rng(2), 4))
    whole = posterior.log_posterior_free(u)
    assert whole == pytest.approx([float(posterior.log_posterior_free(one)) for one in u])
    with jax.enable_x64(True):
        assert np.asarray(posterior.log_posterior_free(jax.numpy.asarray(u))) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(
    ("position", "velocity", "error", "told"),
    [
        (np.ones((3, 2)), np.ones((3, 2)), 0.0, r"shape \(3, 2\)"),
        (np.ones((3, 3)), np.ones((2, 3)), 0.0, r"velocities of shape \(2, 3\)"),
        (np.zeros((1, 3)), np.ones((1, 3)), 0.0, "star 0 .* stands at the centre"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), 0.0, r"star 0 \(2 such stars\)"),
        (np.ones((2, 3)), np.ones((2, 3)), np.array([0.0, -1.0]), "star 1"),
    ],
)
def test_bad_input(position, velocity, error, told):
    with pytest.raises(InputError, match=told):
        KnownPositions(position, velocity, MODEL, error)
