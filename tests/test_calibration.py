"""Missing velocity errors and zero points."""

import numpy as np
import pytest

from haloscale.calibration import calibrate_columns, fill_velocity_errors
from haloscale.errors import CatalogueError
from haloscale.records import StarTable


def stars(**columns: list[float]) -> StarTable:
    n = len(next(iter(columns.values())))
    return StarTable({"row": np.arange(n), **{k: np.array(v) for k, v in columns.items()}}, "generic")


def test_a_survey_with_a_typical_error_fills_and_says_so() -> None:
    table, cut, note = fill_velocity_errors(stars(v_helio_error=[3.0, np.nan, np.inf, -1.0]), 7.0)
    np.testing.assert_array_equal(table["v_helio_error"], [3.0, 7.0, 7.0, 7.0])
    assert cut is None
    assert note is not None
    assert "3 of 4" in note
    assert "7 km/s" in note


def test_without_a_typical_error_rows_are_dropped_by_name() -> None:
    table, cut, note = fill_velocity_errors(stars(v_helio_error=[3.0, np.nan, 0.0]), None)
    np.testing.assert_array_equal(table["row"], [0, 2])
    assert cut is not None
    assert (cut.n_before, cut.n_after) == (3, 2)
    assert note is None


@pytest.mark.parametrize("table", [stars(v_helio=[1.0, 2.0]), stars(v_helio_error=[np.nan, np.inf])])
def test_a_catalogue_without_any_error_is_refused(table: StarTable) -> None:
    with pytest.raises(CatalogueError, match="velocity error"):
        fill_velocity_errors(table, None)
    filled, _, note = fill_velocity_errors(table, 7.0)
    np.testing.assert_array_equal(filled["v_helio_error"], [7.0, 7.0])
    assert note is not None
    assert "2 of 2" in note


def test_a_complete_column_is_left_alone() -> None:
    table = stars(v_helio_error=[1.0, 2.0])
    assert fill_velocity_errors(table, 7.0) == (table, None, None)


def test_offset_and_scale() -> None:
    table = stars(v_helio=[1.0], distance=[10.0], distance_error=[2.0])
    out = calibrate_columns(table, v_offset=5.0, distance_scale=1.1)
    assert (out["v_helio"][0], out["distance"][0], out["distance_error"][0]) == pytest.approx((6.0, 11.0, 2.2))
    same = calibrate_columns(table)
    assert all(same[k] is table[k] for k in table.columns)
