"""The curves of the panels at one point of the model, by the functions that a run uses."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from haloscale import literature, stages
from haloscale.config import RunConfig
from haloscale.constants import KMS, KPC, MSUN
from haloscale.errors import ConfigError, InputError
from haloscale.inference import results
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.inference.priors import Prior
from haloscale.records import DispersionProfile, Floats
from haloscale.web.symbols import prior_in_words, symbols

_N_RADII: Final = 90
_INNERMOST, _OUTERMOST = 2.0, 200.0
_FAR_TAIL: Final = 0.002
"""Probability beyond the end of a slider of a prior that has no end."""
_R_OF_MAXIMUM: Final = np.geomspace(0.1, 1000.0, 200)


def curves(config: RunConfig, model: GalaxyModel, profile: DispersionProfile, theta: Floats) -> dict[str, Any]:
    """Dispersions, circular velocities and masses of one parameter vector against radius.

    Parameters
    ----------
    config : RunConfig
    model : GalaxyModel
    profile : DispersionProfile
    theta : array (n_parameters,) [own units]

    Returns
    -------
    dict
        As the message "curves" has it.
    """
    galaxy, free = model.build(theta), {p.name for p in model.parameters}
    edges = profile.edges
    r = np.geomspace(min(max(edges[0], 1e-2), _INNERMOST), max(edges[-1], _OUTERMOST), _N_RADII)
    sin2_psi = results.sin2_psi_at(profile, r, stages.frame(config).r0, config.projection)
    sigma_r, sigma_los = (numbers(column) for column in results.dispersions(galaxy, r, sin2_psi))
    whole = {"total": galaxy.total, **galaxy.mass}
    return {
        "r": numbers(r),
        "sigma_los": sigma_los,
        "sigma_r": sigma_r,
        "v_circ": {name: numbers(part.v_circ(r) + 0.0 * r) for name, part in whole.items()},
        "mass": {name: numbers(part.enclosed_mass(r) + 0.0 * r) for name, part in whole.items()},
        "point": {p.name: float(value) for p, value in zip(model.parameters, theta, strict=True)},
        "free": [described(model, k, float(theta[k])) for k in range(len(model.parameters))],
        "derived": {name: one for name, one in derived(config, galaxy).items() if name not in free},
    }


def vector(model: GalaxyModel, point: Mapping[str, float]) -> Floats:
    """The free parameters of a point as a vector. Errors: `ConfigError`, one lies outside its prior."""
    for parameter, prior in zip(model.parameters, model.priors, strict=True):
        low, high = prior.bounds
        if not low <= point[parameter.name] <= high:
            raise ConfigError(
                f"point.{parameter.name} is {point[parameter.name]:g}",
                f"within its prior, {low:g} to {high:g}",
                "move it inside, or change the prior",
            )
    return np.array([float(point[p.name]) for p in model.parameters])


def described(model: GalaxyModel, k: int, value: float) -> dict[str, Any]:
    """One free parameter for its slider: name, meaning, unit, range, value."""
    parameter, prior = model.parameters[k], model.priors[k]
    low, high = slider_range(prior)
    return {
        "name": parameter.name,
        "key": _keys(model)[k],
        "label": symbols(parameter.definition),
        "symbol": parameter.label,
        "unit": parameter.unit,
        "low": low,
        "high": high,
        "value": value,
        "log": prior.logarithmic,
        "prior": prior_in_words(parameter.prior),
    }  # fmt: skip


def _keys(model: GalaxyModel) -> list[str]:
    """The keys of the configuration that the free parameters have, in their order."""
    return [f"{component.table}.{key}" for component in model.components for key in component.free]


def slider_range(prior: Prior) -> tuple[float, float]:
    """Where a slider begins and ends: at the bounds of the prior, or far out in its tails."""
    low, high = prior.bounds
    ends = prior.quantile(np.array([_FAR_TAIL, 1.0 - _FAR_TAIL]))
    return (
        float(low) if np.isfinite(low) and (low > 0 or not prior.logarithmic) else float(ends[0]),
        float(high) if np.isfinite(high) else float(ends[1]),
    )


def derived(config: RunConfig, galaxy: Galaxy) -> dict[str, dict[str, Any]]:
    """Numbers that follow from the point."""
    r0, halo = stages.frame(config).r0, galaxy.mass["halo"]
    found = {
        "m_vir": (halo.m_vir, MSUN, "mass of the halo alone inside r_vir"),
        "c": (halo.c, "", "concentration r_vir / r_-2 of the halo"),
        "r_vir": (halo.r_vir, KPC, "edge of the halo"),
        "m_within_60kpc": (galaxy.total.enclosed_mass(60.0), MSUN, "total mass inside 60 kpc"),
        "m_within_100kpc": (galaxy.total.enclosed_mass(100.0), MSUN, "total mass inside 100 kpc"),
        "v_circ_r0": (galaxy.total.v_circ(r0), KMS, f"circular velocity of the total mass at the Sun's {r0:g} kpc"),
        "v_max": (np.max(halo.v_circ(_R_OF_MAXIMUM)), KMS, "largest circular velocity of the halo alone"),
    }
    return {
        name: {"value": number(float(np.squeeze(value))), "unit": unit, "definition": text}
        for name, (value, unit, text) in found.items()
    }


def binned_chi2(posterior: Any, theta: Floats) -> tuple[float | None, int]:
    """chi2 of the bins at a point, `theta` : array (n_parameters,) [own units], and their number."""
    try:
        chi2 = float(np.squeeze(posterior.likelihood.chi2(posterior.model.build(theta))))
    except InputError:
        return None, 0
    return number(chi2), int(posterior.likelihood.n_points)


def published(r_high: float) -> dict[str, list[dict[str, Any]]]:
    """Published circular velocities and masses inside a radius [kpc]."""
    rotation = [
        {"label": p.reference, "r": p.r, "value": number(p.v_circ), "low": number(p.lower), "high": number(p.upper)}
        for points in literature.rotation_curves().values()
        for p in points
        if p.r <= r_high
    ]
    masses = [
        {"label": m.reference, "r": m.r, "value": number(m.mass.value), "low": number(m.mass.lower),
         "high": number(m.mass.upper)}
        for m in literature.enclosed_masses()
        if m.r <= r_high
    ]  # fmt: skip
    return {"v_circ": rotation, "mass": masses}


def measured(profile: DispersionProfile) -> dict[str, Any]:
    """The dispersion profile, as the message "profile" has it."""
    error = np.where(profile.in_fit, 0.5 * (profile.sigma_los_upper - profile.sigma_los_lower), np.nan)
    return {
        "r_mid": numbers(profile.r),
        "r_low": numbers(profile.r_low),
        "r_high": numbers(profile.r_high),
        "sigma": numbers(profile.sigma_los),
        "lower": numbers(profile.sigma_los_lower),
        "upper": numbers(profile.sigma_los_upper),
        "error": numbers(error),
        "n": [int(n) for n in profile.n],
        "in_fit": [bool(used) for used in profile.in_fit],
        "edges": numbers(profile.edges),
    }


def measured_by_catalogue(profile: DispersionProfile) -> dict[str, Any]:
    """As `measured`; of several catalogues the bins of each, one after the other, with whose they are."""
    if not profile.catalogues:
        return measured(profile)
    each = {name: measured(one) for name, one in profile.catalogues.items()}
    columns = next(iter(each.values()))
    joined: dict[str, Any] = {key: [value for one in each.values() for value in one[key]] for key in columns}
    whose = [name for name, one in each.items() for _ in one["r_mid"]]
    return {**joined, "edges": numbers(profile.edges), "catalogue": whose, "catalogues": list(each)}


def number(value: float) -> float | None:
    """A number for JSON, which knows no NaN."""
    return float(value) if np.isfinite(value) else None


def numbers(values: Any, digits: int = 7) -> list[float | None]:
    """Numbers for JSON, an array (n,) of any unit, with as many digits as a screen shows."""
    flat = np.ravel(np.asarray(values, float))
    known = np.isfinite(flat)
    if known.all():
        return rounded(flat, digits).tolist()  # type: ignore[no-any-return]
    shown = rounded(np.where(known, flat, 0.0), digits).tolist()
    return [value if good else None for value, good in zip(shown, known.tolist(), strict=True)]


def rounded(values: Floats, digits: int) -> Floats:
    """Finite `values` : array (n,) [any unit], to some significant digits."""
    size = np.abs(values)
    power = digits - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0)))
    up, down = 10.0 ** np.clip(power, 0, 300), 10.0 ** np.clip(-power, 0, 300)
    return np.asarray(np.rint(values * up / down) * down / up)
