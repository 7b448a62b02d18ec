"""Overdensity definitions and the conversion between them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.constants import G
from haloscale.cosmology import (
    NAMED_DEFINITIONS,
    bryan_norman_overdensity,
    convert,
    critical_density,
    density_threshold,
    virial_radius,
)
from haloscale.errors import ConfigError, NumericalError
from haloscale.mass.hernquist import Hernquist
from haloscale.mass.nfw import NFW


def test_critical_density():
    assert critical_density(70.0) == pytest.approx(135.99, abs=0.005)
    assert critical_density(35.0) == pytest.approx(critical_density(70.0) / 4, rel=1e-14)


def test_critical_density_against_astropy():
    from astropy.cosmology import FlatLambdaCDM

    theirs = FlatLambdaCDM(H0=67.4, Om0=0.3).critical_density0.to_value("solMass / kpc3")
    # astropy's G is CODATA's, 2e-5 uncertain; ours is GM_sun's
    assert critical_density(67.4) == pytest.approx(theirs, rel=5e-5)


def test_virial_radii_of_the_paper():
    # the stated constants; the paper prints 205, 215, 207 kpc, which need H0 = 73.24
    assert virial_radius(1.08e12) == pytest.approx(211.6392699, rel=1e-9)
    assert virial_radius(1.11e12) == pytest.approx(213.5810231, rel=1e-9)
    printed = virial_radius(np.array([1.08e12, 1.24e12, 1.11e12]), h0=73.24)
    np.testing.assert_allclose(printed, [205, 215, 207], atol=0.5)


def test_virial_radius_broadcasts():
    assert virial_radius(np.full((3, 1), 1e12), np.array([100.0, 200.0])).shape == (3, 2)


def test_bryan_norman():
    assert bryan_norman_overdensity(0.3) == pytest.approx(101.1, abs=0.05)
    assert bryan_norman_overdensity(0.308) == pytest.approx(102.2, abs=0.05)
    assert bryan_norman_overdensity(0.3) / 0.3 == pytest.approx(337, abs=0.5)
    assert bryan_norman_overdensity(1.0) == pytest.approx(18 * math.pi**2, rel=1e-15)


def test_thresholds():
    critical = critical_density(70.0)
    assert NAMED_DEFINITIONS == ("200c", "200m", "bn98")
    assert density_threshold("200c", 70.0, 0.3) == pytest.approx(200 * critical, rel=1e-14)
    assert density_threshold("200m", 70.0, 0.3) == pytest.approx(60 * critical, rel=1e-14)
    assert density_threshold("178m", 70.0, 0.25) == pytest.approx(44.5 * critical, rel=1e-14)
    assert density_threshold(340 * 0.3, 65.0) == pytest.approx(102 * critical_density(65.0), rel=1e-14)
    assert density_threshold("500c") == density_threshold(500)
    assert density_threshold("bn98", 70.0, 0.3) == pytest.approx(101.1 * critical, rel=1e-3)


@pytest.mark.parametrize("definition", ["", "vir", "c", "-200c", "200x", "nan", 0, -1.0, math.inf])
def test_unknown_definitions_are_refused(definition):
    with pytest.raises(ConfigError, match="200c, 200m, bn98"):
        density_threshold(definition)


def test_table_of_definitions(shared):
    lines = shared("reference/mass_definitions.csv").read_text().splitlines()
    halo = NFW(m_vir=1.08e12, c=18.5)
    rows = [line.rsplit(",", 2) for line in lines if not line.startswith(("#", "definition"))]
    assert len(rows) == 4
    for label, m, c in rows:
        name = "bn98" if label.startswith("vir") else label.split()[0]
        mass, r, concentration = convert(halo, density_threshold(name, 70.0, 0.3))
        assert mass == pytest.approx(float(m) * 1e12, abs=0.5e9), label
        assert concentration == pytest.approx(float(c), abs=0.05), label
        assert mass == pytest.approx(halo.enclosed_mass(r), rel=1e-12)


@pytest.mark.parametrize(
    ("m_vir", "c", "definition", "h0", "m_expected", "c_expected"),
    [
        (1.08e12, 18.5, 0.3 * 340, 65.0, 1.24e12, 25.4),
        (1.11e12, 13.8, 0.3 * 340, 65.0, 1.29e12, 19.1),
        (1.11e12, 13.8, "bn98", 70.0, 1.26e12, 18.1),
        (1.11e12, 13.8, "200m", 70.0, 1.38e12, 22.1),
    ],
)
def test_known_conversions(m_vir, c, definition, h0, m_expected, c_expected):
    m, _, concentration = convert(NFW(m_vir=m_vir, c=c), density_threshold(definition, h0, 0.3))
    assert m == pytest.approx(m_expected, abs=0.5e10)
    assert concentration == pytest.approx(c_expected, abs=0.051)


@settings(deadline=None)
@given(m_vir=st.floats(1e10, 1e14), c=st.floats(1, 100), overdensity=st.floats(50, 5000))
def test_nfw_in_its_own_equation(m_vir, c, overdensity):
    # (c2/c)^3 f = m(c2)/m(c), f the ratio of the thresholds
    halo = NFW(m_vir=m_vir, c=c)
    m, r, c2 = convert(halo, density_threshold(overdensity))

    def shape(x):
        return math.log1p(x) - x / (1 + x)

    assert (c2 / c) ** 3 * overdensity / 200 == pytest.approx(shape(c2) / shape(c), rel=1e-10)
    assert m == pytest.approx(m_vir * shape(c2) / shape(c), rel=1e-10)
    back = NFW(m_vir=m, c=c2, overdensity=overdensity)
    assert convert(back, density_threshold("200c"))[0] == pytest.approx(m_vir, rel=1e-10)
    assert r == pytest.approx(back.r_vir, rel=1e-10)


def test_converts_many_draws_at_once():
    rng = np.random.default_rng(1)
    m_vir, c = 10 ** rng.uniform(11, 13, 2000), 10 ** rng.uniform(0, 2, 2000)
    m, r, concentration = convert(NFW(m_vir=m_vir, c=c), density_threshold("200m"))
    assert m.shape == r.shape == concentration.shape == (2000,)
    one = convert(NFW(m_vir=float(m_vir[7]), c=float(c[7])), density_threshold("200m"))
    np.testing.assert_allclose([m[7], r[7], concentration[7]], one, rtol=1e-12)
    np.testing.assert_allclose(3 * m / (4 * math.pi * r**3), density_threshold("200m"), rtol=1e-12)


def test_converts_any_mass_model():
    sphere = Hernquist(m=1e12, a=30.0)
    m, r, c = convert(sphere.enclosed_mass, density_threshold("200c"), r_minus2=15.0, r_guess=1.0)
    assert m == pytest.approx(sphere.enclosed_mass(r), rel=1e-13)
    assert 3 * m / (4 * math.pi * r**3) == pytest.approx(density_threshold("200c"), rel=1e-11)
    assert c == pytest.approx(r / 15.0, rel=1e-15)


def test_draws_of_the_threshold():
    halo = NFW(m_vir=1e12, c=10.0)
    thresholds = 200 * critical_density(np.array([60.0, 70.0, 80.0]))
    m, r, _ = convert(halo, thresholds)
    assert m[1] == pytest.approx(1e12, rel=1e-12)
    assert np.all(np.diff(r) < 0)


def test_no_radius_has_the_density():
    def uniform(r):
        return 4 / 3 * math.pi * r**3

    with pytest.raises(NumericalError, match="mean density"):
        convert(uniform, 200.0, r_minus2=1.0, r_guess=10.0)


def test_constant_of_gravity():
    # released codes carry a G wrong by 0.37 % or 0.045 %
    from astropy import constants, units

    # the nominal GM_sun of IAU 2015 and the parsec of the IAU 2012 astronomical unit
    gm_sun = constants.GM_sun.to_value(units.kpc * (units.km / units.s) ** 2)
    assert pytest.approx(gm_sun, rel=1e-9) == G
