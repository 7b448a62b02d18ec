"""From posterior draws to replicated data, measured as the real ones were."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from haloscale.config import RunConfig, members
from haloscale.dispersion.moments import BinMoments, Binning
from haloscale.inference.joint import JointLikelihood, JointModel
from haloscale.inference.likelihood.bins import DispersionBins
from haloscale.inference.posterior import Posterior
from haloscale.records import Chain, DispersionProfile, Floats, Ints, Predicted, PredictiveCheck, Sample
from haloscale.stages.fitting import posterior
from haloscale.stages.notes import Notes
from haloscale.stages.verdict import verdict

_N_DRAWS: Final = 100
"""Parameter sets: what their scatter adds to that of a few hundred stars a bin is known to 10 % of itself."""
_N_EACH: Final = 5
"""Replicas of each set. In all 500, so that 2.5 % are a dozen of them, and one in a hundred is told from one in ten."""
_LEVELS: Final = (50.0, 15.865525, 84.134475, 2.5, 97.5)


def predictive_check(
    config: RunConfig, sample: Sample, profile: DispersionProfile, chain: Chain, rng: np.random.Generator
) -> tuple[Mapping[str, PredictiveCheck], Notes]:
    """Whether data that the fitted model makes look like the real ones, and what to tell the user if they do not.

    Parameters
    ----------
    config : RunConfig
    sample : Sample
    profile : DispersionProfile
    chain : Chain
    rng : numpy.random.Generator

    Returns
    -------
    mapping of str to PredictiveCheck, tuple of str
        By the name of the catalogue; a single one has none: "". Nothing for the route "v_circ", whose points have no
        stars of their own.

    Notes
    -----
    Gelman, Meng & Stern (1996), Statistica Sinica 6, 733. The discrepancies compare the bins with what the same
    parameters predict: T = sum 2 n ln(s / s_model)^2 for the spread s of the velocities, which is chi^2 for many stars
    and keeps its meaning for ten, and T = sum n (mean - mean_model)^2 / s_model^2.
    """
    if config.jeans.route == "v_circ":
        return {}, ()
    joined, made, notes = posterior(config, sample, profile), dict[str, PredictiveCheck](), list[str]()
    for name, member in members(config).items():
        own = (sample.of(name), profile.catalogues[name]) if name else (sample, profile)
        made[name] = _checked(member, *own, *own_part(joined, chain, name), rng)
        notes += [] if made[name].fits else [f"{name}: {made[name].verdict}" if name else made[name].verdict]
    return made, tuple(notes)


def own_part(joined: Posterior, chain: Chain, name: str) -> tuple[Posterior, Chain]:
    """The part of model, likelihood and draws that one of several catalogues sees."""
    model, likelihood = joined.model, joined.likelihood
    if not (isinstance(model, JointModel) and isinstance(likelihood, JointLikelihood)):
        return joined, chain
    columns = model.columns(name)
    parameters = tuple(chain.parameters[k] for k in columns)
    own = replace(chain, parameters=parameters, values=chain.values[:, columns])
    return Posterior(model.of(name), likelihood.catalogues[name]), own


def _checked(
    config: RunConfig,
    sample: Sample,
    profile: DispersionProfile,
    joined: Posterior,
    chain: Chain,
    rng: np.random.Generator,
) -> PredictiveCheck:
    stars = _Stars.of(config, sample, profile, joined.likelihood)
    replicas, discrepancy = _replicated(joined, stars, chain, rng)
    observed = stars.binning.moments(stars.v_gsr[None])
    check = _check(profile, stars, observed, replicas, discrepancy)
    return replace(check, **verdict(check))


@dataclass(frozen=True)
class _Stars:
    """The stars that were compared, in order of their bins.

    Parameters
    ----------
    order : int array (n_stars,)
        Positions in the order of the likelihood, or in the sample where it has none.
    v_gsr : array (n_stars,) [km/s]
    bins : int array (n_bins,)
        Bins of the profile that hold them.
    binning : Binning
    """

    order: Ints
    v_gsr: Floats
    bins: Ints
    binning: Binning

    @classmethod
    def of(cls, config: RunConfig, sample: Sample, profile: DispersionProfile, likelihood: Any) -> "_Stars":
        """Those of a likelihood, or all in the bins that it fits."""
        known = getattr(likelihood, "star", np.arange(len(sample)))
        of_bin = sample.bin[known]
        order = np.argsort(of_bin, kind="stable")
        order = order[(of_bin[order] >= 0) & profile.in_fit[of_bin[order]]]
        bins, start, n = np.unique(of_bin[order], return_index=True, return_counts=True)
        options, chosen = config.dispersion.options(), known[order]
        conventions = options.get("mean") == "free", bool(options.get("deconvolve"))
        binning = Binning(start, n, sample.v_helio_error[chosen], *conventions)
        return cls(order, sample.v_gsr[chosen], bins, binning)


def _replicated(joined: Posterior, stars: _Stars, chain: Chain, rng: np.random.Generator) -> tuple[BinMoments, Floats]:
    """Moments of all replicas, and for each the discrepancies of data and replica.

    Returns
    -------
    BinMoments of n_replicas sets, array (2, 2, n_replicas)
        First index: spread, mean; second: data, replica.
    """
    binning, observed = stars.binning, stars.binning.moments(stars.v_gsr[None])
    moments, distances = [], []
    for mean, square, v in _predictions(joined, stars, chain, rng):
        expected, made = binning.expected(mean, square), binning.moments(v)
        of_data, of_replicas = (_discrepancies(binning.n, each, expected) for each in (observed, made))
        moments.append(made)
        distances.append(np.stack(np.broadcast_arrays(of_data, of_replicas), axis=1))
    columns = (np.concatenate([getattr(m, f.name) for m in moments]) for f in fields(BinMoments))
    return BinMoments(*columns), np.concatenate(distances, axis=-1)


def _predictions(
    joined: Posterior, stars: _Stars, chain: Chain, rng: np.random.Generator
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Mean, mean square and replicas of every star for each of some posterior draws, in the order of `stars`."""
    theta = in_proportion(chain, rng, _N_DRAWS)
    galaxy, n_each = joined.model.build(theta), _N_DRAWS * _N_EACH // len(theta)
    if isinstance(joined.likelihood, DispersionBins):
        errors = stars.binning.v_error**2 if stars.binning.deconvolve else 0.0
        for sigma in np.atleast_2d(joined.likelihood.predict(galaxy)):
            square = np.repeat(sigma**2, stars.binning.n) + errors
            v = np.sqrt(square) * rng.standard_normal((n_each, len(square)))
            yield np.zeros(len(square)), square, v
    else:
        for mean, square, v in joined.likelihood.predictions(galaxy, rng, n_each):  # type: ignore[attr-defined]
            yield mean[stars.order], square[stars.order], v[:, stars.order]


