"""A short walk of an ensemble: it follows a curved ridge to where weighted draws of a poor proposal never come."""

from dataclasses import dataclass

import numpy as np

from haloscale.inference.diagnostics import split_rhat
from haloscale.inference.importance import MadeOfUniform
from haloscale.inference.summit import LogDensity
from haloscale.records import Floats

_SPREAD = 0.7


@dataclass(frozen=True)
class Walkers:
    """Points that walk, and all they visited last.

    Parameters
    ----------
    z : array (n_walkers, n_parameters) [widths of the prior]
    height : array (n_walkers,)
        Logarithm of the density.
    visited, visited_height : array (n, n_parameters), array (n,)
        The second half of the last walk, one row a walker and step.
    rhat : float
        Worst split R-hat of that half.
    """

    z: Floats
    height: Floats
    visited: Floats
    visited_height: Floats
    rhat: float = float("inf")


def walk(
    log_density: LogDensity, start: Walkers, proposal: MadeOfUniform, rng: np.random.Generator, n_steps: int
) -> Walkers:
    """The walkers some steps later.

    Parameters
    ----------
    log_density : callable
    start : Walkers
        At least eight, an even number.
    proposal : MadeOfUniform
        As much of the posterior as is known.
    rng : numpy.random.Generator
    n_steps : int

    Notes
    -----
    Each half in turn is moved by differences of two of the other (ter Braak 2006), which follow a ridge to where the
    proposal never goes, and, at every other step, to draws of the proposal, which take them through the known part at
    once. Where it is far too thin they stay long, and R-hat tells.
    """
    z, height = start.z.copy(), start.height.copy()
    half, n = len(z) // 2, z.shape[1]
    seen, heights = [], []
    for step in range(n_steps):
        for moving, others in ((slice(0, half), z[half:]), (slice(half, None), z[:half])):
            if step % 2:
                there = proposal.draw(rng.random((half, n + 2)))
                favour = proposal.log_density(z[moving]) - proposal.log_density(there)
            else:
                there, favour = z[moving] + _differences(others, rng), np.zeros(half)
            found = log_density(there)
            goes = np.log(rng.random(half)) < found - height[moving] + favour
            z[moving] = np.where(goes[:, None], there, z[moving])
            height[moving] = np.where(goes, found, height[moving])
        if step >= n_steps // 2:
            seen.append(z.copy())
            heights.append(height.copy())
    rhat = float(split_rhat(np.array(seen)).max())
    return Walkers(z, height, np.concatenate(seen), np.concatenate(heights), rhat)


def _differences(others: Floats, rng: np.random.Generator) -> Floats:
    """As many steps as there are other walkers, each along the difference of two of them."""
    half, n = others.shape
    one = rng.integers(half, size=half)
    other = (one + 1 + rng.integers(half - 1, size=half)) % half
    length = 2.38 / np.sqrt(2.0 * n) * np.exp(_SPREAD * rng.standard_normal((half, 1)))
    return np.asarray(length * (others[one] - others[other]))


def resampled(z: Floats, height: Floats, weight: Floats, n: int) -> Walkers:
    """Walkers at points z, array (n_points, n_parameters) [widths of the prior], as often as their weights say."""
    total = np.cumsum(weight)
    k = np.searchsorted(total, (np.arange(n) + 0.5) * (total[-1] / n))
    k = np.concatenate([k[::2], k[1::2]])
    return Walkers(z[k], height[k], z[k], height[k])
