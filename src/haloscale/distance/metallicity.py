"""Prior of [Fe/H]: flat, or the distribution of the sample itself."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from haloscale.records import Floats

_STEP: Final = 0.05
_ITERATIONS: Final = 10
_FLOOR: Final = 1e-3
"""Least density, in units of the largest: no metallicity is impossible."""


@dataclass(frozen=True)
class Metallicities:
    """A prior density of [Fe/H].

    Parameters
    ----------
    feh : array (n,) [dex]
        Increasing; beyond its ends the density stays as it is there. Empty: flat.
    density : array (n,) [1/dex]
    """

    feh: Floats
    density: Floats

    def log_density(self, feh: Floats) -> Floats:
        """Natural log of the density.

        Parameters
        ----------
        feh : array (...) [dex]

        Returns
        -------
        array (...)
        """
        if not len(self.feh):
            return np.zeros_like(feh)
        values: Floats = np.interp(feh, self.feh, np.log(self.density))
        return values


FLAT: Final = Metallicities(np.empty(0), np.empty(0))


def sample_metallicities(feh: Floats, feh_error: Floats) -> Metallicities:
    """The distribution of true [Fe/H] in a sample, freed from its errors by iteration.

    Parameters
    ----------
    feh, feh_error : array (n,) [dex]
        Stars without either are left out.

    Returns
    -------
    Metallicities
        Flat where no star has both.

    Notes
    -----
    Each round replaces the distribution by the mean of the stars' posteriors under it, starting from a flat one. Ten
    rounds leave the noise of the sample smooth. Stars are first counted in cells of [Fe/H] and error, so that the cost
    does not grow with the sample.
    """
    known = np.isfinite(feh) & np.isfinite(feh_error) & (feh_error > 0)
    if not known.any():
        return FLAT
    feh, feh_error = feh[known], np.clip(feh_error[known], 0.5 * _STEP, 2.0)
    low, high = np.floor((feh.min() - 0.5) / _STEP), np.ceil((feh.max() + 0.5) / _STEP)
    grid = _STEP * np.arange(low, high + 1)
    measured, error, counts = _counted(feh, feh_error)
    likelihood = np.exp(-0.5 * ((measured[:, None] - grid) / error[:, None]) ** 2)
    density = np.full(len(grid), 1.0 / len(grid))
    for _ in range(_ITERATIONS):
        density = density * ((counts / (likelihood @ density)) @ likelihood) / counts.sum()
    density = np.maximum(density / density.max(), _FLOOR)
    return Metallicities(grid, density / (density.sum() * _STEP))


def _counted(feh: Floats, feh_error: Floats) -> tuple[Floats, Floats, Floats]:
    """[Fe/H], error and number of stars of every occupied cell."""
    cells = np.stack([np.rint(feh / (0.5 * _STEP)), np.rint(4.0 * np.log2(feh_error))])
    found, counts = np.unique(cells, axis=1, return_counts=True)
    return 0.5 * _STEP * found[0], 2.0 ** (0.25 * found[1]), counts.astype(float)
