"""Broken power law."""

import numpy as np
import pytest

from haloscale.errors import InputError
from haloscale.tracer import BrokenPowerLaw, PowerLaw


def test_sharp_break_is_two_power_laws():
    model = BrokenPowerLaw(log_slope_inner=-2.3, log_slope_outer=-4.6, r_break=27.0)
    assert model.width == 0
    assert model.density_ratio(20.0, 10.0) == pytest.approx(2**-2.3, rel=1e-13)
    assert model.density_ratio(80.0, 40.0) == pytest.approx(2**-4.6, rel=1e-13)
    assert model.density_ratio(54.0, 13.5) == pytest.approx(2**-2.3 * 2**-4.6, rel=1e-13)
    np.testing.assert_array_equal(model.log_slope_at(np.array([1.0, 26.9, 27.1, 1e3])), [-2.3, -2.3, -4.6, -4.6])
    assert model.breaks == (27.0,)


@pytest.mark.parametrize("width", [0.05, 0.1, 0.5])
def test_smooth_break_in_closed_form(width):
    # METHODS section 14 with a = 1 / width
    model = BrokenPowerLaw(log_slope_inner=-2.3, log_slope_outer=-4.6, r_break=27.0, width=width)
    r = np.geomspace(5, 120, 20)
    x = r / 27.0
    exact = x**-2.3 * (1 + x ** (1 / width)) ** (-2.3 * width)
    np.testing.assert_allclose(model.density_ratio(r, 27.0), exact / 2 ** (-2.3 * width), rtol=1e-12)
    assert model.log_slope_at(27.0) == pytest.approx(-3.45, rel=1e-14)


def test_a_narrow_break_tends_to_a_sharp_one():
    r = np.geomspace(1, 300, 40)
    sharp = BrokenPowerLaw().density_ratio(r, 8.0)
    for width in (1e-3, 1e-6, 1e-200):
        np.testing.assert_allclose(BrokenPowerLaw(width=width).density_ratio(r, 8.0), sharp, rtol=2 * width + 1e-12)


def test_equal_slopes_are_one_power_law():
    model, r = BrokenPowerLaw(log_slope_inner=-4.0, log_slope_outer=-4.0, width=0.2), np.geomspace(1, 300, 9)
    np.testing.assert_allclose(model.density_ratio(r, 8.0), PowerLaw(log_slope=-4.0).density_ratio(r, 8.0), rtol=1e-12)


def test_finite_however_far_out():
    ratio = BrokenPowerLaw(width=0.01).density_ratio(np.array([1e-30, 1e30]), 8.0)
    assert np.all(np.isfinite(ratio))
    assert np.all(ratio > 0)


@pytest.mark.parametrize(
    "wrong", [{"width": -0.1}, {"log_slope_outer": 0.0}, {"log_slope_inner": 1.0}, {"r_break": 0.0}]
)
def test_wrong_values_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        BrokenPowerLaw(**wrong)
