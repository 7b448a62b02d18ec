"""The dark halos: 30-digit quadrature of their densities, the virial definition, r_-2, limits and bad input."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale import cosmology
from haloscale.constants import G
from haloscale.errors import InputError
from haloscale.mass import HaloModel, mass_models
from haloscale.mass.burkert import R_MINUS2_OVER_CORE, Burkert
from haloscale.mass.cored_isothermal import CoredIsothermal
from haloscale.mass.einasto import Einasto
from haloscale.mass.gnfw import GNFW, gnfw_mass_shape
from haloscale.mass.nfw import NFW
from haloscale.mass.plummer import Plummer

M_VIR, C = 1.08e12, 12.0
R = [1e-6, 0.01, 1.0, 8.0, 60.0, 300.0, 1e4]
OWN = {"gnfw": {"gamma": 0.7}, "einasto": {"alpha": 0.17}, "core_nfw": {"n": 0.8, "r_c": 4.0}}
HALOS = {name: entry for name, entry in mass_models.items() if issubclass(entry, HaloModel)}


def halo(name, m_vir=M_VIR, c=C, **given):
    return HALOS[name](**{"m_vir": m_vir, "c": c, **OWN.get(name, {}), **given})


def gnfw(gamma):
    return GNFW(m_vir=M_VIR, c=C, gamma=gamma), lambda x: x**-gamma * (1 + x) ** (gamma - 3), 1 / (2 - gamma)


def einasto(n):
    alpha = 1 / mpmath.mpf(n)
    return Einasto(m_vir=M_VIR, c=C, alpha=1 / n), lambda x: mpmath.exp(-2 / alpha * (x**alpha - 1)), 1.0


def burkert():
    root = float(mpmath.findroot(lambda x: x**3 - x - 2, 1.5))
    return Burkert(m_vir=M_VIR, c=C), lambda x: 1 / ((1 + x) * (1 + x * x)), 1 / root


def cored_isothermal(edge, c):
    # in units of the core, the edge lies at (r_edge / r_-2)^2 = (edge c)^2
    model = CoredIsothermal(m_vir=M_VIR, c=c, edge=edge)
    return model, lambda x: 1 / ((1 + x * x) * (1 + (x / (mpmath.mpf(edge) * c) ** 2) ** 2)), 1 / (edge * c)


EXACT = {
    **{f"gnfw_{g:g}": (gnfw, g) for g in (0.0, 0.3, 1.0, 1.5, 1.9)},
    **{f"einasto_n{n:g}": (einasto, n) for n in (1.0, 3.1, 6.0, 10.0, 12.5)},
    "burkert": (burkert,),
    **{f"cored_isothermal_{e:g}_{c:g}": (cored_isothermal, e, c) for e, c in ((5.0, 12.0), (5.0, 2.0), (1.0, 1.5))},
}


@pytest.mark.parametrize("case", list(EXACT))
def test_against_mpmath(case):
    # mass, density and potential from the density alone, by 30-digit quadrature; core or r_s in units of r_-2
    make, *given = EXACT[case]
    with mpmath.workdps(30):
        model, rho, unit = make(*given)
        scale = mpmath.mpf(float(model.r_minus2)) * unit

        def points(low, high):
            inside = [mpmath.mpf(10) ** k for k in range(-12, 9, 2) if low < mpmath.mpf(10) ** k < high]
            return [low, *inside, high]

        def mass(x):
            return mpmath.quad(lambda t: t * t * rho(t), points(mpmath.mpf(0), x))

        norm = M_VIR / mass(mpmath.mpf(float(model.r_vir)) / scale)
        for r in R:
            x = mpmath.mpf(r) / scale
            inner = mass(x)
            shells = mpmath.quad(lambda t: t * rho(t), [*points(x, mpmath.mpf(10) ** 9), mpmath.inf])
            assert model.enclosed_mass(r) == pytest.approx(float(norm * inner), rel=1e-12)
            assert model.potential(r) == pytest.approx(float(-G * norm / scale * (inner / x + shells)), rel=1e-11)
            expected = float(norm * rho(x) / (4 * mpmath.pi * scale**3))
            assert model.density(r) == pytest.approx(expected, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("name", ["core_nfw", "contracted_nfw"])
def test_density_integrates_to_the_mass(name):
    model = halo(name)
    with mpmath.workdps(15):
        inside = mpmath.quad(lambda s: 4 * mpmath.pi * s * s * float(model.density(float(s))), [0, 0.1, 1, 4, 20, 60])
    assert model.enclosed_mass(60.0) == pytest.approx(float(inside), rel=1e-9)


@pytest.mark.parametrize("name", list(HALOS))
@given(log_m=st.floats(10, 14), log_c=st.floats(0, 2), overdensity=st.floats(50, 500), h0=st.floats(50, 90))
def test_virial_definition_holds(name, log_m, log_c, overdensity, h0):
    # Eqs. 14 and 16: r_vir encloses m_vir at the threshold density, whatever the profile
    model = halo(name, 10**log_m, 10**log_c, overdensity=overdensity, h0=h0)
    assert model.enclosed_mass(model.r_vir) == pytest.approx(10**log_m, rel=1e-11)
    m, r, c = cosmology.convert(model, overdensity * cosmology.critical_density(h0))
    assert (m, r, c) == pytest.approx((10**log_m, model.r_vir, 10**log_c), rel=1e-9)


@pytest.mark.parametrize("name", list(HALOS))
@pytest.mark.parametrize("c", [3.0, 18.5, 40.0])
def test_slope_is_minus_two_at_r_minus2(name, c):
    # where c belongs to the NFW halo of before, no core and no baryons make it that of the halo
    own = {"core_nfw": {"n": 0.0}, "contracted_nfw": {"baryons": Plummer(m=0.0, a=1.0)}}
    model = halo(name, c=c, **own.get(name, {}))
    assert model.r_minus2 == pytest.approx(model.r_vir / c, rel=1e-15)
    step = 1e-4
    ends = [math.log(model.density(model.r_minus2 * math.exp(sign * step))) for sign in (-1, 1)]
    assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(-2, abs=1e-7)


def test_scale_radii_are_those_of_the_papers():
    assert abs(R_MINUS2_OVER_CORE - 1.5213797068045676) < 1e-15
    burkert, sphere = halo("burkert"), halo("cored_isothermal")
    assert burkert.density(burkert.r_core) == pytest.approx(burkert.density(0.0) / 4, rel=1e-12)
    assert burkert.density(0.0) == pytest.approx(burkert.rho_0, rel=1e-12)
    assert sphere.density(sphere.r_core) == pytest.approx(sphere.rho_0 / 2, rel=1e-5)
    assert sphere.r_core * sphere.r_edge == pytest.approx(sphere.r_minus2**2, rel=1e-14)
    assert halo("einasto").rho_minus2 == pytest.approx(halo("einasto").density(halo("einasto").r_minus2), rel=1e-14)


def test_families_meet_at_nfw():
    r = np.geomspace(1e-3, 1e4, 50)
    nfw = NFW(m_vir=M_VIR, c=C)
    for same in (halo("gnfw", gamma=1.0), halo("core_nfw", n=0.0), halo("contracted_nfw", baryons=Plummer(m=0, a=1))):
        for quantity in ("enclosed_mass", "potential", "density"):
            np.testing.assert_allclose(getattr(same, quantity)(r), getattr(nfw, quantity)(r), rtol=2e-11)


def test_core_nfw_is_the_paper_far_outside_its_core():
    # Read et al. (2016), Eq. 16: the NFW mass is untouched there, and n = 1 makes the centre flat
    model, nfw = halo("core_nfw", n=1.0, r_c=2.0), NFW(m_vir=M_VIR, c=C)
    assert model.enclosed_mass(60.0) == pytest.approx(nfw.enclosed_mass(60.0), rel=1e-12)
    assert model.enclosed_mass(2.0) == pytest.approx(nfw.enclosed_mass(2.0) * math.tanh(1), rel=1e-12)
    assert model.density(1e-3) == pytest.approx(model.density(1e-5), rel=1e-3)


def test_gnfw_shape_across_its_switch_and_parameters():
    x = np.concatenate([np.geomspace(1e-8, 1e8, 60), np.linspace(0.9, 1.1, 41)])
    gamma = np.array([0.0, 0.5, 1.0, 1.25, 1.999])[:, None]
    with mpmath.workdps(30):
        exact = [
            [float(mpmath.mpf(v) ** (3 - g) / (3 - g) * mpmath.hyp2f1(3 - g, 3 - g, 4 - g, -mpmath.mpf(v))) for v in x]
            for g in map(mpmath.mpf, gamma[:, 0])
        ]
    np.testing.assert_allclose(gnfw_mass_shape(x, gamma), exact, rtol=2e-13)
    assert gnfw_mass_shape(0.0, 0.5) == 0


@pytest.mark.slow
def test_derivatives_at_the_special_slopes():
    # binomials of a whole number end: the derivative by gamma must not
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        for gamma in (0.0, 1.0):
            for x in (0.2, 1.0, 30.0):
                derivative = jax.grad(lambda g, x=x: gnfw_mass_shape(x, g))(gamma)
                step = 1e-5
                numeric = (gnfw_mass_shape(x, gamma + step) - gnfw_mass_shape(x, gamma - step)) / (2 * step)
                assert float(derivative) == pytest.approx(numeric, rel=1e-7)


@pytest.mark.parametrize("n", [1, 2, 4, 6, 8, 10, 20])
def test_einasto_force_is_there_for_any_n(n):
    # a released code gives exactly 0 for n = 6
    model = Einasto(m_vir=M_VIR, c=C, alpha=1 / n)
    r = np.geomspace(0.1, 1e3, 30)
    force = (model.potential(r * 1.0001) - model.potential(r / 1.0001)) / (2 * r * math.log(1.0001))
    np.testing.assert_allclose(force, G * model.enclosed_mass(r) / r**2, rtol=1e-6)
    assert np.all(model.enclosed_mass(r) > 0)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("gnfw", {"gamma": 2.0}, "at least 0 and below 2"),
        ("gnfw", {"gamma": -0.1}, "at least 0 and below 2"),
        ("einasto", {"alpha": 0.0}, "above 0.01"),
        ("core_nfw", {"n": 1.01}, "at least 0 and at most 1"),
        ("core_nfw", {"r_c": 0.0}, "above 0"),
        ("contracted_nfw", {"f_bar": 1.0}, "above 0 and below 1"),
        ("burkert", {"c": 0.0}, "above 0"),
        ("cored_isothermal", {"edge": -1.0}, "above 0"),
        ("cored_isothermal", {"c": 0.2}, "edge x c above 1"),
    ],
)
def test_a_wrong_number_is_refused(name, given, words):
    with pytest.raises(InputError, match=words):
        halo(name, **given)


def test_the_ends_that_are_allowed():
    assert halo("core_nfw", n=1).n == 1
    assert halo("gnfw", gamma=0).gamma == 0
