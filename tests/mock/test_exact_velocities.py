"""Simulated catalogues with the velocities of the distribution function."""

import numpy as np
import pytest

from haloscale import anisotropy, jeans, mock
from haloscale.errors import ConfigError, InputError

TRUTH = mock.Truth(anisotropy=anisotropy.Constant(beta=0.5))


def test_an_exact_halo_has_the_jeans_dispersions_and_is_not_gaussian():
    table = mock.simulate_simple(TRUTH, np.random.default_rng(3), 50_000, velocities="exact")
    r = table.raw["true_r"]
    sigma = jeans.sigma_r(TRUTH.mass, TRUTH.tracer, TRUTH.anisotropy, r)
    radial = table.raw["true_v_r"] / sigma
    across = np.stack([table.raw["true_v_theta"], table.raw["true_v_phi"]]) / sigma / np.sqrt(0.5)
    for scaled in (radial, across):
        square = scaled**2
        assert square.mean() == pytest.approx(1, abs=4.5 * square.std() / np.sqrt(square.size))
    assert (across**4).mean() / (across**2).mean() ** 2 > 4.0  # 3 for a Gaussian
    assert np.all(table.raw["simulated"])


def test_positions_and_default_are_untouched():
    kinds = {}
    for kind in ("gaussian", "exact"):
        kinds[kind] = mock.simulate_simple(TRUTH, np.random.default_rng(3), 2000, velocities=kind)
    default = mock.simulate_simple(TRUTH, np.random.default_rng(3), 2000)
    for column in ("true_r", "true_distance"):  # the rows are shuffled after the velocities
        np.testing.assert_array_equal(np.sort(kinds["exact"].raw[column]), np.sort(default.raw[column]))
    np.testing.assert_array_equal(kinds["gaussian"].columns["v_helio"], default.columns["v_helio"])
    assert not np.isin(kinds["exact"].raw["true_v_r"], default.raw["true_v_r"]).any()


def test_the_survey_like_catalogue_takes_it_too():
    table = mock.simulate(TRUTH, np.random.default_rng(3), n_stars=500, velocities="exact")
    assert np.all(np.isfinite(table.raw["true_v_r"]))


def test_wrong_words_and_impossible_halos_are_refused():
    with pytest.raises(ConfigError, match="exact"):
        mock.simulate_simple(TRUTH, np.random.default_rng(3), 100, velocities="exakt")
    truth = mock.Truth(anisotropy=anisotropy.Constant(beta=-0.8))
    with pytest.raises(InputError, match="beta above"):
        mock.simulate_simple(truth, np.random.default_rng(3), 100, velocities="exact")


def test_spectra_have_velocities_bound_to_the_halo_where_they_are_exact():
    """Those of a normal distribution know no escape speed, and are not those of the same stars."""
    made = {
        kind: mock.simulate_spectra(TRUTH, np.random.default_rng(4), n_stars=6000, contamination=0.0, velocities=kind)
        for kind in ("gaussian", "exact")
    }
    for kind, table in made.items():
        raw = table.raw
        speed2 = raw["true_v_r"] ** 2 + raw["true_v_theta"] ** 2 + raw["true_v_phi"] ** 2
        share = speed2 / (-2.0 * TRUTH.mass.potential(raw["true_r"]))
        assert share.max() < 1.0 or kind == "gaussian"
    assert not np.isin(made["exact"].raw["true_v_r"], made["gaussian"].raw["true_v_r"]).any()
