"""NUTS against closed forms and other samplers, and what it does where gradients fail or chains do not mix."""

import sys

import numpy as np
import pytest
from scipy import stats

from haloscale.errors import ConfigError, MissingExtraError, NumericalError
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.priors import LogUniform, Normal, Uniform

jax = pytest.importorskip("jax")
pytest.importorskip("numpyro")
SIGMAS = stats.norm.cdf([0.0, -1.0, 1.0])


@pytest.fixture(scope="module")
def gaussian(cases):
    """A likelihood of two values, the second limited by its prior to half a normal."""
    return cases.posterior_of(
        lambda t: -0.5 * ((t[..., 0] - 1.0) / 0.2) ** 2 - 0.5 * ((t[..., 1] - 2.0) / 0.1) ** 2,
        Uniform(-50.0, 50.0),
        Uniform(0.0, 2.0),
    )


@pytest.mark.slow
def test_a_normal_and_a_half_normal(gaussian, draw):
    assert not jax.config.jax_enable_x64
    chain = draw("nuts", gaussian)
    assert not jax.config.jax_enable_x64  # double precision for the run alone
    sampling = chain.sampling
    assert sampling.status == "reliable"
    assert sampling.tau is None
    assert sampling.rhat <= 1.01
    assert sampling.ess >= 1000
    assert sampling.n_divergent <= 0.01 * len(chain)
    assert sampling.log_evidence is None
    assert chain.values.dtype == np.float64
    for i, expected in enumerate((1.0 + 0.2 * stats.norm.ppf(SIGMAS), 2.0 - 0.1 * stats.halfnorm.ppf(1 - SIGMAS))):
        error = 4 * 1.5 / np.sqrt(sampling.ess) * (expected[2] - expected[1]) / 2
        assert quantiles(chain.values[:, i], chain.weight) == pytest.approx(expected, abs=error)
    assert chain.log_posterior == pytest.approx(gaussian.log_posterior(chain.values), rel=1e-9)
    assert "0 divergent, reliable" in draw.said[-1][1]


@pytest.mark.slow
def test_the_same_generator_gives_the_same_draws_and_too_few_are_not_reliable(gaussian, draw):
    options = {"n_chains": 2, "n_warmup": 100, "n_draws": 50, "max_draws": 100}
    one, two = (draw("nuts", gaussian, 5, **options) for _ in range(2))
    assert np.array_equal(one.values, two.values)
    assert len(one) == 2 * 100  # doubled once, then left
    assert one.sampling.status == "unusable"
    assert (one.sampling.n_steps, one.sampling.n_burn) == (200, 100)
    assert np.array_equal(np.unique(one.chain), [0, 1])


@pytest.mark.slow
def test_a_funnel_is_not_called_reliable(cases, draw):
    def funnel(t):
        xp = jax.numpy if not isinstance(t, np.ndarray) else np
        return -0.5 * (t[..., 1] * xp.exp(-t[..., 0])) ** 2 - t[..., 0]

    chain = draw("nuts", cases.posterior_of(funnel, Normal(0.0, 5.0), Uniform(-1e4, 1e4)), n_draws=200, max_draws=200)
    assert chain.sampling.status != "reliable"
    assert chain.sampling.n_divergent > 0.01 * len(chain)


def test_a_gradient_that_is_not_finite_is_reported_with_its_place(cases, draw):
    def trap(t):
        xp = jax.numpy if not isinstance(t, np.ndarray) else np
        # where() hides the root of a negative number, but not its derivative
        return xp.where(t[..., 0] < 5.0, -0.5 * t[..., 0] ** 2, xp.sqrt(t[..., 0] - 5.0))

    with np.errstate(invalid="ignore"), pytest.raises(NumericalError, match=r"gradient .* not finite at p0 = -?\d"):
        draw("nuts", cases.posterior_of(trap, Normal(0.0, 1.0)))


def test_priors_that_exclude_the_data_and_nothing_free(cases, draw):
    impossible = cases.posterior_of(lambda t: np.full(np.shape(t)[:-1], -np.inf), Uniform(0, 1), LogUniform(1, 2))
    with pytest.raises(ConfigError, match=r"none of 2048 draws from the priors of p0, p1"):
        draw("nuts", impossible)
    assert draw("nuts", cases.posterior_of(lambda t: np.zeros(len(t)) - 3.0)).sampling.status == "reliable"


def test_without_the_extra_one_command_is_named(gaussian, draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(MissingExtraError, match=r'pip install "haloscale\[jax\]"'):
        draw("nuts", gaussian)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bins", "stars"])
def test_it_agrees_with_laplace(cases, draw, kind):
    free = {"beta": Uniform(-0.5, 0.9), "log_slope": Normal(-4.0, 0.3, -6.0)}
    posterior = cases.of_bins(**free) if kind == "bins" else cases.of_stars(**free)
    chain, other = draw("nuts", posterior), draw("laplace", posterior, n_draws=4096)
    assert chain.sampling.status == other.sampling.status == "reliable"
    for name in chain.names:
        found, expected = quantiles(chain[name], chain.weight), quantiles(other[name], other.weight)
        tolerance = 4 * 1.5 * np.hypot(*(1 / np.sqrt(c.sampling.ess) for c in (chain, other)))
        assert found == pytest.approx(expected, abs=tolerance * (expected[2] - expected[1]) / 2)
