"""From what is seen of a velocity, along the sight line and across it, to its components about the Galactic centre."""

from typing import Final

import numpy as np

from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.seen import proper_motions, sight_lines
from haloscale.records import Floats, Ints, Sample

SPHERICAL: Final = ("v_r", "v_theta", "v_phi")
"""v_r is positive outwards, v_theta from the north pole to the south, v_phi along Galactic rotation; in this order they
are left-handed."""


def to_spherical(sample: Sample, frame: SolarFrame, star: Ints, velocity: Floats) -> Floats:
    """Components along r, theta and phi at the measured places of stars; the order and signs are those of `SPHERICAL`.

    Parameters
    ----------
    sample : Sample
    frame : SolarFrame
    star : int array (n_stars,)
        Positions in the sample.
    velocity : array (3, ..., n_stars) [km/s]
        Along the sight line and the two axes of `seen.proper_motions`, in the rest frame of the Galaxy.

    Returns
    -------
    array (3, ..., n_stars) [km/s]
        NaN where a component was not measured.
    """
    _, across = proper_motions(sample, frame)
    if across is None:
        return np.full(velocity.shape, np.nan)
    axes = np.stack([seen.axis[:, star] for seen in (sight_lines(sample, frame), *across)])
    sine = float(frame.z_sun / frame.r0)
    sun = float(frame.r0) * np.array([-np.sqrt(1.0 - sine * sine), 0.0, sine])
    basis = _basis(sun[:, None] + sample.distance[star] * axes[0])
    turn = np.einsum("kxn,sxn->skn", axes, basis)
    return np.asarray(np.einsum("skn,k...n->s...n", turn, velocity))


def _basis(position: Floats) -> Floats:
    """Unit vectors along r, theta and phi, array (3, 3, n); `position` : array (3, n) [kpc] from the centre, along the
    axes of `frames.sky_axes`, in which the Galaxy turns from y to x."""
    x, y, z = position
    R_cyl = np.maximum(np.hypot(x, y), 1e-30)
    r, zero = np.hypot(R_cyl, z), np.zeros_like(x)
    outwards = np.stack([x, y, z]) / r
    southwards = np.stack([x * z / R_cyl, y * z / R_cyl, -R_cyl]) / r
    onwards = np.stack([y, -x, zero]) / R_cyl
    return np.stack([outwards, southwards, onwards])
