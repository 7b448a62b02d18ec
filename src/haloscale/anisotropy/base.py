"""What every anisotropy profile is: beta(r) and ratios of the integrating factor g(r) = exp(2 int beta d ln r)."""

from typing import Any, ClassVar

import numpy as np

from haloscale.arrays import Array
from haloscale.errors import InputError
from haloscale.registry import Model, Registry

_N_CHECKED = 257


class Anisotropy(Model):
    """Base of the anisotropy profiles; a subclass is a frozen dataclass that gives both methods.

    beta = 1 - (sigma_theta^2 + sigma_phi^2) / (2 sigma_r^2). `scale_free` says that `factor_ratio(s, r)` depends on
    s / r alone.
    """

    scale_free: ClassVar[bool] = False

    @property
    def breaks(self) -> tuple[Array, ...]:
        """Radii at which integrals over g are split, each float or array (...) [kpc]; none here."""
        return ()

    def beta_at(self, r: Array) -> Array:
        """Anisotropy at radius r.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters
        """
        raise NotImplementedError(f"{type(self).__name__} does not define beta_at")

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """g(s) / g(r), with d ln g / d ln r = 2 beta.

        Parameters
        ----------
        s, r : float or array, broadcasting with each other and the parameters [kpc]

        Returns
        -------
        float or array
        """
        raise NotImplementedError(f"{type(self).__name__} does not define factor_ratio")


def check_below_one(anisotropy: Any, r_low: float, r_high: float) -> None:
    """Refuse an anisotropy that reaches 1, where no tangential motion is left, in a range of radii.

    Parameters
    ----------
    anisotropy : object with beta_at(r)
    r_low, r_high : float [kpc]
        The fitted range.

    Raises
    ------
    InputError
        Naming the first radius, of 257 evenly spaced in ln r, at which beta is 1 or more, or no finite number.
    """
    r = np.geomspace(r_low, r_high, _N_CHECKED)
    beta = np.asarray(anisotropy.beta_at(r), dtype=float)
    beta = np.broadcast_to(beta, np.broadcast_shapes(beta.shape, r.shape)).reshape(-1, len(r))
    wrong = ~(beta < 1.0).all(axis=0)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"{type(anisotropy).__name__}: beta = {beta[:, first].max():.4g} at r = {r[first]:.4g} kpc",
            f"beta below 1 at every radius of the fit, {r_low:g} to {r_high:g} kpc",
            "lower beta there, or choose bins that leave those radii out",
        )


anisotropies: Registry[type[Anisotropy]] = Registry("anisotropy", "haloscale.anisotropy")
