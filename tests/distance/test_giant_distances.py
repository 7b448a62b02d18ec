"""Distances of giants: against plain integration, and what must hold for any star."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline, PchipInterpolator

from haloscale.distance.fiducials import fiducials
from haloscale.distance.giant_distances import GiantSettings, giant_distances, giant_posterior
from haloscale.distance.giant_flags import FLAGS, flag_note, horizontal_branch_colour
from haloscale.distance.magnitudes import Giants
from haloscale.errors import ConfigError

PERCENTILES = ("dm_p05", "dm_p16", "dm_p50", "dm_p84", "dm_p95")
GOOD = {"rmag0": 15.0, "rmag0_error": 0.04, "gr0": 0.8, "gr0_error": 0.02, "feh": -1.4, "feh_error": 0.1}


def giants(**values):
    """Stars of the usual values, but for those given."""
    n = max((np.size(v) for v in values.values()), default=1)
    return Giants(**{k: np.broadcast_to(np.asarray(values.get(k, v), float), n).copy() for k, v in GOOD.items()})


def varied(n, seed=1):
    """Stars of every colour, metallicity and size of error."""
    rng = np.random.default_rng(seed)
    m_r, feh = rng.uniform(-2.8, 1.0, n), rng.uniform(-2.3, 0.2, n)
    return giants(
        rmag0=rng.uniform(12, 18, n),
        rmag0_error=rng.uniform(0.005, 0.1, n),
        gr0=fiducials().colour(m_r, feh) + rng.normal(0, 0.02, n),
        gr0_error=10 ** rng.uniform(-2.2, -1.2, n),
        feh=feh,
        feh_error=10 ** rng.uniform(-1.7, -0.6, n),
    )


def by_integration(star, luminosity_slope=0.32, density_log_slope=-3.0):
    """Percentiles and mean of DM as the equations say, on a fine grid in (M, F) and in DM, in double precision."""
    sequences = fiducials()
    m_r, feh = np.linspace(-3.3, 3.0, 2521), star["feh"] + star["feh_error"] * np.linspace(-6, 6, 1201)
    lines = PchipInterpolator(sequences.m_r, sequences.gr0, axis=1)(m_r)
    colour = PchipInterpolator(sequences.feh, lines, axis=0)(np.clip(feh, sequences.feh[0], sequences.feh[-1]))
    misfit = ((star["gr0"] - colour) / star["gr0_error"]) ** 2
    misfit += (((star["feh"] - feh) / star["feh_error"]) ** 2)[:, None]
    weight = np.exp(-0.5 * misfit).sum(axis=0) * 10 ** (luminosity_slope * m_r)
    weight[[0, -1]] *= 0.5
    dm = star["rmag0"] - np.linspace(3.6, -3.9, 1501)
    away = (star["rmag0"] - dm[:, None] - m_r) / star["rmag0_error"]
    density = np.exp(-0.5 * away**2) @ weight * 10 ** (0.2 * (3 + density_log_slope) * (dm - dm[0]))
    cumulated = CubicSpline(dm, density).antiderivative()(dm)
    cumulated /= cumulated[-1]
    rising = np.append(True, np.diff(np.maximum.accumulate(cumulated)) > 0)
    found = np.interp([0.05, 0.16, 0.5, 0.84, 0.95], cumulated[rising], dm[rising])
    return [*found, np.average(dm, weights=density)]


STARS = {
    "usual": {},
    "red": {"gr0": 1.21, "gr0_error": 0.0198, "feh": -1.158, "feh_error": 0.084},
    "broad": {"gr0": 0.62, "gr0_error": 0.029, "feh": -1.275, "feh_error": 0.24},
    "poor": {"gr0": 0.6, "feh": -2.6, "feh_error": 0.15},
    "rich": {"gr0": 1.3, "feh": 0.3, "feh_error": 0.2},
    "tip": {"gr0": 1.38, "feh": -1.6, "gr0_error": 0.03},
    "exact photometry": {"rmag0_error": 0.001, "gr0_error": 0.004},
}


@pytest.mark.parametrize("prior", [{}, {"luminosity_slope": 0.0}, {"density_log_slope": -5.0}])
@pytest.mark.parametrize("name", STARS)
def test_as_plain_integration_gives(name, prior):
    star = GOOD | STARS[name]
    found = giant_distances(giants(**star), GiantSettings(**prior))
    ours = [getattr(found, k)[0] for k in (*PERCENTILES, "dm_mean")]
    np.testing.assert_allclose(ours, by_integration(star, **prior), atol=0.004)


def test_halving_every_step_moves_no_percentile():
    stars = varied(1500)
    coarse, fine = giant_distances(stars), giant_distances(stars, refine=1)
    assert coarse.ok.sum() > 1000
    for name in (*PERCENTILES, "dm_mean"):
        assert np.nanmax(np.abs(getattr(coarse, name) - getattr(fine, name))) < 0.005


def test_a_star_s_answer_does_not_depend_on_the_others():
    stars, rng = varied(400), np.random.default_rng(3)
    order = rng.permutation(400)[:150]
    together, apart = giant_distances(stars), giant_distances(stars.take(order))
    for field in dataclasses.fields(together):
        whole, part = getattr(together, field.name)[order], getattr(apart, field.name)
        if field.name == "flag":
            np.testing.assert_array_equal(whole, part)
        else:
            np.testing.assert_allclose(whole, part, atol=2e-5)


def test_the_published_read_off():
    stars = varied(200)
    d = giant_distances(stars)
    np.testing.assert_allclose(d.m_r, stars.rmag0 - d.dm_mean)
    np.testing.assert_allclose(d.distance, 10 ** (d.dm_mean / 5 - 2))
    np.testing.assert_allclose(d.distance_error, (10 ** (d.dm_p84 / 5 - 2) - 10 ** (d.dm_p16 / 5 - 2)) / 2)


@given(
    gr0=st.floats(0.3, 2.0),
    feh=st.floats(-2.8, 0.5),
    gr0_error=st.floats(1e-4, 0.5),
    feh_error=st.floats(1e-4, 1.0),
    rmag0_error=st.floats(1e-4, 0.5),
)
def test_any_star_has_finite_increasing_percentiles_or_a_word(gr0, feh, gr0_error, feh_error, rmag0_error):
    stars = giants(gr0=gr0, feh=feh, gr0_error=gr0_error, feh_error=feh_error, rmag0_error=rmag0_error)
    d = giant_distances(stars)
    dm = np.array([getattr(d, k)[0] for k in PERCENTILES])
    if d.flag[0] == "ok":
        assert (np.diff(dm) >= 0).all()
        assert dm[0] <= d.dm_mean[0] <= dm[-1]
        assert d.distance_error[0] > 0
    else:
        assert np.isnan([*dm, d.dm_mean[0], d.m_r[0], d.distance[0], d.distance_error[0]]).all()


def test_the_posterior_is_normalised_and_has_the_same_percentiles():
    stars = varied(60)
    d, posterior = giant_distances(stars), giant_posterior(stars)
    step = posterior.dm[:, 1] - posterior.dm[:, 0]
    np.testing.assert_allclose(np.diff(posterior.dm, axis=1), np.broadcast_to(step[:, None], posterior.dm[:, 1:].shape))
    np.testing.assert_allclose((posterior.density.sum(axis=1) * step)[d.ok], 1.0, rtol=1e-9)
    mean = (posterior.dm * posterior.density).sum(axis=1) * step
    np.testing.assert_allclose(mean[d.ok], d.dm_mean[d.ok], atol=2e-3)
    at_median = (posterior.density * (posterior.dm < d.dm_p50[:, None])).sum(axis=1) * step
    np.testing.assert_allclose(at_median[d.ok], 0.5, atol=0.1)
    assert np.isnan(posterior.density[~d.ok]).all()
    np.testing.assert_array_equal(posterior.flag, d.flag)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "ok"),
        ({"rmag0": np.nan}, "missing_band"),
        ({"gr0": np.inf}, "missing_band"),
        ({"feh": np.nan}, "missing_feh"),
        ({"gr0_error": 0.0}, "missing_error"),
        ({"feh_error": np.nan}, "missing_error"),
        ({"rmag0_error": -0.1}, "missing_error"),
        ({"feh_error": 99.0}, "missing_error"),
        ({"feh": -3.5}, "outside_feh"),
        ({"feh": 0.9}, "outside_feh"),
        ({"gr0": -0.2}, "outside_colours"),
        ({"gr0": 1.9}, "outside_colours"),
        ({"gr0": 0.55}, "horizontal_branch"),
        ({"feh": -2.7, "gr0": 0.62}, "ok"),
        ({"rmag0": np.nan, "feh": np.nan, "gr0_error": 0.0}, "missing_band"),
    ],
)
def test_flags(values, word):
    d = giant_distances(giants(**values))
    assert d.flag.tolist() == [word]
    assert word in FLAGS
    assert np.isfinite(d.distance[0]) == (word == "ok")
    assert giant_posterior(giants(**values)).flag.tolist() == [word]


def test_flags_among_others_and_no_star_at_all():
    mixed = giant_distances(giants(gr0=[0.8, np.nan, 0.5, 0.8]))
    assert mixed.flag.tolist() == ["ok", "missing_band", "horizontal_branch", "ok"]
    assert mixed.dm_p50[0] == mixed.dm_p50[3]
    note = flag_note(mixed.flag)
    assert note is not None
    assert "2 of 4" in note
    assert "missing_band" in note
    assert flag_note(mixed.flag[:1]) is None
    none = giants().take(np.zeros(0, int))
    assert len(giant_distances(none)) == len(giant_posterior(none)) == 0


def test_the_cut_at_the_horizontal_branch_can_be_left_out():
    star = giants(gr0=0.55)
    assert star.gr0[0] < horizontal_branch_colour(star.feh)[0]
    assert giant_distances(star, GiantSettings(horizontal_branch_cut=False)).ok.all()


def test_scatter_of_the_sequences_widens_the_posterior():
    narrow, wide = (giant_distances(giants(), GiantSettings(colour_scatter=s)) for s in (0.0, 0.03))
    assert wide.dm_p84[0] - wide.dm_p16[0] > 1.2 * (narrow.dm_p84[0] - narrow.dm_p16[0])


def test_the_luminosity_prior_makes_stars_fainter_and_nearer():
    with_prior, without = (giant_distances(varied(200), GiantSettings(luminosity_slope=s)) for s in (0.32, 0.0))
    assert (with_prior.dm_mean < without.dm_mean)[with_prior.ok].all()


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"luminosity_slope": np.nan}, "luminosity_slope"),
        ({"colour_scatter": -0.1}, "colour_scatter"),
        ({"density_log_slope": 30.0}, "density_log_slope"),
        ({"feh_min": 1.0}, "feh_min"),
        ({"metallicity_prior": "steep"}, "metallicity_prior"),
        ({"clusters": ("M92", "M99")}, "M99"),
    ],
)
def test_settings_out_of_range(settings, key):
    with pytest.raises(ConfigError, match=key):
        GiantSettings(**settings)


def test_no_metallicity_between_the_ends_names_both_keys():
    with pytest.raises(ConfigError, match=r"feh_max is -5, below distance\.feh_min"):
        GiantSettings(feh_max=-5.0)
    with pytest.raises(ConfigError, match=r"distance\.feh_max is 50"):
        GiantSettings(feh_max=50.0)
