"""The quadrature of pairs that are not scale-free: accuracy over the whole priors, splits, divergence, round trip."""

import itertools
import math

import numpy as np
import pytest

from haloscale.anisotropy import (
    BaesVanHese,
    Constant,
    Cuddeford,
    FromFunction,
    MamonLokas,
    OsipkovMerritt,
    anisotropies,
)
from haloscale.constants import G
from haloscale.errors import NumericalError
from haloscale.jeans import sigma_r, variance_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.registry import params
from haloscale.tracer import BrokenPowerLaw, Einasto, PowerLaw, Table, tracers

GALAXY = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
R = np.geomspace(1.0, 300.0, 14)
ROWS = np.geomspace(4.0, 120.0, 9)
PAIRS = list(itertools.product(tracers, anisotropies))


class PointMass:
    def enclosed_mass(self, r):
        return 1e12 + 0 * r


def drawn(entry, rng):
    """A value of a class with every parameter drawn from its prior."""
    if entry is Table:
        return Table(ROWS, ROWS ** rng.uniform(-3, -2) / (1 + (ROWS / rng.uniform(10, 40)) ** rng.uniform(1, 3)))
    values = {}
    for name, info in params(entry).items():
        low, high = info.prior["low"], info.prior["high"]
        is_log = info.prior["prior"] == "log_uniform"
        values[name] = math.exp(rng.uniform(math.log(low), math.log(high))) if is_log else rng.uniform(low, high)
    return entry(**values)


def fine(mass, tracer, anisotropy, r):
    """The integral in t = ln(s / r) by 40 nodes in each of hundreds of steps, split at every bend."""
    bends = [math.log(b / r) for b in (*tracer.breaks, *anisotropy.breaks) if b > r]
    edges = np.unique(np.concatenate([np.linspace(0, 3, 61), np.linspace(3, 60, 200), bends]))
    x, weights = np.polynomial.legendre.leggauss(40)
    half = np.diff(edges)[:, None] / 2
    s = r * np.exp(edges[:-1, None] + half * (1 + x))
    values = tracer.density_ratio(s, r) * anisotropy.factor_ratio(s, r) * G * mass.enclosed_mass(s) / s
    return (half * weights * values).sum()


