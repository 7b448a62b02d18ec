"""A tabulated tracer density."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from haloscale.errors import InputError
from haloscale.tracer import Einasto, PowerLaw, Table

ROWS = np.geomspace(4.0, 150.0, 12)


def test_a_power_law_comes_back():
    table, law, r = Table(ROWS, 7e3 * ROWS**-3.5), PowerLaw(log_slope=-3.5), np.geomspace(0.1, 1e4, 40)
    np.testing.assert_allclose(table.density_ratio(r, 8.0), law.density_ratio(r, 8.0), rtol=1e-12)
    np.testing.assert_allclose(table.log_slope_at(r), -3.5, rtol=1e-12)


def test_between_the_rows_it_is_the_monotone_cubic():
    density = Einasto().density_ratio(ROWS, 8.0) * np.array([1, 1.3, 0.9, 1, 1.1, 1, 0.8, 1, 1, 1.2, 1, 0.9])
    table, r = Table(r=ROWS, density=density), np.geomspace(4.01, 149.0, 200)
    cubic = PchipInterpolator(np.log(ROWS), np.log(density))
    np.testing.assert_allclose(table.density_ratio(r, ROWS[0]), np.exp(cubic(np.log(r))) / density[0], rtol=1e-12)
    np.testing.assert_allclose(table.log_slope_at(r), cubic(np.log(r), 1), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(table.density_ratio(ROWS, ROWS[3]), density / density[3], rtol=1e-12)


def test_beyond_the_ends_the_slope_goes_on():
    table = Table(ROWS, Einasto().density_ratio(ROWS, 8.0))
    for end, beyond in ((ROWS[0], [0.5, 2.0]), (ROWS[-1], [300.0, 1e20])):
        slope = table.log_slope_at(end)
        np.testing.assert_allclose(table.log_slope_at(np.array(beyond)), slope, rtol=1e-12)
        np.testing.assert_allclose(np.log(table.density_ratio(np.array(beyond), end)), slope * np.log(beyond / end))


def test_normalisation_cancels_and_lists_will_do():
    one, other = Table(ROWS, ROWS**-3.0), Table(list(ROWS), list(5e9 * ROWS**-3.0))
    assert one.density_ratio(33.0, 10.0) == pytest.approx(other.density_ratio(33.0, 10.0), rel=1e-13)
    assert one == Table(tuple(ROWS), tuple(ROWS**-3.0))
    assert one.breaks == tuple(ROWS)


@pytest.mark.parametrize(
    ("r", "density", "found"),
    [
        ([1, 2, 3], [1, 2], "3 radii and 2 densities"),
        ([1], [1], "1 radii and 1 densities"),
        ([1, 2, 3], [3, 0, 1], "a density of 0"),
        ([1, 2, 3], [3, float("nan"), 1], "a density of nan"),
        ([1, 3, 2], [3, 2, 1], "radii from 1 to 2 kpc that do not increase"),
        ([0, 1, 2], [3, 2, 1], "radii from 0 to 2 kpc"),
        (["a", 1], [3, 2], r"r = \['a', 1\]"),
        ([[1, 2]], [[2, 1]], "2 radii and 2 densities"),
        ([1, 2], "nu", "density = 'nu'"),
    ],
)
def test_wrong_columns_are_refused(r, density, found):
    with pytest.raises(InputError, match=found) as refused:
        Table(r, density)
    assert "two columns" in refused.value.expected
