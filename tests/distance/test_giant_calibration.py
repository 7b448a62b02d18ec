"""Giants drawn from the priors themselves: the intervals hold the truth as often as they say."""

import numpy as np
import pytest

from haloscale.distance.giant_branch import giants_of
from haloscale.distance.giant_distances import GiantSettings, giant_distances
from haloscale.mock import simulate_giants


@pytest.fixture(scope="module")
def sample():
    """10,000 stars that are given a distance, and all stars before the cuts in colour."""
    table = simulate_giants(np.random.default_rng(11), 70_000)
    kept = np.flatnonzero(giant_distances(giants_of(table)).ok)[:10_000]
    assert len(kept) == 10_000
    return table.take(kept)


def test_68_per_cent_intervals_hold_68_per_cent_and_nothing_is_biased(sample):
    d, truth = giant_distances(giants_of(sample)), sample.raw["true_dm"]
    assert d.ok.all()
    assert np.mean((d.dm_p16 < truth) & (truth < d.dm_p84)) == pytest.approx(0.68, abs=0.02)
    assert np.mean((d.dm_p05 < truth) & (truth < d.dm_p95)) == pytest.approx(0.90, abs=0.02)
    assert abs(np.exp(np.mean(np.log(d.distance / sample.raw["true_distance"]))) - 1) < 0.01
    assert abs(np.median(d.distance / sample.raw["true_distance"]) - 1) < 0.01


def test_without_the_luminosity_prior_the_bias_that_was_warned_of_appears(sample):
    truth = sample.raw["true_dm"]
    with_prior = giant_distances(giants_of(sample))
    without = giant_distances(giants_of(sample), GiantSettings(luminosity_slope=0.0))
    uncertain = (with_prior.dm_p84 - with_prior.dm_p16) / 2 > 0.4
    assert np.mean(without.dm_mean - truth) > 0.04
    assert 0.1 < np.mean((without.dm_mean - truth)[uncertain]) < 0.3
    assert abs(np.mean((with_prior.dm_mean - truth)[uncertain])) < 0.05


def test_the_sample_s_own_metallicities_as_prior():
    """Large errors of [Fe/H] pull a star of the metal-poor tail towards the mean: the prior takes that back."""
    table = simulate_giants(np.random.default_rng(5), 40_000, feh=(-1.5, 0.3))
    rich = np.asarray(table["feh"]) > -1.1
    bias = {}
    for prior in ("flat", "sample"):
        d = giant_distances(giants_of(table), GiantSettings(metallicity_prior=prior))
        bias[prior] = np.nanmean((d.dm_mean - table.raw["true_dm"])[rich])
    assert abs(bias["sample"]) < 0.5 * abs(bias["flat"])
