"""The registered method `giant_branch`: from the columns of a catalogue to its distances."""

import numpy as np
import pytest

from haloscale.distance import distance_methods, find_distances
from haloscale.distance.giant_branch import INPUTS, giants_of
from haloscale.distance.giant_distances import giant_distances
from haloscale.errors import CatalogueError, ConfigError
from haloscale.mock import simulate_giants
from haloscale.records import StarTable


@pytest.fixture
def table():
    return simulate_giants(np.random.default_rng(2), 300)


def test_the_columns_it_fills(table):
    out, expected = find_distances(table, "giant_branch"), giant_distances(giants_of(table))
    for name, values in vars(expected).items():
        np.testing.assert_array_equal(out[name], values)
    ok = out["flag"] == "ok"
    assert 0 < ok.sum() < 300
    np.testing.assert_array_equal(np.isfinite(out["distance"]), ok)
    np.testing.assert_array_equal(np.isfinite(out["distance_error"]), ok)
    assert len(out) == 300  # every row stays, flagged or not


def test_the_catalogue_s_own_distances_are_kept_beside(table):
    given = table.with_columns(distance=np.full(300, 7.0), distance_error=np.full(300, 1.0))
    out = find_distances(given, "giant_branch")
    assert (out["catalogue_distance"] == 7.0).all()
    assert (out["catalogue_distance_error"] == 1.0).all()
    assert not (out["distance"] == 7.0).any()


def test_options_reach_the_computation(table):
    out = find_distances(table, "giant_branch", luminosity_slope=0.0)
    assert np.nanmean(out["dm_mean"] - find_distances(table, "giant_branch")["dm_mean"]) > 0.02
    twelve = find_distances(table, "giant_branch", clusters=["M15", "M13", "M5", "NGC6791"])
    assert np.isfinite(twelve["distance"]).any()
    with pytest.raises(ConfigError, match="M51"):
        find_distances(table, "giant_branch", clusters=["M51", "M92"])


def test_what_the_photometry_lacks_is_said_in_its_own_words(table):
    gr0, error = np.array(table["gr0"]), np.array(table["rmag0_error"])
    gr0[0], error[1] = np.nan, np.nan
    flag = find_distances(table.with_columns(gr0=gr0, rmag0_error=error), "giant_branch")["flag"]
    assert flag[:2].tolist() == ["missing_band", "missing_error"]


@pytest.mark.parametrize("name", ["feh", "feh_error"])
def test_a_column_that_is_lacking_or_empty(table, name):
    columns = {k: v for k, v in table.columns.items() if k != name}
    with pytest.raises(CatalogueError, match=f"no column {name}\n"):
        find_distances(StarTable(columns, "generic"), "giant_branch")
    with pytest.raises(CatalogueError, match=f"no value in its column {name}\n"):
        find_distances(table.with_columns(**{name: np.full(300, np.nan)}), "giant_branch")


def test_a_catalogue_without_any_giant_says_why(table):
    blue = table.with_columns(gr0=np.full(300, 0.4))
    with pytest.raises(CatalogueError, match=r"300 of 300 stars.*horizontal_branch"):
        distance_methods["giant_branch"](blue)


def test_the_inputs_are_taken_in_their_order(table):
    taken = giants_of(table)
    for name in INPUTS:
        np.testing.assert_array_equal(getattr(taken, name), table[name])
