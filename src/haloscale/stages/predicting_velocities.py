"""From posterior draws to replicated velocities in space, compared component by component with those measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale.config import RunConfig, members
from haloscale.inference.likelihood.base import offers
from haloscale.inference.likelihood.seen import proper_motions
from haloscale.inference.likelihood.spherical import SPHERICAL, to_spherical
from haloscale.inference.posterior import Posterior
from haloscale.records import (
    COMPARED,
    COMPONENTS,
    Chain,
    ComponentCheck,
    Counts,
    DispersionProfile,
    Floats,
    Ints,
    Predicted,
    Sample,
    VelocityCheck,
)
from haloscale.stages.fitting import posterior
from haloscale.stages.model import frame
from haloscale.stages.notes import Notes
from haloscale.stages.predicting import in_proportion, own_part, predicted
from haloscale.stages.verdict_on_velocities import verdict_on_velocities

_N_DRAWS: Final = 20
"""Parameter sets: most of the time goes into one distribution function each."""
_N_EACH: Final = 10
"""Replicas of each set. In all 200, so that one in a hundred can be told from two."""
_FEWEST: Final = 30
"""Stars with a velocity in space below which nothing is compared."""
ENOUGH: Final = 100
"""Stars in a bin: their dispersion is known to 7 %."""
_NORMAL, _WIDTHS = 1.4826, 5.0
"""Standard deviation of a normal over its median deviation, and how many of them hold what is not wild."""
_N_BINS: Final = 5
_STEPS: Final = np.linspace(-500.0, 500.0, 21)
"""Steps of the histograms [km/s], half as wide as the dispersion of an outer bin and less."""


def has_velocities_in_space(config: RunConfig, sample: Sample) -> bool:
    """Whether a likelihood predicts velocities in space, and its stars have proper motions."""
    return any(
        offers(one.likelihood.kind, "in_space")
        and one.likelihood.options().get("proper_motions") != "never"
        and proper_motions(sample.of(name) if name else sample, frame(one))[0].any()
        for name, one in members(config).items()
    )


def velocity_check(
    config: RunConfig, sample: Sample, profile: DispersionProfile, chain: Chain, rng: np.random.Generator
) -> tuple[Mapping[str, VelocityCheck], Notes]:
    """Whether velocities in space that the fitted model makes look like the measured ones, and what to say if not.

    Parameters
    ----------
    config : RunConfig
    sample : Sample
    profile : DispersionProfile
    chain : Chain
    rng : numpy.random.Generator

    Returns
    -------
    mapping of str to VelocityCheck, tuple of str
        By the name of the catalogue; a single one has none: "". Only those whose likelihood predicts velocities in
        space and that have thirty stars with proper motions.

    Notes
    -----
    Data and replicas are taken to the Galactocentric axes at the measured distances, so that the errors enter both
    alike. The replicas themselves tell how far off the worst of all comparisons is by chance.
    """
    joined, made, notes = posterior(config, sample, profile), dict[str, VelocityCheck](), list[str]()
    for name, member in members(config).items():
        own = (sample.of(name), profile.catalogues[name]) if name else (sample, profile)
        check = _checked(member, *own, *own_part(joined, chain, name), rng)
        if check is not None:
            made[name] = check
            notes += [] if check.fits else [f"{name}: {check.verdict}" if name else check.verdict]
    return made, tuple(notes)


def _checked(
    config: RunConfig,
    sample: Sample,
    profile: DispersionProfile,
    joined: Posterior,
    chain: Chain,
    rng: np.random.Generator,
) -> VelocityCheck | None:
    if not hasattr(joined.likelihood, "in_space"):
        return None
    star = joined.likelihood.star  # type: ignore[attr-defined]
    observed, replicas = _replicated(config, sample, joined, chain, rng)
    n = np.bincount(sample.bin[star][np.isfinite(observed[1])], minlength=len(profile))
    if n.sum() < _FEWEST:
        return None
    first, last = coarse_bins(profile, n), int(np.flatnonzero(n)[-1])
    of_bin = np.searchsorted(first, sample.bin[star], side="right") - 1
    of_bin[(sample.bin[star] > last) | (of_bin < 0)] = -1
    where = [np.flatnonzero(of_bin == k) for k in range(len(first))]
    ends = profile.r_low[first], np.append(profile.r_low[first[1:]], profile.r_high[last])
    r = np.array([np.median(sample.r[star[stars]]) for stars in where])
    return _check((*ends, r), where, observed, replicas)


def _replicated(
    config: RunConfig, sample: Sample, joined: Posterior, chain: Chain, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Components of the measured and of the replicated velocities, arrays (4, n_stars), (4, n_replicas, n_stars)."""
    likelihood: Any = joined.likelihood
    theta = in_proportion(chain, rng, _N_DRAWS)
    galaxy, n_each = joined.model.build(theta), _N_DRAWS * _N_EACH // len(theta)
    drawn = [likelihood.in_space(galaxy, rng, k, n_each) for k in range(len(theta))]
    seen, replicas = drawn[0][0], np.concatenate([made for _, made in drawn], axis=1)
    turned = (to_spherical(sample, frame(config), likelihood.star, v) for v in (seen, replicas))
    observed, made = (np.concatenate([v[:1], t]) for v, t in zip((seen, replicas), turned, strict=True))
    return observed, made


