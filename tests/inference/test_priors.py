"""Priors: normalised, invertible, truncated where they say, and refused where they make no sense."""

import itertools
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from haloscale.errors import ConfigError
from haloscale.inference.priors import LogNormal, LogUniform, Normal, Prior, Uniform, prior_from_table

CASES: list[Prior] = [
    Uniform(-3.0, 2.5),
    LogUniform(1e11, 1e13),
    LogUniform(1.0, 100.0),
    Normal(1.0, 2.0),
    Normal(0.0, 1.0, low=-0.5, high=0.95),
    Normal(0.0, 1.0, low=6.0),
    Normal(0.0, 1.0, high=-9.0),
    Normal(220.0, 10.0, low=0.0),
    LogNormal(math.log(15.0), 0.4),
    LogNormal(0.0, 1.0, low=0.5, high=4.0),
]
each = pytest.mark.parametrize("prior", CASES, ids=repr)

finite = st.floats(-1e3, 1e3)
positive = st.floats(1e-3, 1e3)


@st.composite
def priors(draw: st.DrawFn) -> Prior:
    kind = draw(st.sampled_from([Uniform, LogUniform, Normal, LogNormal]))
    if kind is Uniform:
        low = draw(finite)
        return Uniform(low, low + draw(positive))
    if kind is LogUniform:
        low = draw(positive)
        return LogUniform(low, low * (1.0 + draw(positive)))
    mean, sd = draw(st.floats(-3, 3)), draw(st.floats(0.05, 3))
    a, width = draw(st.floats(-4, 4)), draw(st.floats(0.1, 8))
    limits = mean + sd * a, mean + sd * (a + width)
    return Normal(mean, sd, *limits) if kind is Normal else LogNormal(mean, sd, *np.exp(limits))


@given(priors(), st.floats(0.0, 1.0))
def test_quantile_inverts_cdf(prior: Prior, q: float) -> None:
    x = prior.quantile(q)
    assert isinstance(x, float)
    assert prior.low <= x <= prior.high
    assert prior.cdf(x) == pytest.approx(q, abs=1e-9)
    assert prior.quantile(prior.cdf(x)) == pytest.approx(x, rel=1e-6, abs=1e-6)


def integral(prior: Prior, density: Callable[[float], float]) -> float:
    """Integral over the free coordinate, piece by piece between quantiles."""
    low, high = prior.free_bounds
    inner = prior.to_free(prior.quantile(np.array([1e-6, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6])))
    return sum(integrate.quad(density, a, b)[0] for a, b in itertools.pairwise([low, *inner, high]) if a < b)


@given(priors())
def test_density_integrates_to_one(prior: Prior) -> None:
    def density(u: float) -> float:
        x = prior.from_free(u)
        return math.exp(prior.log_density(x)) * (x if prior.logarithmic else 1.0)

    assert integral(prior, density) == pytest.approx(1.0, abs=1e-6)


@each
def test_density_in_the_free_coordinate_integrates_to_one(prior: Prior) -> None:
    assert integral(prior, lambda u: math.exp(prior.log_density_free(u))) == pytest.approx(1.0, abs=1e-6)


@each
def test_density_is_the_slope_of_the_cdf(prior: Prior) -> None:
    x = prior.quantile(np.array([0.1, 0.3, 0.5, 0.8]))
    step = 1e-4 * (prior.quantile(0.8) - prior.quantile(0.1))
    slope = (prior.cdf(x + step) - prior.cdf(x - step)) / (2 * step)
    np.testing.assert_allclose(np.exp(prior.log_density(x)), slope, rtol=1e-5)


@each
def test_samples_follow_the_cdf(prior: Prior) -> None:
    draws = prior.sample(np.random.default_rng(3), 5000)
    assert draws.shape == (5000,)
    assert stats.kstest(draws, prior.cdf).pvalue > 1e-3
    np.testing.assert_array_equal(draws, prior.sample(np.random.default_rng(3), 5000))


@each
def test_outside_the_bounds_there_is_nothing(prior: Prior) -> None:
    low, high = prior.bounds
    outside = np.array([v for v in (low - 1e-3 * (1 + abs(low)), high + 1e-3 * (1 + abs(high))) if math.isfinite(v)])
    assert np.all(prior.log_density(outside) == -np.inf)
    assert np.all(np.isin(prior.cdf(outside), (0.0, 1.0)))
    for end in (v for v in prior.bounds if math.isfinite(v) and v != 0):
        assert np.isfinite(prior.log_density(end))
        assert np.isfinite(prior.log_density(prior.from_free(prior.to_free(end))))


@each
def test_free_coordinate_keeps_probability(prior: Prior) -> None:
    x = prior.quantile(np.linspace(0.05, 0.95, 7))
    u = prior.to_free(x)
    np.testing.assert_allclose(prior.from_free(u), x, rtol=1e-12)
    jacobian = np.log(x) if prior.logarithmic else 0.0
    np.testing.assert_allclose(prior.log_density_free(u), prior.log_density(x) + jacobian, rtol=1e-12, atol=1e-12)


