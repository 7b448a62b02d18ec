"""A posterior on a regular grid of its free coordinates, narrowed to all that is not negligible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from haloscale.inference.posterior import Posterior
from haloscale.records import Bools, Floats


@dataclass(frozen=True)
class _Plan:
    """How a grid of some number of parameters is made.

    Parameters
    ----------
    n_search, n_again, n_points : int
        Points an axis of the mesh over the prior, of those over what was found, and of the grid.
    depth : float
        Below the maximum in ln density, where the grid may end: 12.5 is 5 sigma of a normal.
    """

    n_search: int
    n_again: int
    n_points: int
    depth: float


_PLANS: Final = {1: _Plan(24, 24, 56, 12.5), 2: _Plan(24, 24, 56, 12.5), 3: _Plan(14, 14, 36, 10.0),
                 4: _Plan(8, 10, 20, 8.0)}  # fmt: skip
MOST_PARAMETERS: Final = max(_PLANS)
_MARGIN: Final = 2.0
"""Depth below that at which a wide mesh may still lie beside what counts."""
_MOST_SEARCHES: Final = 5
_N_FINE: Final = 512
_SIGMAS: Final = (0.5, 0.15866, 0.84134)
_ALIKE: Final = 0.3
"""Standard deviations by which a quantile may differ between the black and the white squares of the grid.

