"""The dispersion of Eq. 17 as the paper finds it: by Markov chain Monte Carlo. The exact posterior is in `gaussian`."""

from dataclasses import dataclass

import numpy as np

from haloscale.dispersion.posterior import log_posterior
from haloscale.records import Floats


@dataclass(frozen=True)
class ChainGaussian:
    """Median, 16 and 84 % of a chain in sigma; options as in `gaussian.Gaussian`."""

    rng: np.random.Generator
    free_mean: bool = False
    deconvolve: bool = False

    @property
    def min_stars(self) -> int:
        """Stars below which the posterior cannot be normalised: 2, or 3 with a free mean."""
        return 3 if self.free_mean else 2

    def estimate(self, v: Floats, v_error: Floats) -> tuple[float, float, float]:
        """Median, 16 and 84 % of the chain.

        Parameters
        ----------
        v, v_error : array (n,) [km/s]

        Returns
        -------
        median, lower, upper : float [km/s]
            NaN where all velocities are the same.
        """
        if not np.any(v - v.mean() if self.free_mean else v):
            return np.nan, np.nan, np.nan
        errors = v_error if self.deconvolve else np.zeros(len(v))
        lower, median, upper = np.percentile(sigma_by_emcee(v, errors, self.rng, self.free_mean), [15.87, 50.0, 84.13])
        return float(median), float(lower), float(upper)


def sigma_by_emcee(
    v: Floats,
    v_error: Floats,
    rng: np.random.Generator,
    free_mean: bool = False,
    *,
    n_walkers: int = 32,
    n_steps: int = 2000,
) -> Floats:
    """Draws of sigma from the posterior of Eq. 17 by emcee, with a flat prior on sigma.

    Parameters
    ----------
    v, v_error : array (n,) [km/s]
        Errors of zero leave the velocity errors in sigma.
    rng : numpy.random.Generator
    free_mean : bool
        False: the mean is 0.
    n_walkers, n_steps : int
        The first quarter of the steps is discarded.

    Returns
    -------
    array (n_draws,) [km/s]

    Notes
    -----
    Zhai et al. (2018), Eq. 17, sampled with emcee (Foreman-Mackey et al. 2013).
    """
    import emcee

    density = log_posterior(v, v_error, free_mean)

    def log_probability(theta: Floats) -> Floats:
        positive = theta[:, 0] > 0
        return np.where(positive, density(np.where(positive, theta[:, 0], 1.0)), -np.inf)

    start = np.std(v) * np.exp(0.1 * rng.standard_normal((n_walkers, 1)))
    legacy = np.random.RandomState(np.random.MT19937(int(rng.integers(2**32))))
    sampler = emcee.EnsembleSampler(n_walkers, 1, log_probability, vectorize=True)
    sampler.run_mcmc(emcee.State(start, random_state=legacy.get_state()), n_steps)
    return np.asarray(sampler.get_chain(discard=n_steps // 4, flat=True)[:, 0], float)
