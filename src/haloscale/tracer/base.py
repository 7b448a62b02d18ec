"""What every tracer density is: ratios of the number density and its logarithmic slope. Its normalisation cancels."""

import math
from typing import ClassVar

from haloscale.arrays import Array
from haloscale.registry import Model, Registry


class TracerDensity(Model):
    """Base of the tracer densities; a subclass is a frozen dataclass that gives both methods.

    `scale_free` says that `density_ratio(s, r)` depends on s / r alone.
    """

    scale_free: ClassVar[bool] = False

    @property
    def breaks(self) -> tuple[Array, ...]:
        """Radii at which integrals over the density are split, each float or array (...) [kpc]; none here."""
        return ()

    @property
    def smoothness(self) -> Array:
        """Finest interval of ln r over which the slope changes, float or array (...) dimensionless: 0 for a jump."""
        return math.inf

    def density_ratio(self, s: Array, r: Array) -> Array:
        """nu(s) / nu(r).

        Parameters
        ----------
        s, r : float or array, broadcasting with each other and the parameters [kpc]

        Returns
        -------
        float or array
        """
        raise NotImplementedError(f"{type(self).__name__} does not define density_ratio")

    def log_slope_at(self, r: Array) -> Array:
        """d ln nu / d ln r, negative for a falling profile.

        Parameters
        ----------
        r : float or array (n_r,) [kpc]

        Returns
        -------
        float or array, broadcast of r and the parameters
        """
        raise NotImplementedError(f"{type(self).__name__} does not define log_slope_at")


tracers: Registry[type[TracerDensity]] = Registry("tracer density", "haloscale.tracer")
