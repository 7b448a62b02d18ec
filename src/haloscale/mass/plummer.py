"""The sphere of Plummer (1911), for bulges, clusters and nuclei."""

import math
from dataclasses import dataclass
from typing import ClassVar

from haloscale.arrays import Array, join
from haloscale.constants import G
from haloscale.mass.base import R_MAX, MassModel, clip, mass_models
from haloscale.registry import param


@mass_models.register("plummer")
@dataclass(frozen=True)
class Plummer(MassModel):
    """Plummer sphere: potential -G m / sqrt(r^2 + a^2).

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
    Plummer (1911), MNRAS 71, 460. The priors bracket the Milky Way's bulge as Allen & Santillan (1991), Rev. Mex.
    Astron. Astrofis. 22, 255 model it: 1.4e10 Msun and 0.39 kpc.
    """

    bibtex: ClassVar[str] = """@article{Plummer1911,
  author  = {Plummer, H. C.},
  title   = {On the Problem of Distribution in Globular Star Clusters},
  journal = {Monthly Notices of the Royal Astronomical Society},
  volume  = {71},
  pages   = {460--470},
  year    = {1911},
  doi     = {10.1093/mnras/71.5.460}
}"""

    m: Array = param(
        "solMass",
        r"M",
        "total mass",
        prior={"prior": "log_uniform", "low": 1e9, "high": 3e10},
        low=0.0,
        low_included=True,
    )
    a: Array = param("kpc", r"a", "scale radius", prior={"prior": "log_uniform", "low": 0.1, "high": 3.0}, low=0.0)

    def enclosed_mass(self, r: Array) -> Array:
        """m r^3 / (r^2 + a^2)^(3/2); see `MassModel.enclosed_mass`."""
        xp, r, a = join(r, self.a)
        r = xp.minimum(r, R_MAX)
        fraction = r / xp.sqrt(r * r + a * a)
        return self.m * (fraction * fraction * fraction)

    def potential(self, r: Array) -> Array:
        """-G m / sqrt(r^2 + a^2); see `MassModel.potential`."""
        xp, r, a = join(clip(r), self.a)
        return -G * self.m / xp.sqrt(r * r + a * a)

    def density(self, r: Array) -> Array:
        """3 m a^2 / [4 pi (r^2 + a^2)^(5/2)]; see `MassModel.density`."""
        r = clip(r)
        return 3.0 * self.m * self.a**2 / (4.0 * math.pi) * (r * r + self.a**2) ** -2.5
