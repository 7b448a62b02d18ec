"""A posterior by many walkers at once, for what is too wide for a grid."""

from typing import Final

import numpy as np

from haloscale.inference.bend import Bend, Bent
from haloscale.inference.diagnostics import bulk_and_tail_ess
from haloscale.inference.importance import Pool, StudentMixture, UnitNormal
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import weighted
from haloscale.inference.standard import Standard
from haloscale.inference.start import around, peaks
from haloscale.inference.walkers import resampled, walk
from haloscale.records import Chain, Floats, SamplingStatus

N_WALKERS: Final = 512
_FIRST_STEPS: Final = 48
_STEPS: Final = 88
"""Steps of the walk that finds the ridge, and of the one that counts."""
_N_DRAWN: Final = 2048
_N_FITTED: Final = 1024
_N_SPLITS, _N_FITS, _PLAIN = 2, 4, 0.2
_STEADY: Final = 0.12
"""Standard deviations by which a quantile may differ between the halves of the walk."""
_RELIABLE: Final = 300
"""Effective draws with which an interval is known to a tenth of its width."""


def walked(posterior: Posterior, rng: np.random.Generator) -> Chain:
    """Where an ensemble has been after it found its places; its status is "reliable" or "tentative".

    Raises
    ------
    ConfigError
        If no draw from the prior has a finite posterior.
    """
    from scipy.stats import qmc

    target = Standard(posterior, n_block=512)
    found, z, height = peaks(target, rng)
    proposal = around(found).guarded()
    first = proposal.draw(qmc.Sobol(target.n + 2, rng=rng).random(_N_DRAWN))
    pool = Pool(((UnitNormal(), len(z)),), z, height).joined(proposal, first, target.log_posterior(first))
    start = resampled(pool.z, pool.height, pool.weight, N_WALKERS)
    found_out = walk(target.log_posterior, start, proposal, rng, _FIRST_STEPS)
    along = _along(found_out.visited[:: len(found_out.visited) // _N_FITTED], proposal)
    gone = walk(target.log_posterior, found_out, along, rng, _STEPS)
    steps = gone.visited.reshape(-1, N_WALKERS, target.n)
    ess = float(np.min(bulk_and_tail_ess(steps)))
    word = "reliable" if ess >= _RELIABLE and _drift(steps) < _STEADY else "tentative"
    status = SamplingStatus(word, gone.rhat, ess, None, target.n_evaluations, _FIRST_STEPS + _STEPS // 2, 1.0)
    return weighted(target, gone.visited, gone.visited_height, np.ones(len(gone.visited)), status)


def _along(z: Floats, rough: StudentMixture) -> Bent:
    """The proposal that lies over points z, array (n, n_parameters) [widths of the prior], bent as their ridge is."""
    weight = np.ones(len(z))
    bend, plain = Bend.of(z, weight), rough.split(_N_SPLITS).refitted(z, weight, _N_FITS)
    straight = StudentMixture.unit(z.shape[1]).split(_N_SPLITS).refitted(bend.straight(z), weight, _N_FITS)
    return Bent(bend, straight.guarded(), plain.guarded(), _PLAIN)


def _drift(steps: Floats) -> float:
    """Largest change of a quantile from the first half of a walk to the second.

    Parameters
    ----------
    steps : array (n_steps, n_walkers, n_parameters) [widths of the prior]

    Returns
    -------
    float
        In standard deviations.
    """
    half, at = len(steps) // 2, (0.16, 0.5, 0.84)
    early, late = (np.quantile(part, at, axis=(0, 1)) for part in (steps[:half], steps[half:]))
    return float(np.max(np.abs(late - early) / (0.5 * (late[2] - late[0]))))
