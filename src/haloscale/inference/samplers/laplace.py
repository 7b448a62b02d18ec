"""The fast way: maximum of the posterior, its curvature, and importance sampling around it."""

import numpy as np

from haloscale.inference.bend import Bend, Bent
from haloscale.inference.diagnostics import RELIABLE, judge_importance
from haloscale.inference.importance import MadeOfUniform, Pool, StudentMixture, UnitNormal, effective_size
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import Progress, nothing_free, samplers, weighted
from haloscale.inference.standard import Standard
from haloscale.inference.start import around, peaks
from haloscale.inference.walkers import Walkers, resampled, walk
from haloscale.records import Chain, Floats, SamplingStatus

_BLOCK = 128
_FIRST_REFIT = 256
_EFFICIENT = 0.8
_BEARABLE = 0.44
"""Share of draws that count, of those of a normal posterior, below which this one is curved and weighted draws may miss
a part of it unseen."""
_OFTEN = 3
"""How often in a row that must be so: one draw of a far tail spoils a share, and the next fit mends it."""
_N_WALKERS, _FIRST_STEPS, _MIXED = 64, 32, 1.25
_PLAIN, _PLAIN_OF_SEVERAL = 0.2, 0.6
_MOST_SPLITS, _N_FITS, _MOST_FITTED = 4, 10, 2048


