"""Nested sampling with importance weights: nautilus (Lange 2023), which gives the evidence too."""

from typing import Any

import numpy as np

from haloscale.errors import MissingExtraError
from haloscale.inference.diagnostics import judge_importance
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import Progress, nothing_free, samplers, weighted
from haloscale.inference.standard import Standard, log_unit_normal, normal_points
from haloscale.records import Chain, Floats, SamplingStatus

_SCAN = 64
_ROUND = 2000
_IMPOSSIBLE = -1e100
"""Stands for a likelihood of zero: bounds are drawn around finite numbers."""
_BY_ELLIPSOIDS = 4
"""Parameters up to which ellipsoids alone bound the likelihood well; networks take longer to train than they save."""


@samplers.register("nested")
def sample_nested(
    posterior: Posterior,
    rng: np.random.Generator,
    on_progress: Progress,
    *,
    n_live: int = 500,
    n_draws: int = 4000,
    max_evaluations: int = 200000,
) -> Chain:
    """Shrink from the prior to the posterior through shells of rising likelihood, and weight all draws.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator
        Source of the seed of nautilus.
    on_progress : callable
        Called with (fraction, line) after each round of evaluations.
    n_live : int
        Points that mark the likelihood reached; with more, narrow maxima are missed less easily.
    n_draws : int
        Effective sample size to reach: the error of the logarithm of the evidence is one over its root.
    max_evaluations : int
        Evaluations of the likelihood after which it is left as it is.

    Returns
    -------
    Chain
        With weights, and the evidence in its status.

    Raises
    ------
    MissingExtraError
        nautilus is not installed.
    ConfigError
        No draw from the prior has a finite posterior.

    Notes
    -----
    Lange 2023, MNRAS 525, 3181. The draws that explored, from which the shells were made, are left out of answer and
    evidence: what is left is free of bias. Where max_evaluations ends the exploration itself, the run is unusable.
    """
    if posterior.n_parameters == 0:
        return nothing_free(posterior)
    sampler_class = _nautilus()
    target = Standard(posterior)
    target.scan(rng, _SCAN)

    def log_likelihood(share: Floats) -> Floats:
        z = normal_points(share)
        return np.maximum(target.log_posterior(z) - log_unit_normal(z), _IMPOSSIBLE)

    networks = 0 if target.n <= _BY_ELLIPSOIDS else 4
    seed = int(rng.integers(2**31))
    sampler = sampler_class(
        _itself, log_likelihood, target.n, n_live=n_live, n_networks=networks, vectorized=True, seed=seed
    )
    finished = False
    while not finished and sampler.n_like < max_evaluations:
        limit = min(sampler.n_like + _ROUND, max_evaluations)
        finished = sampler.run(n_eff=n_draws, n_like_max=limit, discard_exploration=True)
        on_progress(min(sampler.n_like / max_evaluations, 1.0), _told(sampler))
    chain = _chain(target, sampler)
    on_progress(1.0, f"{_told(sampler)}, {chain.sampling.status}")
    return chain


def _itself(share: Floats) -> Floats:
    """The prior transform of points that stay in the unit cube, array (n, n_parameters), dimensionless."""
    return share


def _nautilus() -> Any:
    try:
        from nautilus import Sampler
    except ImportError as error:
        raise MissingExtraError(
            'sampler.name = "nested" needs nautilus, which is not installed',
            "the extra `nested`",
            'python3 -m pip install "haloscale[nested]"',
        ) from error
    return Sampler


def _knows(sampler: Any) -> bool:
    """Whether there are draws beside those that explored: between the two nautilus has neither evidence nor draws."""
    return bool(sampler.explored and sampler.log_z is not None and np.isfinite(sampler.log_z))


def _told(sampler: Any) -> str:
    stage = f"ESS {sampler.n_eff:.0f}, ln Z {sampler.log_z:.3f}" if _knows(sampler) else "exploring"
    return f"{sampler.n_like} evaluations: {stage}"


def _chain(target: Standard, sampler: Any) -> Chain:
    if sampler.explored and not _knows(sampler):  # ended between the two: what explored is all there is
        sampler.discard_exploration = False
    share, log_weight, log_likelihood = sampler.posterior()
    z, ess = normal_points(share), float(sampler.n_eff)
    evidence = (float(sampler.log_z), float(1.0 / np.sqrt(ess))) if _knows(sampler) else (None, None)
    status = SamplingStatus(
        judge_importance(ess) if _knows(sampler) else "unusable",
        None,
        ess,
        None,
        target.n_evaluations,
        0,
        min(ess / len(z), 1.0),
        *evidence,
    )
    return weighted(target, z, log_likelihood + log_unit_normal(z), np.exp(log_weight - log_weight.max()), status)
