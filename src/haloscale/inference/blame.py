"""Which parameter is to blame where a posterior is zero: each is tried by itself beyond its prior."""

import numpy as np

from haloscale.errors import ConfigError
from haloscale.inference.diagnostics import suspects
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import Prior
from haloscale.records import Bools, Chain, Floats
from haloscale.registry import ParamInfo, params

_N_BASES, _N_STEPS = 8, 24
_BEYOND = 1e4
_NEAR = 1e-4
_GAIN = 12.5


def impossible(posterior: Posterior, n_trials: int) -> ConfigError:
    """What to say when none of the draws of the prior gives the data a finite probability.

    Parameters
    ----------
    posterior : Posterior
    n_trials : int
        Draws that were made.

    Notes
    -----
    Named are the parameters that make the data possible by themselves, the one that needs the smallest step first.
    """
    names = [parameter.name for parameter in posterior.model.parameters]
    found = [(name, posterior.model.priors[i], _value_that_helps(posterior, i)) for i, name in enumerate(names)]
    known = [(_how_far(prior, value), name, value) for name, prior, value in found if value is not None]
    helped = {name: value for _, name, value in sorted(known)}
    told = f"none of {n_trials} draws from the priors of {', '.join(names)} gives the data a finite probability"
    if veto := getattr(posterior.likelihood, "veto", ""):
        return ConfigError(
            f"{told}: {veto}",
            "stars that the models bind, or room for those that do not belong",
            "give likelihood.outlier_fraction a small number such as 0.001, or leave these rows out",
        )
    if not helped:
        advice = "widen the priors, or fix the parameters that make the model impossible"
        return ConfigError(told, "priors that allow the data", f"{advice}; no parameter alone is to blame")
    examples = ", or ".join(f"the prior of {name} so that it holds values like {v:.4g}" for name, v in helped.items())
    blamed = " or ".join(helped)
    return ConfigError(
        f"{told}; other values of {blamed} would", f"a prior of {blamed} that allows the data", f"move {examples}"
    )


def excluded(posterior: Posterior, chain: Chain) -> dict[int, str]:
    """The parameters whose priors keep the answer away from the data, by position, with what to say of each.

    Parameters
    ----------
    posterior : Posterior
    chain : Chain

    Notes
    -----
    Asked are those whose posterior equals its prior or is pressed against an edge: there the likelihood must be higher
    beyond the prior than at its best draw by `_GAIN`, what a normal has at five standard deviations, and by half of
    what any of them gains: beside a mass that is far too small the rest hardly matters.
    """
    best = chain.values[int(np.argmax(chain.log_posterior))]
    found = {i: _better_beyond(posterior, best, i) for i in suspects(chain, posterior.model.priors)}
    least = max(_GAIN, 0.5 * max((gain for _, gain in found.values()), default=0.0))
    return {
        i: f"the prior of {chain.names[i]} excludes the data: ln L is higher by {gain:.0f} at {value:.3g}, outside it, "
        "and no error bar of this run holds; widen that prior"
        for i, (value, gain) in found.items()
        if gain >= least
    }


def _better_beyond(posterior: Posterior, theta: Floats, i: int) -> tuple[float, float]:
    """The value of one parameter outside its prior that the data like best, others as in theta, and by how much."""
    tried = np.array([value for value in _beyond(posterior.model.priors[i]) if _allowed(posterior, i, value)])
    if not len(tried):
        return np.nan, 0.0
    points = np.repeat(theta[None], 1 + len(tried), axis=0)
    points[1:, i] = tried
    with np.errstate(all="ignore"):
        height = np.asarray(posterior.likelihood.log_likelihood(posterior.model.build(points)))
    gain = np.where(np.isfinite(height[1:]), height[1:] - height[0], -np.inf)
    return float(tried[np.argmax(gain)]), float(gain.max())


def no_room(posterior: Posterior, centre: Floats) -> ConfigError:
    """What to say when walkers cannot be placed around the maximum, array (n_parameters,) [free units]."""
    names = [parameter.name for parameter in posterior.model.parameters]
    blamed = [name for i, name in enumerate(names) if not _has_room(posterior, centre, i)]
    whose = f" along {' and '.join(blamed)}" if blamed else ""
    return ConfigError(
        f"the sampler finds no room around the maximum of the posterior{whose}",
        "a posterior that is finite in a neighbourhood of its maximum",
        f"widen the prior{'s' * (len(blamed) != 1)}{' of ' + ' and '.join(blamed) if blamed else ''}, "
        "or move away from where the model becomes impossible",
    )


def _value_that_helps(posterior: Posterior, i: int) -> float | None:
    """A value of one parameter outside its prior with which the data are possible, the nearest; None if none is."""
    quantiles = np.linspace(0.05, 0.95, _N_BASES)
    bases = np.stack([p.quantile(quantiles) for p in posterior.model.priors], axis=-1)
    tried = np.array([value for value in _beyond(posterior.model.priors[i]) if _allowed(posterior, i, value)])
    if not len(tried):
        return None
    theta = np.repeat(bases[None], len(tried), axis=0)
    theta[..., i] = tried[:, None]
    good = _finite(posterior, theta.reshape(-1, theta.shape[-1])).reshape(len(tried), _N_BASES).any(axis=1)
    return float(tried[np.argmax(good)]) if good.any() else None


def _how_far(prior: Prior, value: float) -> float:
    """Distance of a value from the nearer end of a prior, in widths of the prior."""
    low, high = (float(prior.to_free(prior.quantile(q))) for q in (1e-6, 1.0 - 1e-6))
    u = float(prior.to_free(value))
    return min(abs(u - low), abs(u - high)) / (high - low)


def _beyond(prior: Prior) -> Floats:
    """Values outside a prior, the nearest first: up to its width times ten thousand, on both sides, array (2 n,)."""
    low, high = (float(prior.to_free(prior.quantile(q))) for q in (1e-6, 1.0 - 1e-6))
    steps = (high - low) * np.geomspace(0.1, _BEYOND, _N_STEPS)
    with np.errstate(over="ignore"):
        values = np.asarray(prior.from_free(np.ravel(np.stack([low - steps, high + steps], axis=-1))))
    return np.asarray(values[np.isfinite(values) & ((values > 0) | (not prior.logarithmic))])


def _allowed(posterior: Posterior, i: int, value: float) -> bool:
    infos: list[ParamInfo] = [params(c.cls)[key] for c in getattr(posterior.model, "components", ()) for key in c.free]
    return infos[i].allows(value) if infos else True


def _finite(posterior: Posterior, theta: Floats) -> Bools:
    """Whether the data are possible at theta, array (n, n_parameters) [own units], whatever the priors say."""
    with np.errstate(all="ignore"):
        return np.asarray(np.isfinite(np.asarray(posterior.likelihood.log_likelihood(posterior.model.build(theta)))))


def _has_room(posterior: Posterior, centre: Floats, i: int) -> bool:
    """Whether the posterior is finite a little to one side of the centre, array (n_parameters,) [free units]."""
    prior = posterior.model.priors[i]
    width = np.ptp(np.asarray(prior.to_free(prior.quantile(np.array([0.05, 0.95])))))
    points = np.repeat(centre[None], 2, axis=0)
    points[:, i] += np.array([-_NEAR, _NEAR]) * width
    with np.errstate(all="ignore"):
        return bool(np.isfinite(posterior.log_posterior_free(points)).any())
