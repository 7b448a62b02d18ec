"""Close pairs of stars against those of null catalogues: substructure without a decision on who belongs to what."""

import math
from typing import Final

import numpy as np

from haloscale.records import Floats, Ints, PairExcess
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.nulls import NullKind, null_catalogues
from haloscale.substructure.phase_space import PhaseSpace

N_NULLS: Final = 20

RANGES: Final = ((0.0, 0.005, 0.01, 0.015, 0.02), (0.02, 0.03, 0.04, 0.05), (0.05, 0.07, 0.1))
"""Edges of the bins in 4distance. The pairs of each range are counted together: there are few of the close ones, so all
stars can be asked for them, and so many of the wide ones that a part of the stars will do."""

_AFFORDABLE: Final = 15_000
"""Pairs looked at in one catalogue for one range."""

_MOST: Final = 20_000
"""Stars of one catalogue, however few pairs they have."""

_PILOT: Final = 1_000
"""Stars that tell beforehand how many pairs there will be."""


def pair_excess(
    stars: PhaseSpace,
    rng: np.random.Generator,
    metric: FourDistance | None = None,
    *,
    n_nulls: int = N_NULLS,
    null: NullKind = "like",
) -> PairExcess:
    """Pairs in bins of 4distance, in the catalogue and in null catalogues.

    Parameters
    ----------
    stars : PhaseSpace
    rng : numpy.random.Generator
    metric : FourDistance, optional
    n_nulls : int
        Null catalogues.
    null : str
        Their kind, as for `nulls.null_catalogues`.

    Returns
    -------
    PairExcess

    Notes
    -----
    Where there are more pairs than the measurement needs, a part of the stars is drawn for a range of separations, and
    the numbers are scaled to the whole sample, in the catalogue and in the nulls alike.
    """
    metric = FourDistance() if metric is None else metric
    data, nulls = [], []
    for edges in RANGES:
        part = _affordable(stars, metric, edges[-1], rng)
        scale = _n_pairs(len(stars)) / max(_n_pairs(len(part)), 1.0)
        drawn = null_catalogues(part, rng, n_nulls, null) if len(part) > 1 else ()
        data.append(scale * _counted(part, metric, edges))
        of_nulls = [_counted(one, metric, edges) for one in drawn] or [np.zeros(len(edges) - 1)] * n_nulls
        nulls.append(scale * np.array(of_nulls))
    counts = np.concatenate(nulls, axis=1)
    low, high = (np.concatenate([edges[cut] for edges in RANGES]) for cut in (slice(None, -1), slice(1, None)))
    spread = counts.std(axis=0, ddof=1) if n_nulls > 1 else np.full(counts.shape[1], np.nan)
    return PairExcess(low, high, np.concatenate(data), counts.mean(axis=0), spread)


def _counted(stars: PhaseSpace, metric: FourDistance, edges: tuple[float, ...]) -> Floats:
    """Pairs of the stars a bin, array (n_bins,); the upper edge of the last bin belongs to it."""
    separations = metric.among(stars)
    i, j = _close(separations.embedding, edges[-1])
    return np.asarray(np.histogram(separations.between(i, j), edges)[0], dtype=float)


def _close(points: Floats, radius: float) -> tuple[Ints, Ints]:
    """All pairs within the radius at once: there are no more of them than can be afforded."""
    from scipy.spatial import cKDTree

    if len(points) < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    found = cKDTree(points, balanced_tree=False).query_pairs(radius, output_type="ndarray")
    return found[:, 0], found[:, 1]


def _affordable(stars: PhaseSpace, metric: FourDistance, radius: float, rng: np.random.Generator) -> PhaseSpace:
    """So many of the stars, drawn at random, that about `_AFFORDABLE` pairs have to be looked at; at most `_MOST`."""
    if len(stars) <= _PILOT:
        return stars
    pilot = stars.take(_drawn(len(stars), _PILOT, rng))
    share = max(len(_close(metric.embedding(pilot), radius)[0]), 1) / _n_pairs(_PILOT)
    n = min(max(math.isqrt(int(2.0 * _AFFORDABLE / share)), _PILOT), _MOST)
    return stars if n >= len(stars) else stars.take(_drawn(len(stars), n, rng))


def _drawn(n: int, size: int, rng: np.random.Generator) -> Ints:
    return np.sort(rng.choice(n, size, replace=False))


def _n_pairs(n: int) -> float:
    return 0.5 * n * (n - 1)
