"""Anisotropies that pass from one value to another, against their formulas as published."""

import mpmath
import numpy as np
import pytest

from haloscale.anisotropy import (
    BaesVanHese,
    Constant,
    Cuddeford,
    MamonLokas,
    OsipkovMerritt,
    Tiret,
    anisotropies,
    check_below_one,
)
from haloscale.errors import InputError
from haloscale.registry import params

R = np.geomspace(0.01, 1e4, 25)
CASES = {
    "osipkov_merritt": (
        OsipkovMerritt(r_a=20.0),
        lambda r: r**2 / (r**2 + 400),
        lambda r: r**2 + 400,
    ),
    "mamon_lokas": (MamonLokas(r_a=20.0), lambda r: r / (r + 20) / 2, lambda r: r + 20),
    "tiret": (
        Tiret(beta_0=-0.3, beta_inf=0.8, r_beta=30.0),
        lambda r: -0.3 + 1.1 * r / (r + 30),
        lambda r: r**-0.6 * (r + 30) ** 2.2,
    ),
    "cuddeford": (
        Cuddeford(beta_0=0.4, r_a=15.0),
        lambda r: (r**2 + 0.4 * 225) / (r**2 + 225),
        lambda r: r**0.8 * (r**2 + 225) ** 0.6,
    ),
    "baes_van_hese": (
        BaesVanHese(beta_0=0.9, beta_inf=0.2, r_a=40.0, eta=3.0),
        lambda r: (0.9 + 0.2 * (r / 40) ** 3) / (1 + (r / 40) ** 3),
        lambda r: r**1.8 * (1 + (r / 40) ** 3) ** (2 * (0.2 - 0.9) / 3),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_against_the_published_formulas(name):
    model, beta, factor = CASES[name]
    np.testing.assert_allclose(model.beta_at(R), beta(R), rtol=1e-13)
    np.testing.assert_allclose(model.factor_ratio(R, 8.0), factor(R) / factor(8.0), rtol=1e-12)


def test_every_transition_has_a_case():
    assert set(CASES) | {"constant"} == set(anisotropies)


@pytest.mark.parametrize("name", CASES)
def test_factor_is_the_integral_of_beta(name):
    model, beta, _ = CASES[name]
    integral = mpmath.quad(lambda t: beta(mpmath.exp(t)), [mpmath.log(3), mpmath.log(30), mpmath.log(300)])
    assert model.factor_ratio(300.0, 3.0) == pytest.approx(float(mpmath.exp(2 * integral)), rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_finite_however_far_out(name):
    model, _, factor = CASES[name]
    far = np.array([1e10, 1e20, 1e30])
    ratio = model.factor_ratio(far, 8.0)
    np.testing.assert_allclose(ratio, [float(factor(mpmath.mpf(s)) / factor(mpmath.mpf(8))) for s in far], rtol=1e-10)
    back = model.factor_ratio(8.0, far)
    np.testing.assert_allclose(ratio * back, 1.0, rtol=1e-12)


def test_one_is_a_case_of_another():
    general = BaesVanHese(beta_0=-0.3, beta_inf=0.8, r_a=30.0, eta=1.0)
    np.testing.assert_allclose(general.factor_ratio(R, 8.0), CASES["tiret"][0].factor_ratio(R, 8.0), rtol=1e-13)
    radial = Cuddeford(beta_0=0.0, r_a=20.0)
    np.testing.assert_allclose(radial.factor_ratio(R, 8.0), OsipkovMerritt(r_a=20.0).factor_ratio(R, 8.0), rtol=1e-13)
    flat = Tiret(beta_0=0.3, beta_inf=0.3, r_beta=5.0)
    np.testing.assert_allclose(flat.factor_ratio(R, 8.0), Constant(beta=0.3).factor_ratio(R, 8.0), rtol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_beta_of_one_is_refused(name):
    entry = anisotropies[name]
    values = {key: getattr(CASES[name][0], key) for key in params(entry)}
    for key in values:
        bad = 1.0 if key.startswith("beta") else 0.0
        with pytest.raises(InputError, match=f"{key} = {bad}"):
            entry(**{**values, key: bad})


@pytest.mark.parametrize("name", CASES)
def test_radial_limit_is_below_one_in_the_fitted_range(name):
    check_below_one(CASES[name][0], 5.0, 120.0)


def test_the_radius_where_beta_reaches_one_is_named():
    class Rising:
        def beta_at(self, r):
            return r / 50.0

    check_below_one(Rising(), 5.0, 49.0)
    with pytest.raises(InputError, match=r"Rising: beta = 1\.0\d* at r = 50\.\d* kpc") as refused:
        check_below_one(Rising(), 5.0, 120.0)
    assert "5 to 120 kpc" in refused.value.expected


def test_the_check_sees_every_parameter_set_and_nan():
    class Bad:
        def beta_at(self, r):
            return np.array([[0.2], [1.2]]) + 0 * r

    with pytest.raises(InputError, match=r"beta = 1\.2 at r = 5 kpc"):
        check_below_one(Bad(), 5.0, 120.0)
    with pytest.raises(InputError, match="beta = nan"):
        check_below_one(Constant(beta=np.array([np.nan])), 5.0, 120.0)
