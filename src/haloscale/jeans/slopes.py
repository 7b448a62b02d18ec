"""Derivatives of sparse, noisy data in ln r, each method a matrix: slope = D y, with one D for every draw of y.

A matrix makes the methods comparable and their errors exact: what is drawn in the bins passes through it unchanged.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from haloscale.errors import ConfigError, nearest
from haloscale.records import Floats

MIN_POINTS: Final = 3
"""Points below which no method has a derivative that the data can contradict."""

_STIFFNESS: Final = np.geomspace(1e-6, 1e6, 121)
"""Trial weights of the spline's roughness against the data, in units in which the two are equal."""


def slope_matrix(method: str, x: Floats, y: Floats, error: Floats, *, degree: int = 2) -> Floats:
    """The matrix D of a named method: the slopes dy/dx at the points are D y.

    Parameters
    ----------
    method : str
        "finite_difference": central differences of second order for uneven spacing, one-sided at the two ends;
        "spline": natural cubic smoothing spline; "polynomial": weighted least squares.
    x : array (n,) dimensionless
        Increasing, ln r.
    y : array (n,) [any unit]
        Used by "spline" alone, to choose how smooth it is; D is then held fixed.
    error : array (n,) [the unit of y]
        Standard errors: the weights of "spline" and "polynomial".
    degree : int
        Of the polynomial, lowered to n - 1 where there are few points.

    Returns
    -------
    array (n, n) [dimensionless]

    Raises
    ------
    ConfigError
        No method has that name.
    """
    if method not in DERIVATIVES:
        raise ConfigError(
            f"jeans.derivative is {method!r}", f"one of: {', '.join(DERIVATIVES)}", nearest(method, DERIVATIVES)
        )
    return _METHODS[method](x, y, error, degree)


def _finite_difference(x: Floats, y: Floats, error: Floats, degree: int) -> Floats:
    return np.asarray(np.gradient(np.eye(len(x)), x, axis=0))


def _polynomial(x: Floats, y: Floats, error: Floats, degree: int) -> Floats:
    powers = np.arange(min(degree, len(x) - 1) + 1)
    centred = x - x.mean()
    basis = centred[:, None] ** powers
    slopes = powers * centred[:, None] ** np.maximum(powers - 1, 0)
    return np.asarray(slopes @ np.linalg.pinv(basis / error[:, None]) / error)


def _spline(x: Floats, y: Floats, error: Floats, degree: int) -> Floats:
    """Green and Silverman (1994), section 2.3: the natural spline that minimises chi^2 + stiffness x int (f'')^2."""
    to_curvature, roughness = _natural_spline(x)
    weight = np.diag(error**-2.0)
    scale = np.trace(weight) / np.trace(roughness)
    smoothers = np.linalg.solve(weight + (scale * _STIFFNESS)[:, None, None] * roughness, weight)
    # Mallows' C_p: the errors are known, so that the expected squared distance from the truth is too, to a constant
    risk = (((smoothers @ y - y) / error) ** 2).sum(axis=-1) + 2.0 * np.trace(smoothers, axis1=-2, axis2=-1)
    return np.asarray(_slopes_of_spline(x, to_curvature) @ smoothers[np.argmin(risk)])


def _natural_spline(x: Floats) -> tuple[Floats, Floats]:
    """Matrices from values at the knots to second derivatives there (n, n), and to the roughness f K f (n, n)."""
    n, step = len(x), np.diff(x)
    second_difference, mass = np.zeros((n - 2, n)), np.zeros((n - 2, n - 2))
    for i in range(n - 2):
        second_difference[i, i : i + 3] = 1 / step[i], -1 / step[i] - 1 / step[i + 1], 1 / step[i + 1]
        mass[i, i] = (step[i] + step[i + 1]) / 3
        if i:
            mass[i, i - 1] = mass[i - 1, i] = step[i] / 6
    inner = np.linalg.solve(mass, second_difference)
    return np.pad(inner, ((1, 1), (0, 0))), second_difference.T @ inner


def _slopes_of_spline(x: Floats, to_curvature: Floats) -> Floats:
    """Matrix (n, n) from values at the knots to slopes there."""
    n, step = len(x), np.diff(x)
    secant = np.diff(np.eye(n), axis=0) / step[:, None]
    left, right = to_curvature[:-1], to_curvature[1:]
    slopes = np.empty((n, n))
    slopes[:-1] = secant - step[:, None] * (2 * left + right) / 6
    slopes[-1] = secant[-1] + step[-1] * (left[-1] + 2 * right[-1]) / 6
    return slopes


_METHODS: Final[Mapping[str, Callable[[Floats, Floats, Floats, int], Floats]]] = {
    "finite_difference": _finite_difference,
    "spline": _spline,
    "polynomial": _polynomial,
}

DERIVATIVES: Final = tuple(_METHODS)
"""Names of the methods."""
