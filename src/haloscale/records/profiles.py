"""What is measured in radial bins, and the bands of the fitted model against radius."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from haloscale.records.stars import Bools, Floats, Ints


@dataclass(frozen=True)
class DispersionProfile:
    """Line-of-sight velocity dispersion in radial bins; every bin stays, an empty one with n = 0 and NaN.

    Parameters
    ----------
    r_low, r_high, r, r_mean : array (n_bins,) [kpc]
        Edges, mid-point, mean radius of the stars.
    n : int array (n_bins,)
        Stars in the bin.
    sigma_los, sigma_los_lower, sigma_los_upper : array (n_bins,) [km/s]
        50, 16 and 84 % of the posterior; NaN where it is not defined.
    mean_v_gsr, mean_v_gsr_error : array (n_bins,) [km/s]
    mean_sin2_psi : array (n_bins,)
        Mean of `Sample.sin2_psi` in the bin, for the projection ``per_star``.
    in_fit : bool array (n_bins,)
        False where the bin holds too few stars.
    catalogues : mapping of str to DispersionProfile
        The same bins with the stars of one catalogue each, where there are several.
    """

    r_low: Floats
    r_high: Floats
    r: Floats
    r_mean: Floats
    n: Ints
    sigma_los: Floats
    sigma_los_lower: Floats
    sigma_los_upper: Floats
    mean_v_gsr: Floats
    mean_v_gsr_error: Floats
    mean_sin2_psi: Floats
    in_fit: Bools
    catalogues: Mapping[str, "DispersionProfile"] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.r)

    @property
    def sigma_los_error(self) -> Floats:
        """Half the width of the 68 % interval, array (n_bins,) [km/s]."""
        return (self.sigma_los_upper - self.sigma_los_lower) / 2

    @property
    def edges(self) -> Floats:
        """The bin edges, array (n_bins + 1,) [kpc]."""
        return np.append(self.r_low, self.r_high[-1])


@dataclass(frozen=True)
class CircularVelocity:
    """Circular velocity in the bins of a `DispersionProfile`, by the derivative of Eq. 9; every bin stays.

    Parameters
    ----------
    r_low, r_high, r : array (n_bins,) [kpc]
    v_circ, v_circ_lower, v_circ_upper : array (n_bins,) [km/s]
        50, 16 and 84 % of the posterior, 0 where V_circ^2 is negative; NaN where a bin has no dispersion.
    v_circ_squared, v_circ_squared_lower, v_circ_squared_upper : array (n_bins,) [(km/s)^2]
        The same of V_circ^2, which noise can make negative.
    error : array (n_bins,) [km/s]
        Half the width of the 68 % interval of v_circ: what the fit uses.
    in_fit : bool array (n_bins,)
        False where V_circ^2 is not positive or there is no dispersion.
    note : tuple of str
        For each bin, why it is or is not in the fit.
    """

    r_low: Floats
    r_high: Floats
    r: Floats
    v_circ: Floats
    v_circ_lower: Floats
    v_circ_upper: Floats
    v_circ_squared: Floats
    v_circ_squared_lower: Floats
    v_circ_squared_upper: Floats
    error: Floats
    in_fit: Bools
    note: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.r)


@dataclass(frozen=True)
class Band:
    """Median and 16 and 84 % of a quantity on a grid; three arrays (n,)."""

    median: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class MassProfile:
    """Posterior of the mass model against radius.

    Parameters
    ----------
    r : array (n,) [kpc]
    enclosed_mass, halo_mass : Band [solMass]
        Total, and of the halo alone.
    v_circ, sigma_r, sigma_los : Band [km/s]
        Of the total mass; dispersions of the tracer, or of the stars of several catalogues together.
    catalogues : mapping of str to MassProfile
        The same with the dispersions of one catalogue each, where there are several.
    """

    r: Floats
    enclosed_mass: Band
    halo_mass: Band
    v_circ: Band
    sigma_r: Band
    sigma_los: Band
    catalogues: Mapping[str, "MassProfile"] = field(default_factory=dict)
