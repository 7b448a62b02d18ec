"""Star by star: one evaluation of `stars` with 15 distances a star and of `df` with 64 points, and how they grow.

`python -m pytest benchmarks/bench_stars.py --benchmark-enable`; peaks of memory are of the process: run one alone.
"""

import resource

import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.frames import ZHAI2018, locate
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import Calibration
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform, Normal, Uniform
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.records import DispersionProfile, Sample, StarTable
from haloscale.tracer.power_law import PowerLaw

FREE = {
    "mass": (),
    "slope": (Component("tracer", PowerLaw, {"log_slope": Uniform(-5.0, -3.0)}),),
    "slope and beta": (
        Component("tracer", PowerLaw, {"log_slope": Uniform(-5.0, -3.0)}),
        Component("anisotropy", Constant, {"beta": Uniform(-0.5, 0.9)}),
    ),
    "distance scale": (Component("catalogue", Calibration, {"distance_scale": Normal(1.0, 0.1)}),),
}


def posterior(n, free=(), kind="stars", *, in_space=False, **options):
    rng = np.random.default_rng(1)
    columns = {
        "row": np.arange(n),
        "l": rng.uniform(0, 360, n),
        "b": rng.choice([-1, 1], n) * rng.uniform(30, 85, n),
        "distance": np.exp(rng.uniform(np.log(8), np.log(90), n)),
        "v_helio": rng.normal(0, 130, n),
        "v_helio_error": rng.uniform(1, 20, n),
    }
    motions = {name: rng.normal(0, 80, n) / (4.74 * columns["distance"]) for name in ("pmra", "pmdec")}
    motions |= {f"{name}_error": np.full(n, 0.05) for name in ("pmra", "pmdec")}
    table, minus = locate(StarTable(columns, "generic"), ZHAI2018), np.full(n, -1)
    sample = Sample(**table.columns, distance_error=0.13 * columns["distance"], group_id=minus, bin=0 * minus)
    sample.extra.update(motions if in_space else {})
    one = np.ones(1)
    sigma = 110 * one, 105 * one, 115 * one
    profile = DispersionProfile(
        4 * one, 120 * one, 60 * one, 20 * one, one * n, *sigma, 0 * one, one, one / 10, one > 0
    )
    components = {
        "mass.halo": Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
        "mass.disk": Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5}),
        "mass.bulge": Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
        "tracer": Component("tracer", PowerLaw, {"log_slope": -4.0}),
        "anisotropy": Component("anisotropy", Constant, {"beta": 0.3}),
    } | {component.table: component for component in free}
    model = GalaxyModel(tuple(components.values()), {})
    return Posterior(model, likelihoods[kind](Data(sample, profile, 8.0, "per_star"), model, **options))


@pytest.mark.parametrize("free", FREE)
def test_one_evaluation_of_10_000_stars(benchmark, free):
    made = posterior(10_000, FREE[free])
    u = made.to_free(np.array([prior.quantile(0.5) for prior in made.model.priors]))
    assert np.isfinite(benchmark(made.log_posterior_free, u))


def test_16_walkers_of_10_000_stars(benchmark):
    made = posterior(10_000)
    u = made.to_free(np.array([1.1e12, 15.0])) + 1e-2 * np.random.default_rng(1).standard_normal((16, 2))
    assert np.isfinite(benchmark(made.log_posterior_free, u)).all()


@pytest.mark.parametrize("n", [100_000, 1_000_000])
def test_one_evaluation_of_many_stars(benchmark, n):
    made = posterior(n)
    u = made.to_free(np.array([1.1e12, 15.0]))
    assert np.isfinite(benchmark.pedantic(made.log_posterior_free, args=(u,), rounds=3))
    benchmark.extra_info["peak_GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


EXACT = (Component("anisotropy", Constant, {"beta": Uniform(-0.45, 0.95)}),)


@pytest.mark.parametrize("in_space", [False, True], ids=["line of sight", "proper motions"])
def test_one_exact_evaluation_of_10_000_stars(benchmark, in_space):
    made = posterior(10_000, EXACT, "df", in_space=in_space, n_samples=64)
    u = made.to_free(np.array([1.1e12, 15.0, 0.5]))
    assert np.isfinite(benchmark(made.log_posterior_free, u))


def test_one_exact_evaluation_of_1_000_000_stars(benchmark):
    made = posterior(1_000_000, EXACT, "df", in_space=True, n_samples=64)
    u = made.to_free(np.array([1.1e12, 15.0, 0.5]))
    assert np.isfinite(benchmark.pedantic(made.log_posterior_free, args=(u,), rounds=2))
    benchmark.extra_info["peak_GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
