"""Choice of the array library."""

import numpy as np
import pytest

from haloscale.arrays import any_below, join, namespace, ndim, power_series, spread


def test_numpy_is_the_default():
    assert namespace() is np
    assert namespace(1.0, 2, np.float64(3), np.ones(2), [1.0]) is np


def test_jax_takes_the_expression():
    try:
        import jax
    except ImportError:
        pytest.skip("jax is not installed: pip install 'haloscale[jax]'")
    assert namespace(1.0, np.ones(2), jax.numpy.ones(2)) is jax.numpy
    traced = []
    jax.jit(lambda x: traced.append(namespace(x)) or x)(1.0)
    assert traced == [jax.numpy]
    xp, number, values = join(2.0, jax.numpy.ones(2))
    assert xp is jax.numpy
    assert isinstance(number, float)
    assert isinstance(values, jax.Array)
    assert any_below(values, -1.0)


def test_join_keeps_numbers_and_makes_arrays():
    xp, number, integer, values = join(1.0, 2, [1.0, 2.0])
    assert xp is np
    assert (number, integer) == (1.0, 2)
    assert isinstance(values, np.ndarray)
    array = np.ones(3)
    assert join(array)[1] is array


def test_ndim():
    assert [ndim(1.0), ndim(np.float64(1)), ndim(np.ones((2, 1)))] == [0, 0, 2]


def test_spread():
    assert spread(0.3, 8.0) == 0.3
    assert spread(0.3, np.ones((2, 3))).shape == (2, 3)
    assert spread(np.ones((4, 1)), np.ones(3)).shape == (4, 3)


def test_any_below():
    assert any_below(np.array([1.0, 3.0]), 2.0)
    assert not any_below(np.array([1.0, 3.0]), 1.0)
    assert not any_below(np.empty(0), 1.0)
    assert any_below(0.5, 1.0)
    assert not any_below(np.float64(1.5), 1.0)


def test_power_series():
    np.testing.assert_allclose(power_series(np.array([0.0, 2.0]), (1.0, -1.0, 3.0)), [1.0, 11.0])
