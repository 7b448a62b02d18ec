"""Where a star may truly be: fixed nodes in ln d around its measured distance, with the star's geometry at each."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from haloscale.arrays import Array, join
from haloscale.frames import SolarFrame, galactocentric
from haloscale.inference.likelihood.base import TrueCuts
from haloscale.records import Bools, Floats, Ints, Sample

BLOCK = 2**15
"""Nodes worked on at once: few enough to stay in the processor's cache."""
_DEG = np.pi / 180.0


@dataclass(frozen=True)
class Nodes:
    """The distance nodes of a block of stars.

    Parameters
    ----------
    star : int array (n_stars,)
        Positions in the sample.
    distance : array (n_nodes, n_stars) [kpc]
        True distance.
    r : array (n_nodes, n_stars) [kpc]
        Galactocentric radius.
    sin2_psi : array (n_nodes, n_stars), dimensionless
        Squared sine of the angle between sight line and radius vector.
    weight : array (n_nodes, n_stars), dimensionless
        Quadrature weight times (d / measured d)^3, zero where the cuts on true position exclude the node; without the
        tracer density.
    """

    star: Ints
    distance: Floats
    r: Floats
    sin2_psi: Floats
    weight: Floats

    @property
    def excluded(self) -> Bools:
        """Stars without a node of any weight, mask (n_stars,)."""
        return np.asarray(self.weight.max(axis=0) <= 0.0)

    def without(self, out: Bools) -> "Nodes":
        """The nodes of the other stars; `out` : bool array (n_stars,)."""
        if not out.any():
            return self
        return Nodes(**{name: getattr(self, name)[..., ~out] for name in self.__dataclass_fields__})


def blocks(
    sample: Sample, stars: Ints, n_nodes: int, frame: SolarFrame, cuts: TrueCuts | None, size: int | None = None
) -> Iterator[Nodes]:
    """The nodes of the stars, block by block, so that memory stays bounded.

    Parameters
    ----------
    sample : Sample
    stars : int array (n,)
        Positions in the sample of the stars wanted.
    n_nodes : int
        Nodes a star; one where no star has a distance error.
    frame : SolarFrame
    cuts : TrueCuts, optional
        Cuts that the sample was made with on true position.
    size : int, optional
        Stars of a block; default: as many as make `BLOCK` nodes.
    """
    if not sample.distance_error[stars].any():
        n_nodes = 1
    size = size or max(1, BLOCK // n_nodes)
    for start in range(0, len(stars), size):
        yield nodes(sample, stars[start : start + size], n_nodes, frame, cuts)


def nodes(sample: Sample, stars: Ints, n_nodes: int, frame: SolarFrame, cuts: TrueCuts | None) -> Nodes:
    """Gauss-Hermite nodes in ln d of some stars, whose distance errors are log-normal.

    Parameters
    ----------
    sample : Sample
    stars : int array (n_stars,)
        Positions in the sample.
    n_nodes : int
    frame : SolarFrame
    cuts : TrueCuts, optional

    Notes
    -----
    A measured ln d is normal around the true one with standard deviation s = distance_error / distance. The weight of
    a node is that of Gauss-Hermite quadrature times nu d^3: a volume element d^2 dd, and the step to ln d.
    """
    x, weight = np.polynomial.hermite_e.hermegauss(n_nodes)
    distance = sample.distance[stars]
    shift = x[:, None] * (sample.distance_error[stars] / distance)
    at, l, b = distance * np.exp(shift), sample.l[stars], sample.b[stars]
    weights = (weight / weight.sum())[:, None] * np.exp(3.0 * shift)
    r, sin2_psi = geometry(at, l, b, frame)
    if cuts is not None:
        weights = np.where(cuts.admit(r, galactocentric(l, b, at, frame)[2]), weights, 0.0)
    return Nodes(stars, at, r, sin2_psi, weights)


def geometry(distance: Array, l: Array, b: Array, frame: SolarFrame) -> tuple[Array, Array]:
    """Galactocentric radius and sin^2 psi of a star wherever along its sight line it is.

    Parameters
    ----------
    distance : array (..., n_stars) [kpc]
    l, b : array (n_stars,) [deg]
    frame : SolarFrame

    Returns
    -------
    r, sin2_psi : array (..., n_stars) [kpc], dimensionless

    Notes
    -----
    With chi the angle on the sky between the star and the centre, r sin psi = r0 sin chi.
    """
    xp, d, l, b, r0 = join(distance, l, b, frame.r0)
    across = xp.sin(b * _DEG) ** 2 + (xp.cos(b * _DEG) * xp.sin(l * _DEG)) ** 2  # sin^2 chi
    along = d - r0 * xp.cos(b * _DEG) * xp.cos(l * _DEG)
    r_squared = along * along + r0 * r0 * across
    return xp.sqrt(r_squared), r0 * r0 * across / r_squared
