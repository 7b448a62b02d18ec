"""Convergence of a chain, told in three states, and what a posterior says of its prior."""

from collections.abc import Collection, Sequence

import numpy as np
from scipy import special

from haloscale.inference.priors import Prior
from haloscale.records import Chain, Floats

RELIABLE = {"taus": 50.0, "rhat": 1.01, "ess": 1000.0}
TENTATIVE = {"taus": 20.0, "rhat": 1.05, "ess": 200.0}

_EDGE = 0.02
_SAME_AS_PRIOR = 0.1
_TAIL = 0.5


def autocorrelation_time(walkers: Floats) -> Floats:
    """Integrated autocorrelation time of each parameter, averaged over the walkers as emcee does.

    Parameters
    ----------
    walkers : array (n_steps, n_walkers, n_parameters) [any one unit a parameter]

    Returns
    -------
    array (n_parameters,) [steps]
    """
    from emcee.autocorr import integrated_time

    return np.asarray(integrated_time(walkers, tol=0, quiet=True), dtype=float)


def split_rhat(walkers: Floats) -> Floats:
    """Rank-normalised split R-hat of each parameter (Vehtari et al. 2021, Bayesian Analysis 16, 667, Eqs. 1-4, 14).

    Parameters
    ----------
    walkers : array (n_steps, n_walkers, n_parameters) [any one unit a parameter]

    Returns
    -------
    array (n_parameters,)
        NaN for fewer than four steps.
    """
    half = walkers.shape[0] // 2
    if half < 2:
        return np.full(walkers.shape[2], np.nan)
    halves = np.concatenate([walkers[:half], walkers[-half:]], axis=1)
    n, z = len(halves), _rank_normalised(halves)
    within = z.var(axis=0, ddof=1).mean(axis=0)
    between = n * z.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((n - 1) / n + between / (n * within)))


def bulk_and_tail_ess(walkers: Floats) -> tuple[Floats, Floats]:
    """Effective sample size of each parameter in the bulk and in the tails (Vehtari et al. 2021, sections 3 and 4.3).

    Parameters
    ----------
    walkers : array (n_steps, n_walkers, n_parameters) [any one unit a parameter]

    Returns
    -------
    bulk, tail : array (n_parameters,)
        Of the rank-normalised draws; of the indicators of the 5 and 95 % quantiles, the smaller. NaN for fewer than
        eight steps.
    """
    half = walkers.shape[0] // 2
    if half < 4:
        nothing = np.full(walkers.shape[2], np.nan)
        return nothing, nothing
    halves = np.concatenate([walkers[:half], walkers[-half:]], axis=1)
    limits = np.quantile(walkers, [0.05, 0.95], axis=(0, 1))
    below = [_effective_draws((halves <= limit).astype(float)) for limit in limits]
    return _effective_draws(_rank_normalised(halves)), np.minimum(*below)


def _rank_normalised(draws: Floats) -> Floats:
    from scipy.stats import rankdata

    n, m, n_parameters = draws.shape
    ranks = rankdata(draws.reshape(n * m, n_parameters), axis=0)
    return np.asarray(special.ndtri((ranks - 0.375) / (n * m + 0.25)).reshape(draws.shape))


