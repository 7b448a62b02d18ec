"""A tabulated density."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from haloscale.arrays import Array, join, namespace
from haloscale.errors import InputError
from haloscale.records import Floats
from haloscale.tracer.base import TracerDensity, tracers


@tracers.register("table")
@dataclass(frozen=True)
class Table(TracerDensity):
    """ln nu against ln r, monotone between the rows of a table and straight beyond its ends.

    Parameters
    ----------
    r : sequence (n_rows,) [kpc]
        Increasing radii, two or more.
    density : sequence (n_rows,) [any unit]
        Number density there, positive; its normalisation cancels.

    Raises
    ------
    InputError
        For columns that are not of one length, not positive, or radii that do not increase.

    Notes
    -----
    The monotone cubic of Fritsch & Butland (1984), with its end slopes carried on: the slope of the last rows decides
    how the halo falls off. The quadrature is split at every row, so its cost grows with their number.
    """

    r: Sequence[float]
    density: Sequence[float]

    def __post_init__(self) -> None:
        columns = {}
        for name in ("r", "density"):
            try:
                columns[name] = np.asarray(getattr(self, name), dtype=float)
            except (TypeError, ValueError):
                raise _wrong(f"{name} = {getattr(self, name)!r}") from None
            object.__setattr__(self, name, tuple(columns[name].ravel().tolist()))
        r, density = columns["r"], columns["density"]
        if r.ndim != 1 or r.shape != density.shape or len(r) < 2:
            raise _wrong(f"{r.size} radii and {density.size} densities")
        if not (np.all(np.isfinite(density)) and np.all(density > 0)):
            raise _wrong(f"a density of {density[~(np.isfinite(density) & (density > 0))][0]:g}")
        if not (np.all(np.isfinite(r)) and r[0] > 0 and np.all(np.diff(r) > 0)):
            raise _wrong(f"radii from {r[0]:g} to {r[-1]:g} kpc that do not increase from above zero")

    @property
    def breaks(self) -> tuple[float, ...]:
        """Radii at which the quadrature is split: the rows."""
        return tuple(self.r)

    @cached_property
    def smoothness(self) -> float:
        """Half of the finest spacing of the rows in ln r; see `TracerDensity.smoothness`."""
        return float(np.diff(np.log(self.r)).min()) / 2.0

    def density_ratio(self, s: Array, r: Array) -> Array:
        """From the difference of ln nu; see `TracerDensity.density_ratio`."""
        difference = self._ln_density(s) - self._ln_density(r)
        return namespace(difference).exp(difference)

    def log_slope_at(self, r: Array) -> Array:
        """Derivative of the cubic; see `TracerDensity.log_slope_at`."""
        (cube, square, slope, _), step = self._segment(r)
        return (3.0 * cube * step + 2.0 * square) * step + slope

    @cached_property
    def _pieces(self) -> tuple[Floats, Floats]:
        """ln r at the left end of each piece, and the coefficients (4, n_rows + 1) of its cubic in ln r beyond it.

        The first and the last piece are the straight lines beyond the table; the first is counted from the first row.
        """
        from scipy.interpolate import PchipInterpolator

        ln_r, ln_density = np.log(self.r), np.log(self.density)
        cubics = PchipInterpolator(ln_r, ln_density)
        ends = [[0.0, 0.0, float(cubics(ln_r[k], 1)), ln_density[k]] for k in (0, -1)]
        coefficients = np.column_stack([ends[0], cubics.c, ends[1]])
        return np.concatenate([ln_r[:1], ln_r]), coefficients

    def _segment(self, r: Array) -> tuple[Array, Array]:
        """The coefficients of the cubic that holds at each radius, and ln r beyond its start."""
        xp, r = join(r)
        starts, coefficients = (xp.asarray(array) for array in self._pieces)
        ln_r = xp.log(r)
        index = xp.searchsorted(starts[1:], ln_r, side="right")
        return coefficients[:, index], ln_r - starts[index]

    def _ln_density(self, r: Array) -> Array:
        (cube, square, slope, constant), step = self._segment(r)
        return ((cube * step + square) * step + slope) * step + constant


def _wrong(found: str) -> InputError:
    return InputError(
        f"tracer table: {found}",
        "two columns of one length, r (increasing, in kpc) and density (positive), with two rows or more",
        "correct the table; leave rows without stars out",
    )
