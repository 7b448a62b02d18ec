"""From the measurements to draws of the posterior."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from haloscale.config import RunConfig, about_catalogue, members
from haloscale.dispersion.base import radial_bins
from haloscale.inference import results
from haloscale.inference.blame import excluded
from haloscale.inference.diagnostics import prior_remarks
from haloscale.inference.doubling import ENOUGH, shifts
from haloscale.inference.joint import JointLikelihood, JointModel
from haloscale.inference.likelihood.base import Data, Likelihood, likelihoods
from haloscale.inference.model import GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import Progress, samplers
from haloscale.records import (
    AllStars,
    Chain,
    CircularVelocity,
    DispersionProfile,
    Sample,
)
from haloscale.stages.measuring import circular_velocity, measure_profile
from haloscale.stages.model import frame, galaxy_model
from haloscale.stages.notes import Notes
from haloscale.stages.selecting import distance_scale

_POOR_FIT: Final = 0.01
"""Probability of a chi2 as large below which the user is told that the model fits poorly."""


def posterior(
    config: RunConfig, sample: Sample, profile: DispersionProfile, points: CircularVelocity | None = None
) -> Posterior:
    """Model, priors and data joined; the route "v_circ" needs `circular_velocity` as its points."""
    model = galaxy_model(config)
    if not isinstance(model, JointModel):
        return Posterior(model, _likelihood(config, model, sample, profile, points))
    made = {}
    for name, member in members(config).items():
        with about_catalogue(name):
            made[name] = _likelihood(member, model.of(name), sample.of(name), profile.catalogues[name])
    return Posterior(model, JointLikelihood(made))


def _likelihood(
    config: RunConfig,
    model: GalaxyModel,
    sample: Sample,
    profile: DispersionProfile,
    points: CircularVelocity | None = None,
) -> Likelihood:
    """The likelihood of the stars of one catalogue."""
    by_derivative = config.jeans.route == "v_circ"
    if by_derivative and points is None:
        raise ValueError('jeans.route = "v_circ" is fitted to the points of stages.circular_velocity')
    seen = frame(config), config.likelihood.true_cuts, config.catalogue.applied("v_offset"), distance_scale(config)
    data = Data(
        sample, profile, seen[0].r0, config.jeans.projection, points if by_derivative else None, *seen, config.seed
    )
    return likelihoods[config.likelihood.kind](data, model, **config.likelihood.options())


def fit(
    config: RunConfig,
    sample: Sample,
    profile: DispersionProfile,
    rng: np.random.Generator,
    on_progress: Progress,
    points: CircularVelocity | None = None,
) -> tuple[Chain, Notes]:
    """Sample and profile (and, for the route "v_circ", points) to posterior draws, with remarks for the user."""
    joined = posterior(config, sample, profile, points)
    sampler = samplers[config.sampler.name]
    chain = sampler(joined, rng, on_progress, **config.sampler.options())
    kept_away = excluded(joined, chain)
    remarks = prior_remarks(chain, joined.model.priors, joined.model.limits, kept_away)
    said = (*joined.likelihood.advice, *kept_away.values(), *remarks)
    if config.jeans.route == "v_circ":  # of the route sigma the predictive check says it, bin by bin
        said += _poor_fit(joined, chain)
    said = (*said, *_sampling_notes(chain), *_enough_points(joined, chain, on_progress))
    if kept_away:  # however well they are sampled, these numbers are the prior's
        chain = replace(chain, sampling=replace(chain.sampling, status="unusable"))
    return chain, said


def all_stars(
    config: RunConfig,
    sample: Sample,
    profile: DispersionProfile,
    generator: Callable[[str], np.random.Generator],
    on_progress: Progress,
) -> tuple[AllStars, Notes]:
    """The answer of a sample from which groups were removed, with none removed, and remarks for the user.

    Parameters
    ----------
    config : RunConfig
    sample : Sample
    profile : DispersionProfile
        Of the run: its edges are kept.
    generator : callable
        Name of a stage -> its random numbers. They are those of the run, so that what differs is the stars alone.
    on_progress : callable

    Returns
    -------
    AllStars, tuple of str
    """
    whole = replace(sample, bin=radial_bins(sample.r, profile.edges))
    measured, _ = measure_profile(config, whole, generator("dispersion"), profile.edges)
    points = None
    if config.jeans.route == "v_circ":
        points, _ = circular_velocity(config, measured, generator("circular_velocity"))
    chain, said = fit(config, whole, measured, generator("fit"), on_progress, points)
    joined = posterior(config, whole, measured, points)
    parameters, derived = results.estimates(joined.model, chain, frame(config).r0, config.cosmology.omega_m)
    quality = chain.sampling, chi2_of(joined, chain), joined.likelihood.n_points
    notes = tuple(f"with no group removed: {note}" for note in said)
    return AllStars(measured, {**parameters, **derived}, *quality), notes


def chi2_of(joined: Posterior, chain: Chain) -> float:
    """chi2 of the bins at the draw of highest posterior density."""
    best = chain.values[np.argmax(chain.log_posterior)]
    return float(np.squeeze(joined.likelihood.chi2(joined.model.build(best))))


def _enough_points(joined: Posterior, chain: Chain, on_progress: Progress) -> Notes:
    """What twice as many points would do, where the likelihood averages over some: to the log, or as a warning."""
    likelihood: Any = joined.likelihood
    if not hasattr(likelihood, "with_samples") or not joined.n_parameters:
        return ()
    moved = shifts(likelihood, joined.model, chain)
    if not moved:
        return ()
    worst = max(moved, key=lambda name: abs(moved[name]))
    told = (
        f"likelihood.n_samples = {likelihood.n_samples}: twice as many would move {worst} by "
        f"{abs(moved[worst]):.2f} of its error, and the others by less"
    )
    if abs(moved[worst]) <= ENOUGH:
        on_progress(1.0, told)
        return ()
    return (f"{told}; raise it to {2 * likelihood.n_samples}",)


def _poor_fit(joined: Posterior, chain: Chain) -> Notes:
    from scipy.special import gammaincc

    chi2, n_free = chi2_of(joined, chain), joined.likelihood.n_points - joined.n_parameters
    if n_free > 0 and (p := float(gammaincc(n_free / 2, chi2 / 2))) < _POOR_FIT:
        return (
            f"the model fits the bins poorly: chi2 = {chi2:.1f} for {n_free} degrees of freedom (probability {p:.1g}); "
            "the error bars hold only if the model is right",
        )
    return ()


def _sampling_notes(chain: Chain) -> Notes:
    if chain.sampling.status == "reliable":
        return ()
    advice = "raise sampler.max_steps" if chain.sampling.tau else "raise sampler.max_draws, take sampler.name=emcee"
    return (f"the chain is {chain.sampling.status}: {advice}, or look at the priors",)