def _effective_draws(chains: Floats) -> Floats:
    """Draws over the autocorrelation time, array (n_parameters,): Geyer's initial monotone sequence over all chains."""
    n, m, _ = chains.shape
    away = chains - chains.mean(axis=0)
    transform = np.fft.rfft(away, n=2 * n, axis=0)
    covariance = np.fft.irfft(transform * transform.conj(), axis=0)[:n].mean(axis=1) / n
    within = covariance[0] * n / (n - 1.0)
    total = covariance[0] + (chains.mean(axis=0).var(axis=0, ddof=1) if m > 1 else 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = 1.0 - (within - covariance) / total
    rho[0] = 1.0
    pairs = rho[: n - n % 2].reshape(-1, 2, rho.shape[1]).sum(axis=1)
    positive = np.cumprod(pairs > 0, axis=0)
    time = -1.0 + 2.0 * (np.minimum.accumulate(pairs, axis=0) * positive).sum(axis=0)
    last = np.minimum(positive.sum(axis=0), len(pairs) - 1)  # the first pair left out: its even lag may still count
    time += np.maximum(rho[2 * last, np.arange(len(last))], 0.0) * (positive[-1] == 0)
    # an antithetic chain beats independent draws; the bound keeps the noise of a short one from claiming too much
    return np.asarray(n * m / np.maximum(time, 1.0 / np.log10(n * m)))


def judge(taus: float, rhat: float, ess: float) -> str:
    """The status of a chain.

    Parameters
    ----------
    taus : float
        Steps after burn-in over the autocorrelation time.
    rhat, ess : float
        Worst split R-hat, smallest effective sample size.

    Returns
    -------
    str
        "reliable", "tentative" or "unusable".
    """
    for status, limit in (("reliable", RELIABLE), ("tentative", TENTATIVE)):
        if taus >= limit["taus"] and rhat <= limit["rhat"] and ess >= limit["ess"]:
            return status
    return "unusable"


def judge_importance(ess: float) -> str:
    """The status of weighted draws, by their effective sample size alone: "reliable", "tentative" or "unusable"."""
    return judge(np.inf, 1.0, ess)


def quantiles(values: Floats, weight: Floats, at: Sequence[float] = (0.0, -1.0, 1.0)) -> Floats:
    """Quantiles of weighted draws, by default 50, 16 and 84 %.

    Parameters
    ----------
    values : array (n_draws, ...) [any unit]
    weight : array (n_draws,)
    at : sequence of float
        Standard deviations of a normal that has the probabilities wanted below them.

    Returns
    -------
    array (len(at), ...) [the same unit]
        By default median, lower, upper.
    """
    levels = special.ndtr(np.asarray(at))
    if np.all(weight == weight[0]):
        return np.asarray(np.quantile(values, levels, axis=0))
    shaped = np.broadcast_to(weight.reshape((-1,) + (1,) * (values.ndim - 1)), values.shape)
    return np.asarray(np.quantile(values, levels, axis=0, weights=shaped, method="inverted_cdf"))


def suspects(chain: Chain, priors: Sequence[Prior]) -> list[int]:
    """Positions of the parameters whose posterior equals their prior, or lies for the most part at an edge of it.

    Parameters
    ----------
    chain : Chain
    priors : sequence of Prior
        In the order of the chain's parameters.
    """
    found = []
    for i, (parameter, prior) in enumerate(zip(chain.parameters, priors, strict=True)):
        at, share_of = _shares(chain, parameter.name, prior)
        pressed = (share > _TAIL and _is_cut_off(prior, edge) for _, edge, share in _edges(prior, at, share_of))
        if _distance_from_uniform(at, share_of) < _SAME_AS_PRIOR or any(pressed):
            found.append(i)
    return found


def prior_remarks(
    chain: Chain, priors: Sequence[Prior], limits: Sequence[tuple[float, float]] = (), told: Collection[int] = ()
) -> tuple[str, ...]:
    """What a reader must know of posteriors that lean on a prior's edge or equal their prior, one sentence each.

    Parameters
    ----------
    chain : Chain
    priors : sequence of Prior
        In the order of the chain's parameters.
    limits : sequence of tuple of float, optional
        Least and greatest value that each parameter can have by its meaning.
    told : collection of int
        Positions of parameters of which enough is said elsewhere.
    """
    said: list[str] = []
    unconstrained = []
    for i, (parameter, prior) in enumerate(zip(chain.parameters, priors, strict=True)):
        at, share_of = _shares(chain, parameter.name, prior)
        if i in told:
            continue
        if _distance_from_uniform(at, share_of) < _SAME_AS_PRIOR:
            unconstrained.append(parameter.name)
            continue
        for side, edge, share in _edges(prior, at, share_of):
            if share > _EDGE and limits and edge in limits[i] and _is_cut_off(prior, edge):
                said.append(
                    f"the posterior of {parameter.name} reaches the {'least' if side == 'lower' else 'greatest'} value "
                    f"that there is ({edge:.4g}): read its interval as a limit"
                )
            elif share > _TAIL and not _is_cut_off(prior, edge):
                said.append(
                    f"the posterior of {parameter.name} lies in the {side} tail of its prior: the data contradict it, "
                    "and the two were averaged"
                )
            elif share > _EDGE and _is_cut_off(prior, edge):
                said.append(
                    f"the posterior of {parameter.name} does not fall off towards the {side} edge of its prior "
                    f"({edge:.4g}): that edge sets its interval"
                )
    return (*_equal_to_their_priors(unconstrained), *said)


def _shares(chain: Chain, name: str, prior: Prior) -> tuple[Floats, Floats]:
    """Share of the prior below each draw, and the weight of the draws, arrays (n_draws,), dimensionless."""
    return np.asarray(prior.cdf(chain[name])), np.asarray(chain.weight / chain.weight.sum())


def _edges(prior: Prior, at: Floats, share_of: Floats) -> list[tuple[str, float, float]]:
    """Name and value of each end of a prior, and the share of the posterior in its nearest fiftieth."""
    low, high = float(prior.quantile(0.0)), float(prior.quantile(1.0))
    return [
        ("lower", low, float(share_of[at < _EDGE].sum())),
        ("upper", high, float(share_of[at > 1.0 - _EDGE].sum())),
    ]


def _equal_to_their_priors(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) == 1:
        return (f"the posterior of {names[0]} equals its prior: the data do not constrain it",)
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
    return (f"the posteriors of {listed} equal their priors: the data do not constrain them",) if names else ()


def _is_cut_off(prior: Prior, edge: float) -> bool:
    """Whether the prior ends at an edge where it is still a tenth of its density in the middle, or more."""
    if not np.isfinite(edge):
        return False
    ends = (float(prior.log_density_free(prior.to_free(x))) for x in (edge, prior.quantile(0.5)))
    return bool(next(ends) > np.log(0.1) + next(ends))


def _distance_from_uniform(at: Floats, share_of: Floats) -> float:
    """Kolmogorov-Smirnov distance between prior quantiles of the draws, each with its share, and the uniform law."""
    order = np.argsort(at)
    ordered, steps = at[order], np.concatenate([[0.0], np.cumsum(share_of[order])])
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
