"""Where samplers start: drawn from the normal approximation, finite, and cheap where an evaluation is not."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from haloscale.errors import ConfigError
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.priors import LogUniform, Uniform
from haloscale.inference.samplers.base import samplers
from haloscale.inference.standard import Standard
from haloscale.inference.start import is_costly, starts

_spec = importlib.util.spec_from_file_location("cases", Path(__file__).with_name("samplers") / "conftest.py")
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)


def gaussian(t):
    return -0.5 * ((t[..., 0] - 1.0) / 0.2) ** 2 - 0.5 * ((t[..., 1] - 2.0) / 0.1) ** 2


def test_starts_have_the_spread_of_the_posterior():
    target = Standard(cases.posterior_of(gaussian, Uniform(-50.0, 50.0), Uniform(-50.0, 50.0)))
    values = target.values(starts(target, np.random.default_rng(1), 2000))
    assert np.median(values, axis=0) == pytest.approx([1.0, 2.0], abs=0.03)
    low, high = np.quantile(values, [0.16, 0.84], axis=0)
    assert (high - low) / 2 == pytest.approx([0.2, 0.1], rel=0.2)


def test_starts_lie_where_the_posterior_is_finite():
    def half(t):
        return np.where(t[..., 0] > 0.999, gaussian(t), -np.inf)

    target = Standard(cases.posterior_of(half, Uniform(-3.0, 3.0), Uniform(-3.0, 3.0)))
    points = starts(target, np.random.default_rng(1), 500)
    assert np.isfinite(target.log_posterior(points)).all()
    assert len(np.unique(points[:, 0])) == 500


def test_only_many_stars_are_costly():
    assert not is_costly(cases.of_bins())
    assert not is_costly(cases.of_stars(100))
    assert is_costly(cases.of_stars(300))


@pytest.mark.slow
def test_emcee_on_stars_starts_at_once_and_finds_what_laplace_finds():
    posterior = cases.of_stars(300)
    asked, likelihood = [], posterior.likelihood.log_likelihood
    posterior.likelihood.log_likelihood = lambda galaxy: asked.append(likelihood(galaxy)) or asked[-1]
    options = {"n_walkers": 16, "n_steps": 600, "max_steps": 600}
    chain = samplers["emcee"](posterior, np.random.default_rng(1), lambda f, line: None, **options)
    assert (
        sum(np.size(a) for a in asked) < 16 * 601 + 400
    )  # the start takes some hundreds of evaluations, not thousands
    other = samplers["laplace"](posterior, np.random.default_rng(1), lambda f, line: None)
    assert chain.sampling.rhat < 1.05
    for name in chain.names:
        found, expected = quantiles(chain[name], chain.weight), quantiles(other[name], other.weight)
        tolerance = 4 * 1.5 * np.hypot(1 / np.sqrt(chain.sampling.ess), 1 / np.sqrt(other.sampling.ess))
        assert found == pytest.approx(expected, abs=tolerance * (expected[2] - expected[1]) / 2)


@pytest.mark.parametrize("sampler", ["emcee", "laplace"])
def test_the_parameter_of_an_impossible_disk_is_named(sampler):
    posterior = cases.of_bins(disk_m=Uniform(-1e14, -5e13))  # the root of a negative number
    with np.errstate(all="ignore"), pytest.raises(ConfigError, match="other values of disk_m or m_vir would") as caught:
        samplers[sampler](posterior, np.random.default_rng(1), lambda f, line: None)
    advice = re.fullmatch(
        r"move the prior of disk_m so that it holds values like (.+), or the prior .+", caught.value.advice
    )
    value = float(advice.group(1))
    assert np.isfinite(cases.of_bins(disk_m=value).log_posterior(np.array([1e12, 15.0])))
    assert value > 0


def test_a_height_beyond_any_comparison_is_still_a_maximum():
    posterior = cases.of_bins(m_vir=LogUniform(1e303, 1e307))  # chi2 of 1e290: 20 less is the same number
    chain = samplers["laplace"](posterior, np.random.default_rng(1), lambda f, line: None, max_draws=200)
    assert chain.sampling.status != "reliable"
