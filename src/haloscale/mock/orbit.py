"""A piece of one orbit, filled with stars: where they are and how fast, along a great circle of the sky."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from haloscale.records import Floats
from haloscale.substructure.phase_space import PhaseSpace

V_CIRC: Final = 200.0
"""Circular velocity, the same at all radii [km/s]; about that of the halo at 20-60 kpc."""


@dataclass(frozen=True)
class Orbit:
    """An epicycle in a flat rotation curve, laid along a great circle as the Sun sees it.

    Parameters
    ----------
    axes : tuple of 3 arrays (3,) [-]
        Unit vectors to the middle of the piece, along its motion there, and to the pole of the great circle, along
        (centre of the Galaxy, l = 90 deg, b = 90 deg).
    distance : float [kpc]
        Heliocentric, at the middle.
    eccentricity : float
    phase : float [rad]
        Radial phase at the middle, 0 at the apocentre.
    width : float [rad]
        Standard deviation of the stars across the great circle.
    depth : float [kpc]
        And of their distances about the orbit.
    v_spread : float [km/s]
        And of their velocities.
    r0 : float [kpc]
        From the Sun to the Galactic centre.

    Notes
    -----
    At the angle phi along the arc, d = d_g [1 + e cos(sqrt(2) phi + phase)], the velocity away from the Galactic centre
    is -sqrt(2) e V_CIRC sin(sqrt(2) phi + phase) (Binney & Tremaine 2008, section 3.2.3, where the epicycle frequency
    is sqrt(2) times the circular one) and that along the motion V_CIRC d_g / d. The Sun is taken to stand at the centre
    for the shape of the orbit, and where it is for the projection of the velocity on the sight line.
    """

    axes: tuple[Floats, Floats, Floats]
    distance: float
    eccentricity: float
    phase: float
    width: float
    depth: float
    v_spread: float
    r0: float

    def draw(self, rng: np.random.Generator, n: int, length: float) -> tuple[PhaseSpace, Floats]:
        """Stars spread evenly over a length [rad], without errors, and their angles along, array (n,) [rad].

        Of length 0 they are a clump: as wide along as across, and moving as one.
        """
        along = rng.uniform(-length / 2, length / 2, n) if length > 0 else self.width * rng.standard_normal(n)
        across = self.width * rng.standard_normal(n)
        direction = np.cos(across)[:, None] * self._towards(along) + np.sin(across)[:, None] * self.axes[2]
        centre, velocity = self.motion(along if length > 0 else np.zeros(n))
        distance = np.abs(centre + self.depth * rng.standard_normal(n))
        v = np.einsum("ij,ij->i", velocity, direction) + self.v_spread * rng.standard_normal(n)
        l, b = np.degrees(np.arctan2(direction[:, 1], direction[:, 0])) % 360.0, np.degrees(np.arcsin(direction[:, 2]))
        none = np.zeros(n)
        return PhaseSpace(l, b, distance, none, v, none), along

    def motion(self, along: Floats) -> tuple[Floats, Floats]:
        """Heliocentric distance and velocity of the orbit itself.

        Parameters
        ----------
        along : array (n,) [rad]
            Angles from the middle.

        Returns
        -------
        distance : array (n,) [kpc]
        velocity : array (n, 3) [km/s]
            In the Galactic rest frame, along the axes of `axes`.
        """
        angle, e = np.sqrt(2) * along + self.phase, self.eccentricity
        swing = 1 + e * np.cos(angle)
        distance = self.distance * swing / (1 + e * np.cos(self.phase))
        outwards = _unit(distance[:, None] * self._towards(along) - np.array([self.r0, 0.0, 0.0]))
        onwards = _unit(np.cross(self.axes[2], outwards))
        v_r, v_across = -np.sqrt(2) * e * V_CIRC * np.sin(angle), V_CIRC / swing
        return distance, v_r[:, None] * outwards + v_across[:, None] * onwards

    def _towards(self, along: Floats) -> Floats:
        middle, ahead, _ = self.axes
        return np.asarray(np.outer(np.cos(along), middle) + np.outer(np.sin(along), ahead))


def great_circle(
    star: Floats, pole: tuple[float, float] | None, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """The axes of an `Orbit`: on any great circle through a star, or on that of a given pole, next to the star.

    Parameters
    ----------
    star : array (3,) [-]
        Unit vector.
    pole : tuple (2,) [deg], optional
        (l, b).
    rng : numpy.random.Generator
    """
    if pole is None:
        axis = _unit(np.cross(star, rng.standard_normal(3)))
    else:
        l, b = np.deg2rad(pole)
        axis = np.array([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)])
    middle = _unit(star - (star @ axis) * axis)
    return middle, np.cross(axis, middle), axis


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))
