"""Every pair of a registered tracer and anisotropy: the fixed quadrature against an adaptive one, NumPy against JAX."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad_vec

from haloscale.anisotropy import anisotropies
from haloscale.constants import G
from haloscale.jeans import sigma_r, variance_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.registry import params
from haloscale.tracer import tracers

R = np.array([1.0, 5.0, 8.0, 14.0, 30.0, 60.0, 100.0, 300.0])
BARYONS = ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
GALAXY = NFW(m_vir=1.08e12, c=18.5) + BARYONS


PAIRS = list(itertools.product(tracers, anisotropies))


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request):
    return tracers[request.param[0]], anisotropies[request.param[1]]


@pytest.fixture(params=[p for p in PAIRS if "power_law" in p or "constant" in p or "baes_van_hese" in p], ids="-".join)
def compiled_pair(request):
    """Every class with the simplest and the richest of the other kind: JAX takes seconds to compile each."""
    return tracers[request.param[0]], anisotropies[request.param[1]]


def corners(entry, example):
    """The example of a class, and its variants with one parameter at an end of its prior."""
    yield example(entry)
    for name, info in params(entry).items():
        if info.prior is not None:
            yield example(entry, **{name: info.prior["low"]})
            yield example(entry, **{name: info.prior["high"]})


def combinations(pair, example):
    """Every corner of either class, each with one of the other's."""
    one, other = (list(corners(entry, example)) for entry in pair)
    return [(one[k % len(one)], other[k % len(other)]) for k in range(max(len(one), len(other)))]


def adaptive_variance(mass, tracer, anisotropy, r):
    """1/(nu g) int nu g G M / s^2 ds at all radii, in t = ln(s / r), to 1e-10."""

    def integrand(t):
        s = r * np.exp(t)
        return tracer.density_ratio(s, r) * anisotropy.factor_ratio(s, r) * G * mass.enclosed_mass(s) / s

    bends = np.log(np.divide.outer([*tracer.breaks, *anisotropy.breaks], r)).ravel()
    points = [0.5, 2, 5, 12, *bends[(bends > 0) & (bends < 40)]]
    value, error = quad_vec(integrand, 0, 40, epsabs=0, epsrel=1e-9, norm="max", limit=2000, points=points)
    assert error < 1e-8 * value.min()
    return value


def test_against_adaptive_quadrature(pair, example):
    for tracer, anisotropy in combinations(pair, example):
        expected = adaptive_variance(GALAXY, tracer, anisotropy, R)
        np.testing.assert_allclose(variance_r(GALAXY, tracer, anisotropy, R), expected, rtol=1e-6)


def test_batches_broadcast(pair, example):
    tracer, anisotropy = (example(entry) for entry in pair)
    m_vir = np.linspace(0.5e12, 2e12, 7)[:, None]
    batch = sigma_r(NFW(m_vir=m_vir, c=10.0) + BARYONS, tracer, anisotropy, R)
    single = [sigma_r(NFW(m_vir=float(m), c=10.0) + BARYONS, tracer, anisotropy, R) for m in m_vir[:, 0]]
    np.testing.assert_allclose(batch, single, rtol=1e-13)
    for k, (entry, model) in enumerate(zip(pair, (tracer, anisotropy), strict=True)):
        for name in params(entry):
            values = getattr(model, name) + np.linspace(-0.2, 0.1, 7)[:, None]
            both = [tracer, anisotropy]
            both[k] = example(entry, **{name: values})
            batch = sigma_r(NFW(m_vir=m_vir, c=10.0) + BARYONS, *both, R)
            assert batch.shape == (7, len(R))
            for row, m, value in zip(batch, m_vir[:, 0], values[:, 0], strict=True):
                both[k] = example(entry, **{name: float(value)})
                np.testing.assert_allclose(row, sigma_r(NFW(m_vir=float(m), c=10.0) + BARYONS, *both, R), rtol=1e-12)


def test_jax_gives_the_same(compiled_pair, example, jax_x64):
    tracer, anisotropy = (example(entry) for entry in compiled_pair)
    expected = sigma_r(GALAXY, tracer, anisotropy, R)
    jitted = jax_x64.jit(lambda m, r: sigma_r(NFW(m_vir=m, c=18.5) + BARYONS, tracer, anisotropy, r))
    np.testing.assert_allclose(jitted(1.08e12, R), expected, rtol=1e-12)
    over_masses = jax_x64.vmap(jitted, in_axes=(0, None))(np.array([1.08e12, 1.08e12]), R)
    np.testing.assert_allclose(over_masses, [expected, expected], rtol=1e-12)


@pytest.mark.slow
def test_jax_differentiates_by_every_parameter(compiled_pair, example, jax_x64):
    names = [list(params(entry)) for entry in compiled_pair]
    models = [example(entry) for entry in compiled_pair]
    start = {"m_vir": 1.08e12, "c": 18.5, "r": 20.0}
    start |= {name: getattr(model, name) for model, own in zip(models, names, strict=True) for name in own}

    def f(values):
        tracer, anisotropy = (
            example(entry, **{name: values[name] for name in own})
            for entry, own in zip(compiled_pair, names, strict=True)
        )
        halo = NFW(m_vir=values["m_vir"], c=values["c"])
        return sigma_r(halo + BARYONS, tracer, anisotropy, values["r"])

    gradient = jax_x64.jit(jax_x64.grad(f))(start)
    for name, value in start.items():
        step = 1e-4 * max(abs(value), 0.1)
        numeric = (f({**start, name: value + step}) - f({**start, name: value - step})) / (2 * step)
        assert float(gradient[name]) == pytest.approx(numeric, rel=1e-5), name
