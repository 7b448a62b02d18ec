"""Proposals for velocities that may be radial: radii that crowd towards that place, distances that favour it."""

from typing import Final

import numpy as np

from haloscale.records import Floats

_LN_2PI: Final = float(np.log(2.0 * np.pi))


class Favour:
    """A density of distances, in units of their error z, that favours those at which a motion may be radial.

    Parameters
    ----------
    away : array (n_grid, n), dimensionless
        How many errors the motion is from a radial one there.

    Notes
    -----
    On even steps of z the density is that of a normal times exp(-away^2 / 2) plus a little of the normal itself, and
    linear between them.
    """

    STEP: Final = 0.2
    GRID: Final = np.linspace(-6.0, 6.0, 61)
    _FLOOR: Final = 1e-3

    def __init__(self, away: Floats) -> None:
        normal = np.exp(-0.5 * self.GRID**2)[:, None]
        tuned = normal * np.exp(-0.5 * (away**2 - (away**2).min(axis=0)))
        density = tuned / tuned.sum(axis=0) + self._FLOOR * normal / normal.sum()
        below = np.concatenate([np.zeros((1, away.shape[1])), np.cumsum(0.5 * (density[1:] + density[:-1]), axis=0)])
        self._density, self._below = density / below[-1], below / below[-1]

    def draw(self, normal: Floats) -> Floats:
        """z with this density, array (n_points, n).

        Parameters
        ----------
        normal : array (n_points, n), dimensionless
            Unit normals that it is made of.
        """
        from scipy.special import ndtr

        chance = ndtr(normal)
        k = np.clip((self._below[None] <= chance[:, None]).sum(axis=1) - 1, 0, len(self.GRID) - 2)
        low, high = (np.take_along_axis(self._density, k + i, axis=0) for i in (0, 1))
        rest = chance - np.take_along_axis(self._below, k, axis=0)
        # the root of low x + (high - low) x^2 / 2 = rest that holds for a difference of zero, too
        x = 2.0 * rest / (low + np.sqrt(np.maximum(low * low + 2.0 * (high - low) * rest, 1e-300)))
        return np.asarray(self.GRID[k] + self.STEP * np.clip(x, 0.0, 1.0))

    def ln_ratio(self, z: Floats) -> Floats:
        """ln of this density over that of a unit normal, array (n_points, n).

        Parameters
        ----------
        z : array (n_points, n), dimensionless
        """
        place = np.clip((z - self.GRID[0]) / self.STEP, 0.0, len(self.GRID) - 1.000001)
        k = place.astype(int)
        low, high = (np.take_along_axis(self._density, k + i, axis=0) for i in (0, 1))
        density = (low + (high - low) * (place - k)) / self.STEP
        beyond = np.abs(z) > self.GRID[-1]
        ln_normal = -0.5 * z * z - 0.5 * _LN_2PI
        return np.where(beyond, -np.inf, np.log(np.maximum(density, 1e-300)) - ln_normal)


def ln_radii(chance: Floats, power: float) -> Floats:
    """ln of the radius, in units of the scale, whose half square follows Gamma(1 - power), array (n_points, n).

    Parameters
    ----------
    chance : array (n_points, n), dimensionless
        Probability of a smaller one.
    power : float
    """
    from scipy.special import gammaincinv, gammaln

    shape = 1.0 - power
    t = gammaincinv(shape, chance)
    # below the smallest double the incomplete gamma function is a power of its argument
    far = (np.log(np.maximum(chance, 1e-300)) + gammaln(shape + 1.0)) / shape
    ln_t = np.where(t > 1e-280, np.log(np.maximum(t, 1e-290)), far)
    return np.asarray(0.5 * (np.log(2.0) + ln_t))
