"""Spherical averages of axisymmetric densities, against closed forms and adaptive quadrature."""

import mpmath
import numpy as np
import pytest

from haloscale.constants import G
from haloscale.errors import InputError, NumericalError
from haloscale.mass import Plummer
from haloscale.mass.double_exponential_disk import DoubleExponentialDisk, thick_disk_mass_shape
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.nfw import NFW
from haloscale.mass.spherical_average import SphericalAverage

R = np.geomspace(2e-3, 900.0, 333)
M, R_D, Z_D = 5e10, 2.6, 0.3


def double_exponential(R_cyl, z, m=M, r_d=R_D, z_d=Z_D):
    return m / (4 * np.pi * r_d**2 * z_d) * np.exp(-R_cyl / r_d - z / z_d)


@pytest.fixture(scope="module")
def disk():
    return SphericalAverage.from_density(double_exponential)


@pytest.mark.parametrize("sphere", [Plummer(m=1e10, a=0.5), NFW(m_vir=1e12, c=10.0)], ids=["plummer", "nfw"])
def test_a_sphere_is_its_own_average(sphere):
    average = SphericalAverage.from_density(lambda R_cyl, z: sphere.density(np.hypot(R_cyl, z)))
    np.testing.assert_allclose(average.enclosed_mass(R), sphere.enclosed_mass(R), rtol=1e-9)
    near = R[R < 100]
    np.testing.assert_allclose(average.density(near), sphere.density(near), rtol=1e-5)


def test_two_quadratures_agree_on_the_disk(disk):
    closed = DoubleExponentialDisk(m=M, r_d=R_D, z_d=Z_D)
    np.testing.assert_allclose(disk.enclosed_mass(R), closed.enclosed_mass(R), rtol=1e-9)
    np.testing.assert_allclose(disk.potential(R), closed.potential(R), rtol=1e-8)
    assert disk.enclosed_mass(900.0) == pytest.approx(M, rel=1e-9)


def test_outside_the_table(disk):
    assert disk.enclosed_mass(0.0) == 0
    assert disk.enclosed_mass(np.inf) == disk.enclosed_mass(1e3)
    # uniform at its centre
    centre = 4 / 3 * np.pi * 1e-12 * double_exponential(0.0, 0.0)
    assert disk.enclosed_mass(1e-4) == pytest.approx(centre, rel=2e-2)
    assert disk.enclosed_mass(1e30) * G / 1e30 < 1e-12


@pytest.mark.parametrize("r_d_over_z_d", [0.35, 1.0, 3.0, 9.0, 40.0])
def test_thick_disk_against_mpmath(r_d_over_z_d):
    with mpmath.workdps(30):
        for y in (1e-5, 1e-2, 0.5, 0.999, 1.001, 3.0, 12.0, 36.5, 60.0, 500.0):
            x = y / r_d_over_z_d

            def layer(t, x=x, y=y):
                return (
                    -mpmath.sin(t) * mpmath.cos(t) * mpmath.exp(-x * mpmath.cos(t)) * mpmath.expm1(-y * mpmath.sin(t))
                )

            cuts = sorted({mpmath.pi / 2 * min(1, k / max(y, 1)) for k in (0, 0.3, 1, 3, 10, 30, 1e9)})
            exact = float(mpmath.mpf(x) ** 2 * mpmath.quad(layer, cuts))
            assert thick_disk_mass_shape(x, y) == pytest.approx(exact, rel=1e-11)


def test_a_razor_thin_disk_is_the_exponential_disk():
    thin = ExponentialDisk(m=M, b=R_D)
    r = np.geomspace(1.0, 300.0, 40)
    errors = [
        np.abs(DoubleExponentialDisk(m=M, r_d=R_D, z_d=z_d).enclosed_mass(r) / thin.enclosed_mass(r) - 1).max()
        for z_d in (1e-1, 1e-2, 1e-3, 1e-5)
    ]
    assert errors[0] < 0.03
    assert errors[3] < 1e-9
    assert errors[1] / errors[2] == pytest.approx(100, rel=0.1)


@pytest.mark.slow
def test_jax_reads_the_table_and_differentiates(disk):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        r = jax.numpy.asarray(R)
        np.testing.assert_allclose(jax.jit(disk.enclosed_mass)(r), disk.enclosed_mass(R), rtol=1e-12)
        slope = jax.vmap(jax.grad(disk.enclosed_mass))(r)
    near = R < 20
    shell = 4 * np.pi * R**2 * DoubleExponentialDisk(m=M, r_d=R_D, z_d=Z_D).density(R)
    np.testing.assert_allclose(slope[near], shell[near], rtol=1e-5)


@pytest.mark.parametrize(
    "density",
    [
        lambda R_cyl, z: -np.exp(-R_cyl),
        lambda R_cyl, z: np.full_like(R_cyl, np.nan),
        lambda R_cyl, z: 1.0,
        lambda R_cyl, z: np.where(R_cyl > 5.0, 1.0, 0.0),
    ],
    ids=["negative", "nan", "a number", "empty centre"],
)
def test_a_density_that_is_none(density):
    with pytest.raises(InputError, match="density"):
        SphericalAverage.from_density(density)


def test_a_table_without_a_range():
    with pytest.raises(InputError, match="r_min"):
        SphericalAverage.from_density(double_exponential, r_min=1.0, r_max=0.1)


@pytest.mark.parametrize(
    "density",
    [lambda R_cyl, z: 1.0 / (1e-30 + R_cyl**2 + z**2) ** 1.49, lambda R_cyl, z: 1.0 * (R_cyl**2 + z**2 < 3.0)],
    ids=["steep centre", "jump"],
)
def test_a_density_that_the_quadrature_cannot_hold(density):
    with pytest.raises(NumericalError, match="not known to 1e-08"):
        SphericalAverage.from_density(density, r_max=30.0)
