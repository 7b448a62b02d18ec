"""Which anisotropies have an exact distribution function here: f = L^(-2 beta_0) f1(Q), Q = E - L^2 / (2 r_a^2).

Constant beta is r_a = infinity, Osipkov and Merritt's is beta_0 = 0, Cuddeford's has both.
"""

import math
from dataclasses import dataclass
from typing import Any

from haloscale.anisotropy.constant import Constant
from haloscale.anisotropy.cuddeford import Cuddeford
from haloscale.anisotropy.osipkov_merritt import OsipkovMerritt
from haloscale.arrays import Array, join
from haloscale.errors import InputError

BETA_LOW = -0.5
"""The inversion needs one more derivative at this beta_0 and below."""


@dataclass(frozen=True)
class Orbits:
    """What f depends on beside the energy.

    Parameters
    ----------
    beta_0 : float or array (...), dimensionless
        Anisotropy at the centre; at every radius where `r_a` is infinite.
    r_a : float or array (...) [kpc]
        Anisotropy radius; infinite for a constant anisotropy.
    """

    beta_0: Array
    r_a: Array

    @property
    def has_constant_beta(self) -> bool:
        """Whether f is a function of E times a power of L."""
        return isinstance(self.r_a, float) and math.isinf(self.r_a)

    def widening(self, r: Array) -> Array:
        """1 + r^2 / r_a^2: tangential motions are narrower by its square root than with beta_0 alone.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and r_a
        """
        return 1.0 if self.has_constant_beta else 1.0 + (r / self.r_a) ** 2

    def factor(self, r: Array) -> Array:
        """h / nu = r^(2 beta_0) (1 + r^2 / r_a^2)^(1 - beta_0).

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters [kpc^(2 beta_0)]
        """
        _, r, beta = join(r, self.beta_0)
        power = r ** (2.0 * beta)
        return power if self.has_constant_beta else power * self.widening(r) ** (1.0 - beta)


def orbits_of(anisotropy: Any) -> Orbits:
    """The two numbers of an anisotropy whose distribution function is known.

    Parameters
    ----------
    anisotropy : Anisotropy

    Returns
    -------
    Orbits

    Raises
    ------
    InputError
        For a beta_0 of -1/2 or less given as a number, and for any other anisotropy.
    """
    if isinstance(anisotropy, Constant):
        orbits = Orbits(anisotropy.beta, math.inf)
    elif isinstance(anisotropy, OsipkovMerritt):
        orbits = Orbits(0.0, anisotropy.r_a)
    elif isinstance(anisotropy, Cuddeford):
        orbits = Orbits(anisotropy.beta_0, anisotropy.r_a)
    else:
        raise InputError(
            f"the distribution function of anisotropy {type(anisotropy).__name__}",
            "one whose distribution function is a function of E and L in closed form: constant, osipkov_merritt or "
            "cuddeford",
            "choose one of these, or a likelihood that needs the dispersions alone",
        )
    if isinstance(orbits.beta_0, (float, int)) and orbits.beta_0 <= BETA_LOW:
        raise InputError(
            f"the distribution function of beta = {orbits.beta_0:g}",
            f"beta above {BETA_LOW:g} (at the centre): the inversion needs one more derivative below",
            f"raise beta, or bound its prior above {BETA_LOW:g}",
        )
    return orbits
