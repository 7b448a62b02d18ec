"""What every sampler offers, the registry, and where walkers start."""

from collections.abc import Callable

import numpy as np

from haloscale.inference.blame import impossible, no_room
from haloscale.inference.posterior import Posterior
from haloscale.inference.standard import Standard
from haloscale.records import Chain, Floats, SamplingStatus
from haloscale.registry import Registry

Progress = Callable[[float, str], None]
"""Called with the fraction done of what is planned, and a line that says how it stands."""


Sampler = Callable[..., Chain]
"""``sampler(posterior, rng, on_progress, **options)``; the keyword arguments are the further keys of ``[sampler]``."""

samplers: Registry[Sampler] = Registry("sampler", "haloscale.inference.samplers")

_N_TRIALS = 2048
_COUNTS = 1e-12


def maximum(
    posterior: Posterior, rng: np.random.Generator, *, n_trials: int = _N_TRIALS, n_block: int = _N_TRIALS
) -> Floats:
    """Free coordinates of the highest posterior density found: the best of some prior draws, then a simplex search.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator
    n_trials : int
        Draws from the prior; a likelihood of many stars needs, and can afford, fewer than one of twelve bins.
    n_block : int
        How many of them are evaluated at once.

    Returns
    -------
    array (n_parameters,)

    Raises
    ------
    ConfigError
        If no draw from the prior has a finite posterior.
    """
    from scipy.optimize import minimize

    trials = posterior.to_free(posterior.draw_prior(rng, n_trials))
    blocks = [posterior.log_posterior_free(trials[k : k + n_block]) for k in range(0, n_trials, n_block)]
    height = np.concatenate(blocks)
    if not np.isfinite(height).any():
        raise impossible(posterior, n_trials)
    best = trials[np.argmax(height)]
    found = minimize(lambda u: -posterior.log_posterior_free(u), best, method="Nelder-Mead")
    return np.asarray(found.x if np.isfinite(found.fun) else best)


def scatter(posterior: Posterior, centre: Floats, rng: np.random.Generator, n: int) -> Floats:
    """Starting points around a centre: a tenth of the prior's own width, drawn again where the posterior is zero.

    Parameters
    ----------
    posterior : Posterior
    centre : array (n_parameters,) [free units]
        Free coordinates.
    rng : numpy.random.Generator
    n : int
        Number of points.

    Returns
    -------
    array (n, n_parameters)

    Raises
    ------
    ConfigError
        If the posterior is zero all around the centre.
    """
    prior = posterior.to_free(posterior.draw_prior(rng, _N_TRIALS))
    width = 0.1 * prior.std(axis=0)
    points = centre + width * rng.standard_normal((n, len(centre)))
    for _ in range(60):
        outside = ~np.isfinite(posterior.log_posterior_free(points))
        if not outside.any():
            return np.asarray(points)
        width = width * 0.8
        points[outside] = centre + width * rng.standard_normal((int(outside.sum()), len(centre)))
    raise no_room(posterior, centre)


def nothing_free(posterior: Posterior) -> Chain:
    """The chain of a model without free parameters: one draw, nothing to converge."""
    empty = np.zeros((1, 0))
    log_likelihood = np.atleast_1d(posterior.likelihood.log_likelihood(posterior.model.build(empty)))
    one = np.zeros(1, dtype=np.int64)
    status = SamplingStatus("reliable", None, None, None, 0, 0, 1.0)
    return Chain((), empty, log_likelihood, np.ones(1), one, one, status)


def weighted(target: Standard, z: Floats, height: Floats, weight: Floats, status: SamplingStatus) -> Chain:
    """The chain of weighted draws: those that carry weight, in the order they were made.

    Parameters
    ----------
    target : Standard
    z : array (n, n_parameters) [widths of the prior]
    height : array (n,), dimensionless
        Logarithm of the density per unit of z.
    weight : array (n,)
    status : SamplingStatus
    """
    kept = np.flatnonzero(weight > _COUNTS * weight.max())
    z, weight = z[kept], weight[kept]
    return Chain(
        target.posterior.model.parameters,
        target.values(z),
        target.log_posterior_of_values(z, height[kept]),
        weight / weight.mean(),
        np.zeros(len(kept), dtype=np.int64),
        kept.astype(np.int64),
        status,
    )
