"""Derivatives as matrices: what each method differentiates exactly, and against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import make_smoothing_spline

from haloscale.errors import ConfigError
from haloscale.jeans import slopes
from haloscale.jeans.slopes import DERIVATIVES, slope_matrix

X = np.log([6.5, 9, 12, 16, 20, 24, 28, 32.5, 37.5, 50, 70, 100])
spacings = st.lists(st.floats(0.05, 1.0), min_size=2, max_size=14)


@pytest.mark.parametrize("method", DERIVATIVES)
@given(steps=spacings, level=st.floats(-3, 3), slope=st.floats(-3, 3), seed=st.integers(0, 99))
def test_a_straight_line_has_its_slope_everywhere(method, steps, level, slope, seed):
    x = np.cumsum([1.0, *steps])
    error = np.random.default_rng(seed).uniform(0.02, 0.2, len(x))
    y = level + slope * x
    assert slope_matrix(method, x, y, error) @ y == pytest.approx(np.full(len(x), slope), abs=1e-7)


def test_finite_differences_are_exact_for_a_parabola_but_for_the_ends():
    y = 1 - 2 * X + 0.7 * X**2
    found = slope_matrix("finite_difference", X, y, np.ones(12)) @ y
    assert found[1:-1] == pytest.approx((-2 + 1.4 * X)[1:-1])
    assert found[0] == pytest.approx((y[1] - y[0]) / (X[1] - X[0]))


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_polynomials_are_exact_up_to_their_degree_and_weighted_beyond(degree):
    rng = np.random.default_rng(2)
    coefficients, error = rng.normal(size=degree + 1), rng.uniform(0.05, 0.3, 12)
    y = np.polyval(coefficients, X)
    matrix = slope_matrix("polynomial", X, y, error, degree=degree)
    assert matrix @ y == pytest.approx(np.polyval(np.polyder(coefficients), X), rel=1e-8, abs=1e-8)
    noisy = y + error * rng.standard_normal(12)
    fitted = np.polyfit(X, noisy, degree, w=1 / error)
    assert matrix @ noisy == pytest.approx(np.polyval(np.polyder(fitted), X), rel=1e-7, abs=1e-7)


def test_the_degree_gives_way_to_few_points():
    matrix = slope_matrix("polynomial", X[:3], X[:3], np.ones(3), degree=6)
    assert matrix @ X[:3] ** 2 == pytest.approx(2 * X[:3])


@pytest.mark.parametrize("stiffness", [1e-4, 0.3, 50.0])
def test_the_spline_is_the_one_of_scipy(stiffness, monkeypatch):
    rng = np.random.default_rng(3)
    y, error = np.sin(X) + 0.1 * rng.standard_normal(12), rng.uniform(0.05, 0.2, 12)
    monkeypatch.setattr(slopes, "_STIFFNESS", np.array([stiffness]))
    _, roughness = slopes._natural_spline(X)
    weight = error**-2.0
    expected = make_smoothing_spline(X, y, w=weight, lam=stiffness * weight.sum() / np.trace(roughness))
    assert slope_matrix("spline", X, y, error) @ y == pytest.approx(expected(X, 1), rel=1e-9, abs=1e-9)


def test_the_spline_is_stiff_on_noise_and_follows_what_is_real():
    rng = np.random.default_rng(4)
    error = np.full(12, 0.05)
    line = [slope_matrix("spline", X, y, error) @ y for y in -0.3 * X + 0.05 * rng.standard_normal((200, 12))]
    differences = [slope_matrix("finite_difference", X, y, error) @ y for y in 0.05 * rng.standard_normal((200, 12))]
    assert np.std(line, axis=0).max() < np.std(differences, axis=0).max() / 2
    wave = np.sin(3 * X)
    followed = (slope_matrix("spline", X, wave, error) @ wave)[1:-1]  # natural: no curvature at the two ends
    assert followed == pytest.approx(3 * np.cos(3 * X[1:-1]), abs=0.5)


def test_an_unknown_method_offers_a_near_name():
    with pytest.raises(ConfigError, match="did you mean 'spline'"):
        slope_matrix("splines", X, X, X)
