"""sigma_r^2 of a galaxy at fixed radii, and between them: what does not change from evaluation to evaluation is done
once."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np

from haloscale.arrays import Array, join
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.jeans import variance_r
from haloscale.mass.base import Sum
from haloscale.records import Floats

_STEP: Final = 0.04
"""Spacing of the knots in ln r: the spline is then good to 1e-7 of sigma_r^2."""
_MIN_KNOTS: Final = 8


class RadialVariance:
    """sigma_r^2 at fixed radii. It is additive over the mass components: the part of the fixed ones is computed once.

    Parameters
    ----------
    model : GalaxyModel
        Used to find the components that are fixed.
    r : array (n_r,) [kpc]
    """

    def __init__(self, model: GalaxyModel, r: Floats) -> None:
        self.r = r
        self._fixed, self._variance = self._precompute(model)

    def _precompute(self, model: GalaxyModel) -> tuple[frozenset[str], Array]:
        if not (model.is_fixed("tracer") and model.is_fixed("anisotropy")):
            return frozenset(), 0.0
        names = {c.table for c in model.components if c.table.startswith("mass.") and model.is_fixed(c.table)}
        fixed = frozenset(name.removeprefix("mass.") for name in names)
        if not fixed:
            return fixed, 0.0
        galaxy = model.middle
        parts = Sum(tuple(galaxy.mass[name] for name in sorted(fixed)))
        return fixed, variance_r(parts, galaxy.tracer, galaxy.anisotropy, self.r)

    def __call__(self, galaxy: Galaxy) -> Array:
        """sigma_r^2 of all components together, array (..., n_r) [km^2 / s^2]."""
        varying = tuple(part for name, part in galaxy.mass.items() if name not in self._fixed)
        if not varying:
            return self._variance
        total = varying[0] if len(varying) == 1 else Sum(varying)
        return self._variance + variance_r(total, galaxy.tracer, galaxy.anisotropy, self.r)


class Spline:
    """A cubic spline in ln r through values that change, on knots that do not: one product with a fixed matrix.

    Parameters
    ----------
    r_low, r_high : float [kpc]
        Range of the knots.
    breaks : iterable of float [kpc]
        Radii at which the spline may bend sharply: sigma_r^2 does where the slope of the tracer density jumps.
    """

    def __init__(self, r_low: float, r_high: float, breaks: Iterable[float] = ()) -> None:
        low, high = np.log(r_low) - _STEP, np.log(r_high) + _STEP
        inside = sorted({float(x) for x in np.log(list(breaks)) if low < x < high})
        ends = [low, *inside, high]
        pieces = [_knots(*pair) for pair in pairwise(ends)]
        self.knots: Floats = np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)])
        self._matrix = _matrix(pieces)
        self._cell = float(np.diff(self.knots).min())
        n_cells = int(np.ceil((self.knots[-1] - self.knots[0]) / self._cell)) + 1
        cells = self.knots[0] + self._cell * np.arange(n_cells)
        self._first = np.clip(np.searchsorted(self.knots, cells, side="right") - 1, 0, len(self.knots) - 2)

    @property
    def r(self) -> Floats:
        """Radii of the knots, array (n_knots,) [kpc]."""
        return np.exp(self.knots)

    def place(self, ln_r: Array) -> tuple[Array, Array]:
        """Interval of each ln r, array (...) [ln kpc], as integers, and the distance to its lower knot."""
        xp, ln_r, knots, first = join(ln_r, self.knots, self._first)
        # no cell holds more than one knot, so that arithmetic and one comparison stand for a search
        cell = xp.clip((ln_r - knots[0]) / self._cell, 0, len(self._first) - 1).astype(first.dtype)
        below = xp.take(first, cell)
        interval = xp.clip(below + (ln_r >= xp.take(knots, below + 1)), 0, len(self.knots) - 2)
        return interval, ln_r - xp.take(knots, interval)

    def coefficients(self, values: Array) -> Array:
        """Coefficients of the cubic in each interval, lowest power first.

        Parameters
        ----------
        values : array (..., n_knots) [any unit, own units]
            At the knots.

        Returns
        -------
        array (..., 4, n_knots - 1)
        """
        _, values, matrix = join(values, self._matrix)
        # row by row: threads of the linear algebra would cost more than so small a product
        return (values[..., None, :] @ matrix).reshape(*values.shape[:-1], 4, len(self.knots) - 1)


def _knots(low: float, high: float) -> Floats:
    return np.linspace(low, high, max(_MIN_KNOTS, int(np.ceil((high - low) / _STEP)) + 1))


def _matrix(pieces: list[Floats]) -> Floats:
    """Matrix (n_knots, 4 n_intervals) from values to coefficients: a spline a piece, joined at their common knots."""
    from scipy.interpolate import CubicSpline

    n_intervals = sum(len(piece) - 1 for piece in pieces)
    matrix, start = np.zeros((n_intervals + 1, 4, n_intervals)), 0
    for piece in pieces:
        stop = start + len(piece) - 1
        unit = CubicSpline(piece, np.eye(len(piece))).c[::-1]  # (power, interval, knot)
        matrix[start : stop + 1, :, start:stop] = unit.transpose(2, 0, 1)
        start = stop
    return matrix.reshape(n_intervals + 1, -1)
