"""One catalogue of a galaxy drawn from the prior, fitted as a run is: a row of numbers."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from haloscale import stages
from haloscale.calibrate.conditions import Conditions, conditions
from haloscale.calibrate.design import SAMPLES, V_ERROR, Design, Quantity
from haloscale.calibrate.simulation import simulate, true_galaxy
from haloscale.config import RunConfig, members
from haloscale.constants import DIMENSIONLESS
from haloscale.errors import HaloscaleError
from haloscale.frames import SolarFrame, galactocentric
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.joint import JointModel
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.mock.positions import R_HIGH, R_LOW
from haloscale.records import Chain, Floats, Sample, StarTable
from haloscale.study import Row

DRAWS: Final = 99
"""Posterior draws that the truth is ranked among: 100 ranks, which 20, 10, 5, 4 or 2 cells share evenly."""

STATUS: Final = ("failed", "unusable", "tentative", "reliable")
"""Of a fit, by its number in a row."""

MEASURED: Final = ("truth", "median", "lower", "upper", "low_95", "high_95", "mean", "sd", "pull", "rank")
"""What a row says of a quantity, as QUANTITY_MEASURED."""

_AT: Final = (0.0, -1.0, 1.0, -1.959963984540054, 1.959963984540054)
_STREAMS: Final = 7
_BLOCK: Final = 4096
_NEAR_END: Final = 1.2


def fit_catalogue(design: Design, index: int) -> Row:
    """Draw galaxy `index` from the prior, simulate its stars, and fit them.

    Returns
    -------
    dict of str to float
        ``index``; ``status``, the place in `STATUS`; ``n_in_bins``; ``ess``; ``share_at_ends``, of the stars in bins
        those whose true radius is within a factor 1.2 of an end of the simulated range; and by quantity what
        `MEASURED` names: truth, posterior median and 16, 84, 2.5 and 97.5 %, mean and standard deviation in its own
        unit; pull = (mean - truth) / standard deviation, of the logarithms where the prior is logarithmic; rank of the
        truth among `DRAWS` draws of the posterior. NaN where the fit failed.
    """
    row = _empty(design, index)
    try:
        _fill(design, index, row)
    except HaloscaleError:  # a catalogue that cannot be fitted: it counts as failed, and the others go on
        return row
    return row


def failure(design: Design, index: int) -> str:
    """Why catalogue `index` could not be fitted, in one line; empty if it could."""
    try:
        _fill(design, index, _empty(design, index))
    except HaloscaleError as error:
        return str(error).splitlines()[0]
    return ""


def units(design: Design) -> dict[str, str]:
    """Unit of every number of a row, by name."""
    own = {f"{q.name}_{what}": q.unit for q in design.quantities for what in MEASURED}
    return {name: DIMENSIONLESS if name.endswith(("_pull", "_rank")) else own.get(name, "") for name in _names(design)}


def _names(design: Design) -> list[str]:
    of_quantities = [f"{q.name}_{what}" for q in design.quantities for what in MEASURED]
    return ["index", "status", "n_in_bins", "ess", "share_at_ends", *of_quantities]


def _empty(design: Design, index: int) -> Row:
    return {**dict.fromkeys(_names(design), math.nan), "index": index, "status": 0}


def _fill(design: Design, index: int, row: Row) -> None:
    """Do the work and write down each number as soon as it is known."""
    streams = np.random.SeedSequence(design.seed, spawn_key=(index,)).spawn(_STREAMS)
    drawing, simulating, selecting, binning, deriving, fitting, ranking = map(np.random.default_rng, streams)
    config, values = design.config, np.array([float(prior.sample(drawing, 1)[0]) for prior in design.model.priors])
    truths = {name: _true(design, name, values) for name in members(config)}
    galaxy, seen = next(iter(truths.values()))
    truth = dict(zip((q.name for q in design.quantities), (*values, galaxy.total.enclosed_mass(100.0)), strict=False))
    row |= {f"{name}_truth": float(value) for name, value in truth.items()}
    selected = {
        name: stages.select_sample(member, _stars(design, member, *truths[name], simulating), False, selecting)
        for name, member in members(config).items()
    }
    sample = stages.join(config, selected).sample
    row |= {"n_in_bins": int((sample.bin >= 0).sum()), "share_at_ends": _share_at_ends(sample, seen.frame)}
    profile, _ = stages.measure_profile(config, sample, binning)
    by_derivative = config.jeans.route == "v_circ"
    points = stages.circular_velocity(config, profile, deriving)[0] if by_derivative else None
    chain, _ = stages.fit(config, sample, profile, fitting, lambda fraction, line: None, points)
    row |= _posterior(design, chain, truth, ranking)
    row["status"] = STATUS.index(chain.sampling.status)
    row["ess"] = math.nan if chain.sampling.ess is None else chain.sampling.ess


def _true(design: Design, name: str, values: Floats) -> tuple[Galaxy, Conditions]:
    """The galaxy as one catalogue sees it, and from where, for parameters `values`, array (n_parameters,)."""
    whole = design.model
    model, values = (whole.of(name), values[whole.columns(name)]) if isinstance(whole, JointModel) else (whole, values)
    keys = (f"{c.table}.{key}" for c in model.components for key in c.free)
    free = {key: float(value) for key, value in zip(keys, values, strict=True)}
    return true_galaxy(model, free), conditions(members(design.config)[name], free)


def _stars(design: Design, config: RunConfig, galaxy: Galaxy, seen: Conditions, rng: np.random.Generator) -> StarTable:
    return simulate(
        galaxy,
        seen,
        rng,
        design.stars,
        footprint=SAMPLES[design.sample],
        distance_error=design.distance_error,
        v_error=V_ERROR,
        true_cuts=config.likelihood.true_cuts,
    )


def _posterior(design: Design, chain: Chain, truths: Mapping[str, float], rng: np.random.Generator) -> Row:
    share = chain.weight / chain.weight.sum()
    picked = rng.choice(len(chain), DRAWS, p=share)
    row: Row = {}
    for quantity in design.quantities:
        known = quantity.name in chain.names
        draws = chain[quantity.name] if known else _mass_inside(design.model, chain)
        told = _compared(quantity, draws, chain.weight, truths[quantity.name])
        told["rank"] = float((draws[picked] < truths[quantity.name]).sum())
        row |= {f"{quantity.name}_{what}": value for what, value in told.items()}
    return row


def _compared(quantity: Quantity, draws: Floats, weight: Floats, truth: float) -> Row:
    share = weight / weight.sum()
    free = quantity.free(draws)
    centre, mean = float(share @ free), float(share @ draws)
    spread = math.sqrt(float(share @ (free - centre) ** 2))
    median, lower, upper, low_95, high_95 = (float(q) for q in quantiles(draws, weight, _AT))
    away = centre - float(quantity.free(np.asarray(truth)))
    return {
        **{"median": median, "lower": lower, "upper": upper, "low_95": low_95, "high_95": high_95, "mean": mean},
        "sd": math.sqrt(float(share @ (draws - mean) ** 2)),
        "pull": away / spread if spread > 0 else math.nan,
    }


def _mass_inside(model: GalaxyModel, chain: Chain) -> Floats:
    """Total mass inside 100 kpc of each draw, array (n_draws,) [Msun], in blocks, so that memory stays bounded."""
    starts = range(0, len(chain), _BLOCK)
    blocks = (model.build(chain.values[at : at + _BLOCK]).total.enclosed_mass(np.array([100.0])) for at in starts)
    return np.concatenate([np.ravel(block) for block in blocks])


def _share_at_ends(sample: Sample, frame: SolarFrame) -> float:
    """Share of the stars in bins that were placed near an end of the simulated range, beyond which there are none."""
    used = sample.bin >= 0
    at = galactocentric(sample.l[used], sample.b[used], sample.extra["true_distance"][used], frame)
    r = np.sqrt(sum(np.square(x) for x in at))
    return float(np.mean((r < R_LOW * _NEAR_END) | (r > R_HIGH / _NEAR_END))) if used.any() else math.nan
