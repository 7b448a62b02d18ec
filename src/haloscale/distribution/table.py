"""A function of energy as a cubic in a coordinate that arithmetic finds: y = ln(psi_c / E - 1), knots evenly spaced.

ln f1 runs like a power of the radius, and y like ln r: for the potential of Hernquist (1990), y = ln(r / a) exactly.
Knots even in ln E would have to be ten times as many.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from haloscale.arrays import Array, join

ORDER = 8
"""Points of the polynomial that carries values from the energies of the radii to the knots: degree 7."""
_BLOCK = 32768
"""Energies evaluated at a time: what they need then stays in the cache of a core."""


@dataclass(frozen=True)
class EnergyTable:
    """Cubic pieces in y, and power laws in E beyond both ends.

    Parameters
    ----------
    centre : array (..., 1) [(km/s)^2]
        psi_c, above every energy of the table.
    low, high : array (..., 1) [(km/s)^2]
        Energies at the ends.
    start, step : array (..., 1) dimensionless
        y of `high`, and spacing of the knots.
    coefficients : array (..., 4, n_intervals), dimensionless
        Of the cubic in (y - start) / step - k, lowest power first; interval k = 0 starts at `high`.
    slope_low, slope_high : array (..., 1) dimensionless
        d value / d ln E at the ends.
    """

    centre: Array
    low: Array
    high: Array
    start: Array
    step: Array
    coefficients: Array
    slope_low: Array
    slope_high: Array

    @property
    def n_intervals(self) -> int:
        """Number of cubic pieces."""
        return int(self.coefficients.shape[-1])

    @property
    def sets(self) -> tuple[int, ...]:
        """Shape of the batch of tables; empty for one."""
        return tuple(self.coefficients.shape[:-2])

    def __call__(self, energy: Array) -> Array:
        """The value at each energy, -inf at zero and below.

        Parameters
        ----------
        energy : array (..., n) [(km/s)^2]
            The leading axes are those of the batch (or of length one); of a single table any shape.

        Returns
        -------
        array (..., n)
        """
        xp, energy = join(energy)
        energy = xp.asarray(energy)
        if not self.sets:
            return self._rows(energy.reshape(-1)).reshape(energy.shape)
        energy = energy.reshape((1,) * (len(self.sets) + 1 - energy.ndim) + energy.shape)
        rows = np.broadcast_shapes(energy.shape[: len(self.sets)], self.sets)
        tail = energy.shape[len(self.sets) :]
        flat = xp.broadcast_to(energy, (*rows, *tail)).reshape(*rows, -1)
        return self._rows(flat).reshape(*rows, *tail)

    def _rows(self, energy: Array) -> Array:
        """Values at energies (..., n) whose leading axes are those of the batch."""
        xp, energy, coefficients = join(energy, self.coefficients)
        pieces = _Pieces(xp.moveaxis(coefficients, -2, 0).reshape(4, -1), self._offset())
        n = energy.shape[-1]
        columns = max(1, _BLOCK // max(1, energy.size // max(n, 1)))
        if xp is not np or n <= columns:
            return self._evaluate(energy, pieces)
        out = np.empty(energy.shape)
        for first in range(0, n, columns):
            out[..., first : first + columns] = self._evaluate(energy[..., first : first + columns], pieces)
        return out

    def _offset(self) -> Array:
        """Place of each set's first interval in the flat coefficients, int array (..., 1) or 0."""
        n_sets = math.prod(self.sets)
        return (self.n_intervals * np.arange(n_sets)).reshape(*self.sets, 1) if n_sets > 1 else 0

    def _evaluate(self, energy: Array, pieces: "_Pieces") -> Array:
        xp, energy, centre, low, high, start, step = join(
            energy, self.centre, self.low, self.high, self.start, self.step
        )
        inside = xp.clip(energy, low, high)
        # step by step in place: NumPy would spend more time on new arrays than on the arithmetic
        z = centre - inside
        z /= inside
        z = xp.log(z)
        z -= start
        z /= step
        interval = xp.minimum(z.astype(int), self.n_intervals - 1)
        z -= interval
        value = pieces(xp, interval, z)
        if xp is np and (energy == inside).all():
            return value
        return self._beyond(xp, energy, inside, value)

    def _beyond(self, xp: Any, energy: Array, inside: Array, value: Array) -> Array:
        bound = energy > 0.0
        ln_ratio = xp.log(xp.where(bound, energy, inside) / inside)
        value = value + xp.where(energy < inside, self.slope_low, self.slope_high) * ln_ratio
        return xp.where(bound, value, -math.inf)


@dataclass(frozen=True)
class _Pieces:
    """The cubics of all sets in flat tables (4, n_sets x n_intervals): one plain look-up is faster than one an axis."""

    tables: Array
    offset: Array

    def __call__(self, xp: Any, interval: Array, u: Array) -> Array:
        place = interval + self.offset
        value = xp.take(self.tables[3], place, mode="clip")
        for power in (2, 1, 0):
            value *= u
            value += xp.take(self.tables[power], place, mode="clip")
        return value


def tabulate(energy: Array, value: Array, ends: tuple[Array, Array, Array], n_intervals: int) -> EnergyTable:
    """A table of a smooth function of energy.

    Parameters
    ----------
    energy, value : array (..., n) [(km/s)^2], dimensionless
        Falling energies and the function there; ORDER / 2 of them or more lie outside each end.
    ends : tuple of 3 arrays (..., 1) [(km/s)^2]
        psi_c, above every energy; the highest and the lowest energy of the table.
    n_intervals : int

    Returns
    -------
    EnergyTable
    """
    xp, energy, value, centre, high, low = join(energy, value, *ends)
    y = xp.log(centre / energy - 1.0)
    start, stop = (xp.log(centre / at - 1.0) for at in (high, low))
    step = (stop - start) / n_intervals
    knots = start + step * np.arange(n_intervals + 1)
    f, slope = _interpolate(xp, y, value, knots)
    d = slope * step
    rise = f[..., 1:] - f[..., :-1]
    left, right = d[..., :-1], d[..., 1:]
    coefficients = xp.stack([f[..., :-1], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise], axis=-2)
    # dy / d ln E = -psi_c / (psi_c - E)
    slope_high = -slope[..., :1] * centre / (centre - high)
    slope_low = -slope[..., -1:] * centre / (centre - low)
    return EnergyTable(centre, low, high, start, step, coefficients, slope_low, slope_high)


def _interpolate(xp: Any, y: Array, value: Array, at: Array) -> tuple[Array, Array]:
    """Value and slope at `at` (..., m) of the polynomials through ORDER neighbours of rising y (..., n).

    Newton's form: divided differences of every run of neighbours, then Horner's rule.
    """
    differences = [value]
    for k in range(1, ORDER):
        last = differences[-1]
        differences.append((last[..., 1:] - last[..., :-1]) / (y[..., k:] - y[..., :-k]))
    n = y.shape[-1]
    first = (y[..., None, :] <= at[..., :, None]).sum(-1) - ORDER // 2
    first = xp.clip(first, 0, n - ORDER)
    total = xp.take_along_axis(differences[-1], first, axis=-1)
    slope = xp.zeros_like(total)
    for k in range(ORDER - 2, -1, -1):
        from_node = at - xp.take_along_axis(y, first + k, axis=-1)
        slope = slope * from_node + total
        total = total * from_node + xp.take_along_axis(differences[k], first, axis=-1)
    return total, slope
