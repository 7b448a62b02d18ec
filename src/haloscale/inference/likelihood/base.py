"""What every likelihood offers, and the registry of kinds."""

from dataclasses import dataclass
from typing import Protocol

from haloscale.arrays import Array
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.records import CircularVelocity, DispersionProfile, Floats, Sample
from haloscale.registry import Registry


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
    """

    sample: Sample
    profile: DispersionProfile
    r0: float
    projection: str
    circular_velocity: CircularVelocity | None = None


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


class LikelihoodKind(Protocol):
    """A registered kind: makes the likelihood for given data and model."""

    def __call__(self, data: Data, model: GalaxyModel) -> Likelihood: ...


likelihoods: Registry[LikelihoodKind] = Registry("likelihood", "haloscale.inference.likelihood")


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
