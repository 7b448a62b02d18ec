"""Nodes for a kernel of any shape: the range of the Jeans integral in panels, each with its own power of u."""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array, join

_ASIDE = 1.02
"""The local slope of the kernel is its fall from the start of a panel to this many times that radius."""
_EXPONENT = 10.0
_POWERS = 1e-3, 4.0
"""Bounds of m: a larger one would spend the nodes on the steep part of a kernel that is flat at the start."""


def breaks_of(*models: Any) -> tuple[Array, ...]:
    """The radii [kpc] at which the models ask for a split; a model without `breaks` asks for none."""
    return tuple(radius for model in models for radius in getattr(model, "breaks", ()))


def panel_nodes(tracer: Any, anisotropy: Any, r: Array, dimensions: int, n_nodes: int) -> tuple[Array, Array]:
    """Radii s > r of the nodes, and the weights of du with u = r/s.

    Parameters
    ----------
    tracer : object with density_ratio(s, r)
    anisotropy : object with factor_ratio(s, r)
        Both may have `breaks`, radii [kpc] at which the range is split.
    r : float or array (n_r,) [kpc]
    dimensions : int
        Of the result of the integral.
    n_nodes : int
        Nodes a panel.

    Returns
    -------
    s, weights : array (n_panels x n_nodes, ...) [kpc], dimensionless
    """
    xp, r, *breaks = join(r, *breaks_of(tracer, anisotropy))
    edges = _edges(xp, r, breaks, dimensions)
    power = _power(xp, tracer, anisotropy, r / edges)
    ratio = _inner_ends(xp, edges, power)
    x, dx = _unit_nodes(n_nodes, dimensions)
    x = ratio[:, None] + (1.0 - ratio[:, None]) * x
    u = edges[:, None] * x ** power[:, None]
    weights = dx * (1.0 - ratio[:, None]) * power[:, None] * u / x
    shape = (len(edges) * n_nodes, *u.shape[2:])
    return r / u.reshape(shape), weights.reshape(shape)


def _edges(xp: Any, r: Array, breaks: list[Array], dimensions: int) -> Array:
    """u at which each panel starts, (n_panels, ...), descending from 1."""
    shape = np.broadcast_shapes(np.shape(r), *(np.shape(at) for at in breaks))
    shape = (1,) * (dimensions - len(shape)) + shape
    first = xp.ones((1, *shape))
    if not breaks:
        return first
    if all(isinstance(at, float) for at in breaks):
        return xp.concatenate([first, xp.minimum(r / np.sort(breaks).reshape(-1, *(1 for _ in shape)), first)])
    starts = xp.stack([xp.broadcast_to(r / at, shape) for at in breaks])
    return xp.concatenate([first, xp.minimum(-xp.sort(-starts, axis=0), first)])


def _power(xp: Any, tracer: Any, anisotropy: Any, start: Array) -> Array:
    """m of u = x^m in each panel, (n_panels, ...), so that a kernel u^p leaves m x^(_EXPONENT - 1) dx."""
    beyond = start * _ASIDE
    fall = tracer.density_ratio(beyond, start) * anisotropy.factor_ratio(beyond, start)
    p = -xp.log(xp.maximum(fall, 1e-300)) / math.log(_ASIDE)
    return xp.clip(_EXPONENT / xp.maximum(p + 1.0, 1e-3), *_POWERS)


def _inner_ends(xp: Any, edges: Array, power: Array) -> Array:
    """x at which each panel ends, (n_panels, ...): where the next one starts; zero for the last."""
    inner = (edges[1:] / edges[:-1]) ** (1.0 / power[:-1])
    return xp.concatenate([inner, xp.zeros_like(power[:1])])


@cache
def _unit_nodes(n_nodes: int, dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights on (0, 1), shape (1, n_nodes, 1, ..., 1)."""
    x, weights = np.polynomial.legendre.leggauss(n_nodes)
    shape = (1, n_nodes) + (1,) * dimensions
    x, weights = ((x + 1.0) / 2.0).reshape(shape), (weights / 2.0).reshape(shape)
    for shared in (x, weights):
        shared.flags.writeable = False
    return x, weights
