"""From the sample to what is compared with the model: dispersions, and circular velocities."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from haloscale.config import RunConfig, members
from haloscale.dispersion.base import equal_number_edges, estimators
from haloscale.inference.diagnostics import quantiles
from haloscale.jeans import differential
from haloscale.jeans.projection import sin2_psi_mean
from haloscale.jeans.slopes import MIN_POINTS
from haloscale.records import (
    Chain,
    CircularVelocity,
    DispersionProfile,
    Floats,
    Sample,
)
from haloscale.stages.model import frame, galaxy_model
from haloscale.stages.notes import Notes


def measure_profile(
    config: RunConfig, sample: Sample, rng: np.random.Generator, at: Floats | None = None
) -> tuple[DispersionProfile, Notes]:
    """Sample to velocity-dispersion profile (Zhai et al. 2018, Eq. 17), with remarks for the user.

    Of several catalogues the stars of all, and in the same bins those of each.

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
    whole = measure(*columns, limits, rng=rng, **config.dispersion.options())
    parts = {name: measure_profile(member, sample.of(name), rng, limits)[0] for name, member in _several(config)}
    return replace(whole, catalogues=parts), ()


def _several(config: RunConfig) -> Iterator[tuple[str, RunConfig]]:
    return ((name, member) for name, member in members(config).items() if name)


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
