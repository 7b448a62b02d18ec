"""The same anisotropy at every radius."""

from dataclasses import dataclass
from typing import ClassVar

from haloscale.anisotropy.base import Anisotropy, anisotropies
from haloscale.arrays import Array, join, spread
from haloscale.registry import param


@anisotropies.register("constant")
@dataclass(frozen=True)
class Constant(Anisotropy):
    """Constant beta, with integrating factor r^(2 beta).

    Parameters
    ----------
    beta : float or array (...)
        Below 1; 0 is isotropic, positive radial.

    Raises
    ------
    InputError
        For a beta of 1 or more.
    """

    beta: Array = param(
        "",
        r"\beta",
        "velocity anisotropy 1 - (sigma_theta^2 + sigma_phi^2) / (2 sigma_r^2)",
        default=0.0,
        prior={"prior": "uniform", "low": -0.5, "high": 0.95},
        high=1.0,
    )
    scale_free: ClassVar[bool] = True

    def beta_at(self, r: Array) -> Array:
        """The same at every radius; see `Anisotropy.beta_at`."""
        return spread(self.beta, r)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """(s / r)^(2 beta); see `Anisotropy.factor_ratio`."""
        _, s, r, beta = join(s, r, self.beta)
        return (s / r) ** (2.0 * beta)
