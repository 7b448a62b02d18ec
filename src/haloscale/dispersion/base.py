"""The registry of dispersion estimators, radial bins, and the profile that any estimator fills."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from haloscale.errors import ConfigError, SelectionError
from haloscale.records import DispersionProfile, Floats, Ints
from haloscale.registry import Registry

ProfileMethod: TypeAlias = Callable[..., DispersionProfile]
"""``method(v_gsr, v_helio_error, r, sin2_psi, edges, **options)``: what is registered. The keyword arguments are the
further keys of ``[dispersion]``; `binned_profile` turns an `Estimator` into the answer."""

estimators: Registry[ProfileMethod] = Registry("dispersion estimator", "haloscale.dispersion")


class Estimator(Protocol):
    """The dispersion of one set of stars."""

    @property
    def min_stars(self) -> int:
        """Fewer stars in a bin do not define a dispersion."""

    def estimate(self, v: Floats, v_error: Floats) -> tuple[float, float, float]:
        """Median, 16 and 84 % of the dispersion.

        Parameters
        ----------
        v, v_error : array (n,) [km/s]

        Returns
        -------
        median, lower, upper : float [km/s]
        """


def radial_bins(r: Floats, edges: ArrayLike) -> Ints:
    """Bin of each star: low <= r < high; the last bin holds its upper edge too.

    Parameters
    ----------
    r : array (n,) [kpc]
    edges : array (n_bins + 1,) [kpc]
        Increasing.

    Returns
    -------
    int array (n,)
        -1 outside the edges and where r is missing.

    Raises
    ------
    ConfigError
        The edges do not increase.
    """
    edges = _checked_edges(edges)
    index = np.searchsorted(edges, r, side="right") - 1
    index[r == edges[-1]] = len(edges) - 2
    return np.where(np.isfinite(r) & (r >= edges[0]) & (r <= edges[-1]), index, -1)


def equal_number_edges(r: Floats, n_bins: int, r_min: float, r_max: float) -> Floats:
    """Edges of bins that hold the same number of stars (to one).

    Parameters
    ----------
    r : array (n,) [kpc]
    n_bins : int
    r_min, r_max : float [kpc]
        First and last edge.

    Returns
    -------
    array (n_bins + 1,) [kpc]
        Inner edges lie half-way between two stars.

    Raises
    ------
    ConfigError
        n_bins is not positive, or the stars' radii coincide.
    SelectionError
        Fewer than two stars a bin.
    """
    if n_bins < 1:
        raise ConfigError(f"dispersion.n_bins is {n_bins}", "a positive number of bins", "give about 12")
    inside = np.sort(r[(r >= r_min) & (r <= r_max)])
    if len(inside) < 2 * n_bins:
        raise SelectionError(
            f"{len(inside)} stars lie between {r_min:g} and {r_max:g} kpc",
            f"at least two stars for each of the {n_bins} bins",
            "ask for fewer bins, or widen the cuts",
        )
    last = np.round(np.arange(1, n_bins) * len(inside) / n_bins).astype(int)
    return _checked_edges([r_min, *((inside[last - 1] + inside[last]) / 2), r_max])


def dispersion_profile(
    v_gsr: Floats,
    v_helio_error: Floats,
    r: Floats,
    sin2_psi: Floats,
    edges: ArrayLike,
    *,
    estimator: str = "gaussian",
    **options: Any,
) -> DispersionProfile:
    """Velocity dispersion in radial bins, by a registered estimator.

    Parameters
    ----------
    v_gsr, v_helio_error : array (n,) [km/s]
    r : array (n,) [kpc]
    sin2_psi : array (n,) dimensionless
    edges : array (n_bins + 1,) [kpc]
    estimator : str
        Registered name.
    **options
        The estimator's own, e.g. ``mean="free"``, ``deconvolve=True``.

    Returns
    -------
    DispersionProfile

    Raises
    ------
    ConfigError
        The edges do not increase; no estimator of that name; an option with an unknown value.
    """
    return estimators[estimator](v_gsr, v_helio_error, r, sin2_psi, edges, **options)


def binned_profile(
    v_gsr: Floats, v_helio_error: Floats, r: Floats, sin2_psi: Floats, edges: ArrayLike, estimator: Estimator
) -> DispersionProfile:
    """One estimate a bin, with counts and means.

    Parameters
    ----------
    v_gsr, v_helio_error : array (n,) [km/s]
    r : array (n,) [kpc]
    sin2_psi : array (n,) dimensionless
    edges : array (n_bins + 1,) [kpc]
    estimator : Estimator

    Returns
    -------
    DispersionProfile
        A bin with too few stars for the estimator keeps its row with NaN and ``in_fit`` False.

    Raises
    ------
    ConfigError
        The edges do not increase.
    """
    edges = _checked_edges(edges)
    index = radial_bins(r, edges)
    order = np.argsort(index, kind="stable")
    members = [order[low:high] for low, high in pairwise(np.searchsorted(index[order], np.arange(len(edges))))]
    n = np.array([len(m) for m in members])
    sigma = np.full((3, len(n)), np.nan)
    for i in np.flatnonzero(n >= estimator.min_stars):
        sigma[:, i] = estimator.estimate(v_gsr[members[i]], v_helio_error[members[i]])
    return DispersionProfile(
        r_low=edges[:-1],
        r_high=edges[1:],
        r=(edges[:-1] + edges[1:]) / 2,
        r_mean=_means(r, members),
        n=n,
        sigma_los=sigma[0],
        sigma_los_lower=sigma[1],
        sigma_los_upper=sigma[2],
        mean_v_gsr=_means(v_gsr, members),
        mean_v_gsr_error=np.array(
            [np.std(v_gsr[m], ddof=1) / len(m) ** 0.5 if len(m) > 1 else np.nan for m in members]
        ),
        mean_sin2_psi=_means(sin2_psi, members),
        in_fit=np.isfinite(sigma[0]),
    )


def _means(x: Floats, members: list[Ints]) -> Floats:
    return np.array([np.mean(x[m]) if len(m) else np.nan for m in members])


def _checked_edges(edges: ArrayLike) -> Floats:
    values = np.asarray(edges, float)
    if values.ndim != 1 or len(values) < 2 or not np.all(np.diff(values) > 0) or values[0] < 0:
        raise ConfigError(
            f"dispersion.edges is {values.tolist()}",
            "at least two increasing radii in kpc, none negative",
            "sort them and remove repeated values",
        )
    return values