Their mean, the grid itself, is off by the square of that or less: where the sum over a normal on half of the points is
off by e, that over all of them is by e^2 at most (Poisson summation).
"""


@dataclass(frozen=True)
class Grid:
    """Density at the points of a grid.

    Parameters
    ----------
    axes : list of array (n,)
        Evenly spaced free coordinates, one array a parameter.
    density : array (n, ...), dimensionless
        Over its maximum; one axis a parameter.
    n_evaluations : int
        Of the posterior, with those of the search.
    """

    axes: list[Floats]
    density: Floats
    n_evaluations: int

    def seen(self, *which: int) -> Floats:
        """Density of some parameters alone, the integral over the others, with the axes in the order of `which`."""
        density = self.density
        for k in range(density.ndim):
            if k not in which:
                density = np.sum(density * _trapezoid(density.shape, k), axis=k, keepdims=True)
        return np.squeeze(density.transpose(*which, *(k for k in range(density.ndim) if k not in which)),
                          axis=tuple(range(len(which), density.ndim)))  # fmt: skip

    def quantiles(self, k: int, at: Sequence[float] = _SIGMAS) -> Floats:
        """Free coordinates of parameter k below which its probability is `at`, by default 50, 16 and 84 %."""
        u, density = self.alone(k)
        share = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
        return np.interp(at, share / share[-1], u)

    def alone(self, k: int) -> tuple[Floats, Floats]:
        """Evenly spaced free coordinates of parameter k and its density, two arrays (n,), finer than the grid."""
        from scipy.interpolate import PchipInterpolator

        u = np.linspace(self.axes[k][0], self.axes[k][-1], _N_FINE)
        return u, np.asarray(PchipInterpolator(self.axes[k], self.seen(k))(u))

    @cached_property
    def is_fine(self) -> bool:
        """Whether sums over the points are integrals: the black squares and the white ones tell the same."""
        n = self.density.ndim
        colour = np.indices(self.density.shape).sum(axis=0) % 2
        halves = (Grid(self.axes, self.density * (colour == which), 0) for which in (0, 1))
        black, white = (np.array([half.quantiles(k) for k in range(n)]) for half in halves)
        width = np.array([np.ptp(self.quantiles(k)[1:]) for k in range(n)])
        return bool(np.all(np.abs(black - white).max(axis=1) < 0.5 * _ALIKE * width))


def on_grid(posterior: Posterior, best: Mapping[str, float]) -> Grid:
    """The grid around all that is not negligible.

    Parameters
    ----------
    posterior : Posterior
        With one to four parameters.
    best : mapping
        The maximum, in the parameters' own units.

    Notes
    -----
    Wide meshes over the prior, and then over the box that counts, find where the density is; of the last mesh only
    the points near to it are computed, since a ridge fills little of its box.
    """
    plan = _PLANS[posterior.n_parameters]
    evaluate = in_blocks(posterior)
    top = posterior.to_free(np.array([best[p.name] for p in posterior.model.parameters]))
    bounds = np.array([prior.to_free(np.array(ends(prior))) for prior in posterior.model.priors])
    mesh = _Mesh(_with(top, bounds, plan.n_search), evaluate)
    for _ in range(_MOST_SEARCHES):
        bounds = mesh.narrowed(plan.depth)
        mesh = _Mesh(_with(top, bounds, plan.n_again), evaluate, mesh, plan.depth + _MARGIN)
        if np.all(np.ptp(mesh.narrowed(plan.depth), axis=1) > 0.5 * np.ptp(bounds, axis=1)):
            break
    axes = [np.linspace(box[0], box[1], plan.n_points) for box in mesh.narrowed(plan.depth)]
    mesh = _Mesh(axes, evaluate, mesh, plan.depth + _MARGIN)
    return Grid(axes, np.exp(mesh.height - mesh.height.max()), mesh.n_evaluations)


class _Mesh:
    """Heights at the points of some axes, where a wider mesh says that they may count.

    Parameters
    ----------
    axes : list of array (n,)
    evaluate : callable
    wider : _Mesh, optional
    depth : float
        Below its maximum, at which a point of the wider mesh counts.
    """

    def __init__(
        self, axes: list[Floats], evaluate: Callable[[Floats], Floats], wider: "_Mesh | None" = None, depth: float = 0.0
    ) -> None:
        self.axes = axes
        shape = tuple(len(axis) for axis in axes)
        near = np.ones(shape, dtype=bool) if wider is None else wider.near(axes, depth)
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)[near]
        self.height = np.full(shape, -np.inf)
        self.height[near] = evaluate(points)
        self.n_evaluations: int = len(points) + (0 if wider is None else wider.n_evaluations)

    def narrowed(self, depth: float) -> Floats:
        """The box of all points that count, one step wider on each side, array (n_parameters, 2)."""
        counts = self.height >= self.height.max() - depth
        found = []
        for k, axis in enumerate(self.axes):
            here = np.flatnonzero(counts.any(axis=tuple(i for i in range(counts.ndim) if i != k)))
            found.append((axis[max(here[0] - 1, 0)], axis[min(here[-1] + 1, len(axis) - 1)]))
        return np.array(found)

    def near(self, axes: list[Floats], depth: float) -> Bools:
        """Which points of some axes lie beside points that count, array (n, ...)."""
        from scipy.ndimage import binary_dilation, generate_binary_structure

        counts = self.height >= self.height.max() - depth
        beside = binary_dilation(counts, generate_binary_structure(counts.ndim, 2))
        nearest = [np.abs(new[:, None] - old).argmin(axis=1) for new, old in zip(axes, self.axes, strict=True)]
        return np.asarray(beside[np.ix_(*nearest)])


def _with(top: Floats, bounds: Floats, n: int) -> list[Floats]:
    """Even axes, with the summit, which may fall between the lines; bounds, array (n_parameters, 2) [free units]."""
    return [np.unique(np.append(np.linspace(box[0], box[1], n), at)) for box, at in zip(bounds, top, strict=True)]


def ends(prior: Any) -> tuple[float, float]:
    """The values between which all but two millionths of a prior lie."""
    low, high = prior.quantile(np.array([1e-6, 1.0 - 1e-6]))
    return float(low), float(high)


def in_blocks(posterior: Posterior, n_block: int = 512) -> Callable[[Floats], Floats]:
    """Density per unit of free coordinates u, array (n, n_parameters) [free units], in blocks that bound the memory."""

    def evaluate(u: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = [posterior.log_posterior_free(u[k : k + n_block]) for k in range(0, len(u), n_block)]
        return np.concatenate([np.broadcast_to(np.asarray(p, float), min(n_block, len(u) - k * n_block))
                               for k, p in enumerate(parts)])  # fmt: skip

    return evaluate


def _trapezoid(shape: tuple[int, ...], k: int) -> Floats:
    """Weights of the points along axis k, an array that fits a density of that shape: halves at the ends."""
    weight = np.ones(shape[k])
    weight[[0, -1]] = 0.5
    return weight.reshape([-1 if i == k else 1 for i in range(len(shape))])
