"""What every mass model is: one pure function M(<r), from which the rest is derived.

A mass model is any object with `enclosed_mass(r)`; `MassModel` adds what follows from it, and closed forms override
the numerical defaults.
"""

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, ClassVar

from haloscale.arrays import Array, join, namespace
from haloscale.constants import G
from haloscale.cosmology import virial_radius
from haloscale.mass.quadrature import density_of, potential_of
from haloscale.registry import Model, Registry, param

R_MIN, R_MAX = 1e-30, 1e30
"""Radii [kpc] that stand for zero and infinity where a formula divides by r: its limits come out of themselves."""


class MassModel(Model):
    """Base of the mass models; a subclass is a frozen dataclass that gives `enclosed_mass`.

    `a + b` is the `Sum` of two models; either may be any object with `enclosed_mass`. A model that `needs_baryons` has
    a field `baryons`, which a galaxy fills with the sum of its components that are not halos.
    """

    needs_baryons: ClassVar[bool] = False

    def enclosed_mass(self, r: Array) -> Array:
        """Mass inside radius r.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters [Msun]
        """
        raise NotImplementedError(f"{type(self).__name__} does not define enclosed_mass")

    def v_circ(self, r: Array) -> Array:
        """Circular velocity, sqrt(G M / r).

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters [km/s]
        """
        r = clip(r)
        v_squared = G * self.enclosed_mass(r) / r
        return namespace(v_squared).sqrt(v_squared)

    def potential(self, r: Array) -> Array:
        """Gravitational potential, zero at infinity.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters [(km/s)^2]
        """
        return potential_of(self, clip(r))

    def density(self, r: Array) -> Array:
        """Mass density of the spherical model.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters [Msun/kpc^3]
        """
        return density_of(self, clip(r))

    def __add__(self, other: Any) -> "Sum":
        return Sum((self, other))

    def __radd__(self, other: Any) -> "Sum":
        # `sum([...])` starts from the integer 0
        return Sum((self,)) if isinstance(other, int) and other == 0 else Sum((other, self))


@dataclass(frozen=True)
class Sum(MassModel):
    """Several mass models as one; sums inside are flattened.

    Parameters
    ----------
    parts : tuple of objects with enclosed_mass(r)
    """

    parts: tuple[Any, ...]

    def __post_init__(self) -> None:
        flat = tuple(leaf for part in self.parts for leaf in (part.parts if isinstance(part, Sum) else (part,)))
        object.__setattr__(self, "parts", flat)

    @cached_property
    def ndim(self) -> int:
        """Largest number of dimensions of the parts' parameters."""
        return max((getattr(part, "ndim", 0) for part in self.parts), default=0)

    def enclosed_mass(self, r: Array) -> Array:
        """Sum of the parts' enclosed masses; see `MassModel.enclosed_mass`."""
        return reduce(add, (part.enclosed_mass(r) for part in self.parts))

    def potential(self, r: Array) -> Array:
        """Sum of the parts' potentials; see `MassModel.potential`."""
        return reduce(
            add, (p.potential(r) if hasattr(p, "potential") else potential_of(p, clip(r)) for p in self.parts)
        )

    def density(self, r: Array) -> Array:
        """Sum of the parts' densities; see `MassModel.density`."""
        return reduce(add, (p.density(r) if hasattr(p, "density") else density_of(p, clip(r)) for p in self.parts))


@dataclass(frozen=True)
class HaloModel(MassModel):
    """Base of the dark halos: virial mass of the halo alone, concentration, and the convention behind both.

    Every halo takes c = r_vir / r_-2, with r_-2 the radius where the density falls as r^-2; `concentration_of` says
    whose, where the halo is made from another one.
    """

    concentration_of: ClassVar[str] = "the halo"

    m_vir: Array = param(
        "solMass",
        r"M_\mathrm{vir}",
        "virial mass of the halo alone",
        prior={"prior": "log_uniform", "low": 1e11, "high": 1e13},
        low=0.0,
    )
    c: Array = param(
        "",
        r"c",
        "concentration r_vir / r_-2",
        prior={"prior": "log_uniform", "low": 1.0, "high": 100.0},
        low=0.0,
    )
    overdensity: Array = param(
        "", r"\delta_\mathrm{th}", "mean density inside r_vir over the reference density", default=200.0, low=0.0
    )
    h0: Array = param("km / (s Mpc)", r"H_0", "Hubble constant of the virial definition", default=70.0, low=0.0)
    omega_m: Array = param(
        "", r"\Omega_\mathrm{m}", "factor on the critical density in the virial definition", default=1.0, low=0.0
    )

    @cached_property
    def r_vir(self) -> Array:
        """Virial radius, float or array in the shape of the parameters [kpc] (Eq. 16)."""
        return virial_radius(self.m_vir, self.overdensity, self.h0, self.omega_m)

    @cached_property
    def r_minus2(self) -> Array:
        """Radius where the density (of `concentration_of`) falls as r^-2, float or array in their shape [kpc]."""
        return self.r_vir / self.c

    @property
    def r_s(self) -> Array:
        """Scale radius, float or array in the shape of the parameters [kpc]; r_-2 unless the profile says otherwise."""
        return self.r_minus2


def clip(r: Array) -> Array:
    """The radii with zero and infinity replaced by radii that stand for them.

    Parameters
    ----------
    r : float or array (n_r,) [kpc]

    Returns
    -------
    float or array (n_r,) [kpc]
    """
    xp, r = join(r)
    return xp.minimum(xp.maximum(r, R_MIN), R_MAX)


mass_models: Registry[type[MassModel]] = Registry("mass model", "haloscale.mass")
