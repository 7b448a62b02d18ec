"""The bulge of Hernquist (1990)."""

import math
from dataclasses import dataclass

from haloscale.arrays import Array, join
from haloscale.constants import G
from haloscale.mass.base import R_MAX, MassModel, clip, mass_models
from haloscale.registry import param


@mass_models.register("hernquist")
@dataclass(frozen=True)
class Hernquist(MassModel):
    """Hernquist sphere: potential -G m / (r + a).

    Parameters
    ----------
    m : float or array (...) [Msun]
        Total mass.
    a : float or array (...) [kpc]
        Scale radius.

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    Eq. 12 of Zhai et al. (2018), whose c_0 is `a`.
    """

    m: Array = param(
        "solMass",
        r"M_\mathrm{bulge}",
        "total mass",
        prior={"prior": "log_uniform", "low": 1e9, "high": 3e10},
        low=0.0,
        low_included=True,
    )
    a: Array = param("kpc", r"a", "scale radius", prior={"prior": "log_uniform", "low": 0.1, "high": 3.0}, low=0.0)

    def enclosed_mass(self, r: Array) -> Array:
        """m [r / (r + a)]^2; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        r = xp.minimum(r, R_MAX)
        fraction = r / (r + self.a)
        return self.m * (fraction * fraction)

    def potential(self, r: Array) -> Array:
        """-G m / (r + a); see `MassModel.potential`."""
        return -G * self.m / (join(r)[1] + self.a)

    def density(self, r: Array) -> Array:
        """m a / [2 pi r (r + a)^3]; see `MassModel.density`."""
        r = clip(r)
        return self.m * self.a / (2.0 * math.pi * r * (r + self.a) ** 3)
