"""One pure function a stage: (its configuration, records) -> record. No file is read or written here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale._version import __version__
from haloscale.anisotropy.base import anisotropies
from haloscale.calibration import calibrate_columns, fill_velocity_errors
from haloscale.config import RunConfig
from haloscale.dispersion.base import equal_number_edges, estimators, radial_bins
from haloscale.distance.base import distance_methods, drop_flagged, flag_note
from haloscale.errors import ConfigError
from haloscale.frames import SolarFrame, complete_positions, locate
from haloscale.inference import results
from haloscale.inference.diagnostics import prior_remarks, quantiles
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import NUISANCES
from haloscale.inference.posterior import Posterior
from haloscale.inference.priors import Prior
from haloscale.inference.samplers.base import Progress, samplers
from haloscale.jeans import differential
from haloscale.jeans.projection import sin2_psi_mean
from haloscale.jeans.slopes import MIN_POINTS
from haloscale.mass.base import mass_models
from haloscale.records import (
    MODULI,
    AllStars,
    Bools,
    Chain,
    CircularVelocity,
    CutFlow,
    DispersionProfile,
    Floats,
    Grouping,
    MassProfile,
    Sample,
    StarTable,
    Substructure,
    Summary,
    in_large_groups,
)
from haloscale.repeats import merge_repeats
from haloscale.selection import select
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.groups import find
from haloscale.substructure.removal import removal
from haloscale.surveys.base import surveys
from haloscale.tracer.base import tracers

Notes = tuple[str, ...]

_POOR_FIT: Final = 0.01
"""Probability of a chi2 as large below which the user is told that the model fits poorly."""

_NAMED: Final = (
    *("row", "l", "b", "distance", "distance_error", "x", "y", "z", "r"),
    *("v_helio", "v_helio_error", "v_gsr", "sin2_psi"),
)
_EXTRA: Final = (
    *("ra", "dec", "feh", "feh_error", "teff", "logg", "pmra", "pmra_error", "pmdec", "pmdec_error"),
    *("pm_l", "pm_l_error", "pm_b", "pm_b_error", "n_visits", "velocity_variable", "known_object"),
    *("gr0", "gr0_error", "rmag0", "rmag0_error", "ebv", *MODULI, "m_r", "flag"),
    *("catalogue_distance", "catalogue_distance_error"),
)
"""Columns that the sample keeps beside the named ones, where the catalogue has them."""


@dataclass(frozen=True)
class Selected:
    """What the selection leaves: the sample, the cut flow, remarks for the user, and the groups if they were sought."""

    sample: Sample
    cutflow: CutFlow
    notes: Notes
    substructure: Substructure | None = None


def frame(config: RunConfig) -> SolarFrame:
    """The Sun's position and motion of a configuration."""
    given = config.frame
    u, v, w = (_fixed(value, "frame.solar_motion") for value in given.solar_motion)
    return SolarFrame(
        r0=_fixed(given.r0, "frame.r0"),
        v_lsr=_fixed(given.v_lsr, "frame.v_lsr"),
        solar_motion=(u, v, w),
        z_sun=given.z_sun,
        rounded=given.rounded,
        handedness=given.handedness,
    )


def galaxy_model(config: RunConfig) -> GalaxyModel:
    """Mass components, tracer and anisotropy of a configuration, with their free parameters."""
    components = [_component(f"mass.{name}", mass_models, table, "profile") for name, table in config.mass.items()]
    components.append(_component("tracer", tracers, config.tracer, "profile"))
    components.append(_component("anisotropy", anisotropies, config.anisotropy, "model"))
    components += [Component(table, NUISANCES[table], free) for table, free in config.nuisances.items()]
    model = GalaxyModel(tuple(components), {})
    return GalaxyModel(model.components, results.definitions(model))


def select_sample(config: RunConfig, table: StarTable, strict: bool, rng: np.random.Generator) -> Selected:
    """Catalogue to sample: errors filled, visits merged, distances, positions, cuts, substructure, bins.

    Parameters
    ----------
    config : RunConfig
    table : StarTable
    strict : bool
        Refuse cuts whose column the catalogue lacks.
    rng : numpy.random.Generator
        For the null catalogues of the search for substructure.

    Returns
    -------
    Selected

    Raises
    ------
    InputError
        If no star is left, or the catalogue lacks what is needed.

    Notes
    -----
    Stars in groups of more than ``substructure.max_members`` are the last line of the cut flow, but stay in the sample,
    in no bin.
    """
    stars, cutflow, notes = select_stars(config, table, strict)
    grouping, found = _groups(config, stars, rng)
    removed = in_large_groups(grouping.group_id, config.substructure.max_members)
    if found is not None:
        cutflow = cutflow.then(removal(found, removed))
    return Selected(_sample(config, stars, grouping, removed), cutflow, (*notes, *grouping.notes), found)


