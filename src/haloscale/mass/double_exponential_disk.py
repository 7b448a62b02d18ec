"""A disk of finite thickness: the double-exponential density, averaged over spheres."""

import math
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from haloscale.arrays import Array, any_below, join, ndim
from haloscale.mass.base import R_MAX, MassModel, clip, mass_models
from haloscale.mass.exponential_disk import disk_mass_shape
from haloscale.registry import param

_N_NODES = 24
_DEPTH = 36.0
"""Scale heights out to which the integrals over angle run: exp(-36) is rounding."""


@mass_models.register("double_exponential_disk")
@dataclass(frozen=True)
class DoubleExponentialDisk(MassModel):
    """Spherical average of the disk with density m / (4 pi r_d^2 z_d) exp(-R_cyl / r_d - |z| / z_d).

    Parameters
    ----------
    m : float or array (...) [Msun]
        Total mass.
    r_d : float or array (...) [kpc]
        Scale length.
    z_d : float or array (...) [kpc]
        Scale height; towards zero this is `ExponentialDisk` with b = r_d.

    Raises
    ------
    InputError
        For a number outside its physical range.

    Notes
    -----
    The enclosed mass is that of the disk itself inside the sphere; potential and density are those of the sphere
    with this mass. The integral over height is done by hand, the one over the angle above the plane by 24 fixed
    Gauss-Legendre nodes over the layer that holds the disk: 1e-10 for z_d up to 3 r_d. The priors hold the thin and
    the thick disk of Bland-Hawthorn & Gerhard (2016), ARA&A 54, 529: 3.5e10 and 6e9 Msun, r_d = 2.6 and 2.0 kpc,
    z_d = 0.3 and 0.9 kpc.
    """

    bibtex: ClassVar[str] = """@article{BlandHawthornGerhard2016,
  author  = {Bland-Hawthorn, Joss and Gerhard, Ortwin},
  title   = {The Galaxy in Context: Structural, Kinematic, and Integrated Properties},
  journal = {Annual Review of Astronomy and Astrophysics},
  volume  = {54},
  pages   = {529--596},
  year    = {2016},
  doi     = {10.1146/annurev-astro-081915-023441}
}"""

    m: Array = param(
        "solMass",
        r"M_\mathrm{disk}",
        "total mass",
        prior={"prior": "log_uniform", "low": 3e9, "high": 2e11},
        low=0.0,
        low_included=True,
    )
    r_d: Array = param(
        "kpc", r"R_\mathrm{d}", "scale length", prior={"prior": "log_uniform", "low": 1.0, "high": 6.0}, low=0.0
    )
    z_d: Array = param(
        "kpc", r"z_\mathrm{d}", "scale height", prior={"prior": "log_uniform", "low": 0.1, "high": 1.5}, low=0.0
    )

    def enclosed_mass(self, r: Array) -> Array:
        """Mass of the disk inside the sphere; see `MassModel.enclosed_mass`."""
        xp, r = join(r)
        r = xp.minimum(r, R_MAX)
        return self.m * thick_disk_mass_shape(r / self.r_d, r / self.z_d)

    def density(self, r: Array) -> Array:
        """Density of the disk averaged over the sphere; see `MassModel.density`."""
        r = clip(r)
        _, cosine, weights, exponent = _layer(r / self.r_d, r / self.z_d)
        xp, exponent = join(exponent)
        mean = (weights * cosine * xp.exp(-exponent)).sum(0)
        return self.m / (4.0 * math.pi * self.r_d**2 * self.z_d) * mean


def thick_disk_mass_shape(x: Array, y: Array) -> Array:
    """Fraction of a double-exponential disk's mass inside a sphere.

    Parameters
    ----------
    x, y : float or array (n,), dimensionless
        Radius of the sphere over scale length, and over scale height.

    Returns
    -------
    float or array (n,)

    Notes
    -----
    The thin disk's fraction, less what lies above the sphere. At the angle t above the plane R_cyl = r cos t and
    z = r sin t, so this is x^2 int sin t cos t exp(-x cos t - y sin t) dt; inside one scale height, where the
    difference would cancel, x^2 int sin t cos t exp(-x cos t) [1 - exp(-y sin t)] dt.
    """
    sine, cosine, weights, exponent = _layer(x, y)
    xp, x, y, exponent = join(x, y, exponent)
    weights = weights * sine * cosine
    outer = disk_mass_shape(x) - x * x * (weights * xp.exp(-exponent)).sum(0)
    if not any_below(y, 1.0):
        return outer
    y = xp.minimum(y, 1.0)
    inner = x * x * (weights * (-xp.expm1(-y * sine) * xp.exp(y * sine - exponent))).sum(0)
    return xp.where(y < 1.0, inner, outer)


def _layer(x: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """Sine, cosine, weights and depth x cos t + y sin t of the nodes in angle, along a new first axis."""
    xp, x, y = join(x, y)
    t, weights = _nodes(max(ndim(x), ndim(y)))
    width = xp.minimum(1.0, _DEPTH / xp.maximum(y, 1e-30))
    t, weights = t * width, weights * width
    sine, cosine = xp.sin(t), xp.cos(t)
    return sine, cosine, weights, x * cosine + y * sine


@cache
def _nodes(n_dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    shape = (-1,) + (1,) * n_dimensions
    return math.pi / 4.0 * (nodes + 1.0).reshape(shape), math.pi / 4.0 * weights.reshape(shape)
