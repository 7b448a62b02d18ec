"""Colour of the red giant branch at absolute magnitude and metallicity, between the ridge lines of star clusters.

The table `data/giant_branch_fiducials.csv` carries the ridge lines, `data/giant_branch_clusters.csv` the clusters'
[Fe/H]; their headers name the sources.
"""

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

import numpy as np

from haloscale.errors import ConfigError, nearest
from haloscale.records import Floats

DEFAULT_CLUSTERS: Final = ("M92", "M13", "M71", "NGC6791")
"""The sequences of Xue et al. (2014)."""

M_R_BRIGHT, M_R_FAINT = -3.3, 3.0
"""Range of absolute r magnitude of the sequences [mag]: the tip of the giant branch, the subgiants."""

_SLOPE_OVER = 0.3
"""A ridge line is continued to the tip with the mean slope of this much of its bright end [mag]."""

FEH_STEP: Final = 0.005
"""Step in [Fe/H] of the tables of colours [dex]; a tenth of the step moves no colour by more than 1e-5 mag."""

_FINE_STEP: Final = 0.0125


@dataclass(frozen=True)
class Fiducials:
    """Ridge lines of clusters, each continued to the tip of the giant branch.

    Parameters
    ----------
    names : tuple of str (n_clusters,)
    feh : array (n_clusters,) [dex]
        Increasing.
    m_r : array (n_m,) [mag]
        Absolute SDSS r magnitude, from the tip downwards.
    gr0 : array (n_clusters, n_m) [mag]
        Dereddened SDSS g - r.
    starts : array (n_clusters,) [mag]
        Where the observed part of each line begins.
    """

    names: tuple[str, ...]
    feh: Floats
    m_r: Floats
    gr0: Floats
    starts: Floats

    def table(self, step: float) -> tuple[Floats, Floats, Floats]:
        """The colour on a regular grid.

        Parameters
        ----------
        step : float [mag]
            In absolute magnitude; it divides the range.

        Returns
        -------
        m_r : array (n_m,) [mag]
        feh : array (n_feh,) [dex]
            From the poorest cluster to the richest, in steps of `FEH_STEP`.
        gr0 : array (n_feh, n_m) [mag]
        """
        n_m, n_feh = round((M_R_FAINT - M_R_BRIGHT) / step), round((self.feh[-1] - self.feh[0]) / FEH_STEP)
        m_r = np.linspace(M_R_BRIGHT, M_R_FAINT, n_m + 1)
        feh = self.feh[0] + FEH_STEP * np.arange(n_feh + 1)
        return m_r, feh, self._on_grid(m_r, feh)

    def colour(self, m_r: Floats, feh: Floats) -> Floats:
        """The colour of stars one by one.

        Parameters
        ----------
        m_r : array (n,) [mag]
            NaN outside the range of the sequences.
        feh : array (n,) [dex]
            Beyond the ends the sequence of the last cluster holds.

        Returns
        -------
        array (n,) [mag]
        """
        inside = np.clip(np.asarray(feh, float), self.feh[0], self.feh[-1])
        values: Floats = self._between(np.stack(np.broadcast_arrays(inside, np.asarray(m_r, float)), axis=-1))
        return values

    @cached_property
    def _between(self) -> Any:
        """Linear interpolation in a fine table, whose error is below 1e-4 mag."""
        from scipy.interpolate import RegularGridInterpolator

        m_r, feh, gr0 = self.table(_FINE_STEP)
        feh[-1] = self.feh[-1]  # not a rounding error less
        return RegularGridInterpolator((feh, m_r), gr0, bounds_error=False)

    def _on_grid(self, m_r: Floats, feh: Floats) -> Floats:
        """PCHIP along each ridge line, then PCHIP in [Fe/H] at fixed magnitude; (n_feh, n_m)."""
        from scipy.interpolate import PchipInterpolator

        lines = PchipInterpolator(self.m_r, self.gr0, axis=1)(m_r)
        values: Floats = PchipInterpolator(self.feh, lines, axis=0)(np.clip(feh, self.feh[0], self.feh[-1]))
        return values


@cache
def fiducials(names: tuple[str, ...] = DEFAULT_CLUSTERS) -> Fiducials:
    """The ridge lines of the named clusters, in order of [Fe/H].

    Raises
    ------
    ConfigError
        A cluster without a ridge line, or fewer than two of them.
    """
    known = {row["cluster"]: float(row["feh"]) for row in _rows("giant_branch_clusters.csv")}
    for name in names:
        if name not in known:
            raise ConfigError(
                f"no ridge line of a cluster {name!r}", f"some of: {', '.join(known)}", nearest(name, known)
            )
    chosen = [name for name in sorted(known, key=lambda k: known[k]) if name in names]
    if len(chosen) < 2:
        raise ConfigError(
            f"the giant branch of {len(chosen)} clusters",
            "at least two clusters of different [Fe/H]",
            f"leave clusters out for the default: {', '.join(DEFAULT_CLUSTERS)}",
        )
    rows = _rows("giant_branch_fiducials.csv")
    m_r = np.array([float(row["m_r"]) for row in rows])
    observed = np.array([[float(row[name] or "nan") for row in rows] for name in chosen])
    starts = np.array([m_r[np.isfinite(line)][0] for line in observed])
    gr0 = np.stack([_continued(m_r, line) for line in observed])
    return Fiducials(tuple(chosen), np.array([known[name] for name in chosen]), m_r, gr0, starts)


def _continued(m_r: Floats, line: Floats) -> Floats:
    """A ridge line with its bright end made straight up to the tip."""
    first = int(np.flatnonzero(np.isfinite(line))[0])
    last = first + round(_SLOPE_OVER / (m_r[1] - m_r[0]))
    slope = (line[last] - line[first]) / (m_r[last] - m_r[first])
    straight: Floats = np.where(np.isfinite(line), line, line[first] + slope * (m_r - m_r[first]))
    return straight


def _rows(name: str) -> list[dict[str, str]]:
    text = files("haloscale").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
