"""The paper's sampler: the ensemble of emcee (Foreman-Mackey et al. 2013, PASP 125, 306).

The move is differential evolution (ter Braak 2006, Stat. Comput. 16, 239), which the paper does not name; on the
mass-concentration degeneracy its autocorrelation time is a quarter of that of the default stretch move.
"""

from typing import Any

import numpy as np

from haloscale.errors import ConfigError
from haloscale.inference.diagnostics import autocorrelation_time, judge, split_rhat
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import Progress, maximum, nothing_free, samplers, scatter
from haloscale.inference.standard import Standard
from haloscale.inference.start import is_costly, starts
from haloscale.records import Chain, Floats, SamplingStatus


@samplers.register("emcee")
def sample_emcee(
    posterior: Posterior,
    rng: np.random.Generator,
    on_progress: Progress,
    *,
    n_walkers: int = 32,
    n_steps: int = 3000,
    max_steps: int = 48000,
) -> Chain:
    """Draw from the posterior until the chain is reliable.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator
        Source of the starting points and of emcee's own seed.
    on_progress : callable
        Called with (fraction, line) after each block.
    n_walkers : int
        Walkers of the ensemble, an even number of at least twice the free parameters.
    n_steps : int
        Steps of the first block; the chain is doubled until it is reliable.
    max_steps : int
        Steps after which it is left as it is.

    Returns
    -------
    Chain
        After burn-in (ten autocorrelation times, at most half the chain), thinned to two or three draws a time.

    Raises
    ------
    ConfigError
        If there are too few walkers for the number of parameters, or nowhere to start from.

    Notes
    -----
    Walkers start a tenth of the prior's width around the highest density found; where the likelihood sums hundreds of
    stars, which makes the thousands of evaluations for that expensive, from the normal approximation at the maximum.
    """
    n_parameters = posterior.n_parameters
    if n_walkers < 2 * n_parameters:
        raise ConfigError(
            f"sampler.n_walkers = {n_walkers} for {n_parameters} free parameters",
            f"at least {2 * n_parameters} walkers",
            f"--set sampler.n_walkers={4 * n_parameters}",
        )
    if n_parameters == 0:
        return nothing_free(posterior)
    sampler, state = _start(posterior, rng, n_walkers)
    steps = min(n_steps, max_steps)
    while True:
        state = sampler.run_mcmc(state, steps - sampler.iteration)
        chain = _harvest(posterior, sampler)
        status = chain.sampling
        on_progress(steps / max_steps, f"{steps} steps: R-hat {status.rhat:.4f}, tau {status.tau:.0f}, {status.status}")
        if status.status == "reliable" or steps >= max_steps:
            return chain
        steps = min(2 * steps, max_steps)


def _start(posterior: Posterior, rng: np.random.Generator, n_walkers: int) -> tuple[Any, Any]:
    import emcee

    points = _around_maximum(posterior, rng, n_walkers)
    legacy = np.random.RandomState(np.random.MT19937(int(rng.integers(2**63))))
    density = posterior.log_posterior_free
    # Differential evolution needs a quarter of the stretch move's steps on curved posteriors; full jumps now and then.
    moves = [(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)]
    sampler = emcee.EnsembleSampler(n_walkers, posterior.n_parameters, density, vectorize=True, moves=moves)
    sampler.log_prob_fn = density  # without emcee's wrapper, which prints to standard output when it is interrupted
    return sampler, emcee.State(points, random_state=legacy.get_state())


def _around_maximum(posterior: Posterior, rng: np.random.Generator, n_walkers: int) -> Floats:
    """Where the walkers start, array (n_walkers, n_parameters) [free units]."""
    if not is_costly(posterior):
        return scatter(posterior, maximum(posterior, rng), rng, n_walkers)
    target = Standard(posterior)
    return np.asarray(posterior.to_free(target.values(starts(target, rng, n_walkers))))


def _harvest(posterior: Posterior, sampler: Any) -> Chain:
    walkers: Floats = sampler.get_chain()
    n_steps = len(walkers)
    n_burn = min(int(np.ceil(10 * autocorrelation_time(walkers[n_steps // 2 :]).max())), n_steps // 2)
    kept = walkers[n_burn:]
    tau = float(autocorrelation_time(kept).max())
    rhat = float(split_rhat(kept).max())
    ess = kept.shape[0] * kept.shape[1] / tau
    status = SamplingStatus(
        judge(len(kept) / tau, rhat, ess), rhat, ess, tau, n_steps, n_burn, float(sampler.acceptance_fraction.mean())
    )
    return _draws(posterior, kept, sampler.get_log_prob()[n_burn:], max(1, int(tau / 2)), status)


def _draws(posterior: Posterior, kept: Floats, log_density: Floats, thin: int, status: SamplingStatus) -> Chain:
    steps, chains = np.meshgrid(np.arange(0, len(kept), thin), np.arange(kept.shape[1]), indexing="ij")
    u = kept[::thin].reshape(-1, kept.shape[2])
    values = posterior.to_values(u)
    priors = enumerate(posterior.model.priors)
    jacobian = sum(p.log_density(values[:, i]) - p.log_density_free(u[:, i]) for i, p in priors)
    return Chain(
        posterior.model.parameters,
        values,
        log_density[::thin].ravel() + jacobian,
        np.ones(len(u)),
        chains.ravel().astype(np.int64),
        steps.ravel().astype(np.int64) + status.n_burn,
        status,
    )
