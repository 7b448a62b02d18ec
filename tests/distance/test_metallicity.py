"""The prior of [Fe/H] from the sample itself."""

import numpy as np

from haloscale.distance.metallicity import FLAT, sample_metallicities


def moments(prior):
    mean = np.average(prior.feh, weights=prior.density)
    return mean, np.average((prior.feh - mean) ** 2, weights=prior.density) ** 0.5


def test_the_errors_are_taken_out():
    rng = np.random.default_rng(1)
    error = rng.uniform(0.1, 0.3, 20_000)
    measured = rng.normal(-1.5, 0.4, 20_000) + error * rng.standard_normal(20_000)
    prior = sample_metallicities(measured, error)
    mean, spread = moments(prior)
    assert abs(mean + 1.5) < 0.02
    assert abs(spread - 0.4) < 0.02
    assert measured.std() > 0.44  # what a plain histogram would give
    np.testing.assert_allclose(prior.density.sum() * np.diff(prior.feh)[0], 1.0)


def test_missing_values_are_left_out_and_nothing_at_all_is_flat():
    feh, error = np.array([-1.0, np.nan, -2.0, -1.5]), np.array([0.1, 0.1, np.nan, 0.0])
    one, same = sample_metallicities(feh, error), sample_metallicities(feh[:1], error[:1])
    np.testing.assert_array_equal(one.density, same.density)
    nothing = sample_metallicities(feh[1:], error[1:])
    assert nothing is FLAT
    assert (nothing.log_density(feh[:1]) == 0).all()


def test_no_metallicity_is_impossible():
    prior = sample_metallicities(np.full(100, -1.0), np.full(100, 0.05))
    assert np.isfinite(prior.log_density(np.array([-9.0, -1.0, 5.0]))).all()