@samplers.register("laplace")
def sample_laplace(
    posterior: Posterior,
    rng: np.random.Generator,
    on_progress: Progress,
    *,
    n_draws: int = 1024,
    max_draws: int = 16384,
) -> Chain:
    """Draw around the maximum of the posterior and weight the draws, until enough of them count.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator
        Scrambles the Sobol points that the draws are made of.
    on_progress : callable
        Called with (fraction, line) after each block.
    n_draws : int
        Draws to make at least; more follow until the effective sample size is that of a reliable chain.
    max_draws : int
        Draws after which it is left as it is; a curved posterior takes up to four times as many evaluations besides.

    Returns
    -------
    Chain
        With weights.

    Raises
    ------
    ConfigError
        If no draw from the prior has a finite posterior.

    Notes
    -----
    1. Sobol draws of the prior; the best is where the climb to the maximum starts. Points that a valley parts from it
       start climbs of their own.
    2. A t distribution with eight degrees of freedom around each maximum, its scale from the second derivatives.
    3. Draws from it by Sobol points, a tenth of them twice as wide, weighted by posterior over proposal. Where fewer
       than eight in ten of them count that would were the posterior a normal, it is fitted to the weighted draws, bent
       along the parabolas that they lie on (`Bend`). Where three times in a row fewer than 0.44 do, an ensemble walks
       through the posterior, and a mixture of t distributions is fitted to where it has been. The draws of all
       proposals and of the prior are pooled with the weights of the mixture they come from.

    The effective sample size is (sum w)^2 / sum w^2 or, where there are walkers, what they say it is if that is less.
    If they have not mixed after some four times max_draws evaluations, it is at most their number: "unusable".

    The mean of the weights before they are normalised is the evidence, with the error that this size gives it.
    """
    if posterior.n_parameters == 0:
        return nothing_free(posterior)
    target = Standard(posterior)
    search = _Search(target, rng, 2 * max_draws)
    n, next_refit, stop = 0, _FIRST_REFIT, n_draws
    while True:
        n_new = min(stop, next_refit, max_draws) - n
        ess, n = search.draw(n_new), n + n_new
        if n >= max_draws or (n >= stop and (ess >= RELIABLE["ess"] or search.is_lost)):
            status = _status(search.pool, ess, n, target.n_evaluations)
            on_progress(1.0, f"{search.told}; {n} draws, ESS {ess:.0f}, {status.status}")
            return weighted(target, search.pool.z, search.pool.height, search.pool.weight, status)
        on_progress(n / max_draws, f"{search.told}; {n} draws, ESS {ess:.0f}")
        if n >= next_refit:
            next_refit *= 2
            search.improve(n // 2)
        if n >= stop:
            stop = n + max(_BLOCK, int(n * min(RELIABLE["ess"] / max(ess, 1.0) - 1.0, 0.5)))


def _status(pool: Pool, ess: float, n: int, n_evaluations: int) -> SamplingStatus:
    word, share = judge_importance(ess), min(ess / n, 1.0)
    evidence = (pool.log_integral, pool.log_integral_error(ess)) if ess > 0 else (None, None)
    return SamplingStatus(word, None, ess, None, n_evaluations, 0, share, *evidence)


class _Search:
    """The proposal, the draws made so far, and the walkers where the posterior needed some."""

    def __init__(self, target: Standard, rng: np.random.Generator, longest_walk: int) -> None:
        from scipy.stats import qmc

        self._peaks, z, height = peaks(target, rng)
        self.pool = Pool(((UnitNormal(), len(z)),), z, height)
        self._target, self._rng = target, rng
        self._walkers: Walkers | None = None
        self._n_poor, self._n_splits, self._n_steps, self._longest_walk = 0, 0, _FIRST_STEPS, longest_walk
        self._engine = qmc.Sobol(target.n + 2, rng=rng)
        self._proposal: MadeOfUniform = around(self._peaks).guarded()

    def draw(self, n: int) -> float:
        """Add n draws to the pool; its effective sample size, as its draws and as the walkers see it."""
        z = self._proposal.draw(self._engine.random(_BLOCK * -(-n // _BLOCK))[:n])
        self.pool = self.pool.joined(self._proposal, z, self._target.log_posterior(z))
        self._ess = self.pool.ess
        if self._walkers is not None:
            self._ess = min(self._ess, self.pool.ess_seen_from(self._walkers.visited, self._walkers.visited_height))
        if self.is_lost and self._walkers is not None:
            # walkers that did not mix know of no more independent places than there are walkers
            self._ess = min(self._ess, len(self._walkers.z))
        return self._ess

    @property
    def is_lost(self) -> bool:
        """Whether walkers were sent and did not mix: what they fit is not to be trusted."""
        return self._walkers is not None and self._walkers.rhat > _MIXED

    def improve(self, n_recent: int) -> None:
        """Fit the proposal anew where few of the recent draws count, or fewer than the walkers say."""
        recent = self.pool.weight[-n_recent:]
        best = StudentMixture.efficiency(self._target.n)
        share = min(effective_size(recent) / n_recent / best, self._ess / self.pool.ess)
        if share >= _EFFICIENT or self.is_lost:
            return
        z, weight = self.pool.z, self.pool.weight
        self._n_poor = self._n_poor + 1 if share < _BEARABLE else 0
        if self._walkers is not None or self._n_poor >= _OFTEN:
            walkers = self._walk()
            z = walkers.visited[:: max(1, len(walkers.visited) // _MOST_FITTED)]
            weight = np.ones(len(z))
            self._n_splits = min(self._n_splits + 1, _MOST_SPLITS)
        self._proposal = self._fitted_to(z, weight)

    def _fitted_to(self, z: Floats, weight: Floats) -> MadeOfUniform:
        """The proposal that lies over weighted points, most of it bent as they are."""
        bend = Bend.of(z, weight)
        rough = around(self._peaks).refitted(z, weight, _N_FITS)
        plain = rough.split(self._n_splits).refitted(z, weight, _N_FITS)
        straight = StudentMixture.unit(self._target.n).split(self._n_splits)
        straight = straight.refitted(bend.straight(z), weight, _N_FITS)
        share = _PLAIN if len(self._peaks) == 1 else _PLAIN_OF_SEVERAL
        return Bent(bend, straight.guarded(), plain.guarded(), share)

    def _walk(self) -> Walkers:
        """Walkers from the weighted draws, sent on until they mix."""
        if self._walkers is not None:
            return self._walkers
        walkers = resampled(self.pool.z, self.pool.height, self.pool.weight, max(_N_WALKERS, 8 * self._target.n))
        while walkers.rhat > _MIXED and self._n_steps * len(walkers.z) <= self._longest_walk:
            walkers = walk(self._target.log_posterior, walkers, self._proposal, self._rng, self._n_steps)
            self._n_steps *= 2
        self._walkers = walkers
        return walkers

    @property
    def told(self) -> str:
        """What was found, in words."""
        said = "maximum found" if len(self._peaks) == 1 else f"{len(self._peaks)} maxima found"
        regular = all(peak.regular for peak in self._peaks)
        return said if regular else f"{said}, second derivatives not positive definite and mended"
