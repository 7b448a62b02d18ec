"""Bayesian distances of red giants from r, g - r and [Fe/H], after Xue et al. (2014, ApJ 784, 170)."""

from typing import Final, Literal

import numpy as np

from haloscale.distance.base import distance_methods
from haloscale.distance.fiducials import DEFAULT_CLUSTERS
from haloscale.distance.from_photometry import from_photometry
from haloscale.distance.giant_distances import GiantSettings, giant_distances
from haloscale.distance.giant_flags import flag_note
from haloscale.distance.magnitudes import Giants
from haloscale.errors import CatalogueError
from haloscale.records import StarTable

INPUTS: Final = ("rmag0", "rmag0_error", "gr0", "gr0_error", "feh", "feh_error")
"""The columns it needs: dereddened SDSS r and g - r [mag], [Fe/H] [dex], and their errors."""


@distance_methods.register("giant_branch")
@from_photometry
def giant_branch(
    table: StarTable,
    *,
    luminosity_slope: float = 0.32,
    metallicity_prior: Literal["flat", "sample"] = "flat",
    density_log_slope: float = -3.0,
    colour_scatter: float = 0.0,
    horizontal_branch_cut: bool = True,
    feh_min: float = -2.8,
    feh_max: float = 0.5,
    clusters: tuple[str, ...] = DEFAULT_CLUSTERS,
) -> StarTable:
    """Red giants: Bayesian distances from r, g - r and [Fe/H] (Xue et al. 2014).

    Parameters
    ----------
    table : StarTable
        With ``rmag0, rmag0_error, gr0, gr0_error`` [mag], ``photometry_flag``, and ``feh, feh_error`` [dex].
    luminosity_slope : float
        log10 of the number of giants per magnitude rises by this much a magnitude; 0: no luminosity prior.
    metallicity_prior : str
        "flat", or "sample": the distribution of [Fe/H] in the catalogue, freed from its errors by iteration.
    density_log_slope : float
        d ln nu / d ln d of the tracer along the sight line, for the prior of distance; -3: flat in distance modulus.
    colour_scatter : float
        Intrinsic scatter of g - r about the sequences [mag].
    horizontal_branch_cut : bool
        Whether stars at the colour of horizontal branch and red clump, or bluer, are left without a distance.
    feh_min, feh_max : float
        [Fe/H] beyond which a star is flagged, not guessed [dex]. At -2.31, the poorest cluster, the sequences below the
        tip have stopped moving; at 0.42, the richest, they still move by 0.5 mag/dex.
    clusters : tuple of str
        Clusters whose ridge lines are used.

    Returns
    -------
    StarTable
        ``distance, distance_error`` [kpc] are filled, NaN for a star that is not "ok"; added are ``flag``, ``dm_p05,
        dm_p16, dm_p50, dm_p84, dm_p95, dm_mean, m_r`` [mag], and distances of the catalogue itself under
        ``catalogue_distance, catalogue_distance_error`` [kpc].

    Raises
    ------
    CatalogueError
        A column is lacking or empty, or no star is left.
    ConfigError
        An option outside its range; a cluster without a ridge line.
    """
    settings = GiantSettings(
        luminosity_slope,
        metallicity_prior,
        density_log_slope,
        colour_scatter,
        horizontal_branch_cut,
        feh_min,
        feh_max,
        tuple(clusters),
    )
    found = giant_distances(giants_of(table), settings)
    flag = np.where(table["photometry_flag"] != "ok", table["photometry_flag"], found.flag)
    if len(table) and not found.ok.any():
        raise CatalogueError(
            str(flag_note(flag)),
            "at least one red giant with dereddened SDSS r and g - r, [Fe/H] and errors",
            "check the columns of the magnitudes and of [Fe/H] (--columns), and their units",
        )
    own = {f"catalogue_{name}": table[name] for name in ("distance", "distance_error") if name in table}
    return table.with_columns(**own, **{**vars(found), "flag": flag})


def giants_of(table: StarTable) -> Giants:
    """Photometry and metallicity of the stars.

    Raises
    ------
    CatalogueError
        A column is lacking or holds no value.
    """
    absent = [name for name in INPUTS if name not in table]
    empty = [name for name in INPUTS if name in table and len(table) and not np.isfinite(table[name]).any()]
    for state, names in (("has no column", absent), ("holds no value in its column", empty)):
        if names:
            raise CatalogueError(
                f"the catalogue (survey {table.survey!r}) {state} {', '.join(names)}",
                "dereddened SDSS r (rmag0) and g - r (gr0) in mag, [Fe/H] (feh) in dex, and the error of each",
                f"name the column with --columns {names[0]}=COLUMN, or join a table that has it",
            )
    return Giants(*(np.asarray(table[name], float) for name in INPUTS))
