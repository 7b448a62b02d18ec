"""V_circ from the dispersions by Eq. 9: exact on smooth curves, honest about noise, NaN only without a dispersion."""

import numpy as np
import pytest
from scipy import stats

from haloscale import anisotropy, jeans, mass, tracer
from haloscale.dispersion.base import dispersion_profile
from haloscale.dispersion.gaussian import Gaussian
from haloscale.errors import ConfigError, InputError
from haloscale.jeans.differential import NO_DISPERSION, NOT_POSITIVE, _shape_of, circular_velocity, unmeasured
from haloscale.jeans.slopes import DERIVATIVES
from haloscale.records import DispersionProfile

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
MIDDLE = (EDGES[1:] + EDGES[:-1]) / 2
GALAXY = mass.NFW(m_vir=1.1e12, c=15) + mass.ExponentialDisk(m=6.8e10, b=2.5) + mass.Hernquist(m=0.5e10, a=0.6)
TRACER = tracer.PowerLaw(log_slope=-4.0)


def smooth_profile(beta=0.0, error=1e-5, sin2_psi=0.0, sigma=None):
    sigma_r = jeans.sigma_r(GALAXY, TRACER, anisotropy.Constant(beta=beta), MIDDLE)
    sigma = sigma_r * np.sqrt(1 - beta * sin2_psi) if sigma is None else sigma
    known = np.isfinite(sigma)
    return DispersionProfile(
        EDGES[:-1], EDGES[1:], MIDDLE, MIDDLE, np.where(known, 500, 0), sigma, sigma * np.exp(-error),
        sigma * np.exp(error), 0 * MIDDLE, 0 * MIDDLE + 1, 0 * MIDDLE + sin2_psi, known,
    )  # fmt: skip


def points(profile, beta=0.0, **options):
    return circular_velocity(profile, TRACER, anisotropy.Constant(beta=beta), np.random.default_rng(1), **options)


@pytest.mark.parametrize("beta", [-0.4, 0.0, 0.3, 0.7])
def test_round_trip_with_the_integral(beta):
    """Eq. 9 with an exact derivative undoes the integral (Eq. 7 for any beta)."""
    r, h = np.geomspace(6, 110, 40), 2e-3
    model = anisotropy.Constant(beta=beta)
    ln = [np.log(jeans.variance_r(GALAXY, TRACER, model, r * np.exp(k * h))) for k in (-2, -1, 0, 1, 2)]
    slope = (ln[0] - 8 * ln[1] + 8 * ln[3] - ln[4]) / (12 * h)
    found = jeans.v_circ_squared(np.exp(ln[2] / 2), -4.0, slope, beta)
    assert found == pytest.approx(GALAXY.v_circ(r) ** 2, rel=1e-6)


LIMITS = {"finite_difference": (0.007, 0.002), "spline": (0.005, 0.002), "polynomial": (0.007, 0.006)}
"""Largest bias of V_circ on the noise-free curve in the paper's 12 bins: anywhere, and away from the two ends."""


@pytest.mark.parametrize("method", DERIVATIVES)
@pytest.mark.parametrize("beta", [0.0, 0.3, 0.5])
def test_bias_of_each_method_on_the_noise_free_curve(method, beta):
    bias = points(smooth_profile(beta), beta, method=method).v_circ / GALAXY.v_circ(MIDDLE) - 1
    anywhere, inside = LIMITS[method]
    assert np.abs(bias).max() < anywhere
    assert np.abs(bias[1:-1]).max() < inside
    assert abs(np.median(bias)) < 2e-3


@pytest.mark.parametrize("projection", ["uniform_sky", "per_star"])
def test_projection_is_undone(projection):
    sin2_psi = jeans.sin2_psi_mean(projection, MIDDLE, 8.0, 0.2 * (10 / MIDDLE) ** 2)
    profile = smooth_profile(0.5, sin2_psi=sin2_psi)
    right = points(profile, 0.5, sin2_psi=sin2_psi).v_circ / GALAXY.v_circ(MIDDLE) - 1
    assert np.abs(right).max() < 0.01
    ignored = points(profile, 0.5).v_circ / GALAXY.v_circ(MIDDLE) - 1
    assert ignored[0] < -0.02


@pytest.mark.parametrize("more", [0, 1, 8, 500, 100_000])
@pytest.mark.parametrize("free_mean", [False, True])
def test_the_posterior_of_a_bin_is_recovered_from_its_profile(more, free_mean):
    n = Gaussian(free_mean).min_stars + more
    _, lower, upper = Gaussian(free_mean).estimate(np.random.default_rng(n).normal(0, 120, n), np.zeros(n))
    shape = (n - 1 - free_mean) / 2
    assert _shape_of(np.array([2 * np.log(upper / lower)])) == pytest.approx(shape, rel=1e-6)


