"""Distances taken from the catalogue."""

import numpy as np
import pytest

from haloscale.distance import distance_methods, find_distances
from haloscale.errors import CatalogueError, ConfigError
from haloscale.records import StarTable


def test_the_catalogue_s_own_distances() -> None:
    table = StarTable({"row": np.arange(2), "distance": np.array([3.0, np.nan])}, "generic")
    out = find_distances(table)
    np.testing.assert_array_equal(out["distance"], table["distance"])
    assert "distance_error" not in out  # a cut on it is then listed as not applied


@pytest.mark.parametrize("columns", [{}, {"distance": np.full(2, np.nan)}])
def test_a_catalogue_without_distances_says_what_to_do(columns: dict) -> None:
    with pytest.raises(CatalogueError, match=r"lamost_dr5.*distance") as caught:
        distance_methods["catalogue"](StarTable({"row": np.arange(2), **columns}, "lamost_dr5"))
    assert "generic" in caught.value.advice


def test_an_unknown_method_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'catalogue'"):
        find_distances(StarTable({"row": np.arange(1)}, "generic"), "catalog")
