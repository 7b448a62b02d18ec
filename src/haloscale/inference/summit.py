"""Maxima of a density and the curvature there, by Newton's method on differences over a fraction of the width."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from haloscale.records import Floats

LogDensity = Callable[[Floats], Floats]
"""Points, array (n, n_parameters), to the logarithm of the density, array (n,)."""

_STEP = 0.5
_FLATTEST = 0.05
_LENGTHS = np.array([1.0, 0.4, 0.1, 0.02])
_FARTHEST_STEP = 2.0
_MOST_ROUNDS = 40
_SETTLED = 0.01
_N_ASKED, _N_BETWEEN = 6, 6
_MOST_SUMMITS = 4
_NEGLIGIBLE = 20.0


@dataclass(frozen=True)
class Summit:
    """A maximum: where, how high, the covariance of the normal that osculates there.

    Parameters
    ----------
    z : array (n_parameters,)
    height : float
        Logarithm of the density.
    covariance : array (n_parameters, n_parameters)
        Inverse of minus the second derivatives.
    regular : bool
        False where these were not positive definite, and the covariance was made up from their absolute values.
    """

    z: Floats
    height: float
    covariance: Floats
    regular: bool

    def distance(self, z: Floats) -> float:
        """Distance of a point, array (n_parameters,) [widths of the prior], in units of the osculating normal."""
        away = z - self.z
        return float(np.sqrt(away @ np.linalg.solve(self.covariance, away)))


def climb(log_density: LogDensity, start: Floats) -> Summit:
    """The maximum above a starting point.

    Parameters
    ----------
    log_density : callable
        Called with batches.
    start : array (n_parameters,) [widths of the prior]

    Returns
    -------
    Summit

    Notes
    -----
    Differences are taken over half the width of the density along each axis, which is found as the climb goes: smooth
    enough for a likelihood with rough corners, and without the cancellation of small steps.
    """
    z, height, step, stuck = start, float(log_density(start[None])[0]), np.full(len(start), 0.1), 0
    slope, bend = np.zeros(len(start)), -np.eye(len(start))
    for _ in range(_MOST_ROUNDS):
        found = _differences(log_density, z, height, step)
        if found is None:
            step, stuck = step / 4.0, stuck + 1
            if stuck > 4:
                break
            continue
        slope, bend = found
        stiffness, axes = _stiffness(bend)
        move = axes @ ((axes.T @ slope) / stiffness)
        gain = 0.5 * float(slope @ move)
        tries = z + _LENGTHS[:, None] * (move * min(1.0, _FARTHEST_STEP / max(float(np.linalg.norm(move)), 1e-300)))
        heights = log_density(tries)
        better = bool(heights.max() > height)
        if better:
            z, height = tries[np.argmax(heights)], float(heights.max())
        curved = np.diag(-bend)
        wanted = np.where(curved > 0, np.minimum(_STEP / np.sqrt(np.maximum(curved, _FLATTEST)), _STEP), step)
        fits = bool(np.all((step < 2 * wanted) & (wanted < 2 * step)))
        stuck = 0 if better or not fits else stuck + 1
        if stuck > 2 or (fits and gain < _SETTLED):
            break
        step = wanted if fits or better else np.minimum(wanted, step / 2.0)
    stiffness, axes = _stiffness(bend)
    regular = bool(np.linalg.eigvalsh(-bend).min() > _FLATTEST) and stuck <= 2
    return Summit(z, height, (axes / stiffness) @ axes.T, regular)


def _stiffness(bend: Floats) -> tuple[Floats, Floats]:
    values, axes = np.linalg.eigh(-bend)
    return np.maximum(np.abs(values), _FLATTEST), axes


def _differences(log_density: LogDensity, z: Floats, height: float, step: Floats) -> tuple[Floats, Floats] | None:
    """First and second derivatives by central differences; None where a point has no density."""
    n = len(z)
    rows, columns = np.triu_indices(n, 1)
    single = np.diag(step)
    double = single[rows] + single[columns]
    values = log_density(z + np.concatenate([single, -single, double, -double]))
    if not np.isfinite(values).all():
        return None
    up, down = values[:n], values[n : 2 * n]
    both_up, both_down = values[2 * n :].reshape(2, -1)
    bend = np.diag((up - 2.0 * height + down) / step**2)
    mixed = both_up - up[rows] - up[columns] + 2.0 * height - down[rows] - down[columns] + both_down
    bend[rows, columns] = bend[columns, rows] = mixed / (2.0 * step[rows] * step[columns])
    return (up - down) / (2.0 * step), bend


def summits(log_density: LogDensity, z: Floats, height: Floats) -> tuple[Summit, ...]:
    """The maximum above the highest of some points, and others that a valley parts from it.

    Parameters
    ----------
    log_density : callable
    z : array (n, n_parameters) [widths of the prior]
        Points spread over the prior.
    height : array (n,), dimensionless
        Logarithm of the density there.

    Returns
    -------
    tuple of Summit
        At most four, the highest first; those that hold next to nothing of the posterior are left out.
    """
    order = np.argsort(-height, kind="stable")
    found = [climb(log_density, z[order[0]])]
    others = order[1 : 1 + _N_ASKED]
    others = others[np.isfinite(height[others])]
    for k in others[_behind_a_valley(log_density, found[0], z[others], height[others])]:
        if len(found) == _MOST_SUMMITS:
            break
        other = climb(log_density, z[k])
        if all(known.distance(other.z) > 1.0 for known in found):
            found.append(other)
    found.sort(key=lambda summit: -summit.height)
    return tuple(summit for summit in found if summit.height >= found[0].height - _NEGLIGIBLE)


def _behind_a_valley(log_density: LogDensity, summit: Summit, z: Floats, height: Floats) -> Floats:
    """Which points see the density fall before it rises on the straight way to the summit, bool array (n,)."""
    if len(z) == 0:
        return np.zeros(0, dtype=bool)
    share = np.arange(1, _N_BETWEEN + 1) / (_N_BETWEEN + 1.0)
    way = z[:, None] + share[:, None] * (summit.z - z)[:, None]
    along = log_density(way.reshape(-1, z.shape[1])).reshape(len(z), -1)
    return np.asarray(along.min(axis=1) < np.minimum(height, summit.height) - 0.5)
