"""Stellar populations of the simulated sky: the halo and the disk that contaminates it, position to metallicity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from haloscale.mock.footprint import Footprint
from haloscale.mock.motions import Velocities, disk_velocities, from_cylindrical, from_spherical, halo_velocities
from haloscale.mock.positions import disk_places, halo_places
from haloscale.records import Bools, Floats

if TYPE_CHECKING:
    from haloscale.mock.truth import Truth

FEH_HALO = (-1.5, 0.4)
"""Mean and standard deviation of [Fe/H] of the halo giants [dex]."""


@dataclass(frozen=True)
class DiskLayer:
    """One layer of disk giants.

    Parameters
    ----------
    share : float
        Of the disk stars observed.
    scale_length, scale_height : float [kpc]
    rotation : float [km/s]
        Mean speed in the sense of Galactic rotation.
    spread : tuple of 3 floats [km/s]
        Dispersions along R_cyl, phi and z.
    feh : tuple of 2 floats [dex]
        Mean and standard deviation of [Fe/H].
    """

    share: float
    scale_length: float
    scale_height: float
    rotation: float
    spread: tuple[float, float, float]
    feh: tuple[float, float]


THIN = DiskLayer(0.8, 2.6, 0.3, 220.0, (35.0, 25.0, 20.0), (-0.3, 0.25))
THICK = DiskLayer(0.2, 2.0, 0.9, 180.0, (60.0, 45.0, 40.0), (-0.6, 0.3))


@dataclass(frozen=True)
class Population:
    """True stars.

    Parameters
    ----------
    position : array (n, 3) [kpc]
        Galactocentric, right-handed.
    velocity : array (n, 3) [km/s]
        Cartesian, in the Galactic rest frame.
    abs_mag, feh : array (n,) [mag, dex]
        Absolute r magnitude; [Fe/H].
    disk : bool array (n,)
        True for the contaminating disk stars.
    """

    position: Floats
    velocity: Floats
    abs_mag: Floats
    feh: Floats
    disk: Bools

    def __len__(self) -> int:
        return len(self.feh)

    def take(self, index: NDArray[Any]) -> "Population":
        """The stars picked by `index`, bool array (n,) or int array (n_picked,)."""
        return Population(*(values[index] for values in vars(self).values()))


def halo_population(
    truth: "Truth", footprint: Footprint, rng: np.random.Generator, n: int, velocities: Velocities = "gaussian"
) -> Population:
    """Halo giants in the footprint.

    Parameters
    ----------
    truth : Truth
    footprint : Footprint
    rng : numpy Generator
    n : int
    velocities : str
        See `motions.halo_velocities`.

    Returns
    -------
    Population
    """
    places = halo_places(truth.tracer, truth.frame, footprint, rng, n)
    velocity = from_spherical(places.position, halo_velocities(truth, places.r, rng, velocities))
    feh = rng.normal(*FEH_HALO, n)
    return Population(places.position, velocity, places.abs_mag, feh, np.zeros(n, dtype=bool))


def disk_population(
    truth: "Truth", footprint: Footprint, rng: np.random.Generator, n: int, layer: DiskLayer
) -> Population:
    """Disk giants of one layer in the footprint.

    Parameters
    ----------
    truth : Truth
    footprint : Footprint
    rng : numpy Generator
    n : int
    layer : DiskLayer

    Returns
    -------
    Population
    """
    lengths = {"scale_length": layer.scale_length, "scale_height": layer.scale_height}
    places = disk_places(truth.frame, footprint, rng, n, **lengths)
    motion = disk_velocities(rng, n, rotation=layer.rotation, spread=layer.spread)
    velocity = from_cylindrical(places.position, motion)
    return Population(places.position, velocity, places.abs_mag, rng.normal(*layer.feh, n), np.ones(n, dtype=bool))


def join(*parts: Population) -> Population:
    """Populations one after the other."""
    return Population(
        *(
            np.concatenate([getattr(p, name) for p in parts])
            for name in ("position", "velocity", "abs_mag", "feh", "disk")
        )
    )
