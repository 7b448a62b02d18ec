"""The table over energy by itself."""

import numpy as np
import pytest

from haloscale.distribution.table import ORDER, tabulate

CENTRE, HIGH, LOW = (np.array([e]) for e in (1.0, 0.8, 1e-3))
ENERGY = 1.0 / (1.0 + np.exp(np.linspace(np.log(0.25) - 0.6, np.log(999.0) + 0.6, 120)))


def curve(energy):
    return 2.5 * np.log(energy) - 3.0 * np.log(1.0 - energy) + np.sin(np.log(energy))


def test_a_smooth_function_comes_back():
    table = tabulate(ENERGY, curve(ENERGY), (CENTRE, HIGH, LOW), 300)
    energy = np.geomspace(1e-3, 0.8, 5000)
    np.testing.assert_allclose(table(energy), curve(energy), rtol=0, atol=1e-7)
    assert table.n_intervals == 300


def test_knots_are_met_where_nodes_are_uneven():
    rng = np.random.default_rng(1)
    energy = np.sort(ENERGY * np.exp(0.01 * rng.uniform(-1, 1, len(ENERGY))))[::-1]
    table = tabulate(energy, curve(energy), (CENTRE, HIGH, LOW), 300)
    inside = np.geomspace(1e-3, 0.8, 500)
    np.testing.assert_allclose(table(inside), curve(inside), rtol=0, atol=1e-6)


def test_a_polynomial_of_the_order_is_exact():
    def poly(energy):
        return np.log(1.0 / energy - 1.0) ** 3

    table = tabulate(ENERGY, poly(ENERGY), (CENTRE, HIGH, LOW), 7)
    energy = np.geomspace(1e-3, 0.8, 50)
    np.testing.assert_allclose(table(energy), poly(energy), rtol=0, atol=1e-9)
    assert ORDER >= 4


def test_any_shape_and_a_batch():
    single = tabulate(ENERGY, curve(ENERGY), (CENTRE, HIGH, LOW), 100)
    rows = np.stack([ENERGY, ENERGY])
    double = tabulate(
        rows, np.stack([curve(ENERGY), 2 * curve(ENERGY)]), tuple(np.stack([e, e]) for e in (CENTRE, HIGH, LOW)), 100
    )
    assert single.sets == ()
    assert double.sets == (2,)
    cube = np.random.default_rng(2).uniform(-0.1, 0.9, (2, 3, 4))
    assert single(0.5).shape == ()
    expected = single(cube)
    assert expected.shape == cube.shape
    np.testing.assert_allclose(double(cube)[0], expected[0], rtol=1e-13)
    np.testing.assert_allclose(double(cube)[1], 2 * expected[1], rtol=1e-13)
    np.testing.assert_allclose(double(cube[0, 0]), [expected[0, 0], 2 * expected[0, 0]], rtol=1e-13)
    assert single(np.empty(0)).shape == (0,)


def test_outside_it_is_a_power_of_the_energy():
    table = tabulate(ENERGY, curve(ENERGY), (CENTRE, HIGH, LOW), 300)
    step = 1e-6
    for end in (1e-3, 0.8):
        slope = (curve(end * (1 + step)) - curve(end * (1 - step))) / (2 * step)
        outside = end * (0.1 if end < 0.1 else 1.2)
        assert table(outside) == pytest.approx(curve(end) + slope * np.log(outside / end), rel=1e-5)
    assert table(0.0) == -np.inf
