"""The distribution function as a table: moments, batches, what is refused."""

import math
import pickle

import numpy as np
import pytest

from haloscale import jeans
from haloscale.anisotropy import Constant, Cuddeford, MamonLokas, OsipkovMerritt
from haloscale.distribution import solve
from haloscale.distribution.energy import ln_h
from haloscale.distribution.inversion import f1_over_h
from haloscale.errors import InputError, NumericalError
from haloscale.mass import NFW, Hernquist
from haloscale.tracer import BrokenPowerLaw, Einasto, PowerLaw

POWER = PowerLaw(log_slope=-4.0)
BROKEN = BrokenPowerLaw(log_slope_inner=-2.3, log_slope_outer=-4.6, r_break=27.0, width=0.1)
PAIRS = [
    *((POWER, Constant(beta=beta)) for beta in (-0.45, -0.3, 0.0, 0.3, 0.5, 0.7, 0.9)),
    (PowerLaw(log_slope=-2.8), Constant(beta=0.3)),
    (PowerLaw(log_slope=-6.0), Constant(beta=-0.4)),
    (POWER, OsipkovMerritt(r_a=25.0)),
    (POWER, Cuddeford(beta_0=-0.2, r_a=40.0)),
    (POWER, Cuddeford(beta_0=0.6, r_a=40.0)),
    (BROKEN, Constant(beta=0.0)),
    (BROKEN, Constant(beta=0.6)),
    (BrokenPowerLaw(width=0.5), Constant(beta=0.4)),
    (Einasto(n=3.1, r_eff=15.0), Constant(beta=0.2)),
    (Einasto(n=6.0, r_eff=15.0), OsipkovMerritt(r_a=60.0)),
]


def moments(found, r):
    """Density, and sigma_r, sigma_t of one tangential component, by integrating f over velocities at r.

    In (v, sin^2 eta) of the widened space; v = v_esc sin(a) with Gauss-Legendre nodes, which the end v_esc of a
    power law of E demands.
    """
    system = found.system
    beta, psi = system.orbits.beta_0, -system.mass.potential(r)
    x, weights = np.polynomial.legendre.leggauss(400)
    y, weights = (x + 1) / 2, weights / 2
    a = math.pi / 2 * y**2 * (3 - 2 * y)  # both ends of the speed are singular: nodes crowd there
    weights = weights * math.pi / 2 * 6 * y * (1 - y)
    v = math.sqrt(2 * psi) * np.sin(a)
    dv = math.sqrt(2 * psi) * np.cos(a) * weights
    f1 = np.exp(found.ln_f1(psi * np.cos(a) ** 2))
    # int sin^(1 - 2 beta) d eta over the sphere, 4 pi x Beta(1 - beta, 1/2) / 2, and the mean of sin^2
    angle = 2 * math.pi * math.gamma(1 - beta) * math.gamma(0.5) / math.gamma(1.5 - beta)
    widening = system.orbits.widening(r)
    density = angle * r ** (-2 * beta) * widening ** (beta - 1) * (f1 * v ** (2 - 2 * beta)) @ dv
    square = ((f1 * v ** (4 - 2 * beta)) @ dv) / ((f1 * v ** (2 - 2 * beta)) @ dv)
    mean_sin2 = (1 - beta) / (1.5 - beta)
    return density, math.sqrt(square * (1 - mean_sin2)), math.sqrt(square * mean_sin2 / 2 / widening)


@pytest.mark.parametrize(("tracer", "anisotropy"), PAIRS)
def test_density_and_dispersions_come_back(galaxy, tracer, anisotropy):
    found = solve(galaxy, tracer, anisotropy, r_high=3e5)
    for r in (2.0, 8.0, 27.0, 60.0, 120.0):
        density, sigma_r, sigma_t = moments(found, r)
        assert density == pytest.approx(tracer.density_ratio(r, 10.0), rel=1e-6)
        expected = jeans.sigma_r(galaxy, tracer, anisotropy, r)
        assert sigma_r == pytest.approx(expected, rel=1e-6)
        assert sigma_t == pytest.approx(expected * math.sqrt(1 - anisotropy.beta_at(r)), rel=1e-6)


@pytest.mark.parametrize(("tracer", "anisotropy"), PAIRS)
def test_the_table_errs_by_less_than_1e_7(galaxy, tracer, anisotropy):
    found = solve(galaxy, tracer, anisotropy)
    r = np.exp(np.linspace(0, math.log(3000.0), 1013))
    resolution = min(1.0, tracer.smoothness)
    exact = np.log(f1_over_h(found.system, r, resolution)) + ln_h(found.system, r, 10.0)
    np.testing.assert_allclose(found.ln_f1(-galaxy.potential(r)), exact, rtol=0, atol=1e-7)


def test_the_default_range_holds_the_density_to_a_millionth(galaxy):
    found = solve(galaxy, POWER, Constant(beta=0.3))
    assert moments(found, 100.0)[0] == pytest.approx(1e-4, rel=1e-6)


def test_unit_density_at_r_ref(galaxy):
    found = solve(galaxy, POWER, Constant(beta=0.3), r_ref=40.0)
    assert moments(found, 40.0)[0] == pytest.approx(1, rel=1e-6)


