"""Streams in, halo out: with the groups removed, bins and mass lie nearer to those of the smooth halo underneath."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale import config, mock, stages, tables
from haloscale.inference.samplers.base import maximum
from haloscale.mock import streams
from haloscale.run import generator
from haloscale.surveys.base import surveys

pytestmark = pytest.mark.slow


def weighed(settings, stars):
    """Selection, dispersion profile, and m_vir [solMass] at the maximum of the posterior."""
    made = stages.select_sample(settings, stars, False, generator(settings.seed, "sample"))
    profile, _ = stages.measure_profile(settings, made.sample, generator(settings.seed, "dispersion"))
    posterior = stages.posterior(settings, made.sample, profile)
    best = posterior.to_values(maximum(posterior, generator(settings.seed, "fit")))
    return made, profile, best[0]


def worst(profile, clean):
    """Largest difference from the profile of the smooth halo, in its errors; bins of 20 stars or more count."""
    used = clean.n >= 20
    return np.max(np.abs(profile.sigma_los - clean.sigma_los)[used] / clean.sigma_los_error[used])


def searched(method):
    """The paper's recipe with a search for substructure, of which alone this is about."""
    return config.load(settings={"substructure.method": method}, catalogue={"survey": "generic"}).config


def compared(stars, smooth):
    """What keeping and what removing the streams does to bins and mass, against the smooth halo alone."""
    paper, searching = searched("keep_all"), searched("fof_adaptive")
    _, clean, m_clean = weighed(paper, stars.take(smooth))
    _, kept, m_kept = weighed(paper, stars)
    made, removed, m_removed = weighed(searching, stars)
    assert made.substructure is not None
    change = abs(np.log([m_kept / m_clean, m_removed / m_clean]))
    return made, (worst(kept, clean), worst(removed, clean)), change


def test_a_hot_stream_is_taken_out_of_the_bins_it_heats():
    rng = np.random.default_rng(2018)
    truth = mock.Truth()
    stars = mock.simulate_simple(truth, rng, 8000, distance_fractional_error=0.13, v_error=7.0)
    structures = ({**streams.SAGITTARIUS_LIKE, "n": 250}, {"n": 50, "width": 2.0, "v_spread": 12.0})
    planted, label = streams.with_structures(stars, rng, structures)
    planted = replace(planted, columns={name: planted[name] for name in stars.columns})
    made, (before, after), (m_before, m_after) = compared(planted, label < 0)
    gone = made.sample.removed(10)
    of_stream = label[made.sample.row] >= 0
    assert (gone & of_stream).sum() / gone.sum() > 0.85
    assert after < 0.7 * before
    assert m_after < m_before


def test_on_the_reference_catalogue_with_streams(shared):
    stars = tables.read_catalogue(shared("data/equilibrium-mocks/v4-streams.fits"), surveys["generic"], {})
    smooth = np.asarray(stars.raw["group"]) < 0
    made, (before, after), (m_before, m_after) = compared(stars, smooth)
    gone = made.sample.removed(10)
    of_stream = ~smooth[made.sample.row]
    assert (gone & of_stream).sum() / gone.sum() >= 0.92
    assert (gone & of_stream).sum() / of_stream.sum() >= 0.75
    assert after < 0.7 * before
    assert m_after < m_before


def test_from_a_smooth_halo_next_to_nothing_is_removed(shared):
    stars = tables.read_catalogue(shared("data/equilibrium-mocks/v1-isotropic.fits"), surveys["generic"], {})
    made, _, mass = weighed(searched("fof_adaptive"), stars)
    assert made.sample.removed(10).mean() <= 0.005
    assert mass == pytest.approx(weighed(searched("keep_all"), stars)[2], rel=0.05)
