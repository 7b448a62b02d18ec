"""The likelihood of the route v_circ: V_circ of the mass model against the points of Eq. 9."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.errors import InputError
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogUniform
from haloscale.inference.samplers.base import maximum
from haloscale.jeans.differential import IN_FIT, NOT_POSITIVE
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.records import CircularVelocity, DispersionProfile
from haloscale.tracer import PowerLaw

EDGES = np.array([5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120.0])
R = (EDGES[1:] + EDGES[:-1]) / 2
TRUTH = NFW(m_vir=1.08e12, c=18.5) + ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
MODEL = GalaxyModel(
    (
        Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)}),
        Component("mass.disk", ExponentialDisk, {"m": 6.8e10, "b": 2.5}),
        Component("mass.bulge", Hernquist, {"m": 0.5e10, "a": 0.6}),
        Component("tracer", PowerLaw, {"log_slope": -4.0}),
        Component("anisotropy", Constant, {"beta": 0.0}),
    ),
    {},
)


def points(unused=(), relative_error=0.03):
    v, used = TRUTH.v_circ(R), ~np.isin(np.arange(12), unused)
    error = relative_error * v
    squared = np.where(used, v**2, -(100.0**2))
    note = tuple(IN_FIT if good else NOT_POSITIVE for good in used)
    return CircularVelocity(
        EDGES[:-1], EDGES[1:], R, np.where(used, v, 0.0), v - error, v + error, squared, squared, squared, error, used,
        note,
    )  # fmt: skip


def joined(made):
    sigma, one = 0 * R + 120, 0 * R + 1
    profile = DispersionProfile(
        EDGES[:-1], EDGES[1:], R, R, np.full(12, 500), sigma, sigma - 4, sigma + 4, 0 * R, one, 0.1 * one, one > 0
    )
    return Posterior(MODEL, likelihoods["bins"](Data(None, profile, 8.0, "none", made), MODEL))


def test_the_truth_fits_its_own_circular_velocity():
    posterior = joined(points())
    galaxy = MODEL.build(np.array([1.08e12, 18.5]))
    assert posterior.likelihood.predict(galaxy) == pytest.approx(TRUTH.v_circ(R))
    assert posterior.likelihood.chi2(galaxy) == pytest.approx(0.0, abs=1e-20)
    best = posterior.to_values(maximum(posterior, np.random.default_rng(1)))
    assert best == pytest.approx([1.08e12, 18.5], rel=1e-3)


def test_chi2_is_in_units_of_the_errors():
    posterior = joined(points(relative_error=0.01))
    heavier = MODEL.build(np.array([1.4e12, 18.5]))
    expected = np.sum(((heavier.total.v_circ(R) - TRUTH.v_circ(R)) / (0.01 * TRUTH.v_circ(R))) ** 2)
    assert posterior.likelihood.chi2(heavier) == pytest.approx(expected)
    assert posterior.likelihood.log_likelihood(heavier) == pytest.approx(-expected / 2)


def test_a_batch_equals_its_members():
    posterior = joined(points())
    theta = posterior.draw_prior(np.random.default_rng(1), 20)
    assert posterior.log_posterior(theta) == pytest.approx([float(posterior.log_posterior(t)) for t in theta])


def test_flagged_bins_do_not_count_and_are_named():
    posterior = joined(points(unused=(0, 11)))
    assert posterior.likelihood.n_points == 10
    (said,) = posterior.likelihood.advice
    assert "without a positive V_circ^2" in said
    assert "5-8 kpc" in said
    assert "80-120 kpc" in said
    spoiled = replace(points(unused=(0, 11)), v_circ=np.where(np.arange(12) == 0, 1e9, TRUTH.v_circ(R)))
    galaxy = MODEL.build(np.array([1.2e12, 12.0]))
    assert joined(spoiled).likelihood.chi2(galaxy) == posterior.likelihood.chi2(galaxy)


def test_no_positive_bin_is_refused():
    with pytest.raises(InputError, match="none of the 12 radial bins"):
        joined(points(unused=range(12)))


def test_one_bin_leaves_the_rest_to_the_priors():
    assert "the priors decide" in " ".join(joined(points(unused=range(1, 12))).likelihood.advice)
