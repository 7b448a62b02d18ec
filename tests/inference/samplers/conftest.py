"""Posteriors whose answer is known, and the small ones of the paper's bins and of stars."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.frames import ZHAI2018, locate
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform
from haloscale.jeans import sigma_r
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.records import DispersionProfile, Parameter, Sample, StarTable
from haloscale.tracer import PowerLaw

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
TRUTH = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)


@dataclass(frozen=True)
class Values:
    """Free parameters without a galaxy: what is built is the vector of values."""

    priors: tuple

    @property
    def parameters(self):
        return tuple(Parameter(f"p{i}", "", "", "", p.to_table()) for i, p in enumerate(self.priors))

    def build(self, theta):
        return theta


@dataclass(frozen=True)
class Function:
    """A logarithm of the likelihood, given as a function of the values."""

    log_likelihood: object
    n_points: int = 1


def posterior_of(function, *priors):
    return Posterior(Values(priors), Function(function))


def model(**free):
    halo = {"m_vir": free.get("m_vir", LogUniform(1e11, 1e13)), "c": free.get("c", LogUniform(1.0, 100.0))}
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


def profile(error=0.02):
    r = (EDGES[1:] + EDGES[:-1]) / 2
    sigma = sigma_r(TRUTH, PowerLaw(log_slope=-4.0), Constant(beta=0.0), r)
    sigma = sigma * (1.0 + error * np.random.default_rng(4).standard_normal(12))
    low, high, nothing, used = sigma * (1 - error), sigma * (1 + error), 0 * r, np.ones(12, dtype=bool)
    n = np.full(12, 500)
    return DispersionProfile(EDGES[:-1], EDGES[1:], r, r, n, sigma, low, high, nothing, nothing, 0.1 + nothing, used)


def of_bins(**free):
    made = model(**free)
    return Posterior(made, likelihoods["bins"](Data(None, profile(), 8.0, "uniform_sky"), made))


def of_stars(n=300, **free):
    rng = np.random.default_rng(1)
    columns = {
        "row": np.arange(n),
        "l": rng.uniform(0, 360, n),
        "b": rng.choice([-1, 1], n) * rng.uniform(30, 85, n),
        "distance": np.exp(rng.uniform(np.log(8), np.log(90), n)),
        "v_helio": rng.normal(0, 110, n),
        "v_helio_error": rng.uniform(1, 20, n),
    }
    table, minus = locate(StarTable(columns, "generic"), ZHAI2018), np.full(n, -1)
    sample = Sample(**table.columns, distance_error=0.13 * columns["distance"], group_id=minus, bin=0 * minus)
    made = model(**{"beta": 0.3, **free})
    return Posterior(made, likelihoods["stars"](Data(sample, profile(), 8.0, "per_star"), made, n_nodes=5))


@pytest.fixture(scope="session")
def cases():
    """The functions above, by name."""
    return SimpleNamespace(posterior_of=posterior_of, model=model, of_bins=of_bins, of_stars=of_stars)


@pytest.fixture
def draw():
    """`draw(sampler, posterior, seed, **options)`: the chain, with what it said on its way in the list `draw.said`."""
    from haloscale.inference.samplers.base import samplers

    def run(name, posterior, seed=1, **options):
        run.said = []
        rng = np.random.default_rng(seed)
        return samplers[name](posterior, rng, lambda fraction, line: run.said.append((fraction, line)), **options)

    return run