def select_stars(config: RunConfig, table: StarTable, strict: bool) -> tuple[StarTable, CutFlow, Notes]:
    """Catalogue to the located stars that pass the cuts, substructure not yet sought. Errors: as `select_sample`."""
    survey, notes = surveys[config.catalogue.survey], list[str]()
    offset = config.catalogue.applied("v_offset")
    stars, dropped, note = fill_velocity_errors(complete_positions(table), survey.v_helio_error_typical)
    notes += [note] if note else []
    stars, merged = merge_repeats(calibrate_columns(stars, v_offset=offset), config.selection.merge_radius)
    stars = find_distances(config, stars)
    notes += [note] if (note := flag_note(stars)) else []
    stars, placed = drop_flagged(stars)
    stars, cuts = select(locate(stars, frame(config)), config.selection.cuts(), strict=strict)
    cutflow = CutFlow(tuple(c for c in (dropped, merged, placed) if c) + tuple(cuts))
    notes += [f"cut not applied: {c.name} ({c.note})" for c in cutflow if not c.applied]
    return stars, cutflow, (*notes, *_flag_notes(stars))


def find_distances(config: RunConfig, table: StarTable) -> StarTable:
    """Distances by the configured method, times `catalogue.distance_scale`; every row stays, flagged or not.

    Raises
    ------
    InputError
        The catalogue lacks what the method needs.
    """
    found = distance_methods[config.distance.method](table, **config.distance.options())
    return calibrate_columns(found, distance_scale=distance_scale(config))


def distance_scale(config: RunConfig) -> float:
    """What every distance is multiplied by; where that is free, the median of its prior."""
    return config.catalogue.applied("distance_scale")


def measure_profile(
    config: RunConfig, sample: Sample, rng: np.random.Generator, at: Floats | None = None
) -> tuple[DispersionProfile, Notes]:
    """Sample to velocity-dispersion profile (Zhai et al. 2018, Eq. 17), with remarks for the user.

    Parameters
    ----------
    config : RunConfig
    sample : Sample
    rng : numpy.random.Generator
    at : array (n_bins + 1,) [kpc], optional
        Edges of the bins; by default those of the configuration.
    """
    used = sample.bin >= 0
    measure = estimators[config.dispersion.estimator]
    columns = (sample.v_gsr[used], sample.v_helio_error[used], sample.r[used], sample.sin2_psi[used])
    limits = edges(config, sample.r[used]) if at is None else at
    return measure(*columns, limits, rng=rng, **config.dispersion.options()), ()


def edges(config: RunConfig, r: Floats) -> Floats:
    """Bin edges [kpc]: those given, or `n_bins` bins of equal numbers of the stars at radii `r` : array (n,) [kpc]."""
    given = config.dispersion
    if given.n_bins is None:
        return np.asarray(given.edges, dtype=float)
    return equal_number_edges(r, given.n_bins, float(r.min()), float(r.max()))


def circular_velocity(
    config: RunConfig, profile: DispersionProfile, rng: np.random.Generator, chain: Chain | None = None
) -> tuple[CircularVelocity, Notes]:
    """Dispersion profile to circular velocities (Zhai et al. 2018, Eq. 9), with remarks for the user.

    Free parameters of tracer and anisotropy, which the route "v_circ" does not allow, stand at the chain's median.
    Under the route "sigma", where nothing is fitted to the points, too few bins to differentiate are no error.
    """
    model, jeans = galaxy_model(config), config.jeans
    if jeans.route == "sigma" and differential.usable_bins(profile).sum() < MIN_POINTS:
        return differential.unmeasured(profile), ()
    middle = [p.quantile(0.5) for p in model.priors] if chain is None else quantiles(chain.values, chain.weight)[0]
    galaxy = model.build(np.asarray(middle, dtype=float))
    points = differential.circular_velocity(
        profile,
        galaxy.tracer,
        galaxy.anisotropy,
        rng,
        method=jeans.derivative,
        sin2_psi=sin2_psi_mean(jeans.projection, profile.r, frame(config).r0, profile.mean_sin2_psi),
        degree=jeans.polynomial_degree,
    )
    return points, ()


def posterior(
    config: RunConfig, sample: Sample, profile: DispersionProfile, points: CircularVelocity | None = None
) -> Posterior:
    """Model, priors and data joined; the route "v_circ" needs `circular_velocity` as its points."""
    model, by_derivative = galaxy_model(config), config.jeans.route == "v_circ"
    if by_derivative and points is None:
        raise ValueError('jeans.route = "v_circ" is fitted to the points of stages.circular_velocity')
    seen = frame(config), config.likelihood.true_cuts, config.catalogue.applied("v_offset"), distance_scale(config)
    data = Data(sample, profile, seen[0].r0, config.jeans.projection, points if by_derivative else None, *seen)
    return Posterior(model, likelihoods[config.likelihood.kind](data, model, **config.likelihood.options()))


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
    said = (*joined.likelihood.advice, *prior_remarks(chain, joined.model.priors))
    said += _fit_notes(joined, chain)
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
    quality = chain.sampling, _chi2(joined, chain), joined.likelihood.n_points
    notes = tuple(f"with no group removed: {note}" for note in said)
    return AllStars(measured, {**parameters, **derived}, *quality), notes