def coarse_bins(profile: DispersionProfile, n: Ints) -> Ints:
    """Bins of a run that begin a coarse one: the edges nearest to five equal steps in ln r that leave enough stars.

    Parameters
    ----------
    profile : DispersionProfile
    n : int array (n_bins,)
        Stars in its bins.
    """
    filled = np.flatnonzero(n)
    starts, count = [int(filled[0])], 0
    for k in range(filled[0], filled[-1] + 1):
        if count >= ENOUGH:
            starts.append(k)
            count = 0
        count += n[k]
    if count < ENOUGH and len(starts) > 1:
        starts.pop()
    first, *inner = starts
    if not inner:
        return np.array([first])
    low, high = max(profile.r_low[first], 0.2 * profile.r_high[first]), profile.r_high[filled[-1]]
    wanted = np.log(np.geomspace(low, high, _N_BINS + 1)[1:-1])
    off = np.abs(np.log(profile.r_low[inner]) - wanted[:, None])
    return np.unique([first, *np.array(inner)[off.argmin(axis=1)]])


def _check(
    bounds: tuple[Floats, Floats, Floats], where: list[Ints], observed: Floats, replicas: Floats
) -> VelocityCheck:
    parts = {name: _compared(where, v, made) for name, v, made in zip(COMPONENTS, observed, replicas, strict=True)}
    worst = np.max([part.worst for part in parts.values()], axis=0)
    # a distance has a longer tail than a mean: each of the four in units of what one replica in twenty reaches
    often = np.quantile(worst[:, 1:], 0.95, axis=1)
    any_of = (worst / often[:, None]).max(axis=0)
    limits = often * np.quantile(any_of[1:], 0.95)
    betas = (_beta([parts[name].sigma[k] for name in SPHERICAL]) for k in (0, 1))
    check = VelocityCheck(
        *bounds,
        components={name: part.check for name, part in parts.items()},
        beta=predicted(*betas),
        steps=_STEPS,
        n_replicas=replicas.shape[1],
        limits=dict(zip(COMPARED, limits.tolist(), strict=True)),
        p=float((1 + (any_of[1:] >= any_of[0]).sum()) / len(any_of)),
        fits=True,
        verdict="",
    )
    return replace(check, **verdict_on_velocities(check))


def _beta(sigma: list[Floats]) -> Floats:
    return np.asarray(1.0 - (sigma[1] ** 2 + sigma[2] ** 2) / (2.0 * sigma[0] ** 2))


@dataclass(frozen=True)
class _Compared:
    """The record of a component; its dispersions in data (n_bins,) and replicas (n_replicas, n_bins); and by how many
    half-widths each of `COMPARED` is off at worst in data (first) and replicas, array (4, 1 + n_replicas)."""

    check: ComponentCheck
    sigma: tuple[Floats, Floats]
    worst: Floats


