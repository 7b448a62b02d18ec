"""What every anisotropy profile is: beta(r) and ratios of the integrating factor g(r) = exp(2 int beta d ln r)."""

from typing import ClassVar

from haloscale.arrays import Array
from haloscale.registry import Model, Registry


class Anisotropy(Model):
    """Base of the anisotropy profiles; a subclass is a frozen dataclass that gives both methods.

    beta = 1 - (sigma_theta^2 + sigma_phi^2) / (2 sigma_r^2). `scale_free` says that `factor_ratio(s, r)` depends on
    s / r alone.
    """

    scale_free: ClassVar[bool] = False

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


anisotropies: Registry[type[Anisotropy]] = Registry("anisotropy", "haloscale.anisotropy")
