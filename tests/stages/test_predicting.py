"""The predictive check on data whose truth is known: right models pass, wrong dispersions and means are named."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale import config, mock, stages
from haloscale.run import generator

FREE = {"sampler.name": "laplace", "sampler.n_draws": 256, "sampler.max_draws": 1024}
TRUTH = np.array([1.0e12, 14.0])


def settings(**more):
    return config.load(settings={**FREE, **more}, catalogue={"survey": "generic"}).config


def places(n, seed=3):
    """Stars of a simulated halo that the paper's cuts leave, with errors of distance and velocity."""
    stars = mock.simulate_simple(mock.Truth(), np.random.default_rng(seed), n, distance_fractional_error=0.1, v_error=7)
    return stages.select_sample(settings(), stars, False, np.random.default_rng(0)).sample


def moving(chosen, sample, seed, factor=1.0, mean=0.0):
    """The sample with velocities as its own likelihood has them at the truth, outside 30 kpc times `factor`."""
    rng = np.random.default_rng([seed, 99])
    profile, _ = stages.measure_profile(chosen, sample, rng)
    joined = stages.posterior(chosen, sample, profile)
    galaxy = joined.model.build(TRUTH)
    v = np.zeros(len(sample))
    if chosen.likelihood.kind == "stars":
        v[joined.likelihood.star] = joined.likelihood.replicate(galaxy, rng)[0]
    else:
        sigma = np.zeros(len(profile))
        sigma[profile.in_fit] = joined.likelihood.predict(galaxy)
        v = sigma[sample.bin] * rng.standard_normal(len(sample))
    outside = sample.r > 30.0
    return replace(sample, v_gsr=np.where(outside, factor * v + mean, v))


def checked(chosen, sample):
    profile, _ = stages.measure_profile(chosen, sample, generator(1, "dispersion"))
    chain, notes = stages.fit(chosen, sample, profile, generator(1, "fit"), lambda share, line: None)
    assert not any("poorly" in note for note in notes)  # the verdict says it, once
    made, said = stages.predictive_check(chosen, sample, profile, chain, generator(1, "predictive"))
    return (made.get(""), said), (profile, chain)


@pytest.fixture(scope="module")
def sample():
    """A thousand stars."""
    return places(6000)


@pytest.fixture(scope="module")
def many():
    """As many stars as a survey has."""
    return places(24_000)


def test_data_of_the_model_itself_pass(sample):
    """Of 20 data sets 1 % each fail by chance; the shares are spread over the whole range."""
    made = [checked(settings(), moving(settings(), sample, seed))[0] for seed in range(20)]
    assert sum(not check.fits for check, _ in made) <= 1
    assert [notes for check, notes in made if check.fits] == [()] * sum(check.fits for check, _ in made)
    for p in ([c.p_sigma_los for c, _ in made], [c.p_mean_v_gsr for c, _ in made]):
        assert 0.3 < np.mean(p) < 0.8
        assert min(p) > 0.002
    inside = [(c.sigma_los.lower_95 <= c.sigma_los.observed) & (c.sigma_los.observed <= c.sigma_los.upper_95)
              for c, _ in made]  # fmt: skip
    assert 0.9 < np.mean(inside) <= 1.0


@pytest.mark.slow
def test_data_of_single_stars_pass(sample):
    chosen = settings(**{"likelihood.kind": "stars", "anisotropy.beta": 0.5})
    made = [checked(chosen, moving(chosen, sample, seed))[0][0] for seed in range(20)]
    assert sum(not check.fits for check in made) <= 1
    assert 0.3 < np.mean([c.p_sigma_los for c in made]) < 0.8
    assert 0.3 < np.mean([c.p_mean_v_gsr for c in made]) < 0.8


