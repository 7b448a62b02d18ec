"""The exact distribution function: one evaluation with 64 points a star, and how it grows.

`python -m pytest benchmarks/bench_df.py --benchmark-enable`; the memory is that of the process: run one size alone.
"""

import resource

import numpy as np
import pytest

from haloscale.anisotropy.constant import Constant
from haloscale.frames import ZHAI2018, locate
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform, Uniform
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.records import DispersionProfile, Sample, StarTable
from haloscale.tracer.power_law import PowerLaw

MODEL = GalaxyModel(
    (
        Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
        Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5}),
        Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
        Component("tracer", PowerLaw, {"log_slope": -4.0}),
        Component("anisotropy", Constant, {"beta": Uniform(-0.45, 0.95)}),
    ),
    {},
)


def posterior(n, in_space):
    rng = np.random.default_rng(1)
    distance = np.exp(rng.uniform(np.log(8), np.log(90), n))
    columns = {
        "row": np.arange(n),
        "l": rng.uniform(0, 360, n),
        "b": rng.choice([-1, 1], n) * rng.uniform(30, 85, n),
        "distance": distance,
        "v_helio": rng.normal(0, 100, n),
        "v_helio_error": rng.uniform(1, 20, n),
    }
    motions = {}
    if in_space:
        motions |= {name: rng.normal(0, 80, n) / (4.74 * distance) for name in ("pmra", "pmdec")}
        motions |= {f"{name}_error": np.full(n, 0.05) for name in ("pmra", "pmdec")}
    table, minus = locate(StarTable(columns, "generic"), ZHAI2018), np.full(n, -1)
    sample = Sample(**table.columns, distance_error=0.13 * distance, group_id=minus, bin=0 * minus, extra=motions)
    one = np.ones(1)
    sigma = 110 * one, 105 * one, 115 * one
    profile = DispersionProfile(
        4 * one, 120 * one, 60 * one, 20 * one, one * n, *sigma, 0 * one, one, one / 10, one > 0
    )
    data = Data(sample, profile, 8.0, "per_star")
    return Posterior(MODEL, likelihoods["df"](data, MODEL, n_samples=64))


@pytest.mark.parametrize("in_space", [False, True], ids=["line of sight", "proper motions"])
def test_one_evaluation_of_10_000_stars(benchmark, in_space):
    made = posterior(10_000, in_space)
    u = made.to_free(np.array([1.1e12, 15.0, 0.5]))
    assert np.isfinite(benchmark(made.log_posterior_free, u))


def test_one_evaluation_of_1_000_000_stars(benchmark):
    made = posterior(1_000_000, True)
    u = made.to_free(np.array([1.1e12, 15.0, 0.5]))
    assert np.isfinite(benchmark.pedantic(made.log_posterior_free, args=(u,), rounds=2))
    benchmark.extra_info["peak_GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
