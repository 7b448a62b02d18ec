"""Distances of red giants from arrays: percentiles of the distance modulus, and the posterior itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from haloscale.distance.fiducials import DEFAULT_CLUSTERS, Fiducials, fiducials
from haloscale.distance.giant_flags import giant_flags
from haloscale.distance.magnitudes import Block, GiantBranch, Giants, blocks, magnitude_grid
from haloscale.distance.metallicity import FLAT, Metallicities, sample_metallicities
from haloscale.distance.percentiles import means, quantiles
from haloscale.errors import ConfigError
from haloscale.records import DistancePosterior, Distances, Floats, Ints

_PROBABILITIES: Final = np.array([0.05, 0.16, 0.50, 0.84, 0.95])

_POSTERIOR_LEVEL: Final = 1
"""Posteriors are given in steps of 0.025 mag."""


@dataclass(frozen=True)
class GiantSettings:
    """How distances of giants are found.

    Parameters
    ----------
    luminosity_slope : float
        log10 of the number of giants per magnitude rises by this much a magnitude; 0: no luminosity prior.
    metallicity_prior : str
        "flat", or "sample": the distribution of [Fe/H] in the sample, freed from its errors by iteration.
    density_log_slope : float
        d ln nu / d ln d of the tracer along the sight line; -3: a prior flat in distance modulus.
    colour_scatter : float [mag]
        Intrinsic scatter of g - r about the sequences.
    horizontal_branch_cut : bool
        Whether stars at the colour of horizontal branch and red clump, or bluer, are left without a distance.
    feh_min, feh_max : float [dex]
        A star outside is flagged.
    clusters : tuple of str
        Whose ridge lines are used.

    Raises
    ------
    ConfigError
        A value outside its range, or an unknown cluster.
    """

    luminosity_slope: float = 0.32
    metallicity_prior: Literal["flat", "sample"] = "flat"
    density_log_slope: float = -3.0
    colour_scatter: float = 0.0
    horizontal_branch_cut: bool = True
    feh_min: float = -2.8
    feh_max: float = 0.5
    clusters: tuple[str, ...] = DEFAULT_CLUSTERS

    def __post_init__(self) -> None:
        for name, low, high in (
            ("luminosity_slope", -2.0, 2.0),
            ("density_log_slope", -12.0, 6.0),
            ("colour_scatter", 0.0, 1.0),
            ("feh_min", -10.0, 10.0),
            ("feh_max", -10.0, 10.0),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(
                    f"distance.{name} is {getattr(self, name):g}",
                    f"a number from {low:g} to {high:g}",
                    "correct it, or leave it out for the default",
                )
        if self.feh_min > self.feh_max:
            raise ConfigError(
                f"distance.feh_max is {self.feh_max:g}, below distance.feh_min, which is {self.feh_min:g}",
                "feh_min below feh_max [dex]",
                "correct the one that you set, or set both",
            )
        if self.metallicity_prior not in ("flat", "sample"):
            raise ConfigError(
                f"distance.metallicity_prior is {self.metallicity_prior!r}", "one of: flat, sample", "take one of them"
            )
        _ = self.sequences

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "GiantSettings":
        """The settings among the keys of the table ``[distance]`` of a configuration."""
        known = {name: options[name] for name in cls.__dataclass_fields__ if name in options}
        return cls(**{**known, "clusters": tuple(known.get("clusters", DEFAULT_CLUSTERS))})

    @property
    def sequences(self) -> Fiducials:
        """The ridge lines of the chosen clusters."""
        return fiducials(tuple(self.clusters))

    def branch(self, metallicity: Metallicities = FLAT) -> GiantBranch:
        """Sequences and priors, with a prior of [Fe/H]."""
        return GiantBranch(tuple(self.clusters), self.luminosity_slope, self.density_log_slope, metallicity)


DEFAULT: Final = GiantSettings()


def giant_distances(giants: Giants, settings: GiantSettings = DEFAULT, *, refine: int = 0) -> Distances:
    """Percentiles, mean and read-off distance of each star.

    Parameters
    ----------
    giants : Giants
        Any values, missing ones included.
    settings : GiantSettings
    refine : int
        Every step of the grids is halved this many times beyond what the errors ask for.

    Returns
    -------
    Distances

    Notes
    -----
    As published by Xue et al. (2014) and Zhang et al. (2023): the distance is that of the mean distance modulus, its
    error half the difference of the distances at the 84th and 16th percentile.
    """
    flag, known, usable, branch = _prepared(giants, settings)
    branch = replace(branch, refine=refine)
    dm = np.full((6, len(giants)), np.nan)
    for block in blocks(usable, branch):
        dm[:, known[block.stars]] = _read_off(usable, branch, block)
    _, near, _, far, _, distance = 10.0 ** (dm / 5.0 - 2.0)
    p05, p16, p50, p84, p95, mean = dm
    return Distances(p05, p16, p50, p84, p95, mean, giants.rmag0 - mean, distance, 0.5 * (far - near), flag)


def giant_posterior(giants: Giants, settings: GiantSettings = DEFAULT) -> DistancePosterior:
    """The posterior of each star's distance modulus on a grid, to be marginalised over later.

    Parameters
    ----------
    giants : Giants
        Any values, missing ones included. Some 300 numbers a star are returned.
    settings : GiantSettings

    Returns
    -------
    DistancePosterior
    """
    return next(giant_posteriors(giants, settings, max(len(giants), 1)))


def giant_posteriors(
    giants: Giants, settings: GiantSettings = DEFAULT, n_part: int = 10_000
) -> Iterator[DistancePosterior]:
    """The posteriors of the stars in their order, `n_part` of them at a time.

    Parameters
    ----------
    giants : Giants
        Any values, missing ones included. Priors that come from the sample come from all of it.
    settings : GiantSettings
    n_part : int

    Yields
    ------
    DistancePosterior
    """
    flag, known, usable, branch = _prepared(giants, settings)
    for start in range(0, max(len(giants), 1), n_part):
        stop = min(start + n_part, len(giants))
        low, high = np.searchsorted(known, (start, stop))
        here = np.arange(low, high)
        yield _posterior(flag[start:stop], known[here] - start, usable.take(here), branch)


def _posterior(flag: NDArray[np.str_], known: Ints, usable: Giants, branch: GiantBranch) -> DistancePosterior:
    grids = [magnitude_grid(usable, branch, block) for block in blocks(usable, branch, _POSTERIOR_LEVEL)]
    n_dm = max((len(grid.m_r) for grid in grids), default=1)
    dm, density = np.full((2, len(flag), n_dm), np.nan)
    for grid in grids:
        rows, step, n = known[grid.stars], grid.m_r[1] - grid.m_r[0], len(grid.m_r)
        m_r = grid.m_r[-1] - step * np.arange(n_dm)
        values = grid.density[:, ::-1].astype(float)
        density[rows] = 0.0
        density[rows, :n] = values / (values.sum(axis=1, keepdims=True) * step)
        dm[rows] = grid.shift[:, None] - m_r
    return DistancePosterior(dm, density, flag)


def _prepared(giants: Giants, settings: GiantSettings) -> tuple[NDArray[np.str_], Ints, Giants, GiantBranch]:
    """Flags, positions of the stars to be placed, these stars with all errors, sequences with priors."""
    giants = replace(giants, gr0_error=np.hypot(giants.gr0_error, settings.colour_scatter))
    feh_range = settings.feh_min, settings.feh_max
    flag = giant_flags(giants, settings.sequences, feh_range, settings.horizontal_branch_cut)
    metallicity = FLAT
    if settings.metallicity_prior == "sample":
        # Before any cut in colour: a cut on what is measured leaves the priors as they are.
        own = giants.take(np.isin(flag, ("ok", "horizontal_branch")))
        metallicity = sample_metallicities(own.feh, own.feh_error)
    known = np.flatnonzero(flag == "ok")
    return flag, known, giants.take(known), settings.branch(metallicity)


def _read_off(giants: Giants, branch: GiantBranch, block: Block) -> Floats:
    """Percentiles and mean of the distance modulus, (6, n)."""
    grid = magnitude_grid(giants, branch, block)
    step = grid.m_r[1] - grid.m_r[0]
    m_r = grid.m_r[0] + step * quantiles(grid.density, 1.0 - _PROBABILITIES)
    percentiles = np.maximum.accumulate(grid.shift[:, None] - m_r, axis=1)
    return np.vstack([percentiles.T, grid.shift - means(grid.density, grid.m_r)])