def in_proportion(chain: Chain, rng: np.random.Generator, n: int) -> Floats:
    """`n` draws of a chain in proportion to their weights, array (n, n_parameters); one where nothing is free."""
    if not chain.parameters:
        return chain.values[:1]
    total = np.cumsum(chain.weight)
    at = (np.arange(n) + rng.random()) * (total[-1] / n)
    return np.asarray(chain.values[np.minimum(np.searchsorted(total, at), len(chain) - 1)])


def _discrepancies(n: Ints, measured: BinMoments, expected: tuple[Floats, Floats]) -> Floats:
    """T of spread and mean of each data set, array (2, n_sets)."""
    mean, spread = expected
    of_spread = (2.0 * n * np.log(measured.spread / spread) ** 2).sum(axis=-1)
    of_mean = (n * ((measured.mean - mean) / spread) ** 2).sum(axis=-1)
    return np.stack([of_spread, of_mean])


def _check(
    profile: DispersionProfile, stars: _Stars, observed: BinMoments, replicas: BinMoments, discrepancy: Floats
) -> PredictiveCheck:
    bins = stars.bins
    # what the estimator makes of a spread is that times a number of the bin alone (Eq. 17)
    scale = profile.sigma_los[bins] / observed.spread[0]
    farther = (discrepancy[:, 1] >= discrepancy[:, 0]).sum(axis=-1)
    p_sigma_los, p_mean_v_gsr = ((1 + farther) / (1 + discrepancy.shape[-1])).tolist()
    return PredictiveCheck(
        r_low=profile.r_low[bins],
        r_high=profile.r_high[bins],
        r=profile.r[bins],
        n=stars.binning.n,
        sigma_los=predicted(scale * observed.spread[0], scale * replicas.spread),
        mean_v_gsr=predicted(observed.mean[0], replicas.mean),
        kurtosis=predicted(observed.kurtosis[0], replicas.kurtosis),
        n_replicas=len(replicas.mean),
        p_sigma_los=p_sigma_los,
        p_mean_v_gsr=p_mean_v_gsr,
        fits=True,
        verdict="",
    )


def predicted(observed: Floats, replicas: Floats) -> Predicted:
    """What was observed, array (n_bins,) [any unit], among replicas, array (n_replicas, n_bins) [the same]."""
    sides = (replicas >= observed, replicas <= observed)
    above, below = ((1 + side.sum(axis=0)) / (1 + len(replicas)) for side in sides)
    median, *bands = np.percentile(replicas, _LEVELS, axis=0)
    tail = np.minimum(1.0, 2.0 * np.minimum(above, below))
    return Predicted(observed, median, bands[0], bands[1], bands[2], bands[3], tail)
