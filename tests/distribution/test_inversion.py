"""f1 against closed forms and adaptive quadrature."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from haloscale.anisotropy import Constant, OsipkovMerritt
from haloscale.constants import G
from haloscale.distribution.inversion import System, f1_over_h
from haloscale.distribution.orbits import orbits_of
from haloscale.mass import Hernquist
from haloscale.tracer import BrokenPowerLaw, PowerLaw

R = np.array([1.0, 5.0, 20.0, 80.0, 300.0, 3000.0])


def f1_of(mass, tracer, anisotropy, r=R, resolution=1.0):
    """f1 of a density that is one at 1 kpc."""
    system = System(mass, tracer, anisotropy, orbits_of(anisotropy))
    h = tracer.density_ratio(r, 1.0) * system.orbits.factor(r)
    return f1_over_h(system, r, resolution) * h


def test_hernquist_isotropic():
    # Hernquist (1990), Eq. 17, for a unit of mass that is the density at 1 kpc
    m, a = 3e11, 12.0
    tracer = BrokenPowerLaw(log_slope_inner=-1.0, log_slope_outer=-4.0, r_break=a, width=1.0)
    mass = Hernquist(m=m, a=a)
    q = np.sqrt(-mass.potential(R) * a / (G * m))
    v_g = math.sqrt(G * m / a)
    shape = (3 * np.arcsin(q) + q * np.sqrt(1 - q**2) * (1 - 2 * q**2) * (8 * q**4 - 8 * q**2 - 3)) / (1 - q**2) ** 2.5
    per_unit_mass = shape / (8 * math.sqrt(2) * math.pi**3 * a**3 * v_g**3)
    density_at_1 = a / (2 * math.pi * (1 + a) ** 3)
    np.testing.assert_allclose(f1_of(mass, tracer, Constant()), per_unit_mass / density_at_1, rtol=1e-7)


@pytest.mark.parametrize("gamma", [1.5, 3.0, 4.0, 6.0])
def test_beta_one_half_in_the_papers_potential(galaxy, gamma):
    # METHODS section 14: f1 = (1 / 2 pi^2) (gamma - 1) r_E^(2 - gamma) / [G M(r_E)]
    expected = (gamma - 1) * R ** (2 - gamma) / (G * galaxy.enclosed_mass(R)) / (2 * math.pi**2)
    ours = f1_of(galaxy, PowerLaw(log_slope=-gamma), Constant(beta=0.5))
    np.testing.assert_allclose(ours, expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("gamma", "beta", "error"),
    [(0.8, -0.2, 1e-8), (1.1, 0.0, 1e-8), (2.5, 0.9, 1e-7), (1.5, 0.6, 1e-4), (2.1, 0.9, 1e-4)],
)
def test_slow_falls_about_a_point_mass(gamma, beta, error):
    # h = (psi / GM)^p: a fractional derivative of a power, Gamma(p) / Gamma(p + b)
    mass, p = Hernquist(m=1e11, a=1e-9), gamma - 2 * beta
    psi = -mass.potential(R)
    norm = 2**beta / (2 * math.pi) ** 1.5 / math.gamma(1 - beta) * math.gamma(p + 1) / math.gamma(p + beta - 0.5)
    expected = norm * psi ** (beta - 1.5) * R ** (2 * beta - gamma)
    np.testing.assert_allclose(f1_of(mass, PowerLaw(log_slope=-gamma), Constant(beta=beta)), expected, rtol=error)


def eddington(mass, gamma, beta, r):
    """The three inversions of Cuddeford (1991) as printed, for nu = r^-gamma, with t = y^q against the singularity."""
    p, energy = gamma - 2 * beta, -mass.potential(r)

    def rate(s):
        return 4 * math.pi * s**3 * mass.density(s) / mass.enclosed_mass(s)

    def kernel(s):
        first = p * s ** (1 - p) / (G * mass.enclosed_mass(s))
        return first if beta > 0.5 else first * s * (p - 1 + rate(s)) / (G * mass.enclosed_mass(s))

    power = beta - (1.5 if beta > 0.5 else 0.5)
    q, force = 4 / (1 + power), G * mass.enclosed_mass(r) / r

    def integrand(y):
        t = y**q
        s = r * math.exp(t)
        drop = (energy + mass.potential(s)) / t if t > 1e-4 else force * (1 + (rate(r) - 1) * t / 2)
        return kernel(s) / kernel(r) * drop**power * G * mass.enclosed_mass(s) / s * q * y**3

    ends = [t ** (1 / q) for t in (0, 0.2, 0.5, 1, 3, 8, 45)]
    total = sum(quad(integrand, *pair, epsabs=0, epsrel=1e-10, limit=400)[0] for pair in pairwise(ends))
    norm = (2 * math.pi) ** 1.5 * 2**-beta * math.gamma(1 - beta) / math.gamma(1.5 - beta)
    if beta > 0.5:
        return math.sin(math.pi * (beta - 0.5)) / (math.pi * norm) * total * kernel(r)
    return math.sin(math.pi * (0.5 + beta)) / (math.pi * norm * (0.5 - beta)) * total * kernel(r)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("beta", [-0.45, -0.3, 0.0, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("gamma", [4.0, 3.0])
def test_against_the_three_printed_inversions(galaxy, gamma, beta):
    r = np.array([1.0, 15.0, 150.0])
    expected = [eddington(galaxy, gamma, beta, float(x)) for x in r]
    np.testing.assert_allclose(f1_of(galaxy, PowerLaw(log_slope=-gamma), Constant(beta=beta), r), expected, rtol=1e-8)


def test_a_smooth_function_of_beta_through_one_half(galaxy):
    tracer = PowerLaw(log_slope=-4.0)
    f = [f1_of(galaxy, tracer, Constant(beta=0.5 + d)) for d in (-1e-4, 0.0, 1e-4)]
    np.testing.assert_allclose((f[0] + f[2]) / 2, f[1], rtol=1e-5)
    assert np.all(np.abs(np.log(f[2] / f[0])) > 1e-5)


def test_osipkov_merritt_tends_to_isotropy(galaxy):
    tracer = PowerLaw(log_slope=-4.0)
    wide = f1_of(galaxy, tracer, OsipkovMerritt(r_a=1e9))
    np.testing.assert_allclose(wide, f1_of(galaxy, tracer, Constant()), rtol=1e-8)


def test_osipkov_merritt_is_eddington_of_a_widened_density(galaxy):
    # nu (1 + r^2 / r_a^2) with nu = r^-4 is a sum of two powers, and f is linear in the density
    r_a = 30.0
    sum_of_two = (
        f1_of(galaxy, PowerLaw(log_slope=-4.0), Constant())
        + f1_of(galaxy, PowerLaw(log_slope=-2.0), Constant()) / r_a**2
    )
    np.testing.assert_allclose(f1_of(galaxy, PowerLaw(log_slope=-4.0), OsipkovMerritt(r_a=r_a)), sum_of_two, rtol=1e-8)


@pytest.mark.parametrize("width", [0.05, 0.3])
def test_a_bend_is_resolved(galaxy, width):
    tracer = BrokenPowerLaw(log_slope_inner=-2.3, log_slope_outer=-4.6, r_break=27.0, width=width)
    r = np.geomspace(5, 60, 60)
    fine = f1_of(galaxy, tracer, Constant(), r, width / 4)
    np.testing.assert_allclose(f1_of(galaxy, tracer, Constant(), r, width), fine, rtol=1e-7)
