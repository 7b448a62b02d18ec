"""Nodes for the integral from r_E to infinity: a panel that bears the singularity at its start, plain ones, a tail.

All positions are t = ln(s / r_E). The kernel falls like exp(-p t), p being the local slope of h; a panel's width is in
units of a scale lambda that shrinks where p is large.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array
from haloscale.records import Floats

N_NEAR = 12
"""Nodes of the first panel, whose weights hold t^(b-1)."""
_N_PANEL, _N_TAIL = 8, 14
_NEAR_WIDTH = 0.4
"""Width of the first panel in units of lambda: polynomials of degree 11 follow exp(-5 t) over it to 1e-10."""
_GROWTH = 3.0
"""Each plain panel ends at this many times its start, so that t^(b-1) is smooth over it."""
_FAR, _FAR_WITH_BREAKS = 1.2, 3.6
"""Start of the tail in units of lambda. Panels that end at breaks far out need one more before them."""
_TAIL_RATE = 0.25
"""The tail is a polynomial in exp(-rate t / lambda): 14 nodes follow every fall steeper than exp(-0.7 t)."""
_STEEP = 5.0
"""Local slope p above which lambda is _STEEP / p, below which it is 1."""
_SMOOTH = 2.0
"""The first panel is at most this many times the finest interval of ln r over which the density bends."""


def scale_of(xp: Any, p: Array) -> Array:
    """lambda of each energy.

    Parameters
    ----------
    xp : module
    p : array (..., n_energies), dimensionless
        -d ln h / d ln r at r_E.

    Returns
    -------
    array (..., n_energies)
    """
    return _STEEP / xp.maximum(xp.abs(p), _STEEP)


def near_width(resolution: float) -> float:
    """Width of the first panel in units of lambda, for a density that bends over `resolution` in ln r."""
    return min(_NEAR_WIDTH, _SMOOTH * resolution)


def near_nodes() -> Floats:
    """Nodes of the first panel, array (N_NEAR,), from 0 to 1, dimensionless."""
    return _near_table()[0]


def near_weights(xp: Any, b: Array) -> Array:
    """Weights w of the first panel: b FP int_0^1 y^(b-1) phi(y) dy = sum_k w_k phi(y_k), exact to degree N_NEAR - 1.

    Parameters
    ----------
    xp : module
    b : float or array (..., 1), dimensionless
        Above -1. FP is the finite part: the analytic continuation in b from b > 0.

    Returns
    -------
    array (N_NEAR,) or (..., N_NEAR)

    Notes
    -----
    For the shifted Legendre polynomial of degree n, b FP int_0^1 y^(b-1) P_n dy = prod_(j=1..n) (b - j) / (b + j): a
    finite number for every b > -1, zero included.
    """
    order = np.arange(1.0, N_NEAR)
    b = b if isinstance(b, (float, int)) else xp.asarray(b)
    ratio = (b - order) / (b + order)
    moments = xp.cumprod(xp.concatenate([xp.ones_like(ratio[..., :1]), ratio], axis=-1), axis=-1)
    return moments @ xp.asarray(_near_table()[1])


@cache
def _near_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes on (0, 1), and the matrix (degree, node) from Legendre moments to weights."""
    x, weights = np.polynomial.legendre.leggauss(N_NEAR)
    values = np.polynomial.legendre.legvander(x, N_NEAR - 1).T  # (degree, node)
    matrix = (2.0 * np.arange(N_NEAR)[:, None] + 1.0) * values * (weights / 2.0)
    return _shared((x + 1.0) / 2.0), _shared(matrix)


def far_nodes(xp: Any, scale: Array, near: float, breaks: list[Array]) -> tuple[Array, Array]:
    """Nodes and weights of dt beyond the first panel.

    Parameters
    ----------
    xp : module
    scale : array (..., n_energies), dimensionless
        lambda.
    near : float
        Width of the first panel in units of lambda.
    breaks : list of array (..., n_energies), dimensionless
        t of the radii at which the integrand bends; those before the first panel's end do not matter.

    Returns
    -------
    t, weights : array (..., n_energies, n_nodes)
    """
    if not breaks:
        t, weights = _fixed_nodes(near)
        return scale[..., None] * t, scale[..., None] * weights
    edges = _edges(xp, scale, near, breaks)
    x, dx = _unit_nodes(_N_PANEL)
    width = edges[..., 1:] - edges[..., :-1]
    t = edges[..., :-1, None] + width[..., None] * x
    weights = width[..., None] * dx
    flat = (*t.shape[:-2], t.shape[-2] * t.shape[-1])
    tail, d_tail = _tail_nodes()
    last, scale = edges[..., -1:], scale[..., None]
    return (
        xp.concatenate([t.reshape(flat), last + scale * tail], axis=-1),
        xp.concatenate([weights.reshape(flat), scale * d_tail], axis=-1),
    )


def _edges(xp: Any, scale: Array, near: float, breaks: list[Array]) -> Array:
    """t at which panels start, (..., n_energies, n_panels + 1), ascending; the last is the start of the tail."""
    regular = scale[..., None] * np.array(_regular_edges(near, _FAR_WITH_BREAKS))
    first = regular[..., :1]
    shape = np.broadcast_shapes(regular.shape[:-1], *(np.shape(t) for t in breaks))
    parts = [xp.broadcast_to(regular, (*shape, regular.shape[-1]))]
    parts += [xp.maximum(xp.broadcast_to(t, shape)[..., None], first) for t in breaks]
    return xp.sort(xp.concatenate(parts, axis=-1), axis=-1)


@cache
def _regular_edges(near: float, far: float) -> tuple[float, ...]:
    """Edges from the end of the first panel to the start of the tail, in units of lambda, in equal ratios."""
    n_panels = max(1, math.ceil(math.log(far / near) / math.log(_GROWTH) - 1e-9))
    return tuple(near * (far / near) ** (k / n_panels) for k in range(n_panels + 1))


@cache
def _fixed_nodes(near: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """t / lambda and weights of panels and tail without breaks."""
    edges = np.array(_regular_edges(near, _FAR))
    x, dx = _unit_nodes(_N_PANEL)
    tail, d_tail = _tail_nodes()
    width = np.diff(edges)[:, None]
    t = np.concatenate([(edges[:-1, None] + width * x).ravel(), edges[-1] + tail])
    return _shared(t), _shared(np.concatenate([(width * dx).ravel(), d_tail]))


@cache
def _unit_nodes(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    x, weights = np.polynomial.legendre.leggauss(n)
    return _shared((x + 1.0) / 2.0), _shared(weights / 2.0)


@cache
def _tail_nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """t / lambda beyond the start of the tail, and weights: Gauss-Legendre in u = exp(-rate t)."""
    u, weights = _unit_nodes(_N_TAIL)
    return _shared(-np.log(u) / _TAIL_RATE), _shared(weights / (_TAIL_RATE * u))


def _shared(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array