def test_against_scipy() -> None:
    x = np.array([0.3, 1.0, 2.5])
    np.testing.assert_allclose(LogUniform(0.1, 5).log_density(x), stats.loguniform(0.1, 5).logpdf(x))
    np.testing.assert_allclose(LogNormal(0.2, 0.7).log_density(x), stats.lognorm(0.7, scale=math.exp(0.2)).logpdf(x))
    cut = stats.truncnorm(-0.5, 3.0, loc=1.0, scale=1.0)
    np.testing.assert_allclose(Normal(1.0, 1.0, 0.5, 4.0).log_density(x[1:]), cut.logpdf(x[1:]))
    np.testing.assert_allclose(Normal(1.0, 1.0, 0.5, 4.0).quantile(np.array([0.2, 0.9])), cut.ppf([0.2, 0.9]))


def test_a_cut_in_the_far_tail_keeps_its_digits() -> None:
    prior = Normal(0.0, 1.0, low=30.0)
    assert prior.quantile(0.5) == pytest.approx(30.0 + math.log(2) / 30.0, rel=1e-5)
    assert prior.cdf(prior.quantile(0.25)) == pytest.approx(0.25, abs=1e-9)


def test_log_normal_takes_the_moments_of_ln_x() -> None:
    prior = LogNormal(math.log(15.0), 0.3)
    assert prior.quantile(0.5) == pytest.approx(15.0)
    draws = np.random.default_rng(1).lognormal(math.log(15.0), 0.3, 4000)
    assert stats.kstest(draws, prior.cdf).pvalue > 1e-3


@each
def test_a_table_gives_the_prior_back(prior: Prior) -> None:
    assert prior_from_table(prior.to_table()) == prior
    assert pickle.loads(pickle.dumps(prior)) == prior
    assert len({prior, prior_from_table(prior.to_table())}) == 1


def test_tables_leave_out_limits_that_cut_nothing() -> None:
    assert Normal(1.0, 2.0).to_table() == {"prior": "normal", "mean": 1.0, "sd": 2.0}
    assert LogNormal(1.0, 2.0, high=9.0).to_table() == {"prior": "log_normal", "mean": 1.0, "sd": 2.0, "high": 9.0}


@each
def test_densities_under_jax(prior: Prior) -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    x = prior.quantile(np.linspace(0.1, 0.9, 5))
    with jax.enable_x64(True):
        on_jax = jax.jit(prior.log_density)(jnp.asarray(x))
        back = prior.from_free(prior.to_free(jnp.asarray(x)))
        slope = jax.vmap(jax.grad(prior.log_density_free))(jnp.asarray(prior.to_free(x)))
        assert float(prior.log_density(jnp.asarray(1e30))) == -np.inf or prior.high == np.inf
    assert isinstance(on_jax, jax.Array)
    np.testing.assert_allclose(on_jax, prior.log_density(x), rtol=1e-12)
    np.testing.assert_allclose(back, x, rtol=1e-12)
    assert np.all(np.isfinite(slope))


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ({"prior": "unifrom", "low": 0, "high": 1}, "did you mean 'uniform'?"),
        ({"low": 0, "high": 1}, "without the key prior"),
        ({"prior": 3}, "uniform, log_uniform, normal, log_normal"),
        ({"prior": "uniform", "high": 1}, "without low"),
        ({"prior": "uniform"}, "without low and high"),
        ({"prior": "normal", "mean": 1}, "without sd"),
        ({"prior": "uniform", "low": 2, "high": 1}, "low below high"),
        ({"prior": "uniform", "low": 1, "high": 1}, "low below high"),
        ({"prior": "normal", "mean": 0, "sd": 0}, "sd above 0"),
        ({"prior": "normal", "mean": 0, "sd": -1}, "sd above 0"),
        ({"prior": "normal", "mean": 0, "sd": 1, "low": 3, "high": 2}, "low below high"),
        ({"prior": "normal", "mean": 0, "sd": 1, "low": math.nan}, "to be numbers"),
        ({"prior": "normal", "mean": 0, "sd": 1e-300, "low": 1e10}, "some of the probability"),
        ({"prior": "uniform", "low": 0, "hgih": 1}, "did you mean 'high'?"),
        ({"prior": "uniform", "low": 0, "high": "1"}, "m.low.high is '1'"),
        ({"prior": "uniform", "low": 0, "high": True}, "a number"),
        ({"prior": "uniform", "low": 0, "high": math.inf}, "finite low and high"),
        ({"prior": "uniform", "low": math.nan, "high": 1}, "finite low and high"),
        ({"prior": "log_uniform", "low": 0, "high": 1}, "low above 0"),
        ({"prior": "log_normal", "mean": 0, "sd": 1, "low": -1}, "low of 0 or more"),
        ({"prior": "normal", "mean": math.inf, "sd": 1}, "a finite mean"),
    ],
)
def test_tables_that_make_no_sense(table: dict[str, Any], part: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prior_from_table(table, "m.low")
    assert part in str(caught.value)
    assert caught.value.found.startswith("m.low")
