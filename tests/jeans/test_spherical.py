"""sigma_r: what the quadrature may be given, where it refuses, and what must hold of its answer."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.anisotropy.constant import Constant
from haloscale.constants import G
from haloscale.errors import InputError, NumericalError
from haloscale.jeans import sigma_r, variance_r
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.tracer.power_law import PowerLaw

HALO, DISK, BULGE = NFW(m_vir=1.08e12, c=18.5), ExponentialDisk(m=6.8e10, b=2.5), Hernquist(m=0.5e10, a=0.6)
GALAXY = HALO + DISK + BULGE
R = np.array([6.5, 9.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.5, 37.5, 50.0, 70.0, 100.0])


class PointMass:
    def enclosed_mass(self, r):
        return 1e12 * (r > 0)


class Isothermal:
    def enclosed_mass(self, r):
        return 1e10 * r


class Ratio:
    """A plain tracer or anisotropy: one method, no base class, no scale_free."""

    def __init__(self, power):
        self.power = power

    def density_ratio(self, s, r):
        return (s / r) ** self.power

    factor_ratio = density_ratio


@settings(deadline=None)
@given(log_slope=st.floats(-8, -2), beta=st.floats(-2, 0.9), r=st.floats(1e-3, 1e4))
def test_point_mass_in_closed_form(log_slope, beta, r):
    # sigma_r^2 = G M / [r (1 - log_slope - 2 beta)]
    p = -log_slope - 2 * beta
    variance = variance_r(PointMass(), PowerLaw(log_slope=log_slope), Constant(beta=beta), r)
    # the rule integrates the polynomial u^p exactly only at whole p, and worst at the smallest
    assert variance == pytest.approx(G * 1e12 / (r * (1 + p)), rel=1e-10 if p > 2 else 1e-5)


def test_isothermal_sphere_is_flat():
    # M = k r: sigma_r^2 = G k / p
    for log_slope, beta in [(-4.0, 0.0), (-3.5, 0.3), (-5.0, 0.9)]:
        variance = variance_r(Isothermal(), PowerLaw(log_slope=log_slope), Constant(beta=beta), R)
        np.testing.assert_allclose(variance, G * 1e10 / (-log_slope - 2 * beta), rtol=1e-9)


def test_any_object_with_the_three_methods():
    plain = sigma_r(GALAXY, Ratio(-4.0), Ratio(0.6), R)
    # not known to be scale-free, they take the general rule
    np.testing.assert_allclose(plain, sigma_r(GALAXY, PowerLaw(log_slope=-4.0), Constant(beta=0.3), R), rtol=1e-9)
    mixed = sigma_r(SimpleNamespace(enclosed_mass=GALAXY.enclosed_mass), PowerLaw(), Ratio(0.6), R)
    np.testing.assert_allclose(mixed, plain, rtol=1e-13)


@settings(deadline=None)
@given(beta=st.floats(-1, 0.9), log_slope=st.floats(-6, -2.5))
def test_additive_over_the_mass(beta, log_slope):
    tracer, anisotropy = PowerLaw(log_slope=log_slope), Constant(beta=beta)
    parts = sum(variance_r(part, tracer, anisotropy, R) for part in (HALO, DISK, BULGE))
    np.testing.assert_allclose(variance_r(GALAXY, tracer, anisotropy, R), parts, rtol=1e-13)


@settings(deadline=None)
@given(beta=st.floats(-0.5, 0.9), log_slope=st.floats(-6, -3))
def test_solves_the_jeans_equation(beta, log_slope):
    # Eq. 9: V_c^2 = -sigma_r^2 (d ln nu / d ln r + d ln sigma_r^2 / d ln r + 2 beta)
    tracer, anisotropy, step = PowerLaw(log_slope=log_slope), Constant(beta=beta), 1e-3

    def log_variance(k):
        return np.log(variance_r(GALAXY, tracer, anisotropy, R * math.exp(k * step), n_nodes=48))

    gradient = (log_variance(-2) - log_variance(2) + 8 * (log_variance(1) - log_variance(-1))) / (12 * step)
    v_squared = -np.exp(log_variance(0)) * (log_slope + gradient + 2 * beta)
    np.testing.assert_allclose(v_squared, GALAXY.v_circ(R) ** 2, rtol=1e-8)


@pytest.mark.parametrize("beta", [-0.5, 0.0, 0.5, 0.9])
def test_tail_is_not_cut_at_large_radius(beta):
    # a released code's absolute tolerance truncated the tail: far out the galaxy is a point of slowly growing mass
    r = np.array([1e3, 1e4, 1e5, 1e6])
    coarse, fine = (sigma_r(GALAXY, PowerLaw(), Constant(beta=beta), r, n_nodes=n) for n in (16, 96))
    np.testing.assert_allclose(coarse, fine, rtol=1e-7)
    floor = np.sqrt(G * GALAXY.enclosed_mass(r) / (r * (5 - 2 * beta)))
    assert np.all(fine > floor)
    np.testing.assert_allclose(fine, floor, rtol=0.1)


def test_shapes():
    tracer, anisotropy = PowerLaw(), Constant(beta=0.3)
    assert np.ndim(sigma_r(GALAXY, tracer, anisotropy, 20.0)) == 0
    assert sigma_r(GALAXY, tracer, anisotropy, 20) == sigma_r(GALAXY, tracer, anisotropy, 20.0)
    np.testing.assert_array_equal(sigma_r(GALAXY, tracer, anisotropy, list(R)), sigma_r(GALAXY, tracer, anisotropy, R))
    assert sigma_r(GALAXY, tracer, anisotropy, np.empty(0)).shape == (0,)
    grid = R.reshape(3, 4)
    np.testing.assert_allclose(
        sigma_r(GALAXY, tracer, anisotropy, grid).ravel(), sigma_r(GALAXY, tracer, anisotropy, R), rtol=1e-14
    )


def test_parameter_sets_on_any_axes():
    m_vir, c = np.linspace(5e11, 2e12, 5)[:, None, None], np.linspace(5, 25, 4)[:, None]
    beta = np.array([0.0, 0.3, 0.6, 0.8])[:, None]
    batch = sigma_r(NFW(m_vir=m_vir, c=c) + DISK, PowerLaw(), Constant(beta=beta), R)
    assert batch.shape == (5, 4, 12)
    one = sigma_r(NFW(m_vir=float(m_vir[3, 0, 0]), c=float(c[2, 0])) + DISK, PowerLaw(), Constant(beta=0.6), R)
    np.testing.assert_allclose(batch[3, 2], one, rtol=1e-12)
    per_radius = sigma_r(HALO, PowerLaw(), Constant(beta=np.linspace(0, 0.5, 12)), R)
    assert per_radius[-1] == pytest.approx(sigma_r(HALO, PowerLaw(), Constant(beta=0.5), 100.0), rel=1e-12)


def test_divergence_is_named_for_numbers():
    with pytest.raises(NumericalError, match=r"-log_slope - 2 beta = -1\.4 must exceed -1"):
        sigma_r(GALAXY, PowerLaw(log_slope=-0.5), Constant(beta=0.95), R)
    assert np.all(sigma_r(GALAXY, PowerLaw(log_slope=-0.5), Constant(beta=0.5), R) > 0)


def test_divergence_is_nan_for_arrays():
    beta = np.array([0.5, 0.95])[:, None]
    result = sigma_r(GALAXY, PowerLaw(log_slope=-0.5), Constant(beta=beta), R)
    assert np.all(result[0] > 0)
    assert np.all(np.isnan(result[1]))


@pytest.mark.parametrize("r", [0.0, -3.0, [0.0, 8.0]])
def test_the_centre_is_refused(r):
    with pytest.raises(InputError, match="positive radii"):
        sigma_r(GALAXY, PowerLaw(), Constant(), r)