def mass_profile(config: RunConfig, chain: Chain, profile: DispersionProfile) -> MassProfile:
    """Bands of mass, circular velocity and dispersions against radius."""
    return results.mass_profile(galaxy_model(config), chain, profile, frame(config).r0, config.projection)


def summarise(
    config: RunConfig,
    cutflow: CutFlow,
    sample: Sample,
    profile: DispersionProfile,
    chain: Chain,
    warnings: Notes,
    truth: Mapping[str, float],
    truth_note: str,
    points: CircularVelocity | None = None,
) -> Summary:
    """The answer: parameters, derived quantities, counts, quality of the fit and of the sampling."""
    joined = posterior(config, sample, profile, points)
    parameters, derived = results.estimates(joined.model, chain, frame(config).r0, config.cosmology.omega_m)
    return Summary(
        parameters,
        derived,
        n_read=cutflow.cuts[0].n_before,
        n_kept=len(sample),
        n_removed_substructure=int(sample.removed(config.substructure.max_members).sum()),
        n_in_bins=int((sample.bin >= 0).sum()),
        chi2=_chi2(joined, chain),
        n_points=joined.likelihood.n_points,
        sampling=chain.sampling,
        recipe=config.recipe,
        seed=config.seed,
        version=__version__,
        warnings=warnings,
        truth=truth,
        truth_note=truth_note,
    )


def _component(table: str, registry: Any, given: Mapping[str, Any], variant_key: str) -> Component:
    values = {key: value for key, value in given.items() if key != variant_key}
    return Component(table, registry[given[variant_key]], values)


def _fixed(value: float | Prior, key: str) -> float:
    if isinstance(value, Prior):
        raise ConfigError(
            f"{key} holds a prior table",
            "numbers: the stars are placed and selected before the fit, in one fixed frame",
            "give a number; repeat the run with other numbers to see what they change",
        )
    return value


def _chi2(joined: Posterior, chain: Chain) -> float:
    """chi2 of the bins at the draw of highest posterior density."""
    best = chain.values[np.argmax(chain.log_posterior)]
    return float(np.squeeze(joined.likelihood.chi2(joined.model.build(best))))


def _fit_notes(joined: Posterior, chain: Chain) -> Notes:
    from scipy.special import gammaincc

    said = []
    chi2, n_free = _chi2(joined, chain), joined.likelihood.n_points - joined.n_parameters
    if n_free > 0 and (p := float(gammaincc(n_free / 2, chi2 / 2))) < _POOR_FIT:
        said.append(
            f"the model fits the bins poorly: chi2 = {chi2:.1f} for {n_free} degrees of freedom (probability {p:.1g}); "
            "the error bars hold only if the model is right"
        )
    if chain.sampling.status != "reliable":
        advice = "raise sampler.max_steps" if chain.sampling.tau else "raise sampler.max_draws, take sampler.name=emcee"
        said.append(f"the chain is {chain.sampling.status}: {advice}, or look at the priors")
    return tuple(said)


def _flag_notes(stars: StarTable) -> list[str]:
    said = []
    known = int(np.count_nonzero(stars["known_object"] != ""))
    if known:
        said.append(
            f"stars in known globular clusters or dwarf galaxies: {known} (selection.known_objects = true cuts them)"
        )
    variable = int(stars["velocity_variable"].sum()) if "velocity_variable" in stars else 0
    if variable:
        said.append(f"stars whose visits differ by more than 5 sigma in velocity: {variable}, merged and flagged")
    return said


def _groups(config: RunConfig, stars: StarTable, rng: np.random.Generator) -> tuple[Grouping, Substructure | None]:
    given = config.substructure
    if not given.searches:
        return substructure_methods[given.method](stars, rng, max_members=given.max_members), None
    return find(stars, rng, given.method, given.max_members, **given.options())


def _sample(config: RunConfig, stars: StarTable, grouping: Grouping, removed: Bools) -> Sample:
    bins = radial_bins(stars["r"], edges(config, stars["r"][~removed]))
    missing = np.full(len(stars), np.nan)
    return Sample(
        **{name: stars.columns.get(name, missing) for name in _NAMED},
        group_id=grouping.group_id,
        bin=np.where(removed, -1, bins),
        extra=_extra(stars),
    )


def _extra(stars: StarTable) -> dict[str, Any]:
    """Columns beside the named ones; the label and the true distance of simulated stars travel with them."""
    known = {name: stars.raw[name] for name in ("simulated", "true_distance") if name in stars.raw}
    return {name: stars[name] for name in _EXTRA if name in stars} | known
