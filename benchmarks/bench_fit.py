"""The two-parameter fit of the paper: 32 walkers x 2,000 steps of emcee on twelve bins."""

import emcee
import numpy as np

from haloscale.anisotropy.constant import Constant
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform
from haloscale.jeans import sigma_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.records import DispersionProfile
from haloscale.tracer.power_law import PowerLaw

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])


def posterior():
    r = (EDGES[1:] + EDGES[:-1]) / 2
    galaxy = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
    sigma = sigma_r(galaxy, PowerLaw(log_slope=-4.0), Constant(beta=0.0), r)
    none = np.zeros_like(r)
    n, in_fit = np.full(len(r), 500), np.ones(len(r), bool)
    profile = DispersionProfile(
        EDGES[:-1], EDGES[1:], r, r, n, sigma, 0.97 * sigma, 1.03 * sigma, none, none, none, in_fit
    )
    model = GalaxyModel(
        (
            Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
            Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5}),
            Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
            Component("tracer", PowerLaw, {"log_slope": -4.0}),
            Component("anisotropy", Constant, {"beta": 0.0}),
        ),
        {},
    )
    return Posterior(model, likelihoods["bins"](Data(None, profile, 8.0, "none"), model))


def test_emcee_32_walkers_2000_steps(benchmark):
    made = posterior()
    start = made.to_free(np.array([1.08e12, 18.5])) + 1e-2 * np.random.default_rng(1).standard_normal((32, 2))

    def run():
        return emcee.EnsembleSampler(32, 2, made.log_posterior_free, vectorize=True).run_mcmc(start, 2000)

    benchmark.pedantic(run, rounds=5, warmup_rounds=1)


def test_posterior_of_16_walkers(benchmark):
    made = posterior()
    u = made.to_free(np.array([1.08e12, 18.5])) + 1e-2 * np.random.default_rng(1).standard_normal((16, 2))
    assert np.isfinite(benchmark(made.log_posterior_free, u)).all()
