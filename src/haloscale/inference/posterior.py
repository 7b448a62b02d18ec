"""The posterior: the one place that joins mass, tracer, anisotropy, priors and data."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from haloscale.arrays import Array, namespace
from haloscale.inference.likelihood.base import Likelihood
from haloscale.inference.model import GalaxyModel
from haloscale.records import Floats


@dataclass(frozen=True)
class Posterior:
    """Prior times likelihood over the free parameters of a galaxy model.

    Samplers work in free coordinates u (ln x for the logarithmic priors, x otherwise), in which the posterior is closer
    to a Gaussian; `to_values` returns to the parameters' own units.

    Parameters
    ----------
    model : GalaxyModel
    likelihood : Likelihood
    """

    model: GalaxyModel
    likelihood: Likelihood

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""
        return len(self.model.priors)

    @cached_property
    def _medians(self) -> Floats:
        return np.array([prior.quantile(0.5) for prior in self.model.priors])

    def log_prior(self, theta: Array) -> Array:
        """Natural logarithm of the prior density at theta, array (..., n_parameters) [own units]."""
        return sum((p.log_density(theta[..., i]) for i, p in enumerate(self.model.priors)), start=0.0)

    def log_posterior(self, theta: Array) -> Array:
        """Natural logarithm of the unnormalised posterior density.

        Parameters
        ----------
        theta : array (..., n_parameters) [own units]
            Values.

        Returns
        -------
        array (...)
            -inf outside the priors and where the model has no finite prediction.
        """
        return self._join(theta, self.log_prior(theta))

    def log_posterior_free(self, u: Array) -> Array:
        """The same density per unit of free coordinates u, array (..., n_parameters) [free units]."""
        log_prior = sum((p.log_density_free(u[..., i]) for i, p in enumerate(self.model.priors)), start=0.0)
        return self._join(self.to_values(u), log_prior)

    def to_values(self, u: Array) -> Array:
        """Free coordinates u, array (..., n_parameters) [free units], to the parameters' own units."""
        xp = namespace(u)
        return xp.stack([p.from_free(u[..., i]) for i, p in enumerate(self.model.priors)], axis=-1)

    def to_free(self, theta: Array) -> Array:
        """Values theta, array (..., n_parameters) [own units], to free coordinates."""
        xp = namespace(theta)
        return xp.stack([p.to_free(theta[..., i]) for i, p in enumerate(self.model.priors)], axis=-1)

    def draw_prior(self, rng: np.random.Generator, n: int) -> Floats:
        """Independent draws from the prior, array (n, n_parameters)."""
        return np.stack([p.sample(rng, n) for p in self.model.priors], axis=-1)

    def _join(self, theta: Array, log_prior: Array) -> Array:
        xp = namespace(theta, log_prior)
        inside = xp.isfinite(log_prior)
        # The likelihood sees the priors' medians where the prior is zero, so that no model is built outside its range.
        theta = xp.where(inside[..., None], theta, self._medians)
        total = log_prior + self.likelihood.log_likelihood(self.model.build(theta))
        return xp.where(inside & xp.isfinite(total), total, -xp.inf)
