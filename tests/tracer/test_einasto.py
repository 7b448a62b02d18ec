"""Einasto tracer."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaincinv

from haloscale.errors import InputError
from haloscale.tracer import Einasto
from haloscale.tracer.einasto import half_mass_factor


def test_half_mass_factor_is_the_exact_root():
    n = np.concatenate([np.linspace(0.5, 12, 200), [20.0, 50.0]])
    np.testing.assert_allclose(half_mass_factor(n), gammaincinv(3 * n, 0.5), rtol=1e-13)
    assert half_mass_factor(3.1) == pytest.approx(8.9689, abs=5e-5)
    # Merritt et al. (2006)
    assert half_mass_factor(6.0) == pytest.approx(3 * 6 - 1 / 3 + 0.0079 / 6, abs=2e-4)


@pytest.mark.parametrize("n", [0.7, 1.0, 3.1, 8.0])
def test_half_of_the_stars_are_inside_r_eff(n):
    model = Einasto(n=n, r_eff=15.0)

    def stars(t):
        return np.exp(3 * t) * model.density_ratio(15.0 * np.exp(t), 15.0)

    inside, outside = quad(stars, -12, 0, epsrel=1e-11)[0], quad(stars, 0, 12 * n, epsrel=1e-11, limit=400)[0]
    assert inside == pytest.approx(outside, rel=1e-8)


def test_slopes_of_xue_2015():
    # METHODS section 11
    slopes = Einasto().log_slope_at(np.array([10.0, 20.0, 30.0, 50.0, 100.0]))
    np.testing.assert_allclose(slopes, [-2.5, -3.2, -3.6, -4.3, -5.3], atol=0.06)


def test_one_half_is_a_gaussian():
    model = Einasto(n=0.5000001, r_eff=15.0)
    assert np.log(model.density_ratio(30.0, 15.0)) == pytest.approx(-3 * half_mass_factor(0.5), rel=1e-5)
    assert model.density_ratio(1e20, 15.0) == 0


def test_the_quadrature_is_split_where_the_slope_is_known():
    model = Einasto(n=1.3, r_eff=10.0)
    np.testing.assert_allclose(model.log_slope_at(np.array(model.breaks)), [-3, -12], rtol=1e-12)


@pytest.mark.parametrize("wrong", [{"n": 0.5}, {"n": -1.0}, {"r_eff": 0.0}])
def test_wrong_values_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Einasto(**wrong)
