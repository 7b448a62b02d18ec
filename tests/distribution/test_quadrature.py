"""Nodes of the inversion integral."""

import math

import numpy as np
import pytest

from haloscale.distribution.quadrature import far_nodes, near_nodes, near_weights, near_width, scale_of


@pytest.mark.parametrize("b", [-0.98, -0.5, -0.2, 0.3, 0.49])
def test_finite_part_of_powers(b):
    # b FP int_0^1 y^(b-1) y^n dy = b / (b + n): for b < 0 the finite part drops the divergent lower end
    y, weights = near_nodes(), near_weights(np, b)
    for n in range(12):
        assert weights @ y**n == pytest.approx(b / (b + n), rel=1e-9, abs=1e-10)


def test_at_one_half_the_first_panel_is_its_start():
    y = near_nodes()
    assert near_weights(np, 0.0) @ np.exp(-y) == pytest.approx(1, rel=1e-12)


def test_weights_of_a_batch_are_those_of_each():
    b = np.array([[-0.4], [0.0], [0.2]])
    np.testing.assert_allclose(near_weights(np, b), [near_weights(np, float(x)) for x in b[:, 0]], rtol=1e-13)


@pytest.mark.parametrize("p", [0.7, 2.0, 5.0, 30.0])
@pytest.mark.parametrize("breaks", [(), (0.3, 2.5), (-1.0, 7.0)])
def test_far_nodes_integrate_exponentials(p, breaks):
    scale = scale_of(np, np.array([p]))
    t, weights = far_nodes(np, scale, 0.4, [np.array([at]) for at in breaks])
    start = 0.4 * scale[0]
    assert weights[0] @ np.exp(-p * t[0]) == pytest.approx(math.exp(-p * start) / p, rel=1e-6)


def test_a_break_ends_a_panel():
    scale, at = np.array([1.0]), 1.7
    t, weights = far_nodes(np, scale, 0.4, [np.array([at])])
    kinked = np.where(t < at, at - t, 0.0)
    assert (weights * kinked).sum() == pytest.approx((at - 0.4) ** 2 / 2, rel=1e-12)


def test_first_panel_is_narrow_where_the_density_bends():
    assert near_width(math.inf) == 0.4
    assert near_width(0.05) == pytest.approx(0.1)
