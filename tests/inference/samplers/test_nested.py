"""Nested sampling and the evidence: closed forms, a grid, and the evidence of laplace."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special, stats

from haloscale.errors import ConfigError, MissingExtraError
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.priors import LogUniform, Normal, Uniform
from haloscale.inference.samplers.nested import _IMPOSSIBLE, _told

pytest.importorskip("nautilus")
COVARIANCE = np.array([[0.04, 0.03], [0.03, 0.09]])


@pytest.fixture(scope="module")
def gaussian(cases):
    """A normalised normal of two values in a square of side 20: ln Z = -2 ln 20."""
    density = stats.multivariate_normal([1.0, -2.0], COVARIANCE)
    return cases.posterior_of(lambda t: density.logpdf(t), Uniform(-10.0, 10.0), Uniform(-10.0, 10.0))


def agrees(chain, expected):
    """Within four of its own errors, which are small."""
    sampling = chain.sampling
    assert sampling.status == "reliable"
    assert 0 < sampling.log_evidence_error < 0.05
    return abs(sampling.log_evidence - expected) < 4 * sampling.log_evidence_error


@pytest.mark.parametrize("name", ["laplace", "nested"])
def test_the_evidence_of_a_normal_in_a_square(gaussian, draw, name):
    chain = draw(name, gaussian, **({"n_live": 300} if name == "nested" else {}))
    assert agrees(chain, -2.0 * np.log(20.0))
    share = chain.weight / chain.weight.sum()
    assert share @ chain.values == pytest.approx([1.0, -2.0], abs=4 * 0.3 / np.sqrt(chain.sampling.ess))
    assert chain.log_posterior == pytest.approx(gaussian.log_posterior(chain.values), rel=1e-6)


def test_the_evidence_of_laplace_scatters_by_its_error_and_not_beyond(gaussian, draw):
    found = [draw("laplace", gaussian, seed).sampling for seed in range(20)]
    pulls = [(s.log_evidence + 2.0 * np.log(20.0)) / s.log_evidence_error for s in found]
    assert abs(np.mean(pulls)) < 1.0
    assert np.std(pulls) < 1.3  # Sobol points do better than independent draws


@pytest.mark.slow
def test_the_evidence_of_a_curved_posterior(cases, draw):
    def banana(t):
        return stats.norm(0, 1).logpdf(t[..., 0]) + stats.norm(0, 0.5).logpdf(t[..., 1] - t[..., 0] ** 2)

    chain = draw("laplace", cases.posterior_of(banana, Uniform(-10, 10), Uniform(-100, 100)))
    assert agrees(chain, -np.log(20.0 * 200.0))


def test_the_evidence_of_the_bins_is_that_of_a_grid(cases, draw):
    posterior = cases.of_bins()
    share = (np.arange(400) + 0.5) / 400
    grid = np.stack(np.meshgrid(*(p.quantile(share) for p in posterior.model.priors), indexing="ij"), axis=-1)
    rows = [posterior.likelihood.log_likelihood(posterior.model.build(row)) for row in grid]
    expected = special.logsumexp(rows) - 2.0 * np.log(len(share))
    assert agrees(draw("laplace", posterior), expected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bins", "stars"])
def test_nested_and_laplace_give_one_evidence_and_one_answer(cases, draw, kind):
    free = {"beta": Uniform(-0.5, 0.9), "log_slope": Normal(-4.0, 0.3, -6.0)}
    posterior = cases.of_bins(**free) if kind == "bins" else cases.of_stars(**free)
    chains = draw("nested", posterior), draw("laplace", posterior, n_draws=4096)
    one, two = (c.sampling for c in chains)
    assert one.status == two.status == "reliable"
    error = np.hypot(one.log_evidence_error, two.log_evidence_error)
    assert one.log_evidence == pytest.approx(two.log_evidence, abs=4 * error)
    for name in chains[0].names:
        found, expected = (quantiles(c[name], c.weight) for c in chains)
        tolerance = 4 * 1.5 * np.hypot(1 / np.sqrt(one.ess), 1 / np.sqrt(two.ess))
        assert found == pytest.approx(expected, abs=tolerance * (expected[2] - expected[1]) / 2)


@pytest.mark.slow
def test_the_evidence_of_nested_scatters_by_its_error(gaussian, draw):
    found = [draw("nested", gaussian, seed, n_live=200, n_draws=1500).sampling for seed in range(8)]
    pulls = [(s.log_evidence + 2.0 * np.log(20.0)) / s.log_evidence_error for s in found]
    assert abs(np.mean(pulls)) < 1.2
    assert np.std(pulls) < 1.8


@pytest.mark.slow
def test_the_same_generator_gives_the_same_draws(gaussian, draw):
    one, two, other = (draw("nested", gaussian, seed, n_live=60, n_draws=100) for seed in (5, 5, 6))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.weight, two.weight)
    assert one.sampling == two.sampling
    assert not np.array_equal(one.values, other.values)


@pytest.mark.slow
def test_two_maxima_and_an_impossible_half(cases, draw):
    def two(t):
        parts = [-0.5 * (((t - at) / 0.1) ** 2).sum(axis=-1) for at in (-2.0, 2.0)]
        with np.errstate(invalid="ignore"):
            return np.where(t[..., 1] > 2.0, np.nan, np.logaddexp(np.log(0.3) + parts[0], np.log(1.4) + parts[1]))

    chain = draw("nested", cases.posterior_of(two, Uniform(-10, 10), Uniform(-10, 10)), n_live=400)
    left = chain.weight[chain.values[:, 0] < 0].sum() / chain.weight.sum()
    assert left == pytest.approx(0.3, abs=0.03)
    assert agrees(chain, np.log(2 * np.pi * 0.01 / 400.0))
    assert chain.log_posterior.min() > _IMPOSSIBLE / 2


def test_a_run_cut_short_is_unusable(gaussian, draw):
    chain = draw("nested", gaussian, max_evaluations=1500)
    assert chain.sampling.status == "unusable"
    assert chain.sampling.log_evidence is None
    assert "unusable" in draw.said[-1][1]


@pytest.mark.parametrize("known", [None, -np.inf, -3.0])
def test_between_exploring_and_sampling_there_is_no_evidence_to_tell(known):
    sampler = SimpleNamespace(explored=True, log_z=known, n_eff=0, n_like=12000)
    assert _told(sampler) == f"12000 evaluations: {'ESS 0, ln Z -3.000' if known == -3.0 else 'exploring'}"


def test_priors_that_exclude_the_data_and_nothing_free(cases, draw):
    impossible = cases.posterior_of(lambda t: np.full(np.shape(t)[:-1], -np.inf), Uniform(0, 1), LogUniform(1, 2))
    with pytest.raises(ConfigError, match=r"none of 2048 draws from the priors of p0, p1"):
        draw("nested", impossible)
    assert draw("nested", cases.posterior_of(lambda t: np.zeros(len(t)) - 3.0)).sampling.status == "reliable"


def test_without_the_extra_one_command_is_named(gaussian, draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "nautilus", None)
    with pytest.raises(MissingExtraError, match=r'pip install "haloscale\[nested\]"'):
        draw("nested", gaussian)
