"""The disk of Xue et al. (2008), as a sphere that holds the mass of an exponential disk inside each radius."""

import math
from dataclasses import dataclass

from haloscale.arrays import Array, any_below, join, power_series
from haloscale.constants import G
from haloscale.mass.base import MassModel, clip, mass_models
from haloscale.registry import param

# sum over k >= 2 of (-1)^k (k - 1) z^k / k!: 1 - exp(-z) (1 + z) where it would cancel
_SMALL = 0.1
_SERIES = (0.0, 0.0, *((-1.0) ** k * (k - 1) / math.factorial(k) for k in range(2, 12)))
_Z_MAX = 700.0
"""exp(-z) is below 1e-300 there; beyond, z exp(-z) would become infinity times zero."""


@mass_models.register("exponential_disk")
@dataclass(frozen=True)
class ExponentialDisk(MassModel):
    """Spherical average of a thin exponential disk: M(<r) = m [1 - exp(-z) (1 + z)], z = r / b.

    Parameters
    ----------
    m : float or array (...) [Msun]
        Total mass.
    b : float or array (...) [kpc]
        Scale length of the disk.

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Eq. 11 of Zhai et al. (2018): potential -G m [1 - exp(-z)] / r.
    """

    m: Array = param(
        "solMass",
        r"M_\mathrm{disk}",
        "total mass",
        prior={"prior": "log_uniform", "low": 2e10, "high": 2e11},
        low=0.0,
        low_included=True,
    )
    b: Array = param("kpc", r"b", "scale length", prior={"prior": "log_uniform", "low": 1.0, "high": 6.0}, low=0.0)

    def enclosed_mass(self, r: Array) -> Array:
        """m [1 - exp(-z) (1 + z)]; see `MassModel.enclosed_mass`."""
        return self.m * disk_mass_shape(join(r)[1] / self.b)

    def potential(self, r: Array) -> Array:
        """-G m [1 - exp(-z)] / r (Eq. 11); see `MassModel.potential`."""
        xp, z = join(clip(r) / self.b)
        return G * self.m / self.b * xp.expm1(-z) / z

    def density(self, r: Array) -> Array:
        """m exp(-z) / (4 pi b^2 r); see `MassModel.density`."""
        xp, r, b = join(clip(r), self.b)
        return self.m * xp.exp(-r / b) / (4.0 * math.pi * b * b * r)


def disk_mass_shape(z: Array) -> Array:
    """1 - exp(-z) (1 + z), to rounding at any z.

    Parameters
    ----------
    z : float or array (n,), dimensionless
        Radius over scale length.

    Returns
    -------
    float or array (n,)
    """
    xp, z = join(z)
    z = xp.minimum(z, _Z_MAX)
    direct = 1.0 - xp.exp(-z) * (1.0 + z)
    if not any_below(z, _SMALL):
        return direct
    return xp.where(z < _SMALL, power_series(xp.minimum(z, _SMALL), _SERIES), direct)
