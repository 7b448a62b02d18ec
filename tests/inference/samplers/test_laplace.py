"""Laplace and importance sampling against closed forms, against a chain, and where it must not be trusted."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from haloscale import mock, tables
from haloscale.anisotropy import Constant
from haloscale.errors import ConfigError
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.importance import Pool, StudentMixture, UnitNormal, effective_size
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.inference.samplers.base import maximum, samplers
from haloscale.inference.standard import Standard
from haloscale.inference.summit import climb, summits
from haloscale.jeans import sigma_r
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.records import DispersionProfile, Parameter
from haloscale.tracer import PowerLaw

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
BARYONS = ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)


@dataclass(frozen=True)
class AnyModel:
    """Free parameters without a galaxy: what is built is the vector of values."""

    priors: tuple

    @property
    def parameters(self):
        return tuple(Parameter(f"p{i}", "", "", "", p.to_table()) for i, p in enumerate(self.priors))

    def build(self, theta):
        return theta


@dataclass
class AnyLikelihood:
    """A function of the values; counts how often it is asked."""

    function: object
    n_asked: int = 0

    def log_likelihood(self, theta):
        self.n_asked += np.size(theta) // max(np.shape(theta)[-1], 1)
        return self.function(theta)


def posterior_of(function, *priors):
    return Posterior(AnyModel(priors), AnyLikelihood(function))


def bins_posterior(error=0.02, **free):
    r = (EDGES[1:] + EDGES[:-1]) / 2
    sigma = sigma_r(NFW(m_vir=1.08e12, c=18.5) + BARYONS, PowerLaw(log_slope=-4.0), Constant(beta=0.0), r)
    sigma = sigma * (1.0 + error * np.random.default_rng(4).standard_normal(12))
    low, high, nothing = sigma * (1 - error), sigma * (1 + error), 0 * r
    n, used = np.full(12, 500), np.ones(12, dtype=bool)
    profile = DispersionProfile(EDGES[:-1], EDGES[1:], r, r, n, sigma, low, high, nothing, nothing, 0.1 + nothing, used)
    model = GalaxyModel(
        (
            Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
            Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5}),
            Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
            Component("tracer", PowerLaw, {"log_slope": -4.0}),
            Component("anisotropy", Constant, {"beta": free.get("beta", 0.0)}),
        ),
        {},
    )
    return Posterior(model, likelihoods["bins"](Data(None, profile, 8.0, "uniform_sky"), model))


def draw(posterior, seed=1, **options):
    return samplers["laplace"](posterior, np.random.default_rng(seed), lambda f, line: None, **options)


def gaussian(mean, covariance):
    density = stats.multivariate_normal(mean, covariance)
    return lambda theta: density.logpdf(theta)


MEAN = np.array([1.0, -2.0, 0.3])
COVARIANCE = np.array([[0.04, 0.03, 0.0], [0.03, 0.09, -0.01], [0.0, -0.01, 0.02]])


def test_a_gaussian_posterior_is_exact():
    wide = [Uniform(-50.0, 50.0)] * 3
    chain = draw(posterior_of(gaussian(MEAN, COVARIANCE), *wide), n_draws=8192)
    assert chain.sampling.status == "reliable"
    assert (chain.sampling.rhat, chain.sampling.tau, chain.sampling.n_burn) == (None, None, 0)
    share = chain.weight / chain.weight.sum()
    error = np.sqrt(np.diag(COVARIANCE))
    assert np.abs(share @ chain.values - MEAN).max() < 0.03 * error.min()
    away = chain.values - MEAN
    assert np.einsum("n,ni,nj->ij", share, away, away) == pytest.approx(COVARIANCE, abs=0.03 * 0.09)
    for i in range(3):
        expected = stats.norm(MEAN[i], error[i]).ppf(stats.norm.cdf([0.0, -1.0, 1.0]))
        assert quantiles(chain.values[:, i], chain.weight) == pytest.approx(expected, abs=0.03 * error[i])


def test_the_effective_size_is_that_of_the_weights_and_of_the_answers():
    posterior = posterior_of(gaussian(MEAN, COVARIANCE), *[Uniform(-50.0, 50.0)] * 3)
    chains = [draw(posterior, seed) for seed in range(20)]
    assert chains[0].sampling.ess == pytest.approx(effective_size(chains[0].weight), rel=1e-6)
    means = np.array([(c.weight @ c.values) / c.weight.sum() for c in chains])
    scatter = np.sqrt(np.mean((means - MEAN) ** 2, axis=0)) / np.sqrt(np.diag(COVARIANCE))
    assert scatter.max() < 1.3 / np.sqrt(1000.0)  # Sobol points do better than independent draws, never worse


@pytest.mark.parametrize("free", [{}, {"beta": Uniform(-0.5, 0.9)}])
def test_medians_and_intervals_are_those_of_a_chain(free):
    posterior = bins_posterior(**free)
    chain = draw(posterior, n_draws=4096)
    emcee = samplers["emcee"](posterior, np.random.default_rng(2), lambda f, line: None)
    assert chain.sampling.status == emcee.sampling.status == "reliable"
    for name in chain.names:
        found, expected = quantiles(chain[name], chain.weight), quantiles(emcee[name], emcee.weight)
        # the errors of a median and a limit are some 1.3 and 1.5 standard deviations over the root of the ESS
        tolerance = 4 * 1.5 * np.hypot(*(1 / np.sqrt(c.sampling.ess) for c in (chain, emcee)))
        assert found == pytest.approx(expected, abs=tolerance * (expected[2] - expected[1]) / 2)


def test_the_density_of_the_chain_is_that_of_its_parameters():
    posterior = bins_posterior()
    chain = draw(posterior)
    assert chain.log_posterior == pytest.approx(posterior.log_posterior(chain.values), rel=1e-9)
    assert chain.weight.mean() == pytest.approx(1.0)


def test_few_evaluations_of_the_posterior():
    posterior = posterior_of(gaussian([0.3, 0.2], np.diag([1e-4, 4e-4])), Uniform(-50, 50), Uniform(-50, 50))
    chain = draw(posterior)
    assert chain.sampling.status == "reliable"
    assert posterior.likelihood.n_asked == chain.sampling.n_steps < 1500


@pytest.mark.parametrize(("width", "reliable"), [(1.0, True), (0.5, True), (0.1, False), (0.003, False)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_banana_is_covered_or_the_status_says_so(width, reliable, seed):
    def banana(theta):
        x, y = theta[..., 0], theta[..., 1]
        return -0.5 * x**2 - 0.5 * ((y - x**2) / width) ** 2

    chain = draw(posterior_of(banana, Uniform(-10, 10), Uniform(-100, 100)), seed)
    assert (chain.sampling.status == "reliable") == reliable
    assert (chain.sampling.ess >= 1000) == reliable
    if reliable:
        found = quantiles(chain.values[:, 0], chain.weight)
        assert found == pytest.approx([0.0, -1.0, 1.0], abs=4 * 1.5 / np.sqrt(chain.sampling.ess))


@pytest.mark.parametrize("width", [0.3, 0.05])
def test_two_maxima_are_both_sampled_or_the_status_says_so(width):
    def two(theta):
        parts = [-0.5 * (((theta - at) / width) ** 2).sum(axis=-1) for at in (-2.0, 2.0)]
        return np.logaddexp(np.log(0.3) + parts[0], np.log(0.7) + parts[1])

    chain = draw(posterior_of(two, Uniform(-10, 10), Uniform(-10, 10)))
    assert chain.sampling.status == "reliable"
    left = chain.weight[chain.values[:, 0] < 0].sum() / chain.weight.sum()
    assert left == pytest.approx(0.3, abs=0.04)


def test_heavy_tails_and_a_prior_edge():
    half = posterior_of(lambda t: -0.5 * ((t[..., 0] - 1.0) / 0.2) ** 2, Uniform(0.0, 1.0))  # half a normal
    chain = draw(half, n_draws=4096)
    assert chain.sampling.status == "reliable"
    expected = 1.0 - 0.2 * stats.halfnorm.ppf(1 - stats.norm.cdf([0.0, -1.0, 1.0]))
    assert quantiles(chain.values[:, 0], chain.weight) == pytest.approx(expected, abs=0.01)
    cauchy = posterior_of(lambda t: -np.log1p((t[..., 0] / 0.1) ** 2), Uniform(-10.0, 10.0))
    chain = draw(cauchy, n_draws=4096)
    assert chain.sampling.status == "reliable"
    law = stats.cauchy(scale=0.1)
    low, high = law.cdf([-10, 10])
    expected = law.ppf(low + (high - low) * stats.norm.cdf([0.0, -1.0, 1.0]))
    assert quantiles(chain.values[:, 0], chain.weight) == pytest.approx(expected, abs=0.03)


def test_a_parameter_of_which_the_data_say_nothing_keeps_its_prior():
    priors = LogUniform(1.0, 100.0), LogNormal(0.0, 0.5, 0.3), Normal(3.0, 1.0, 2.5, 9.0)
    chain = draw(posterior_of(lambda t: 0.0 * t[..., 0], *priors), n_draws=4096)
    for i, prior in enumerate(priors):
        share = prior.cdf(quantiles(chain.values[:, i], chain.weight))
        assert share == pytest.approx(stats.norm.cdf([0.0, -1.0, 1.0]), abs=0.01)


def test_data_far_in_the_tail_of_a_normal_prior():
    for side in (-1.0, 1.0):
        data = posterior_of(lambda t, side=side: -0.5 * ((t[..., 0] - 30.0 * side) / 0.5) ** 2, Normal(0.0, 1.0))
        chain = draw(data)
        assert chain.sampling.status == "reliable"
        middle, low, high = quantiles(chain.values[:, 0], chain.weight)
        assert middle == pytest.approx(24.0 * side, abs=0.06)
        assert (high - low) / 2 == pytest.approx(np.sqrt(0.2), rel=0.1)


def test_values_keep_to_their_bounds_and_follow_the_prior():
    priors = Uniform(-1.0, 2.0), LogUniform(1.0, 50.0), Normal(0.0, 1.0, 0.5, 3.0), LogNormal(1.0, 0.4)
    standard = Standard(posterior_of(lambda t: 0.0 * t[..., 0], *priors))
    z = np.repeat(np.linspace(-9.0, 9.0, 61)[:, None], 4, axis=1)
    values = standard.values(z)
    for i, prior in enumerate(priors):
        inner = np.abs(z[:, i]) < 5
        assert np.all(np.diff(values[:, i]) >= 0)
        assert prior.low <= values[:, i].min()
        assert values[:, i].max() <= prior.high
        assert stats.norm.ppf(prior.cdf(values[inner, i])) == pytest.approx(z[inner, i], abs=1e-6)


def test_nothing_free():
    chain = draw(posterior_of(lambda t: np.zeros(len(t)) - 3.0))
    assert chain.values.shape == (1, 0)
    assert chain.sampling.status == "reliable"


@pytest.mark.parametrize("name", ["laplace", "emcee"])
def test_priors_that_exclude_the_data(name):
    impossible = posterior_of(lambda t: np.full(np.shape(t)[:-1], -np.inf), Uniform(0, 1), LogUniform(1, 2))
    with pytest.raises(ConfigError, match=r"none of 2048 draws from the priors of p0, p1"):
        samplers[name](impossible, np.random.default_rng(1), lambda f, line: None)


def test_a_model_impossible_almost_everywhere():
    def corner(theta):
        with np.errstate(invalid="ignore"):
            return np.where((theta > 0.9).all(axis=-1), 0.0, np.nan)

    chain = draw(posterior_of(corner, Uniform(0.0, 1.0), Uniform(0.0, 1.0)))
    assert chain.values.min() > 0.9
    assert chain.sampling.ess > 200
    assert quantiles(chain.values[:, 0], chain.weight)[0] == pytest.approx(0.95, abs=0.01)


def test_the_same_generator_gives_the_same_draws():
    one, two, other = (draw(bins_posterior(), seed) for seed in (5, 5, 6))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.weight, two.weight)
    assert not np.array_equal(one.values, other.values)


def test_max_draws_is_kept_and_progress_is_told():
    said = []
    posterior = bins_posterior()
    chain = samplers["laplace"](
        posterior, np.random.default_rng(1), lambda f, line: said.append((f, line)), max_draws=100
    )
    assert chain.sampling.status == "unusable"
    assert chain.sampling.n_steps < 400
    assert said[-1][0] == 1.0
    assert "unusable" in said[-1][1]


def test_climb_finds_the_maximum_and_its_covariance():
    covariance = np.array([[0.01, 0.0098], [0.0098, 0.01]])  # correlation 0.98
    density = gaussian([0.5, -1.0], covariance)
    summit = climb(lambda z: np.atleast_1d(density(z)), np.array([-2.0, 2.0]))
    assert summit.regular
    assert summit.distance(np.array([0.5, -1.0])) < 0.2
    assert summit.covariance == pytest.approx(covariance, rel=1e-3)


def test_a_saddle_is_reported():
    points = np.random.default_rng(1).standard_normal((16, 2))

    def saddle(z):
        return np.where((np.abs(z) < 3).all(axis=1), z[:, 0] ** 2 - z[:, 1] ** 2, -np.inf)

    assert not summits(saddle, points, saddle(points))[0].regular


def test_pooled_weights_are_one_where_the_proposals_are_the_target():
    z = np.random.default_rng(1).standard_normal((500, 2))
    normal = UnitNormal()
    pool = Pool(((normal, 200),), z[:200], normal.log_density(z[:200]))
    pool = pool.joined(normal, z[200:], normal.log_density(z[200:]))
    assert pool.proposals == ((normal, 500),)
    assert pool.weight == pytest.approx(np.ones(500))
    assert pool.ess == pytest.approx(500)


def test_student_mixture_has_the_density_it_draws_from():
    mixture = StudentMixture(
        np.array([0.3, 0.7]), np.array([[0.0, 0.0], [4.0, 1.0]]), np.array([np.eye(2), [[0.5, 0.2], [0.2, 0.4]]])
    )
    z = mixture.draw(np.random.default_rng(3).random((40_000, 4)))
    one, two = (stats.multivariate_t(m, s, df=8) for m, s in zip(mixture.mean, mixture.scale, strict=True))
    expected = np.log(0.3 * one.pdf(z[:50]) + 0.7 * two.pdf(z[:50]))
    assert mixture.log_density(z[:50]) == pytest.approx(expected, rel=1e-9)
    assert np.mean(np.exp(stats.multivariate_normal([2.8, 0.7], 4 * np.eye(2)).logpdf(z) - mixture.log_density(z))) == (
        pytest.approx(1.0, abs=0.05)
    )


def test_maximum_in_few_draws_and_small_blocks():
    posterior = bins_posterior()
    best = maximum(posterior, np.random.default_rng(1))
    few = maximum(posterior, np.random.default_rng(1), n_trials=100, n_block=32)
    assert few == pytest.approx(best, abs=1e-3)


def test_arviz_gets_draws_in_proportion_to_their_weights():
    pytest.importorskip("arviz")
    chain = draw(bins_posterior(), n_draws=4096)
    found = np.asarray(chain.to_arviz()["posterior"]["m_vir"]).ravel()
    assert len(found) == len(chain)
    middle, low, high = quantiles(chain["m_vir"], chain.weight)
    assert np.median(found) == pytest.approx(middle, abs=0.02 * (high - low))


def test_a_run_from_the_command_line(haloscale, shared, tmp_path):
    stars = mock.simulate(mock.Truth(), np.random.default_rng(11), n_stars=3000)
    tables.write_star_table(tmp_path / "stars.parquet", stars)
    words = ("weigh", tmp_path / "stars.parquet", "--survey", "generic", "--set", "sampler.name=laplace")
    done = haloscale(*words, "-o", tmp_path / "run")
    assert done.code == 0, done.err
    assert "sampling: reliable" in done.out
    assert "Effective sample size of their weights" in (tmp_path / "run" / "report.html").read_text()
    assert "Cornuet2012" in (tmp_path / "run" / "CITE.bib").read_text()
    checker = shared("checks/check_run_folder.py")
    checked = subprocess.run([sys.executable, str(checker), str(tmp_path / "run")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
