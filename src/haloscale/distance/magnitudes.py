"""The posterior of a giant's absolute magnitude from its colour and [Fe/H], on a grid, many stars at a time.

For a star of colour c and metallicity F, with errors s_c and s_F,

    P(M) ~ 10^(slope M) integral dF p(F) N(F_star | F, s_F) N(c | c(M, F), s_c),

and what is known of the distance modulus m - M is this, smeared by the error of the apparent magnitude m. The integral
over F is a sum over nodes of a fixed lattice, so that colours are read from a table and never interpolated. Stars are
taken in blocks of the same resolution; the answer for a star does not depend on the others of its block.
"""

from dataclasses import dataclass, replace
from functools import cache
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.distance.fiducials import DEFAULT_CLUSTERS, FEH_STEP, M_R_BRIGHT, M_R_FAINT, fiducials
from haloscale.distance.metallicity import FLAT, Metallicities
from haloscale.records import Floats, Ints

Singles = NDArray[np.float32]
"""Single precision carries a posterior to 1e-6 of its peak, and costs half."""

_COARSEST, _FINEST = 0, 4
_STEP_COARSEST: Final = 0.05
"""Steps in absolute magnitude [mag]: 0.05 halved 0 to 4 times."""

_SLOPE_M, _SLOPE_FEH = 0.44, 0.6
"""Steepest run of colour with absolute magnitude [mag/mag], and with [Fe/H] [mag/dex]."""

_PER_WIDTH_M, _PER_WIDTH_FEH, _MOST_FEH = 1.35, 1.4, 0.06
"""Largest steps, in units of the narrowest width that the errors leave in either direction, and of [Fe/H] at all."""

_EDGE = 3.0
"""Distance from an edge of the sequences within which the steps are halved, in standard deviations."""

_REACH, _REACH_R = 4.5, 5.0
"""Range of the sum over [Fe/H], and of the smearing, in standard deviations."""

_END_WEIGHTS: Final = np.array([3 / 8, 7 / 6, 23 / 24])
"""With these at its ends a sum is an integral to fourth order in the step."""

_LEAST_GR0_ERROR, _LEAST_FEH_ERROR = 0.002, 0.7 * FEH_STEP
"""What the finest grids resolve [mag, dex], a tenth of real errors; smaller errors are taken for these."""

_CELLS = 32_768
"""Stars times grid points in a block: it stays in the cache of a core."""


@dataclass(frozen=True)
class Giants:
    """Dereddened photometry and metallicity of giants, every value finite and every error positive.

    Parameters
    ----------
    rmag0, rmag0_error : array (n,) [mag]
        SDSS r.
    gr0, gr0_error : array (n,) [mag]
        SDSS g - r.
    feh, feh_error : array (n,) [dex]
    """

    rmag0: Floats
    rmag0_error: Floats
    gr0: Floats
    gr0_error: Floats
    feh: Floats
    feh_error: Floats

    def __len__(self) -> int:
        return len(self.rmag0)

    def take(self, index: NDArray[Any]) -> "Giants":
        """The stars picked by `index`, bool array (n,) or int array (n_picked,)."""
        return Giants(*(values[index] for values in vars(self).values()))

    def resolved(self) -> "Giants":
        """The same stars, with errors no smaller than what the finest grids resolve."""
        gr0_error = np.maximum(self.gr0_error, _LEAST_GR0_ERROR)
        return replace(self, gr0_error=gr0_error, feh_error=np.maximum(self.feh_error, _LEAST_FEH_ERROR))


@dataclass(frozen=True)
class GiantBranch:
    """The sequences and the priors.

    Parameters
    ----------
    clusters : tuple of str
        Whose ridge lines are the sequences.
    luminosity_slope : float
        log10 of the number of giants per magnitude rises by this much a magnitude.
    density_log_slope : float
        d ln nu / d ln d of the tracer density along the sight line; -3: flat in distance modulus.
    metallicity : Metallicities
        Prior of [Fe/H].
    refine : int
        Every step is halved this many times beyond what the errors ask for.
    """

    clusters: tuple[str, ...] = DEFAULT_CLUSTERS
    luminosity_slope: float = 0.32
    density_log_slope: float = -3.0
    metallicity: Metallicities = FLAT
    refine: int = 0

    @property
    def dm_slope(self) -> float:
        """Exponent k of the prior exp(k DM) [1/mag]: number of stars per magnitude of distance modulus."""
        return 0.2 * log(10.0) * (3.0 + self.density_log_slope)


