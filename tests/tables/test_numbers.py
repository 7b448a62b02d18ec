"""What counts as missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.tables.numbers import SENTINELS, to_numbers, to_raw


@pytest.mark.parametrize("dtype", ["f8", ">f8", "f4", ">f4"])
def test_sentinels_infinities_and_nan_are_missing(dtype: str) -> None:
    values = np.array([*SENTINELS, np.inf, -np.inf, np.nan, 1.5, -998.0, 9999.0, -1000.0], dtype=dtype)
    expected = [np.nan] * (len(SENTINELS) + 3) + [1.5, -998.0, 9999.0, -1000.0]
    before = values.copy()
    for numbers in (to_numbers("f", "c", values), to_raw(values)):
        np.testing.assert_array_equal(numbers, expected)
        assert numbers.dtype.isnative
    np.testing.assert_array_equal(values, before)  # the reader's own memory is left alone


@given(st.lists(st.floats(-990, 1e6), min_size=1))
def test_everything_above_the_sentinels_stays(values: list[float]) -> None:
    np.testing.assert_array_equal(to_numbers("f", "c", np.array(values)), values)


@given(st.lists(st.integers(2**53, 2**63 - 1), min_size=1))
def test_identifiers_stay_whole(values: list[int]) -> None:
    assert to_raw(np.array(values, dtype=np.int64)).tolist() == values


def test_whole_numbers_with_gaps_become_floats() -> None:
    np.testing.assert_array_equal(to_raw(np.array([1, -9999, 3])), [1, np.nan, 3])
    np.testing.assert_array_equal(to_raw(np.ma.MaskedArray([1, 2, 3], [False, True, False])), [1, np.nan, 3])


@pytest.mark.parametrize("kind", [np.str_, np.bytes_, object])
def test_text_of_numbers(kind: type) -> None:
    values = np.array([" +1.5", "", "--", "NULL", "-9999", "inf", "2e3 "]).astype(kind)
    expected = [1.5, np.nan, np.nan, np.nan, np.nan, np.nan, 2000.0]
    np.testing.assert_array_equal(to_numbers("f", "c", values), expected)
    np.testing.assert_array_equal(to_raw(values), expected)
    assert to_raw(np.array(["a ", "1"]).astype(kind)).tolist() == ["a", "1"]


def test_an_object_column_with_none_and_zero() -> None:
    np.testing.assert_array_equal(to_numbers("f", "c", np.array([None, 0, 1.5], dtype=object)), [np.nan, 0, 1.5])
