"""What every sampler offers, the registry, and where walkers start."""

from collections.abc import Callable

import numpy as np

from haloscale.errors import ConfigError
from haloscale.inference.posterior import Posterior
from haloscale.records import Chain, Floats
from haloscale.registry import Registry

Progress = Callable[[float, str], None]
"""Called with the fraction done of what is planned, and a line that says how it stands."""


Sampler = Callable[..., Chain]
"""``sampler(posterior, rng, on_progress, **options)``; the keyword arguments are the further keys of ``[sampler]``."""

samplers: Registry[Sampler] = Registry("sampler", "haloscale.inference.samplers")

_N_TRIALS = 2048


def maximum(posterior: Posterior, rng: np.random.Generator) -> Floats:
    """Free coordinates of the highest posterior density found: the best of 2,048 prior draws, then a simplex search.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator

    Returns
    -------
    array (n_parameters,)

    Raises
    ------
    ConfigError
        If no draw from the prior has a finite posterior.
    """
    from scipy.optimize import minimize

    trials = posterior.to_free(posterior.draw_prior(rng, _N_TRIALS))
    height = posterior.log_posterior_free(trials)
    if not np.isfinite(height).any():
        names = ", ".join(p.name for p in posterior.model.parameters)
        raise ConfigError(
            f"none of {_N_TRIALS} draws from the priors of {names} gives the data a finite probability",
            "priors that allow the data",
            "widen the priors, or fix the parameters that make the model impossible",
        )
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
    raise ConfigError(
        "the sampler finds no room around the maximum of the posterior",
        "a posterior that is finite in a neighbourhood of its maximum",
        "widen the priors, or move them away from where the model becomes impossible",
    )
