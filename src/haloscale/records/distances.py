"""Photometric distances: percentiles of each star's posterior, and on request the posterior itself."""

from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from haloscale.records.stars import Bools, Floats

MODULI: Final = ("dm_p05", "dm_p16", "dm_p50", "dm_p84", "dm_p95", "dm_mean")
"""Columns that hold a distance modulus."""


@dataclass(frozen=True)
class Distances:
    """What the posterior of the distance modulus says of each star; NaN throughout where `flag` is not "ok".

    Parameters
    ----------
    dm_p05, dm_p16, dm_p50, dm_p84, dm_p95 : array (n,) [mag]
        Percentiles of the distance modulus.
    dm_mean : array (n,) [mag]
        Its mean.
    m_r : array (n,) [mag]
        Absolute r magnitude at the mean distance modulus.
    distance : array (n,) [kpc]
        At the mean distance modulus.
    distance_error : array (n,) [kpc]
        Half the difference of the distances at the 84th and the 16th percentile.
    flag : str array (n,)
        "ok", or in a word why the star has no distance.
    """

    dm_p05: Floats
    dm_p16: Floats
    dm_p50: Floats
    dm_p84: Floats
    dm_p95: Floats
    dm_mean: Floats
    m_r: Floats
    distance: Floats
    distance_error: Floats
    flag: NDArray[Any]

    def __len__(self) -> int:
        return len(self.flag)

    @property
    def ok(self) -> Bools:
        """Which stars have a distance, bool array (n,)."""
        good: Bools = self.flag == "ok"
        return good


@dataclass(frozen=True)
class DistancePosterior:
    """The posterior of the distance modulus of each star on a grid of its own.

    Parameters
    ----------
    dm : array (n, n_dm) [mag]
        Increasing along each row.
    density : array (n, n_dm) [1/mag]
        Its sum times the step of the grid is one; NaN for a star without a distance.
    flag : str array (n,)
        As of `Distances`.
    """

    dm: Floats
    density: Floats
    flag: NDArray[Any]

    def __len__(self) -> int:
        return len(self.flag)
