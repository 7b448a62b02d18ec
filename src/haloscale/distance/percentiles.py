"""Percentiles and means of densities on a regular grid, many rows at a time."""

import numpy as np

from haloscale.distance.magnitudes import Singles
from haloscale.records import Floats

_NEWTON = 4


def quantiles(density: Singles, probabilities: Floats) -> Floats:
    """Where the cumulated density reaches the probabilities, in steps from the first node.

    Parameters
    ----------
    density : array (n, n_grid) dimensionless
        Not negative; its scale does not matter.
    probabilities : array (n_q,) dimensionless

    Returns
    -------
    array (n, n_q)

    Notes
    -----
    The cumulated density at the nodes is right to fourth order in the step (trapezoids with the first Euler-Maclaurin
    term); between two nodes it is the cubic that has the densities there as its slopes.
    """
    middle = np.cumsum(density, axis=1, dtype=np.float32)
    total = middle[:, -1].copy()
    middle -= 0.5 * density
    wanted = total[:, None] * probabilities.astype(np.float32)
    last = density.shape[1] - 2
    below = [np.count_nonzero(middle < wanted[:, q, None], axis=1) for q in range(len(probabilities))]
    cell = np.clip(np.stack(below, axis=1) - 1, 1, last - 1)
    before, left, right, after = (np.take_along_axis(density, cell + i, axis=1).astype(float) for i in (-1, 0, 1, 2))
    low = np.take_along_axis(middle, cell, axis=1) - (right - before) / 24.0
    high = np.take_along_axis(middle, cell + 1, axis=1) - (after - left) / 24.0
    found: Floats = cell + _inverted(wanted - low, high - low, left, right)
    return found


def _inverted(wanted: Floats, rise: Floats, left: Floats, right: Floats) -> Floats:
    """Part of the cell (0 to 1) where a cubic from 0 to `rise` with the given end slopes reaches `wanted`."""
    square, cube = 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise
    tiny = np.finfo(float).tiny
    t = np.clip(wanted / np.maximum(rise, tiny), 0.0, 1.0)
    for _ in range(_NEWTON):
        value = t * (left + t * (square + t * cube))
        slope = left + t * (2.0 * square + 3.0 * t * cube)
        t = np.clip(t - (value - wanted) / np.maximum(slope, tiny), 0.0, 1.0)
    return t


def means(density: Singles, x: Floats) -> Floats:
    """Mean of x under each density.

    Parameters
    ----------
    density : array (n, n_grid) dimensionless
    x : array (n_grid,) [mag]

    Returns
    -------
    array (n,) [mag]
    """
    centre = x[len(x) // 2]
    sums = density @ np.stack([np.ones(len(x)), x - centre], axis=1).astype(np.float32)
    mean: Floats = centre + sums[:, 1].astype(float) / sums[:, 0]
    return mean