def _compared(where: list[Ints], observed: Floats, replicas: Floats) -> _Compared:
    """One component in the bins: `observed` : array (n_stars,), `replicas` : array (n_replicas, n_stars) [km/s]."""
    known = [stars[np.isfinite(observed[stars])] for stars in where]
    sets = [(observed[stars], replicas[:, stars]) for stars in known]
    data, made = (_stacked([_moments(pair[k]) for pair in sets]) for k in (0, 1))
    away = [_distances(*pair) for pair in sets]
    data["distance"], made["distance"] = np.array([d for d, _ in away]), np.array([d for _, d in away]).T
    found = {name: predicted(data[name], made[name]) for name in data}
    farther = (1 + (made["distance"] >= data["distance"]).sum(axis=0)) / (1 + len(replicas))
    found["distance"] = replace(found["distance"], tail=farther)
    worst = np.stack([_worst(found[name], made[name], name) for name in COMPARED])
    n = np.array([len(stars) for stars in known])
    return _Compared(ComponentCheck(n=n, **found, counts=_counts(sets)), (data["sigma"], made["sigma"]), worst)


def _stacked(bins: list[dict[str, Floats]]) -> dict[str, Floats]:
    return {name: np.stack([one[name] for one in bins], axis=-1) for name in bins[0]}


def _moments(v: Floats) -> dict[str, Floats]:
    """Mean, standard deviation, that of most, and excess kurtosis of sets of velocities, array (..., n_stars)."""
    mean = v.mean(axis=-1)
    from_mean = v - mean[..., None]
    variance = (from_mean**2).mean(axis=-1)
    kurtosis = (from_mean**4).mean(axis=-1) / variance**2 - 3.0
    return {"mean": mean, "sigma": np.sqrt(variance), "core": _core(v), "kurtosis": kurtosis}


def _core(v: Floats) -> Floats:
    """Standard deviation without the wild ones of sets of velocities, array (..., n_stars): one outlier of 500 km/s
    doubles the dispersion of a bin, in a replica as in the data, and hides what all other stars say."""
    from_middle = v - np.median(v, axis=-1, keepdims=True)
    width = _NORMAL * np.median(np.abs(from_middle), axis=-1, keepdims=True)
    inside = np.abs(from_middle) <= _WIDTHS * width
    n = inside.sum(axis=-1)
    mean = np.where(inside, from_middle, 0.0).sum(axis=-1) / n
    return np.asarray(np.sqrt(np.where(inside, (from_middle - mean[..., None]) ** 2, 0.0).sum(axis=-1) / n))


def _distances(observed: Floats, replicas: Floats) -> tuple[float, Floats]:
    """Kolmogorov-Smirnov distance of the data from all replicas, and of each of these, array (n_replicas,), from the
    others."""
    pool, n = np.sort(replicas, axis=None), len(replicas)
    away = np.array([_distance(np.sort(v), pool) for v in (observed, *replicas)])
    # F_own - F_others = (F_own - F_all) n / (n - 1)
    return float(away[0]), away[1:] * n / (n - 1)


def _distance(v: Floats, pool: Floats) -> float:
    """Largest difference of two cumulative distributions, both sorted."""
    steps = np.arange(len(v) + 1) / len(v)
    below, upto = (np.searchsorted(pool, v, side=side) / len(pool) for side in ("left", "right"))
    return float(max((steps[1:] - upto).max(), (below - steps[:-1]).max()))


def _worst(quantity: Predicted, replicas: Floats, name: str) -> Floats:
    """Half-widths by which data (first) and replicas are off in the bin where they are off most."""
    off = replace(quantity, observed=np.concatenate([quantity.observed[None], replicas])).deviation
    return np.asarray((off if name == "distance" else np.abs(off)).max(axis=1))


def _counts(sets: list[tuple[Floats, Floats]]) -> Counts:
    observed, parts = [], []
    for v, made in sets:
        observed.append(np.histogram(v, _STEPS)[0])
        counts = np.array([np.histogram(one, _STEPS)[0] for one in made])
        parts.append(np.percentile(counts, (50.0, 15.865525, 84.134475), axis=0))
    return Counts(np.array(observed), *np.array(parts).transpose(1, 0, 2))