@dataclass(frozen=True)
class MagnitudeGrid:
    """Posteriors of a block of stars.

    Parameters
    ----------
    stars : int array (n,)
        Positions of the stars.
    m_r : array (n_m,) [mag]
        Absolute magnitude less the error of the apparent one, in equal steps.
    density : array (n, n_m) dimensionless
        Not normalised.
    shift : array (n,) [mag]
        Distance modulus = shift - m_r.
    """

    stars: Ints
    m_r: Floats
    density: Singles
    shift: Floats


@dataclass(frozen=True)
class Block:
    """Stars that are computed together.

    Parameters
    ----------
    stars : int array (n,)
        Their positions.
    level : int
        Step in absolute magnitude: 0.05 mag halved so many times.
    stride : int
        Step in [Fe/H] in units of `FEH_STEP`.
    n_nodes : int array (n,)
        Nodes in [Fe/H] on either side of the star's own.
    """

    stars: Ints
    level: int
    stride: int
    n_nodes: Ints


def blocks(giants: Giants, branch: GiantBranch, level: int | None = None) -> list[Block]:
    """All stars in blocks of the same resolution.

    Parameters
    ----------
    giants : Giants
    branch : GiantBranch
    level : int, optional
        The same step in absolute magnitude for all stars. Default: as each star's errors ask for.

    Returns
    -------
    list of Block
    """
    levels, strides, n_nodes = _resolution(giants, branch, level)
    order = np.lexsort((n_nodes, strides, levels))
    changes = np.flatnonzero(np.diff(levels[order]) | np.diff(strides[order])) + 1
    found = []
    for same in np.split(order, changes) if len(order) else []:
        first, n_m = same[0], 1 + round((M_R_FAINT - M_R_BRIGHT) / _step(levels[same[0]]))
        size = max(16, _CELLS // n_m)
        parts = (same[start : start + size] for start in range(0, len(same), size))
        found += [Block(part, int(levels[first]), int(strides[first]), n_nodes[part]) for part in parts]
    return found


def magnitude_grid(giants: Giants, branch: GiantBranch, block: Block) -> MagnitudeGrid:
    """The posteriors of the stars of a block.

    Parameters
    ----------
    giants : Giants
        All stars.
    branch : GiantBranch
    block : Block

    Returns
    -------
    MagnitudeGrid
    """
    giants = giants.take(block.stars).resolved()
    m_r, feh_low, table = _table(branch.clusters, block.level)
    step = _step(block.level)
    node = _nodes(giants, block, feh_low)
    log_weight = _log_weights(np.asarray(feh_low + FEH_STEP * node, float), giants, branch)
    log_weight[np.abs(np.arange(node.shape[1]) - node.shape[1] // 2) > block.n_nodes[:, None]] = -np.inf
    density = _summed(table, np.clip(node, 0, len(table) - 1), log_weight, giants)
    density *= _magnitude_prior(m_r, branch).astype(np.float32)
    density, n_added = _smeared(density, giants.rmag0_error / step)
    wide = m_r[0] + step * np.arange(-n_added, len(m_r) + n_added)
    return MagnitudeGrid(block.stars, wide, density, giants.rmag0 + branch.dm_slope * giants.rmag0_error**2)


def _resolution(giants: Giants, branch: GiantBranch, level: int | None) -> tuple[Ints, Ints, Ints]:
    """Level of the step in magnitude, stride on the lattice of [Fe/H], nodes on either side; int arrays (n,)."""
    giants = giants.resolved()
    wanted = np.log2(_STEP_COARSEST * _SLOPE_M / (_PER_WIDTH_M * giants.gr0_error))
    at_tip, at_ends = _at_edges(giants, branch)
    levels = np.clip(np.ceil(wanted).astype(int), _COARSEST, _FINEST) + at_tip + branch.refine
    width = 1.0 / np.hypot(1.0 / giants.feh_error, _SLOPE_FEH / giants.gr0_error)
    largest = np.minimum(_PER_WIDTH_FEH * width, _MOST_FEH) / 2.0 ** (at_ends + branch.refine)
    strides = np.maximum((largest / FEH_STEP).astype(int), 1)
    n_nodes = np.ceil(_REACH * giants.feh_error / (FEH_STEP * strides)).astype(int)
    return levels if level is None else np.full(len(giants), level), strides, n_nodes


def _at_edges(giants: Giants, branch: GiantBranch) -> tuple[Ints, Ints]:
    """1 for stars that the tip of the giant branch cuts off, and for those that the end clusters do; arrays (n,).

    There the posterior has an edge or a kink, for which a sum needs half the step.
    """
    _, feh_low, table = _table(branch.clusters, _COARSEST)
    feh = feh_low + FEH_STEP * np.arange(len(table))
    tip = np.interp(giants.feh, feh, table[:, 0])
    reach = _EDGE * giants.feh_error
    at_ends = (giants.feh - reach < feh[0]) | (giants.feh + reach > feh[-1])
    return (giants.gr0 + _EDGE * giants.gr0_error > tip).astype(int), at_ends.astype(int)


def _step(level: int) -> float:
    return _STEP_COARSEST * 0.5**level


@cache
def _table(names: tuple[str, ...], level: int) -> tuple[Floats, float, Singles]:
    """Magnitudes (n_m,), lowest [Fe/H], colours (n_feh, n_m)."""
    m_r, feh, gr0 = fiducials(names).table(_step(level))
    return m_r, float(feh[0]), gr0.astype(np.float32)


def _nodes(giants: Giants, block: Block, feh_low: float) -> Ints:
    """Nodes of the lattice in [Fe/H] about each star, (n, n_nodes)."""
    centre = np.rint((giants.feh - feh_low) / (FEH_STEP * block.stride)).astype(int)
    reach = int(block.n_nodes.max())
    return block.stride * (centre[:, None] + np.arange(-reach, reach + 1))


def _log_weights(feh: Floats, giants: Giants, branch: GiantBranch) -> Singles:
    """Log of the weight of every node in [Fe/H], (n, n_nodes), its largest 0 for each star."""
    away = (feh - giants.feh[:, None]) / giants.feh_error[:, None]
    log_weight = -0.5 * away**2 + branch.metallicity.log_density(feh)
    relative: Singles = (log_weight - log_weight.max(axis=1, keepdims=True)).astype(np.float32)
    return relative


def _summed(table: Singles, node: Ints, log_weight: Singles, giants: Giants) -> Singles:
    """Likelihood of the colour, summed over the nodes in [Fe/H]; (n, n_m)."""
    scale = (1.0 / (np.sqrt(2.0) * giants.gr0_error)).astype(np.float32)[:, None]
    offset = giants.gr0.astype(np.float32)[:, None]
    total = np.zeros((len(node), table.shape[1]), np.float32)
    work = np.empty_like(total)
    for k in range(node.shape[1]):
        np.take(table, node[:, k], axis=0, out=work, mode="clip")
        work -= offset
        work *= scale
        work *= work
        np.subtract(log_weight[:, k, None], work, out=work)
        np.exp(work, out=work)
        total += work
    return total


def _magnitude_prior(m_r: Floats, branch: GiantBranch) -> Floats:
    """Luminosity prior, the part of the distance prior that falls on M, and Gregory's weights at the ends; (n_m,)."""
    slope = branch.luminosity_slope * log(10.0) - branch.dm_slope
    prior: Floats = np.exp(slope * (m_r - m_r[-1]))
    prior[:3] *= _END_WEIGHTS
    prior[:-4:-1] *= _END_WEIGHTS
    return prior


def _smeared(density: Singles, width: Floats) -> tuple[Singles, int]:
    """The densities (n, n_m) smeared by Gaussians of the widths (n,) [steps], and the steps added at either side."""
    n_added = int(np.ceil(_REACH_R * width.max())) + 1
    kernel = _kernel(width, n_added)
    n_m = density.shape[1]
    smeared = np.zeros((len(density), n_m + 2 * n_added), np.float32)
    work = np.empty_like(density)
    for k in range(2 * n_added + 1):
        smeared[:, k : k + n_m] += np.multiply(density, kernel[:, k, None], out=work)
    return smeared, n_added


def _kernel(width: Floats, n_added: int) -> Singles:
    """Gaussians of the widths (n,) sampled at the steps; three points of the same variance for the narrowest."""
    k = np.arange(-n_added, n_added + 1)
    away = k / np.maximum(width, 0.7)[:, None]
    kernel = np.where(np.abs(away) <= _REACH_R, np.exp(-0.5 * away**2), 0.0)
    kernel /= kernel.sum(axis=1, keepdims=True)
    half = 0.5 * width[:, None] ** 2
    narrow = np.where(k == 0, 1.0 - 2.0 * half, np.where(np.abs(k) == 1, half, 0.0))
    weights: Singles = np.where(width[:, None] < 0.7, narrow, kernel).astype(np.float32)
    return weights
