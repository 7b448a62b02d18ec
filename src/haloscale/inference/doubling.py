"""Whether a likelihood that averages over points has enough of them: what twice as many would do to the answer."""

from typing import Any, Final

import numpy as np

from haloscale.inference.model import GalaxyModel
from haloscale.records import Chain, Floats

ENOUGH: Final = 0.1
"""Share of its error by which no parameter may move."""
_DRAWS: Final = 64


def shifts(likelihood: Any, model: GalaxyModel, chain: Chain) -> dict[str, float]:
    """By how much of its standard deviation each parameter would move with twice as many points.

    Parameters
    ----------
    likelihood : object with n_samples, with_samples(n), log_likelihood(galaxy)
    model : GalaxyModel
    chain : Chain

    Returns
    -------
    dict of str to float

    Notes
    -----
    The mean of a parameter under a posterior that changes by a factor exp(delta) moves by its covariance with delta, to
    first order. The covariance is that over some draws of the chain, each in proportion to its weight.
    """
    theta = _draws(chain)
    twice = likelihood.with_samples(2 * likelihood.n_samples)
    delta = _heights(twice, model, theta) - _heights(likelihood, model, theta)
    known = np.isfinite(delta)
    theta, delta = theta[known], delta[known]
    if len(delta) < 3:
        return {}
    away = theta - theta.mean(axis=0)
    spread = away.std(axis=0)
    # what a linear model of the parameters explains of delta; the rest is noise of the points themselves
    scaled = away / np.where(spread > 0, spread, 1.0)
    slope, *_ = np.linalg.lstsq(np.c_[np.ones(len(delta)), scaled], delta, rcond=None)
    moved = np.cov(scaled.T, bias=True).reshape(theta.shape[1], -1) @ slope[1:]
    return {name: float(x) for name, x in zip(chain.names, moved, strict=True)}


def _draws(chain: Chain) -> Floats:
    total = np.cumsum(chain.weight)
    at = np.searchsorted(total, (np.arange(_DRAWS) + 0.5) * (total[-1] / _DRAWS))
    return np.asarray(chain.values[np.minimum(at, len(chain) - 1)])


def _heights(likelihood: Any, model: GalaxyModel, theta: Floats) -> Floats:
    return np.array([float(np.squeeze(likelihood.log_likelihood(model.build(one)))) for one in theta])
