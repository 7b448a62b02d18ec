"""The geometry between sigma_r and sigma_los."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.errors import ConfigError, InputError
from haloscale.jeans import PROJECTIONS, los_factor, sin2_psi_mean, uniform_sky

R0 = 8.0
COSINES = (np.arange(20_000) + 0.5) / 10_000 - 1  # bands of equal area


def exact(r, r0=R0):
    """The closed form of METHODS section 8 with 60 digits."""
    with mpmath.workdps(60):
        r, r0 = mpmath.mpf(r), mpmath.mpf(r0)
        log = mpmath.log(abs((r + r0) / (r - r0)))
        return float((r**2 + r0**2) / (4 * r**2) - (r**2 - r0**2) ** 2 / (8 * r**3 * r0) * log)


def test_against_mpmath_at_every_radius():
    near_the_sun = R0 * np.array([0.9, 0.99, 1 - 1e-9, 1 + 1e-9, 1.01, 1.1])
    r = np.concatenate([np.geomspace(1e-6, 1e6, 200), near_the_sun])
    np.testing.assert_allclose(uniform_sky(r, R0), [exact(float(v)) for v in r], rtol=1e-13)


def test_special_radii():
    assert uniform_sky(R0, R0) == pytest.approx(0.5, rel=1e-14)
    assert uniform_sky(0.0, R0) == pytest.approx(2 / 3, rel=1e-14)
    assert uniform_sky(1e8, R0) == pytest.approx(2 / 3 * (R0 / 1e8) ** 2, rel=1e-12)
    assert uniform_sky(np.array([R0, 20.0]), R0).shape == (2,)
    assert np.ndim(uniform_sky(R0, R0)) == 0


@settings(deadline=None)
@given(r=st.floats(0.1, 200), r0=st.floats(6, 10))
def test_is_the_mean_over_the_sphere(r, r0):
    # mean of sin^2 psi over cos theta at the Galactic centre, by the law of cosines
    mean_over_bands = np.mean(r0**2 * (1 - COSINES**2) / (r**2 + r0**2 - 2 * r * r0 * COSINES))
    assert uniform_sky(r, r0) == pytest.approx(mean_over_bands, rel=2e-4)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        (0.3, {6.5: 0.911, 12.0: 0.959, 20.0: 0.984, 37.5: 0.996}),
        (0.8, {6.5: 0.739, 12.0: 0.886, 20.0: 0.958, 37.5: 0.988}),
        (0.9, {6.5: 0.699, 12.0: 0.871, 20.0: 0.952}),
    ],
)
def test_known_ratios_of_the_dispersions(beta, expected):
    for r, ratio in expected.items():
        assert math.sqrt(los_factor(beta, sin2_psi_mean("uniform_sky", r, R0))) == pytest.approx(ratio, abs=6e-4)


def test_named_projections():
    r, mean = np.array([10.0, 20.0]), np.array([0.3, 0.1])
    assert PROJECTIONS == ("none", "uniform_sky", "per_star")
    assert sin2_psi_mean("none", r, R0) == 0
    assert los_factor(0.5, sin2_psi_mean("none", r, R0)) == 1
    np.testing.assert_array_equal(sin2_psi_mean("per_star", r, R0, mean), mean)
    np.testing.assert_allclose(los_factor(np.array([[0.0], [0.5]]), mean), [[1, 1], [0.85, 0.95]])


def test_wrong_projections_are_refused():
    with pytest.raises(ConfigError, match="did you mean 'per_star'"):
        sin2_psi_mean("perstar", 10.0, R0)
    with pytest.raises(InputError, match="mean_sin2_psi"):
        sin2_psi_mean("per_star", 10.0, R0)


def test_jax_gives_the_same_and_differentiates():
    try:
        import jax
    except ImportError:
        pytest.skip("jax is not installed: pip install 'haloscale[jax]'")
    r = np.array([0.01, 3.0, R0, 9.0, 50.0, 1e4])
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        np.testing.assert_allclose(jax.jit(uniform_sky)(r, R0), uniform_sky(r, R0), rtol=1e-12)
        gradient = jax.vmap(jax.grad(uniform_sky), (0, None))(r, R0)
    finally:
        jax.config.update("jax_enable_x64", before)
    assert np.all(np.isfinite(gradient))
    numeric = (uniform_sky(50.001, R0) - uniform_sky(49.999, R0)) / 0.002
    assert float(gradient[4]) == pytest.approx(numeric, rel=1e-6)
