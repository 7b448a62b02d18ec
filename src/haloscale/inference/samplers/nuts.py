"""Hamiltonian sampling along gradients: the no-U-turn sampler of numpyro, on JAX."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from haloscale.errors import MissingExtraError, NumericalError
from haloscale.inference.diagnostics import bulk_and_tail_ess, judge, split_rhat
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import Progress, nothing_free, samplers
from haloscale.inference.standard import Standard
from haloscale.inference.start import starts
from haloscale.inference.unbounded import Unbounded
from haloscale.records import Chain, Floats, SamplingStatus

_BLOCK = 50
_N_SCALE = 400
_MOST_DIVERGENT = 0.01
"""Share of the draws above which divergences say that part of the posterior cannot be reached."""


@samplers.register("nuts")
def sample_nuts(
    posterior: Posterior,
    rng: np.random.Generator,
    on_progress: Progress,
    *,
    n_chains: int = 4,
    n_warmup: int = 300,
    n_draws: int = 500,
    max_draws: int = 8000,
) -> Chain:
    """Follow gradients through the posterior until the chains are reliable.

    Parameters
    ----------
    posterior : Posterior
    rng : numpy.random.Generator
        Source of the starting points and of JAX's key.
    on_progress : callable
        Called with (fraction, line) after each block of steps.
    n_chains : int
        Chains that run side by side.
    n_warmup : int
        Steps in which step length and mass matrix are tuned; they are left out.
    n_draws : int
        Draws of each chain; they are doubled until the chains are reliable.
    max_draws : int
        Draws of each chain after which they are left as they are.

    Returns
    -------
    Chain

    Raises
    ------
    MissingExtraError
        numpyro is not installed.
    ConfigError
        No draw from the prior has a finite posterior.
    NumericalError
        The gradient is not finite where the posterior is.

    Notes
    -----
    Hoffman & Gelman 2014, JMLR 15, 1593. Chains start from the normal approximation at the maximum, in coordinates
    without edges. Reliable: rank-normalised split R-hat, bulk and tail effective sample size (Vehtari et al. 2021), and
    at most 1 % of the draws divergent; with more the chains are tentative at best.
    """
    if posterior.n_parameters == 0:
        return nothing_free(posterior)
    with _jax() as jax:
        walk = _Walk(jax, posterior, rng, n_chains, n_warmup)
        wanted = min(n_draws, max_draws)
        while True:
            n = walk.go(min(_BLOCK, walk.n_warmup + wanted - walk.n_steps))
            if n < wanted:
                on_progress(0.0 if n < 0 else n / max_draws, f"{walk.n_steps} steps" + " of warm-up" * (n < 0))
                continue
            status = walk.status()
            on_progress(n / max_draws, _told(n, status))
            if status.status == "reliable" or n >= max_draws:
                return walk.chain(status)
            wanted = min(2 * wanted, max_draws)


def _told(n: int, status: SamplingStatus) -> str:
    quality = f"R-hat {status.rhat:.4f}, ESS {status.ess:.0f}, {status.n_divergent} divergent"
    return f"{n} draws a chain: {quality}, {status.status}"


@contextmanager
def _jax() -> Iterator[Any]:
    """JAX in double precision, for as long as the run takes."""
    try:
        import jax
        import numpyro  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            'sampler.name = "nuts" needs numpyro and JAX, which are not installed',
            "the extra `jax`",
            'python3 -m pip install "haloscale[jax]"',
        ) from error
    with jax.enable_x64(True):
        yield jax


class _Walk:
    """The chains, and what they left on their way."""

    def __init__(self, jax: Any, posterior: Posterior, rng: np.random.Generator, n_chains: int, n_warmup: int) -> None:
        from numpyro.infer import NUTS

        target, self._space = Standard(posterior), Unbounded(posterior)
        w = np.asarray(self._space.from_free(posterior.to_free(target.values(starts(target, rng, _N_SCALE)))))
        self.n_warmup, self.n_steps, self._posterior = n_warmup, 0, posterior
        _check_gradient(jax, self._space, w[:n_chains])
        kernel = NUTS(
            potential_fn=lambda at: -self._space.log_density(at),
            dense_mass=True,
            inverse_mass_matrix=jax.numpy.asarray(_spread(w)),
        )
        keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), n_chains)
        begin = jax.jit(lambda k, at: kernel.init(k, n_warmup, at, model_args=(), model_kwargs={}))
        self._state = begin(keys, jax.numpy.asarray(w[:n_chains]))
        self._go = jax.jit(_block(jax, kernel), static_argnums=1)
        self._seen: list[tuple[Floats, ...]] = []

    def go(self, n: int) -> int:
        """Take n steps; the draws of each chain so far, negative during warm-up."""
        n = min(n, self.n_warmup - self.n_steps) if self.n_steps < self.n_warmup else n
        self._state, seen = self._go(self._state, n)
        seen = tuple(np.asarray(column) for column in seen)
        if not seen[3].all():
            raise _no_gradient(self._space, seen[0][~seen[3]][0])
        if self.n_steps >= self.n_warmup:
            self._seen.append(seen)
        self.n_steps += n
        return self.n_steps - self.n_warmup if self._seen else -1

    @property
    def _draws(self) -> Floats:
        return np.concatenate([seen[0] for seen in self._seen])

    def status(self) -> SamplingStatus:
        """How far the draws can be trusted."""
        walkers = np.asarray(self._space.to_free(self._draws))
        rhat, ess = float(split_rhat(walkers).max()), float(np.min(bulk_and_tail_ess(walkers)))
        divergent = np.concatenate([seen[1] for seen in self._seen])
        word = judge(np.inf, rhat, ess)
        if word == "reliable" and divergent.mean() > _MOST_DIVERGENT:
            word = "tentative"
        acceptance = float(np.mean([seen[2].mean() for seen in self._seen]))
        return SamplingStatus(
            word, rhat, ess, None, self.n_steps, self.n_warmup, acceptance, n_divergent=int(divergent.sum())
        )

    def chain(self, status: SamplingStatus) -> Chain:
        """All draws after the warm-up."""
        n, n_chains, n_parameters = self._draws.shape
        values = self._posterior.to_values(self._space.to_free(self._draws.reshape(-1, n_parameters)))
        steps, chains = np.meshgrid(np.arange(n), np.arange(n_chains), indexing="ij")
        return Chain(
            self._posterior.model.parameters,
            values,
            _in_blocks(self._posterior.log_posterior, values),
            np.ones(len(values)),
            chains.ravel().astype(np.int64),
            steps.ravel().astype(np.int64) + self.n_warmup,
            status,
        )


def _block(jax: Any, kernel: Any) -> Callable[[Any, int], Any]:
    """Some steps of all chains at once: the last state; place, divergence, acceptance and finiteness of each step."""

    def one(state: Any, _: None) -> Any:
        state = kernel.sample(state, (), {})
        usable = jax.numpy.isfinite(state.z_grad).all(axis=-1)
        return state, (state.z, state.diverging, state.accept_prob, usable)

    return lambda state, n: jax.lax.scan(one, state, length=n)


def _spread(w: Floats) -> Floats:
    """Covariance of points, array (n, n_parameters), shrunk a little towards its diagonal."""
    covariance = np.atleast_2d(np.cov(w, rowvar=False))
    return np.asarray(0.95 * covariance + 0.05 * np.diag(np.diag(covariance)))


def _in_blocks(density: Callable[[Floats], Any], values: Floats, size: int = 256) -> Floats:
    return np.concatenate([np.asarray(density(values[k : k + size])) for k in range(0, len(values), size)])


def _check_gradient(jax: Any, space: Unbounded, w: Floats) -> None:
    slope = np.asarray(jax.jit(jax.vmap(jax.grad(space.log_density)))(jax.numpy.asarray(w)))
    bad = ~np.isfinite(slope).all(axis=1)
    if bad.any():
        raise _no_gradient(space, w[bad][0])


def _no_gradient(space: Unbounded, w: Floats) -> NumericalError:
    values = np.ravel(space.posterior.to_values(space.to_free(w)))
    where = ", ".join(f"{p.name} = {v:.6g}" for p, v in zip(space.posterior.model.parameters, values, strict=True))
    return NumericalError(
        f"the gradient of the posterior is not finite at {where}, though the posterior is; "
        "take sampler.name = emcee, laplace or nested, which need none"
    )