def test_f_is_f1_and_a_power_of_angular_momentum(galaxy):
    energy, momentum = np.array([3e4, 8e4]), np.array([500.0, 2000.0])
    constant = solve(galaxy, POWER, Constant(beta=0.3))
    expected = constant.ln_f1(energy) - 0.6 * np.log(momentum)
    np.testing.assert_allclose(constant.ln_f(energy, momentum), expected, rtol=1e-14)
    radial = solve(galaxy, POWER, OsipkovMerritt(r_a=20.0))
    np.testing.assert_array_equal(radial.ln_f(energy, momentum), radial.ln_f1(energy - momentum**2 / 800.0))


def test_unbound_stars_have_none_and_both_ends_are_power_laws(galaxy):
    found = solve(galaxy, POWER, Constant(beta=0.3))
    np.testing.assert_array_equal(found.ln_f1(np.array([0.0, -1e4, -1e-300])), -math.inf)
    low, high = -galaxy.potential(3000.0), -galaxy.potential(1.0)
    for end, factor in ((low, 0.5), (high, 1.5)):
        inside = found.ln_f1(end * factor ** np.array([0.0, 1.0, 2.0]))
        assert inside[2] - inside[1] == pytest.approx(inside[1] - inside[0], rel=1e-10)
        beside = found.ln_f1(end * np.exp(1e-5 * np.array([-1.0, 0.0, 1.0])))
        assert beside[2] - beside[1] == pytest.approx(beside[1] - beside[0], rel=2e-3)


def batch():
    m_vir, beta = np.array([[0.8e12], [1.2e12], [1.1e12]]), np.array([[-0.2], [0.5], [0.8]])
    log_slope = np.array([[-4.0], [-3.5], [-4.5]])
    return m_vir, beta, log_slope


def test_a_batch_is_its_sets():
    m_vir, beta, log_slope = batch()
    found = solve(NFW(m_vir=m_vir, c=12.0), PowerLaw(log_slope=log_slope), Constant(beta=beta))
    energy, momentum = np.geomspace(3e3, 5e4, 7), np.geomspace(10.0, 3e3, 7)
    rows = found.ln_f(energy, momentum)
    assert rows.shape == (3, 7)
    np.testing.assert_array_equal(found.positive, [True] * 3)
    assert found.reason is None
    for k, row in enumerate(rows):
        single = solve(
            NFW(m_vir=float(m_vir[k, 0]), c=12.0),
            PowerLaw(log_slope=float(log_slope[k, 0])),
            Constant(beta=float(beta[k, 0])),
        )
        np.testing.assert_allclose(row, single.ln_f(energy, momentum), rtol=0, atol=1e-9)
        cube = energy.reshape(1, 1, 7) * np.ones((3, 2, 1))
        np.testing.assert_allclose(found.ln_f(cube, momentum)[k, 1], row, rtol=1e-14)


def test_blocks_change_nothing(galaxy):
    found = solve(galaxy, POWER, Constant(beta=0.3))
    energy = np.random.default_rng(1).uniform(-1e4, 3e5, 100_000)
    parts = np.concatenate([found.ln_f1(part) for part in np.array_split(energy, 13)])
    np.testing.assert_array_equal(found.ln_f1(energy), parts)


@pytest.mark.parametrize(
    ("tracer", "anisotropy", "said"),
    [
        (PowerLaw(log_slope=-1.5), Constant(beta=0.8), "log_slope"),
        (PowerLaw(log_slope=-1.9), OsipkovMerritt(r_a=20.0), "log_slope"),
        (BrokenPowerLaw(width=0.0), Constant(beta=0.0), "bend"),
        (BrokenPowerLaw(width=0.0), Constant(beta=0.7), "bend"),
        (POWER, Constant(beta=-0.5), "beta above -0.5"),
        (POWER, Cuddeford(beta_0=-0.7, r_a=20.0), "beta above -0.5"),
        (POWER, MamonLokas(r_a=20.0), "constant, osipkov_merritt or cuddeford"),
    ],
)
def test_what_has_no_distribution_function_is_refused(galaxy, tracer, anisotropy, said):
    with pytest.raises(InputError, match=said):
        solve(galaxy, tracer, anisotropy)


def test_a_negative_f1_is_named():
    # a density that a core cannot hold: beta = 0.4 exceeds half its central slope (An & Evans 2006)
    found = solve(Hernquist(m=1e11, a=5.0), Einasto(n=1.0, r_eff=15.0), Constant(beta=0.4))
    assert not found.positive
    assert "not positive" in found.reason
    np.testing.assert_array_equal(found.ln_f1(np.array([1e2, 1e4])), -math.inf)
    with pytest.raises(NumericalError, match="no equilibrium"):
        found.require_positive()


def test_in_a_batch_a_mask_says_which(galaxy):
    beta = np.array([[0.2], [-0.5], [0.9], [1.0], [0.55]])
    found = solve(galaxy, PowerLaw(log_slope=-1.5), Constant(beta=beta))
    np.testing.assert_array_equal(found.positive, [True, False, False, False, True])
    assert "3 of 5 sets" in found.reason
    value = found.ln_f1(np.array([3e4]))
    np.testing.assert_array_equal(np.isfinite(value[:, 0]), found.positive)
    widths = np.array([[0.0], [0.3]])
    np.testing.assert_array_equal(solve(galaxy, BrokenPowerLaw(width=widths), Constant()).positive, [False, True])


def test_pickles(galaxy):
    found = solve(galaxy, POWER, Constant(beta=0.3))
    again = pickle.loads(pickle.dumps(found))
    assert again.ln_f1(np.array(3e4)) == found.ln_f1(np.array(3e4))
