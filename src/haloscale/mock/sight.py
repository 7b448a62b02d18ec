"""The view from the Sun: axes of the Galactic plane against those of (l, b), sight lines, velocities on the sky.

Galactocentric vectors are right-handed here: the Sun at negative x, y along rotation, z north; a left-handed
`SolarFrame` flips x in `frames.locate` and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.frames import SolarFrame, icrs_to_galactic
from haloscale.records import Floats


def sun_position(frame: SolarFrame) -> Floats:
    """The Sun in right-handed Galactocentric coordinates, array (3,) [kpc]."""
    return np.array([-np.sqrt(frame.r0**2 - frame.z_sun**2), 0.0, frame.z_sun])


def to_galactic_axes(vector: Floats, frame: SolarFrame) -> Floats:
    """Components along (l = 0, l = 90 deg, b = 90 deg) of vectors given along the axes of the Galactic plane.

    Parameters
    ----------
    vector : array (n, 3) [any unit]
        The two systems differ by the tilt arcsin(z_sun / r0) that `frames.galactocentric` describes.
    frame : SolarFrame

    Returns
    -------
    array (n, 3)
    """
    if frame.z_sun == 0:
        return vector
    sine = frame.z_sun / frame.r0
    cosine = np.sqrt(1 - sine**2)
    turned: Floats = vector @ np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    return turned


def celestial_pole() -> Floats:
    """The north celestial pole along (l = 0, l = 90 deg, b = 90 deg), unit vector (3,)."""
    l, b = np.radians(icrs_to_galactic(0.0, 90.0))
    return np.array([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)])


@dataclass(frozen=True)
class Sight:
    """What the Sun would see of each star without errors.

    Parameters
    ----------
    l, b : array (n,) [deg]
    distance : array (n,) [kpc]
    v_helio : array (n,) [km/s]
    pmra, pmdec : array (n,) [mas/yr]
        pmra includes cos(dec).
    """

    l: Floats
    b: Floats
    distance: Floats
    v_helio: Floats
    pmra: Floats
    pmdec: Floats


def observe(position: Floats, velocity: Floats, frame: SolarFrame) -> Sight:
    """Sky position, distance, radial velocity and proper motion of stars in six-dimensional phase space.

    Parameters
    ----------
    position : array (n, 3) [kpc]
        Galactocentric, right-handed.
    velocity : array (n, 3) [km/s]
        In the Galactic rest frame.
    frame : SolarFrame

    Returns
    -------
    Sight
    """
    offset = to_galactic_axes(position - sun_position(frame), frame)
    relative = to_galactic_axes(velocity - np.array(frame.sun_velocity, dtype=float), frame)
    distance = np.sqrt(np.einsum("ij,ij->i", offset, offset))
    n, pole = offset / distance[:, None], celestial_pole()
    east = np.cross(pole, n)
    east /= np.linalg.norm(east, axis=1, keepdims=True)
    per_masyr = KMS_PER_KPC_MASYR * distance
    return Sight(
        l=np.degrees(np.arctan2(n[:, 1], n[:, 0])) % 360.0,
        b=np.degrees(np.arctan2(n[:, 2], np.hypot(n[:, 0], n[:, 1]))),
        distance=distance,
        v_helio=np.einsum("ij,ij->i", n, relative),
        pmra=np.einsum("ij,ij->i", east, relative) / per_masyr,
        pmdec=np.einsum("ij,ij->i", np.cross(n, east), relative) / per_masyr,
    )
