"""Where samplers start: the maxima of the posterior, the normal approximation around them, and draws from it."""

import numpy as np

from haloscale.inference.blame import no_room
from haloscale.inference.importance import StudentMixture
from haloscale.inference.posterior import Posterior
from haloscale.inference.standard import Standard
from haloscale.inference.summit import Summit, summits
from haloscale.records import Floats

_SCAN = 64
_FEW_TERMS = 200
_MOST_TRIES = 20


def peaks(target: Standard, rng: np.random.Generator) -> tuple[tuple[Summit, ...], Floats, Floats]:
    """The maxima of a posterior, and the draws of the prior that the search for them began with, with their heights.

    Raises
    ------
    ConfigError
        If no draw has a finite posterior.
    """
    z, height = target.scan(rng, _SCAN * (1 if target.n <= 2 else 2 if target.n <= 5 else 4))
    return summits(target.log_posterior, z, height), z, height


def around(peaks: tuple[Summit, ...]) -> StudentMixture:
    """A t distribution around each maximum, with the share of the posterior that its normal holds."""
    scale = np.array([peak.covariance for peak in peaks])
    log_share = np.array([peak.height for peak in peaks]) + 0.5 * np.linalg.slogdet(scale)[1]
    share = np.maximum(np.exp(log_share - log_share.max()), 0.02)
    return StudentMixture(share / share.sum(), np.array([peak.z for peak in peaks]), scale)


def starts(target: Standard, rng: np.random.Generator, n: int) -> Floats:
    """Points of finite density from the approximation around the maxima, a tenth of them from twice as far.

    Parameters
    ----------
    target : Standard
    rng : numpy.random.Generator
    n : int

    Returns
    -------
    array (n, n_parameters) [widths of the prior]
        Where most of the neighbourhood of a maximum has no density, draws closer and closer to it.

    Raises
    ------
    ConfigError
        If no draw of the prior has a finite posterior, or next to none around its maximum.
    """
    found, _, _ = peaks(target, rng)
    proposal, top = around(found).guarded(), found[0].z
    points = proposal.draw(rng.random((n, target.n + 2)))
    for k in range(_MOST_TRIES):
        outside = ~np.isfinite(target.log_posterior(points))
        if not outside.any():
            return points
        again = proposal.draw(rng.random((int(outside.sum()), target.n + 2)))
        points[outside] = top + 0.8**k * (again - top)
    raise no_room(target.posterior, target.posterior.to_free(target.values(top[None]))[0])


def is_costly(posterior: Posterior) -> bool:
    """Whether an evaluation takes so long that thousands of them to find a start would be felt."""
    return len(getattr(posterior.likelihood, "star", ())) > _FEW_TERMS
