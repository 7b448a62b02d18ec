"""One simulated catalogue, weighed by every route: a row of numbers."""

import math
from typing import Any, Final

import numpy as np

from haloscale import cosmology, stages
from haloscale.bias.design import ROUTES, Design
from haloscale.config import RunConfig
from haloscale.errors import HaloscaleError
from haloscale.inference.posterior import Posterior
from haloscale.inference.samplers.base import maximum
from haloscale.records import CircularVelocity, DispersionProfile, Sample

Row = dict[str, float]

FITTED: Final = ("m_vir", "c", "m_within_100kpc")
"""What is compared with the truth."""

_RADIUS: Final = 100.0
_EDGE: Final = 1e-3
_STREAMS: Final = 5


def true_values(design: Design) -> Row:
    """The numbers that a perfect fit would give, m_vir and c in the definition of the fitted halo."""
    truth, halo = design.model(), stages.galaxy_model(design.configs["sigma"]).component("mass.halo").values
    threshold = cosmology.density_threshold(halo["overdensity"] * halo["omega_m"], halo["h0"])
    m_vir, _, c = cosmology.convert(truth.halo, threshold)
    return {"m_vir": float(m_vir), "c": float(c), "m_within_100kpc": float(truth.mass.enclosed_mass(_RADIUS))}


def fit_catalogue(design: Design, index: int) -> Row:
    """Simulate catalogue `index` and fit it by every route.

    Returns
    -------
    dict of str to float
        ``index``, ``n_in_bins``, and by route ``m_vir, c, m_within_100kpc, chi2, n_points, at_edge`` (1: a parameter
        lies at an end of its prior); for the derivatives ``v_circ_ratio``, the median over the bins of V_circ over the
        true one. NaN where a fit is impossible.

    Notes
    -----
    The fit is the maximum of the same posterior that `haloscale weigh` samples, in the sampler's free coordinates
    (ln m_vir, ln c): some 1e-2 s in place of seconds. All methods see the same draws of the dispersions.
    """
    streams = np.random.SeedSequence(design.seed, spawn_key=(index,)).spawn(_STREAMS)
    simulating, selecting, binning, drawing, starting = (np.random.default_rng(s) for s in streams)
    config = design.configs["sigma"]
    sample = stages.select_sample(config, design.simulate(simulating), False, selecting).sample
    profile, _ = stages.measure_profile(config, sample, binning)
    row: Row = {"index": index, "n_in_bins": int((sample.bin >= 0).sum())}
    state = drawing.bit_generator.state
    for route in ROUTES:
        drawing.bit_generator.state = state
        fitted = _fit(design, design.configs[route], sample, profile, (drawing, starting))
        row |= {f"{name}_{route}": value for name, value in fitted.items()}
    return row


def columns() -> list[str]:
    """Names of the numbers of a row, in their order."""
    by_route = [f"{name}_{route}" for route in ROUTES for name in _names(route)]
    return ["index", "n_in_bins", *by_route]


def _names(route: str) -> tuple[str, ...]:
    return (*FITTED, "chi2", "n_points", "at_edge", *(() if route == "sigma" else ("v_circ_ratio",)))


def _fit(
    design: Design,
    config: RunConfig,
    sample: Sample,
    profile: DispersionProfile,
    generators: tuple[np.random.Generator, np.random.Generator],
) -> Row:
    drawing, starting = generators
    by_derivative = config.jeans.route == "v_circ"
    values = dict.fromkeys(_names("sigma"), math.nan) | ({"v_circ_ratio": math.nan} if by_derivative else {})
    try:
        points = stages.circular_velocity(config, profile, drawing)[0] if by_derivative else None
        if points is not None:
            values["v_circ_ratio"] = _v_circ_ratio(design, points)
        posterior = stages.posterior(config, sample, profile, points)
        return values | _best(posterior, starting)
    except HaloscaleError:  # a catalogue without enough bins: it counts as a failed fit, and the others go on
        return values


def _best(posterior: Posterior, rng: np.random.Generator) -> Row:
    theta = posterior.to_values(maximum(posterior, rng)) if posterior.n_parameters else np.empty(0)
    galaxy = posterior.model.build(theta)
    at = [float(prior.cdf(x)) for prior, x in zip(posterior.model.priors, theta, strict=True)]
    halo: Any = galaxy.mass["halo"]
    found = {
        "m_vir": halo.m_vir,
        "c": halo.c,
        "m_within_100kpc": galaxy.total.enclosed_mass(_RADIUS),
        "chi2": posterior.likelihood.chi2(galaxy),
        "n_points": posterior.likelihood.n_points,
        "at_edge": any(min(q, 1.0 - q) < _EDGE for q in at),
    }
    return {name: float(np.squeeze(value)) for name, value in found.items()}


def _v_circ_ratio(design: Design, points: CircularVelocity) -> float:
    return float(np.nanmedian(points.v_circ / design.model().mass.v_circ(points.r)))
