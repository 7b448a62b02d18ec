"""Sums of mass models, and what the base derives for a model of one's own."""

import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale import mass
from haloscale.arrays import Array
from haloscale.constants import G
from haloscale.mass import MassModel
from haloscale.mass.exponential_disk import ExponentialDisk
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW
from haloscale.registry import param

HALO, DISK, BULGE = NFW(m_vir=1.08e12, c=18.5), ExponentialDisk(m=6.8e10, b=2.5), Hernquist(m=0.5e10, a=0.6)
R = np.geomspace(0.01, 1e3, 25)


class Point:
    """A user's own plain class: no base, one method."""

    def enclosed_mass(self, r):
        return 1e11 + 0 * r


@dataclass(frozen=True)
class Plummer(MassModel):
    """A user's own model on the base: closed forms of Phi and rho are known."""

    m: Array = param("solMass", "m", "mass", low=0.0)
    b: Array = param("kpc", "b", "scale radius", low=0.0)

    def enclosed_mass(self, r):
        return self.m * (r / (r * r + self.b**2) ** 0.5) ** 3


def test_sum_is_flat_and_additive():
    galaxy = HALO + (DISK + BULGE)
    assert galaxy.parts == (HALO, DISK, BULGE) == ((HALO + DISK) + BULGE).parts
    for quantity in ("enclosed_mass", "potential", "density"):
        total = sum(getattr(part, quantity)(R) for part in galaxy.parts)
        np.testing.assert_allclose(getattr(galaxy, quantity)(R), total, rtol=1e-15)
    np.testing.assert_allclose(galaxy.v_circ(R) ** 2, G * galaxy.enclosed_mass(R) / R, rtol=1e-14)


def test_builtin_sum_starts_from_zero():
    assert sum([HALO, DISK, BULGE]) == HALO + DISK + BULGE


def test_sum_equals_pickles_and_repeats():
    assert NFW(m_vir=1.08e12, c=18.5) + DISK == HALO + DISK
    assert pickle.loads(pickle.dumps(HALO + DISK)) == HALO + DISK
    assert "NFW(m_vir=1080000000000.0" in repr(HALO + DISK)


def test_sum_has_the_largest_dimension():
    wide = NFW(m_vir=np.full((4, 1), 1e12), c=10.0)
    assert (HALO + DISK).ndim == 0
    assert (DISK + wide).ndim == 2
    assert (DISK + wide).enclosed_mass(R).shape == (4, len(R))


def test_plain_class_joins_on_either_side():
    point = Point()
    for galaxy in (point + HALO, HALO + point):
        np.testing.assert_allclose(galaxy.enclosed_mass(R), HALO.enclosed_mass(R) + 1e11, rtol=1e-15)
        np.testing.assert_allclose(galaxy.potential(R), HALO.potential(R) - G * 1e11 / R, rtol=1e-12)
        np.testing.assert_allclose(galaxy.density(R), HALO.density(R), rtol=1e-9)
    assert (point + HALO).parts[0] is point


def test_own_model_gets_potential_and_density():
    own = Plummer(m=1e11, b=3.0)
    np.testing.assert_allclose(own.potential(R), -G * 1e11 / np.sqrt(R**2 + 9), rtol=1e-10)
    near = R[R < 100]
    expected = 3e11 / (4 * np.pi * 27) * (1 + near**2 / 9) ** -2.5
    np.testing.assert_allclose(own.density(near), expected, rtol=1e-6)


def test_model_without_a_mass_says_so():
    @dataclass(frozen=True)
    class Empty(MassModel):
        pass

    with pytest.raises(NotImplementedError, match="enclosed_mass"):
        Empty().enclosed_mass(1.0)


def test_unknown_attribute_of_the_package():
    assert {"NFW", "Hernquist", "ExponentialDisk", "Sum"} <= set(dir(mass))
    for name in ("Nfw", "_hidden"):
        with pytest.raises(AttributeError, match=name):
            getattr(mass, name)


def test_a_mass_of_zero_is_allowed():
    assert Hernquist(m=0.0, a=0.6).enclosed_mass(8.0) == 0
    assert np.all((HALO + ExponentialDisk(m=0, b=2.5)).enclosed_mass(R) == HALO.enclosed_mass(R))


@settings(deadline=None)
@given(
    m_vir=st.floats(1e10, 1e14),
    c=st.floats(0.5, 200),
    overdensity=st.floats(50, 500),
    h0=st.floats(50, 90),
    omega_m=st.floats(0.1, 1),
)
def test_halo_closes_at_the_virial_radius(m_vir, c, overdensity, h0, omega_m):
    # Eqs. 14 and 16: the mass inside r_vir is m_vir, its mean density the threshold; halo only
    halo = NFW(m_vir=m_vir, c=c, overdensity=overdensity, h0=h0, omega_m=omega_m)
    assert halo.enclosed_mass(halo.r_vir) == pytest.approx(m_vir, rel=1e-12)
    threshold = overdensity * omega_m * 3 * (h0 / 1e3) ** 2 / (8 * math.pi * G)
    assert 3 * m_vir / (4 * math.pi * halo.r_vir**3) == pytest.approx(threshold, rel=1e-12)
    shape = math.log1p(c) - c / (1 + c)
    assert halo.rho_s == pytest.approx(threshold / 3 * c**3 / shape, rel=1e-10)
    assert halo.r_s == halo.r_minus2 == pytest.approx(halo.r_vir / c, rel=1e-15)
    slope = math.log(halo.density(halo.r_minus2 * 1.001) / halo.density(halo.r_minus2 / 1.001)) / (2 * math.log(1.001))
    assert slope == pytest.approx(-2, abs=1e-6)