@pytest.mark.parametrize(("tracer", "anisotropy"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_over_the_whole_priors(tracer, anisotropy):
    rng = np.random.default_rng(20)
    for _ in range(6):
        models = drawn(tracers[tracer], rng), drawn(anisotropies[anisotropy], rng)
        expected = [fine(GALAXY, *models, r) for r in R]
        np.testing.assert_allclose(variance_r(GALAXY, *models, R), expected, rtol=1e-6, err_msg=str(models))


def test_a_passage_sharper_than_the_prior_allows():
    rng = np.random.default_rng(22)
    for name, eta in itertools.product(tracers, (6.0, 12.0)):
        models = drawn(tracers[name], rng), BaesVanHese(beta_0=0.9, beta_inf=-0.3, r_a=60.0, eta=eta)
        expected = [fine(GALAXY, *models, r) for r in R]
        np.testing.assert_allclose(variance_r(GALAXY, *models, R), expected, rtol=1e-6, err_msg=str(models))


@pytest.mark.parametrize("log_slope", [-2.6, -4.0, -6.0])
@pytest.mark.parametrize("r_a", [1.0, 20.0, 300.0])
def test_point_mass_in_closed_form(log_slope, r_a):
    # int s^(log_slope - 2) g ds with g = s^2 + r_a^2, and g = s + r_a
    n, r = -log_slope, R
    radial = (r**2 / (n - 1) + r_a**2 / (n + 1)) / (r**2 + r_a**2)
    ours = variance_r(PointMass(), PowerLaw(log_slope=log_slope), OsipkovMerritt(r_a=r_a), r)
    np.testing.assert_allclose(ours, G * 1e12 / r * radial, rtol=1e-7)
    slow = (r / n + r_a / (n + 1)) / (r + r_a)
    ours = variance_r(PointMass(), PowerLaw(log_slope=log_slope), MamonLokas(r_a=r_a), r)
    np.testing.assert_allclose(ours, G * 1e12 / r * slow, rtol=1e-7)


@pytest.mark.parametrize("beta", [-0.5, 0.0, 0.9])
def test_sharp_break_in_closed_form(beta):
    inner, outer, r_break = 2.3, 4.6, 27.0
    tracer = BrokenPowerLaw(log_slope_inner=-inner, log_slope_outer=-outer, r_break=r_break)
    p, q = inner - 2 * beta + 1, outer - 2 * beta + 1
    x = np.minimum(R / r_break, 1.0)
    shape = np.where(x < 1, (1 - x**p) / p + x**p / q, 1 / q)
    ours = variance_r(PointMass(), tracer, Constant(beta=beta), R)
    np.testing.assert_allclose(ours, G * 1e12 / R * shape, rtol=1e-8)


def test_radii_at_a_break():
    tracer = BrokenPowerLaw()
    around = tracer.r_break * np.array([1 - 1e-12, 1.0, 1 + 1e-12])
    values = variance_r(GALAXY, tracer, OsipkovMerritt(r_a=20.0), around)
    np.testing.assert_allclose(values, values[1], rtol=1e-9)


def test_breaks_of_a_batch_may_change_their_order():
    r_break, width = np.array([8.0, 20.0, 60.0])[:, None], np.array([0.02, 0.5, 0.1])[:, None]
    bend = FromFunction(lambda r: np.where(r < 25.0, 0.1, 0.6), breaks=(25.0,))
    batch = sigma_r(GALAXY, BrokenPowerLaw(r_break=r_break, width=width), bend, R)
    assert batch.shape == (3, len(R))
    for row, b, w in zip(batch, r_break[:, 0], width[:, 0], strict=True):
        single = sigma_r(GALAXY, BrokenPowerLaw(r_break=float(b), width=float(w)), bend, R)
        np.testing.assert_allclose(row, single, rtol=1e-12)


def test_parameters_on_any_axes():
    tracer = Einasto(n=np.array([2.0, 3.0])[:, None, None], r_eff=np.array([10.0, 20.0, 30.0])[:, None])
    batch = sigma_r(GALAXY, tracer, Cuddeford(beta_0=0.2, r_a=np.full(len(R), 20.0)), R)
    assert batch.shape == (2, 3, len(R))
    one = sigma_r(GALAXY, Einasto(n=3.0, r_eff=10.0), Cuddeford(beta_0=0.2, r_a=20.0), R)
    np.testing.assert_allclose(batch[1, 0], one, rtol=1e-12)


@pytest.mark.parametrize("r", [20.0, 20, np.empty(0), np.full((2, 3), 20.0)])
def test_shapes(r):
    values = sigma_r(GALAXY, BrokenPowerLaw(), OsipkovMerritt(r_a=20.0), r)
    assert np.shape(values) == np.shape(r)


SHALLOW = {"log_slope_inner": -4.0, "log_slope_outer": -0.5}


@pytest.mark.parametrize(
    ("tracer", "anisotropy", "p"),
    [
        (PowerLaw(log_slope=-0.5), OsipkovMerritt(r_a=30.0), r"-1\.5"),
        (BrokenPowerLaw(**SHALLOW, width=0.1), Constant(beta=0.95), r"-1\.4"),
        (Table([5, 50, 100], [5.0, 1.0, 1.0]), BaesVanHese(beta_0=0.0, beta_inf=0.9, r_a=9.0), r"-1\.8"),
        (PowerLaw(log_slope=-0.1), FromFunction(lambda r: 0.5 + 0.4 * r / (r + 10.0)), r"-1\.7"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_divergence_far_out_is_named(tracer, anisotropy, p):
    with pytest.raises(NumericalError, match=f"far out -log_slope - 2 beta = {p}.* must exceed -1"):
        sigma_r(GALAXY, tracer, anisotropy, R)


def test_divergence_of_a_batch_is_nan():
    tracer = BrokenPowerLaw(log_slope_inner=-4.0, log_slope_outer=np.array([-0.5, -3.0])[:, None], width=0.1)
    values = sigma_r(GALAXY, tracer, Constant(beta=0.95), R)
    assert np.all(np.isnan(values[0]))
    assert np.all(values[1] > 0)


def test_a_tracer_that_rises_inside_converges():
    # only the far end decides
    tracer = Table(ROWS, np.where(ROWS < 20, ROWS**0.5, 20**4.5 * ROWS**-4.0))
    anisotropy = BaesVanHese(beta_0=0.9, beta_inf=0.0, r_a=50.0)
    expected = [fine(GALAXY, tracer, anisotropy, r) for r in R]
    np.testing.assert_allclose(variance_r(GALAXY, tracer, anisotropy, R), expected, rtol=1e-6)


@pytest.mark.parametrize(("tracer", "anisotropy"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_round_trip_returns_the_circular_velocity(tracer, anisotropy):
    # Eq. 9: V_c^2 = -sigma_r^2 (d ln nu / d ln r + d ln sigma_r^2 / d ln r + 2 beta)
    rng, step = np.random.default_rng(21), 4e-3
    nu, beta = drawn(tracers[tracer], rng), drawn(anisotropies[anisotropy], rng)
    radii = R[np.abs(np.subtract.outer(np.log(R), np.log([*nu.breaks, 1e9]))).min(axis=1) > 0.02]

    def log_variance(k):
        return np.log(variance_r(GALAXY, nu, beta, radii * math.exp(k * step), n_nodes=40))

    one, two = (log_variance(k) - log_variance(-k) for k in (1, 2))
    gradient = (8 * one - two) / (12 * step)
    v_squared = -np.exp(log_variance(0)) * (nu.log_slope_at(radii) + gradient + 2 * beta.beta_at(radii))
    np.testing.assert_allclose(np.sqrt(v_squared), GALAXY.v_circ(radii), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("tracer", [BrokenPowerLaw(width=0.1), Einasto()], ids=lambda value: type(value).__name__)
def test_round_trip_with_the_exact_derivative(tracer):
    try:
        import jax
    except ImportError:
        pytest.skip("jax is not installed: pip install 'haloscale[jax]'")
    anisotropy, r = Cuddeford(beta_0=-0.2, r_a=30.0), np.array([6.0, 21.0, 90.0])
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        slope = jax.jacfwd(lambda t: jax.numpy.log(variance_r(GALAXY, tracer, anisotropy, jax.numpy.exp(t))))(np.log(r))
    finally:
        jax.config.update("jax_enable_x64", before)
    total = tracer.log_slope_at(r) + np.diag(slope) + 2 * anisotropy.beta_at(r)
    np.testing.assert_allclose(-variance_r(GALAXY, tracer, anisotropy, r) * total, GALAXY.v_circ(r) ** 2, rtol=1e-7)
