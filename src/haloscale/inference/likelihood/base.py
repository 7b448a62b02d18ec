"""What every likelihood offers, and the registry of kinds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, get_type_hints

from haloscale.arrays import Array
from haloscale.frames import ZHAI2018, SolarFrame
from haloscale.inference.model import Galaxy
from haloscale.records import CircularVelocity, DispersionProfile, Floats, Sample
from haloscale.registry import Registry


@dataclass(frozen=True)
class TrueCuts:
    """Cuts that a simulated sample was made with on true positions.

    Parameters
    ----------
    z_min, r_min, r_max : float [kpc]
        Smallest |z|, smallest and largest r.
    """

    z_min: float = 0.0
    r_min: float = 0.0
    r_max: float = math.inf

    def admit(self, r: Array, z: Array) -> Array:
        """Whether a star at these arrays (...) of true r and z [kpc] could be in the sample."""
        return (abs(z) >= self.z_min) & (r >= self.r_min) & (r <= self.r_max)


@dataclass(frozen=True)
class Data:
    """What a likelihood may use.

    Parameters
    ----------
    sample : Sample
    profile : DispersionProfile
    r0 : float
        Distance of the Sun from the Galactic centre [kpc].
    projection : str
        Key `jeans.projection` of the configuration.
    circular_velocity : CircularVelocity, optional
        With the route "v_circ": what `bins` compares in place of the dispersions.
    frame : SolarFrame
        From where the stars were seen.
    true_selection : TrueCuts, optional
        Key `likelihood.true_selection`.
    v_offset, distance_scale : float [km/s, dimensionless]
        What the sample's velocities were shifted by, and its distances multiplied by.
    seed : int
        Of the points over which a likelihood averages errors; the same for every parameter value.
    """

    sample: Sample
    profile: DispersionProfile
    r0: float
    projection: str
    circular_velocity: CircularVelocity | None = None
    frame: SolarFrame = ZHAI2018
    true_selection: TrueCuts | None = None
    v_offset: float = 0.0
    distance_scale: float = 1.0
    seed: int = 1


class Likelihood(Protocol):
    """A likelihood of a galaxy model given data, prepared once and evaluated many times."""

    advice: tuple[str, ...]

    @property
    def n_points(self) -> int:
        """Number of measured values in chi2."""

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the likelihood, shape of the galaxy's batch."""

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared normalised residuals of the binned profile, shape of the galaxy's batch."""


LikelihoodKind = Callable[..., Likelihood]
"""``kind(data, model, **options)``: the likelihood; the keyword arguments are the further keys of ``[likelihood]``."""


likelihoods: Registry[LikelihoodKind] = Registry("likelihood", "haloscale.inference.likelihood")


def offers(kind: str, method: str) -> bool:
    """Whether the likelihoods of a kind have a method: the class that its function promises tells."""
    return hasattr(get_type_hints(likelihoods[kind]).get("return"), method)


def projected_sigma(data_sin2_psi: Floats, variance_r: Array, beta: Array) -> Array:
    """Line-of-sight dispersion from the radial one, sigma_los^2 = sigma_r^2 (1 - beta <sin^2 psi>).

    Parameters
    ----------
    data_sin2_psi : array (n_r,) dimensionless
        Mean squared sine of the angle between sight line and radius vector.
    variance_r : array (..., n_r) [km^2 / s^2]
    beta : array (..., n_r) or float, dimensionless

    Returns
    -------
    array (..., n_r) [km/s]
    """
    return (variance_r * (1.0 - beta * data_sin2_psi)) ** 0.5
