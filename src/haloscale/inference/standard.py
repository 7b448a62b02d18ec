"""A posterior in coordinates in which its prior is a unit normal: no edges, and the prior's width is 1 everywhere."""

import numpy as np
from scipy import special

from haloscale.inference.blame import impossible
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import LogNormal, Normal, Prior
from haloscale.records import Floats

_ENOUGH_FINITE = 16
_MOST_TRIALS = 2048
_FARTHEST = 37.0
"""Standard deviations beyond which the tail of a normal has no double precision number left."""


class Standard:
    """A posterior in the coordinates z, of which the prior makes independent unit normals.

    Parameters
    ----------
    posterior : Posterior
    n_block : int
        Points handed to the likelihood at once, so that memory stays bounded.

    Notes
    -----
    A value has the prior probability Phi(z) at or below it. What samples z needs no bounds, and a parameter of which
    the data say nothing is exactly normal.
    """

    def __init__(self, posterior: Posterior, n_block: int = 256) -> None:
        self.posterior, self.n_evaluations, self._n_block = posterior, 0, n_block

    @property
    def n(self) -> int:
        """Number of coordinates."""
        return self.posterior.n_parameters

    def values(self, z: Floats) -> Floats:
        """The parameters at z, array (n, n_parameters) [widths of the prior], in their own units."""
        return np.stack([_value(p, z[:, i]) for i, p in enumerate(self.posterior.model.priors)], axis=-1)

    def log_posterior(self, z: Floats) -> Floats:
        """Natural logarithm of the unnormalised posterior density per unit of z.

        Parameters
        ----------
        z : array (n, n_parameters) [widths of the prior]

        Returns
        -------
        array (n,)
            -inf where the model has no finite prediction.
        """
        blocks = [self._block(z[start : start + self._n_block]) for start in range(0, len(z), self._n_block)]
        return np.concatenate(blocks)

    def log_posterior_of_values(self, z: Floats, height: Floats) -> Floats:
        """Density per unit of the parameters where that of z, array (n, n_parameters) [widths], is `height`."""
        return np.asarray(height - log_unit_normal(z) + self.posterior.log_prior(self.values(z)))

    def _block(self, z: Floats) -> Floats:
        self.n_evaluations += len(z)
        inside = np.abs(z).max(axis=1) < _FARTHEST
        theta = self.values(np.where(inside[:, None], z, 0.0))
        log_prior = np.asarray(self.posterior.log_prior(theta))
        with np.errstate(invalid="ignore"):
            height = np.asarray(self.posterior.log_posterior(theta)) - log_prior + log_unit_normal(z)
        return np.where(inside & np.isfinite(height), height, -np.inf)

    def scan(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Evenly spread draws of the prior and the density there, more of them where most have none.

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int
            How many at least, a power of two.

        Returns
        -------
        array (n_scan, n_parameters), array (n_scan,)

        Raises
        ------
        ConfigError
            If no draw has a finite posterior.
        """
        from scipy.stats import qmc

        engine, z, height = qmc.Sobol(self.n, rng=rng), np.empty((0, self.n)), np.empty(0)
        while len(z) < n or (np.isfinite(height).sum() < _ENOUGH_FINITE and len(z) < _MOST_TRIALS):
            more = normal_points(engine.random(n))
            z, height = np.concatenate([z, more]), np.concatenate([height, self.log_posterior(more)])
        if not np.isfinite(height).any():
            raise impossible(self.posterior, len(z))
        return z, height


def normal_points(share: Floats) -> Floats:
    """Unit normals at given shares, array (n, n_parameters), dimensionless, held off 0 and 1."""
    return np.asarray(special.ndtri(np.clip(share, 1e-10, 1.0 - 1e-10)))


def log_unit_normal(z: Floats) -> Floats:
    """Logarithm of the density of independent unit normals at z, array (n, n_parameters) [standard deviations]."""
    return np.asarray(-0.5 * (z * z).sum(axis=-1) - 0.5 * z.shape[-1] * np.log(2.0 * np.pi))


def _value(prior: Prior, z: Floats) -> Floats:
    """Value of a prior at the share Phi(z), with all its digits in either tail, array (n,)."""
    if not isinstance(prior, (Normal, LogNormal)):
        return np.asarray(prior.quantile(special.ndtr(z)))
    low, high = prior.free_bounds
    left, right = Normal(prior.mean, prior.sd, low, high), Normal(-prior.mean, prior.sd, -high, -low)
    share = special.ndtr(-np.abs(z))
    return np.asarray(prior.from_free(np.where(z < 0, left.quantile(share), -right.quantile(share))))
