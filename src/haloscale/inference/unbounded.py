"""A posterior in coordinates without edges, for samplers that follow gradients: both array libraries."""

import math

from haloscale.arrays import Array, join, namespace
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import Prior


class Unbounded:
    """A posterior in coordinates w that run from -inf to inf.

    Parameters
    ----------
    posterior : Posterior

    Notes
    -----
    Between two bounds of the free coordinate w is the logit of the share of the way; beside one, the distance from it
    is ln(1 + e^w); else w is the free coordinate itself. No bound is ever crossed: no gradient meets a jump.
    """

    def __init__(self, posterior: Posterior) -> None:
        self.posterior = posterior

    def log_density(self, w: Array) -> Array:
        """Natural logarithm of the unnormalised posterior density per unit of w, array (..., n_parameters) [own]."""
        priors = self.posterior.model.priors
        return self.posterior.log_posterior_free(self.to_free(w)) + sum(
            (_log_slope(p, w[..., i]) for i, p in enumerate(priors)), start=0.0
        )

    def to_free(self, w: Array) -> Array:
        """Free coordinates of w, array (..., n_parameters) [own units]."""
        columns = [_to_free(p, w[..., i]) for i, p in enumerate(self.posterior.model.priors)]
        return namespace(w).stack(columns, axis=-1)

    def from_free(self, u: Array) -> Array:
        """The coordinates w of free ones, array (..., n_parameters) [free units]; a bound itself is moved inside."""
        columns = [_from_free(p, u[..., i]) for i, p in enumerate(self.posterior.model.priors)]
        return namespace(u).stack(columns, axis=-1)


_LEAST = 1e-9
"""Share of the way between two bounds, and distance from one, that a point on it is moved inside."""


def _to_free(prior: Prior, w: Array) -> Array:
    (low, high), (xp, w) = prior.free_bounds, join(w)
    if math.isfinite(low) and math.isfinite(high):
        share = xp.exp(-xp.logaddexp(0.0, -w))
        return xp.clip(low + (high - low) * share, low, high)
    if math.isfinite(low):
        return low + xp.logaddexp(0.0, w)
    return high - xp.logaddexp(0.0, w) if math.isfinite(high) else w


def _log_slope(prior: Prior, w: Array) -> Array:
    """ln |du/dw|, array (...)."""
    (low, high), (xp, w) = prior.free_bounds, join(w)
    if math.isfinite(low) and math.isfinite(high):
        return math.log(high - low) - xp.logaddexp(0.0, -w) - xp.logaddexp(0.0, w)
    return -xp.logaddexp(0.0, -w) if math.isfinite(low) or math.isfinite(high) else 0.0 * w


def _from_free(prior: Prior, u: Array) -> Array:
    (low, high), (xp, u) = prior.free_bounds, join(u)
    if math.isfinite(low) and math.isfinite(high):
        share = xp.clip((u - low) / (high - low), _LEAST, 1.0 - _LEAST)
        return xp.log(share) - xp.log1p(-share)
    if math.isfinite(low) or math.isfinite(high):
        distance = xp.maximum(abs(u - (low if math.isfinite(low) else high)), _LEAST)
        return distance + xp.log(-xp.expm1(-distance))
    return u