@pytest.mark.parametrize("kind", ["bins", pytest.param("stars", marks=pytest.mark.slow)])
def test_hot_outer_bins_are_named(many, kind):
    chosen = settings(**{"likelihood.kind": kind, "mass.halo.c": 14.0})
    hot = moving(settings(**{"likelihood.kind": kind}), many, 4, factor=1.25)
    (check, notes), _ = checked(chosen, hot)
    assert not check.fits
    assert check.p_sigma_los < 0.01
    assert notes == (check.verdict,)
    assert check.verdict.startswith("The model does not fit: the stars at")
    assert "kpc move faster than it allows (dispersion" in check.verdict
    faster = check.verdict.split("kpc move faster")[0].split("stars at ")[-1]
    assert all(float(part.split("-")[0]) >= 30 for part in faster.replace(" and ", ", ").split(", "))
    assert "substructure or contamination" in check.verdict
    assert "the error bars hold only if the model is right" in check.verdict.lower()


def test_streaming_is_not_taken_for_heat(many):
    (check, _), _ = checked(settings(), moving(settings(), many, 5, mean=-35.0))
    assert not check.fits
    assert check.p_mean_v_gsr < 0.01
    assert "stream (mean velocity" in check.verdict
    assert "streams or rotation" in check.verdict


def test_what_is_observed_is_what_was_measured(sample):
    (check, _), (profile, _) = checked(settings(), sample)
    used = profile.in_fit
    np.testing.assert_allclose(check.sigma_los.observed, profile.sigma_los[used])
    np.testing.assert_allclose(check.mean_v_gsr.observed, profile.mean_v_gsr[used])
    np.testing.assert_array_equal(check.n, profile.n[used])
    ordered = [getattr(check.sigma_los, k) for k in ("lower_95", "lower", "median", "upper", "upper_95")]
    assert (np.diff(ordered, axis=0) > 0).all()


@pytest.mark.parametrize("mean", ["zero", "free"])
@pytest.mark.parametrize("deconvolve", [False, True])
def test_replicas_scatter_as_the_errors_of_the_profile(sample, mean, deconvolve):
    """With all parameters fixed, the predicted 68 % is the noise of the stars alone, whatever the estimator does."""
    fixed = {"mass.halo.m_vir": 1e12, "mass.halo.c": 14.0, "dispersion.mean": mean}
    chosen = settings(**fixed, **{"dispersion.deconvolve": deconvolve})
    (check, _), (profile, chain) = checked(chosen, sample)
    assert chain.parameters == ()
    width = (check.sigma_los.upper - check.sigma_los.lower) / 2
    big = check.n > 100
    np.testing.assert_allclose(width[big], profile.sigma_los_error[profile.in_fit][big], rtol=0.25)


def test_the_same_generator_gives_the_same_check(sample):
    (first, _), (profile, chain) = checked(settings(), sample)
    made, _ = stages.predictive_check(settings(), sample, profile, chain, generator(1, "predictive"))
    again = made[""]
    assert again.verdict == first.verdict
    np.testing.assert_array_equal(again.sigma_los.upper_95, first.sigma_los.upper_95)


def test_draws_follow_their_weights(sample):
    _, (profile, chain) = checked(settings(), sample)
    heavy = np.argmax(chain.values[:, 0])
    alone = replace(chain, weight=np.where(np.arange(len(chain)) == heavy, 1.0, 1e-12))
    one = replace(chain, values=chain.values[[heavy]], weight=np.ones(1), log_posterior=np.zeros(1))
    pair = [
        stages.predictive_check(settings(), sample, profile, c, generator(1, "predictive"))[0][""] for c in (alone, one)
    ]
    np.testing.assert_array_equal(pair[0].sigma_los.median, pair[1].sigma_los.median)


def test_circular_velocities_are_not_checked(sample):
    chosen = settings(**{"jeans.route": "v_circ"})
    profile, _ = stages.measure_profile(chosen, sample, generator(1, "dispersion"))
    assert stages.predictive_check(chosen, sample, profile, None, generator(1, "predictive")) == ({}, ())
