"""A posterior by many walkers at once, for what is too wide for a grid."""

from typing import Final

import numpy as np

from haloscale.inference.bend import Bend, Bent
from haloscale.inference.importance import Pool, StudentMixture, UnitNormal
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import weighted
from haloscale.inference.standard import Standard
from haloscale.inference.start import around, peaks
from haloscale.inference.walkers import resampled, walk
from haloscale.records import Chain, Floats, SamplingStatus

N_WALKERS: Final = 512
_FIRST_STEPS: Final = 32
_STEPS: Final = 48
"""Steps of the walk that finds the ridge, and of the one that counts."""
_N_DRAWN: Final = 2048
_N_FITTED: Final = 1024
_N_SPLITS, _N_FITS, _PLAIN = 2, 4, 0.2


def walked(posterior: Posterior, rng: np.random.Generator) -> Chain:
    """Where an ensemble has been after it found its places: a picture, "tentative" however long it walked.

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
    status = SamplingStatus("tentative", gone.rhat, None, None, target.n_evaluations, _FIRST_STEPS + _STEPS // 2, 1.0)
    return weighted(target, gone.visited, gone.visited_height, np.ones(len(gone.visited)), status)


def _along(z: Floats, rough: StudentMixture) -> Bent:
    """The proposal that lies over points z, array (n, n_parameters) [widths of the prior], bent as their ridge is."""
    weight = np.ones(len(z))
    bend, plain = Bend.of(z, weight), rough.split(_N_SPLITS).refitted(z, weight, _N_FITS)
    straight = StudentMixture.unit(z.shape[1]).split(_N_SPLITS).refitted(bend.straight(z), weight, _N_FITS)
    return Bent(bend, straight.guarded(), plain.guarded(), _PLAIN)