def test_errors_are_those_of_many_samples():
    """The interval of V_circ is as wide as the scatter of V_circ over new samples of stars."""
    rng, n = np.random.default_rng(5), 300
    sigma = jeans.sigma_r(GALAXY, TRACER, anisotropy.Constant(beta=0.0), MIDDLE)
    r = np.repeat(MIDDLE, n)
    made = [points(dispersion_profile(rng.normal(0, np.repeat(sigma, n)), 0 * r, r, 0 * r, EDGES)) for _ in range(150)]
    scatter = np.std([p.v_circ for p in made], axis=0, ddof=1)
    error = np.median([p.error for p in made], axis=0)
    assert error == pytest.approx(scatter, rel=0.25)  # 150 samples give a scatter to 6 %, one sigma
    low, high = stats.chi2.ppf([0.005, 0.995], 12 * 149) / (12 * 149)
    assert low < np.mean((scatter / error) ** 2) < 1.5 * high


def test_a_negative_square_is_kept_flagged_and_never_nan():
    sigma = smooth_profile().sigma_los.copy()
    sigma[6:8] *= [0.5, 3.0]  # rises by e^7 in ln sigma^2 a unit of ln r: dispersion slope above 4
    found = points(smooth_profile(sigma=sigma, error=0.02))
    bad = found.v_circ_squared <= 0
    assert bad.any()
    assert not bad.all()
    assert not found.in_fit[bad].any()
    assert (found.v_circ[bad] == 0).all()
    assert (found.v_circ_squared_lower[bad] < found.v_circ_squared[bad]).all()
    assert {found.note[i] for i in np.flatnonzero(bad)} == {NOT_POSITIVE}
    for field in ("v_circ", "v_circ_lower", "v_circ_upper", "v_circ_squared", "error"):
        assert np.isfinite(getattr(found, field)).all()


def test_a_bin_whose_posterior_reaches_below_zero_is_left_out():
    sigma = smooth_profile().sigma_los.copy()
    sigma[-1] *= 1.8
    tight, loose = (points(smooth_profile(sigma=sigma, error=e)) for e in (0.001, 0.3))
    assert tight.v_circ_squared[-1] > 0
    assert tight.in_fit[-1]
    assert loose.v_circ_squared_lower[-1] < 0
    assert not loose.in_fit[-1]


def test_empty_bins_are_passed_over():
    sigma = smooth_profile().sigma_los.copy()
    sigma[[3, 11]] = np.nan
    found = points(smooth_profile(sigma=sigma))
    assert np.isnan(found.v_circ[[3, 11]]).all()
    assert [found.note[3], found.note[11]] == [NO_DISPERSION] * 2
    assert np.flatnonzero(~found.in_fit).tolist() == [3, 11]
    assert np.delete(found.v_circ, [3, 11]) == pytest.approx(np.delete(GALAXY.v_circ(MIDDLE), [3, 11]), rel=0.01)


def test_fewer_than_three_bins_are_refused_in_plain_words():
    sigma = np.where(np.arange(12) < 2, 120.0, np.nan)
    with pytest.raises(InputError) as caught:
        points(smooth_profile(sigma=sigma))
    assert "2 of the 12 radial bins" in caught.value.found
    assert "dispersion.edges" in caught.value.advice
    blank = unmeasured(smooth_profile(sigma=sigma))
    assert not blank.in_fit.any()
    assert np.isnan(blank.v_circ).all()


@pytest.mark.parametrize("method", DERIVATIVES)
def test_three_bins_are_enough(method):
    sigma = np.where(np.isin(np.arange(12), [0, 5, 10]), smooth_profile().sigma_los, np.nan)
    found = points(smooth_profile(sigma=sigma), method=method)
    assert found.in_fit.sum() == 3
    assert found.v_circ[[0, 5, 10]] == pytest.approx(GALAXY.v_circ(MIDDLE[[0, 5, 10]]), rel=0.03)


def test_the_same_generator_gives_the_same_points():
    one, two = (points(smooth_profile(error=0.03)) for _ in range(2))
    assert np.array_equal(one.v_circ_squared, two.v_circ_squared)


def test_an_unknown_derivative_is_named():
    with pytest.raises(ConfigError, match=r"jeans\.derivative is 'cubic'"):
        points(smooth_profile(), method="cubic")
