"""The joined posterior: names, batches, free coordinates, and the precomputed part of the binned likelihood."""

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.errors import ConfigError
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform, Normal, Uniform
from haloscale.inference.samplers.base import samplers
from haloscale.jeans import sigma_r
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.records import DispersionProfile
from haloscale.tracer import PowerLaw

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
TRUTH = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)


def profile(beta=0.0, error=0.02, unused=()):
    r = (EDGES[1:] + EDGES[:-1]) / 2
    sigma = sigma_r(TRUTH, PowerLaw(log_slope=-4.0), Constant(beta=beta), r)
    n = np.full(len(r), 500)
    in_fit = ~np.isin(np.arange(len(r)), unused)
    half = error * sigma
    return DispersionProfile(
        EDGES[:-1], EDGES[1:], r, r, n, sigma, sigma - half, sigma + half, 0 * r, 0 * r + 1, 0 * r + 0.1, in_fit
    )


def model(**free):
    halo = {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}
    return GalaxyModel(
        (
            Component("mass.halo", NFW, halo),
            Component("mass.disk", ExponentialDisk, {"m": free.get("disk_m", 6.8e10), "b": 2.5}),
            Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
            Component("tracer", PowerLaw, {"log_slope": free.get("log_slope", -4.0)}),
            Component("anisotropy", Constant, {"beta": free.get("beta", 0.0)}),
        ),
        {},
    )


def joined(data_profile=None, projection="none", **free):
    made = model(**free)
    data = Data(None, data_profile or profile(), 8.0, projection)
    return Posterior(made, likelihoods["bins"](data, made))


def test_names_of_free_parameters():
    made = model(disk_m=Normal(6.8e10, 1e10, 0.0), beta=Uniform(-0.5, 0.9), log_slope=Normal(-4, 0.3))
    assert [p.name for p in made.parameters] == ["m_vir", "c", "disk_m", "log_slope", "beta"]
    assert [p.unit for p in made.parameters] == ["solMass", "", "solMass", "", ""]


def test_likelihood_is_highest_at_the_truth_and_the_fixed_part_changes_nothing():
    posterior = joined()
    at_truth = np.array([1.08e12, 18.5])
    assert posterior.likelihood.chi2(posterior.model.build(at_truth)) == pytest.approx(0.0, abs=1e-16)
    wide = joined(beta=Uniform(-0.5, 0.9))  # with a free beta nothing is computed beforehand
    for m_vir, c in [(0.8e12, 9.0), (1.7e12, 30.0)]:
        one = posterior.likelihood.chi2(posterior.model.build(np.array([m_vir, c])))
        other = wide.likelihood.chi2(wide.model.build(np.array([m_vir, c, 0.0])))
        assert one == pytest.approx(other, rel=1e-10)


def test_a_batch_equals_its_members():
    posterior = joined(beta=Uniform(-0.5, 0.9), log_slope=Normal(-4, 0.3), disk_m=Normal(6.8e10, 1e10, 0.0))
    theta = posterior.draw_prior(np.random.default_rng(1), 50)
    batch = posterior.log_posterior(theta)
    assert batch.shape == (50,)
    assert batch == pytest.approx([float(posterior.log_posterior(t)) for t in theta], rel=1e-12)


def test_outside_the_prior_the_density_is_zero_and_no_model_is_built_there():
    posterior = joined(beta=Uniform(-0.5, 0.9))
    outside = np.array([[1e14, 10, 0.1], [1e12, -5, 0.1], [1e12, 10, 1.5], [1e12, 10, 0.1]])
    value = posterior.log_posterior(outside)
    assert np.all(np.isneginf(value[:3]))
    assert np.isfinite(value[3])


def test_free_coordinates_carry_their_jacobian():
    posterior = joined()
    theta = np.array([1.3e12, 12.0])
    u = posterior.to_free(theta)
    assert posterior.to_values(u) == pytest.approx(theta)
    jacobian = np.log(theta).sum()  # d theta / d ln theta = theta
    assert posterior.log_posterior_free(u) == pytest.approx(posterior.log_posterior(theta) + jacobian)


def test_projection_lowers_the_prediction_for_radial_anisotropy():
    none = joined(beta=Uniform(-0.5, 0.9))
    sky = joined(projection="uniform_sky", beta=Uniform(-0.5, 0.9))
    star = joined(projection="per_star", beta=Uniform(-0.5, 0.9))
    galaxy = none.model.build(np.array([1.08e12, 18.5, 0.8]))
    ratio = sky.likelihood.predict(galaxy) / none.likelihood.predict(galaxy)
    r = profile().r
    assert np.interp(12.0, r, ratio) == pytest.approx(0.886, abs=5e-4)  # METHODS of the paper's geometry: beta = 0.8
    assert star.likelihood.predict(galaxy) / none.likelihood.predict(galaxy) == pytest.approx(np.sqrt(1 - 0.08))


def test_bins_left_out_are_named():
    posterior = joined(profile(unused=(0, 11)))
    assert posterior.likelihood.n_points == 10
    (said,) = posterior.likelihood.advice
    assert "5-8 kpc" in said
    assert "80-120 kpc" in said


def test_emcee_agrees_with_a_grid():
    posterior = joined(profile(error=0.03))
    chain = samplers["emcee"](posterior, np.random.default_rng(3), lambda f, line: None)
    assert chain.sampling.status == "reliable"
    m, c = np.geomspace(4e11, 4e12, 300), np.geomspace(4.0, 80.0, 280)
    grid = np.stack(np.meshgrid(m, c, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(posterior.log_posterior_free(posterior.to_free(grid))).reshape(300, 280)
    for draws, axis, other in ((chain["m_vir"], m, 1), (chain["c"], c, 0)):
        cumulative = np.cumsum(density.sum(axis=other))
        expected = np.interp([0.16, 0.5, 0.84], cumulative / cumulative[-1], np.log(axis))
        found = np.quantile(np.log(draws), [0.16, 0.5, 0.84])
        assert found == pytest.approx(expected, abs=0.12 * (expected[2] - expected[0]))


def test_the_same_generator_gives_the_same_chain():
    posterior = joined(profile(error=0.03))
    one, two, other = (
        samplers["emcee"](posterior, np.random.default_rng(s), lambda f, line: None, n_steps=200, max_steps=200)
        for s in (5, 5, 6)
    )
    assert np.array_equal(one.values, two.values)
    assert not np.array_equal(one.values, other.values)


def test_a_short_chain_is_not_called_reliable():
    chain = samplers["emcee"](joined(), np.random.default_rng(5), lambda f, line: None, n_steps=60, max_steps=60)
    assert chain.sampling.status == "unusable"


def test_too_few_walkers():
    with pytest.raises(ConfigError, match="n_walkers"):
        samplers["emcee"](joined(), np.random.default_rng(5), lambda f, line: None, n_walkers=3)


def test_log_posterior_of_the_chain_is_the_density_of_its_parameters():
    posterior = joined()
    chain = samplers["emcee"](posterior, np.random.default_rng(5), lambda f, line: None, n_steps=200, max_steps=200)
    assert chain.log_posterior == pytest.approx(posterior.log_posterior(chain.values), rel=1e-9)
