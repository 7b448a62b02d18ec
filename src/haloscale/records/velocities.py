"""What the fitted model predicts for the velocities in space that were measured, component by component."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haloscale.records.predictive import Predicted
from haloscale.records.stars import Floats, Ints

COMPONENTS: Final = ("v_gsr", "v_r", "v_theta", "v_phi")
"""Along the sight line; outwards; from the north pole to the south; along Galactic rotation."""

SIGNED: Final = ("mean", "sigma", "core")
"""What may be too small as well as too large."""
COMPARED: Final = (*SIGNED, "distance")
"""What of a component the verdict rests on."""


@dataclass(frozen=True)
class Counts:
    """Stars in steps of velocity: how many there are, and how those of replicated data scatter.

    Parameters
    ----------
    observed : int array (n_bins, n_steps)
    median, lower, upper : array (n_bins, n_steps), dimensionless
        50, 16 and 84 % of the replicas.
    """

    observed: Ints
    median: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class ComponentCheck:
    """One component of the velocity in the bins.

    Parameters
    ----------
    n : int array (n_bins,)
        Stars of which it is known.
    mean, sigma : Predicted [km/s]
        Mean and standard deviation as measured, errors included.
    core : Predicted [km/s]
        The standard deviation of most: without stars beyond five times the width that the median deviation gives.
    kurtosis : Predicted, dimensionless
        Excess kurtosis.
    distance : Predicted, dimensionless
        Largest difference of the cumulative distribution from that of all replicas, for a replica of all others
        (Kolmogorov-Smirnov); its `tail` is the share of replicas at least as far off.
    counts : Counts
    """

    n: Ints
    mean: Predicted
    sigma: Predicted
    core: Predicted
    kurtosis: Predicted
    distance: Predicted
    counts: Counts


@dataclass(frozen=True)
class VelocityCheck:
    """Whether velocities in space made by the fitted model look like those that were measured.

    Parameters
    ----------
    r_low, r_high, r : array (n_bins,) [kpc]
        Bounds, and median radius of the stars.
    components : mapping of str to ComponentCheck
        By the names of `COMPONENTS`.
    beta : Predicted, dimensionless
        1 - (sigma_theta^2 + sigma_phi^2) / (2 sigma_r^2) as measured, errors included.
    steps : array (n_steps + 1,) [km/s]
        Edges of the steps of velocity.
    n_replicas : int
    limits : mapping of str to float
        For each of `COMPARED` the half-widths of the 68 % interval such that one replica in twenty is somewhere, in
        any of them, farther off.
    p : float
        Share of the replicas that are somewhere as far off, in a mean, a dispersion or a distance, as the data are.
    fits : bool
    verdict : str
        The same in words.
    """

    r_low: Floats
    r_high: Floats
    r: Floats
    components: Mapping[str, ComponentCheck]
    beta: Predicted
    steps: Floats
    n_replicas: int
    limits: Mapping[str, float]
    p: float
    fits: bool
    verdict: str

    def __len__(self) -> int:
        return len(self.r)
