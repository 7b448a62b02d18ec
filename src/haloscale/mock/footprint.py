"""Where a simulated survey looks and how deep: a selection in position and magnitude, blind to velocity."""

from dataclasses import dataclass

import numpy as np

from haloscale.mock.sight import celestial_pole
from haloscale.records import Bools, Floats

M_R_BRIGHT, M_R_FAINT = -3.0, 0.5
"""Absolute r magnitudes between which giants are drawn: tip of the giant branch, level of the red clump."""

LUMINOSITY_SLOPE = 0.32
"""log10 of the number of giants per magnitude rises by this much a magnitude."""


@dataclass(frozen=True)
class Footprint:
    """A strip of declination off the Galactic plane, between two apparent magnitudes.

    Because the selection knows only true position and magnitude, velocities at a given true position are unbiased.

    Parameters
    ----------
    dec_low, dec_high : float
        Declination limits [deg].
    b_low : float
        Smallest absolute Galactic latitude [deg].
    r_mag_low, r_mag_high : float
        Limits of the extinction-free apparent r magnitude.
    abs_mag_low, abs_mag_high : float
        Absolute r magnitudes between which its stars are drawn.
    """

    dec_low: float = -90.0
    dec_high: float = 90.0
    b_low: float = 0.0
    r_mag_low: float = -np.inf
    r_mag_high: float = np.inf
    abs_mag_low: float = M_R_BRIGHT
    abs_mag_high: float = M_R_FAINT

    def contains(self, offset: Floats, abs_mag: Floats) -> Bools:
        """Which stars the survey observes.

        Parameters
        ----------
        offset : array (n, 3) [kpc]
            Position seen from the Sun: towards the Galactic centre, along rotation, towards the north pole.
        abs_mag : array (n,) [mag]
            Absolute r magnitude.

        Returns
        -------
        bool array (n,)
        """
        squared = np.einsum("ij,ij->i", offset, offset)
        distance = np.sqrt(squared)
        sin_dec = offset @ celestial_pole() / distance
        low, high = np.sin(np.radians([self.dec_low, self.dec_high]))
        r_mag = apparent_magnitude(abs_mag, distance)
        seen: Bools = (
            (sin_dec >= low)
            & (sin_dec <= high)
            & (np.abs(offset[:, 2]) >= np.sin(np.radians(self.b_low)) * distance)
            & (r_mag >= self.r_mag_low)
            & (r_mag <= self.r_mag_high)
        )
        return seen


ALL_SKY = Footprint()
"""The whole sky at any magnitude: a complete sample of the tracer."""

LAMOST_LIKE = Footprint(dec_low=-10.0, dec_high=60.0, b_low=10.0, r_mag_low=10.0, r_mag_high=17.5)
"""Northern strip and depth like those of the LAMOST giants."""


def apparent_magnitude(abs_mag: Floats, distance: Floats) -> Floats:
    """Apparent magnitude without extinction.

    Parameters
    ----------
    abs_mag : array (n,) [mag]
    distance : array (n,) [kpc]

    Returns
    -------
    array (n,) [mag]
    """
    r_mag: Floats = abs_mag + 5 * np.log10(distance) + 10
    return r_mag


def draw_abs_mag(rng: np.random.Generator, n: int, bright: float = M_R_BRIGHT, faint: float = M_R_FAINT) -> Floats:
    """Absolute r magnitudes of giants, log10 of the number per magnitude rising by `LUMINOSITY_SLOPE`.

    Parameters
    ----------
    rng : numpy Generator
    n : int
    bright, faint : float [mag]
        Ends of the range.

    Returns
    -------
    array (n,) [mag]
    """
    low, high = 10.0 ** (LUMINOSITY_SLOPE * bright), 10.0 ** (LUMINOSITY_SLOPE * faint)
    drawn: Floats = np.log10(rng.uniform(low, high, n)) / LUMINOSITY_SLOPE
    return drawn
