"""Distances of blue horizontal-branch stars from their colour-dependent absolute magnitude."""

from typing import Final

import numpy as np

from haloscale.distance.base import distance_methods
from haloscale.distance.from_photometry import from_photometry
from haloscale.errors import CatalogueError, ConfigError
from haloscale.records import Floats, StarTable

COEFFICIENTS: Final = (0.434, -0.169, 2.319, 20.449, 94.517)
"""M_g = sum of c_k (g-r)_0^k, dereddened SDSS [mag]: Deason, Belokurov & Evans (2011, MNRAS 416, 2903)."""

BLUEST, REDDEST = -0.25, 0.0
"""Colours (g-r)_0 [mag] for which the relation was made, both excluded."""

_QUANTILES: Final = {
    "dm_p05": -1.6448536269514722,
    "dm_p16": -0.9944578832097532,
    "dm_p50": 0.0,
    "dm_p84": 0.9944578832097532,
    "dm_p95": 1.6448536269514722,
}
"""Percentiles of a Gaussian, in standard deviations."""


@distance_methods.register("bhb")
@from_photometry
def bhb(table: StarTable, *, scatter: float = 0.1) -> StarTable:
    """Blue horizontal-branch stars: absolute magnitude from the colour (Deason et al. 2011).

    Parameters
    ----------
    table : StarTable
        With ``gmag0, rmag0, gr0`` and their errors [mag], NaN where missing.
    scatter : float
        Scatter of the stars about the relation [mag], added to the error of the distance modulus in quadrature.

    Returns
    -------
    StarTable
        With ``dm_p05, dm_p16, dm_p50, dm_p84, dm_p95, dm_mean, m_r`` [mag], ``distance, distance_error`` [kpc] and
        ``flag`` (str; "ok", "outside_colours" outside -0.25 < (g-r)0 < 0, else that of the photometry); NaN where a
        star is flagged. Distances of the catalogue itself stay as ``catalogue_distance, catalogue_distance_error``.

    Raises
    ------
    CatalogueError
        No star lies within the colours of the relation.
    ConfigError
        The scatter is negative.

    Notes
    -----
    M_g = 0.434 - 0.169 (g-r)0 + 2.319 (g-r)0^2 + 20.449 (g-r)0^3 + 94.517 (g-r)0^4. The modulus is g0 - M_g; its error
    is Gaussian, to first order in those of g and r with their covariance, which the three errors of g0, r0 and (g-r)0
    determine. The distance is that of the mean modulus, its error half the difference of those at 16 and 84 %.
    """
    if not 0.0 <= scatter < np.inf:
        raise ConfigError(f"distance.scatter is {scatter:g}", "a number in mag, 0 or more", "correct it")
    colour = np.asarray(table["gr0"], float)
    inside = (colour > BLUEST) & (colour < REDDEST)
    if len(table) and not inside.any():
        low, high = np.nanmin(colour), np.nanmax(colour)
        raise CatalogueError(
            f"no star has the colour of a blue horizontal-branch star: (g-r)0 runs from {low:.3f} to {high:.3f}",
            f"dereddened SDSS colours between {BLUEST:g} and {REDDEST:g}",
            'take distance.method = "giant_branch" for giants, or check the columns of the magnitudes (--columns)',
        )
    modulus = np.where(inside, table["gmag0"] - absolute_magnitude(colour), np.nan)
    error = np.hypot(_modulus_error(table, colour), scatter)
    quantiles = {name: modulus + z * error for name, z in _QUANTILES.items()}
    near, middle, far = (10.0 ** (quantiles[name] / 5.0 - 2.0) for name in ("dm_p16", "dm_p50", "dm_p84"))
    own = {f"catalogue_{name}": table[name] for name in ("distance", "distance_error") if name in table}
    return table.with_columns(
        **own,
        **quantiles,
        dm_mean=modulus,
        m_r=table["rmag0"] - modulus,
        distance=middle,
        distance_error=(far - near) / 2.0,
        flag=np.where(inside, "ok", "outside_colours"),
    )


def absolute_magnitude(colour: Floats) -> Floats:
    """M_g of blue horizontal-branch stars, array (n,) [mag], NaN outside the relation's colours.

    Parameters
    ----------
    colour : array (n,) [mag]
        (g-r)0, dereddened SDSS.
    """
    c = np.asarray(colour, float)
    magnitude = np.polynomial.polynomial.polyval(c, COEFFICIENTS)
    return np.asarray(np.where((c > BLUEST) & (c < REDDEST), magnitude, np.nan))


def _modulus_error(table: StarTable, colour: Floats) -> Floats:
    """Error of g0 - M_g(g0 - r0) from those of the photometry."""
    slope = np.polynomial.polynomial.polyval(colour, np.polynomial.polynomial.polyder(COEFFICIENTS))
    g, r, gr = (np.asarray(table[f"{name}_error"], float) ** 2 for name in ("gmag0", "rmag0", "gr0"))
    variance = (1.0 - slope) ** 2 * g + slope**2 * r + (1.0 - slope) * slope * (g + r - gr)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
