"""From draws of the posterior to the answer."""

from collections.abc import Mapping

from haloscale._version import __version__
from haloscale.config import RunConfig
from haloscale.inference import results
from haloscale.records import (
    Chain,
    CircularVelocity,
    CutFlow,
    DispersionProfile,
    MassProfile,
    Sample,
    Summary,
)
from haloscale.stages.fitting import chi2_of, posterior
from haloscale.stages.model import frame, galaxy_model
from haloscale.stages.notes import Notes
from haloscale.stages.selecting import removed


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
        n_read=cutflow.n_read,
        n_kept=len(sample),
        n_removed_substructure=int(removed(config, sample).sum()),
        n_in_bins=int((sample.bin >= 0).sum()),
        chi2=chi2_of(joined, chain),
        n_points=joined.likelihood.n_points,
        sampling=chain.sampling,
        recipe=config.recipe,
        seed=config.seed,
        version=__version__,
        warnings=warnings,
        truth=truth,
        truth_note=truth_note,
    )
