"""What the report says, as rows of text made from the records."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, isfinite, log10
from pathlib import PurePath
from typing import Any, Final

import numpy as np

from haloscale.records import (
    Band,
    DispersionProfile,
    Estimate,
    MassProfile,
    Predicted,
    PredictiveCheck,
    Run,
    SamplingStatus,
    Summary,
)
from haloscale.report.evidence import evidence
from haloscale.report.latex import rounded

UNITS: Final[Mapping[str, str]] = {"solMass": "M☉", "km / s": "km/s"}
"""Units as a reader writes them."""

RADII: Final = (10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 120.0)
"""Radii [kpc] of the mass table."""


@dataclass(frozen=True)
class Quantity:
    """A number with its errors as text, a power of ten and a unit; no errors where it was fixed."""

    median: str
    up: str
    down: str
    power: int
    unit: str


def quantity(median: float, lower: float, upper: float, unit: str) -> Quantity:
    """Median and 68 % interval, rounded to two digits of the error; large numbers with a power of ten."""
    if not isfinite(median):
        return Quantity("–", "", "", 0, "")
    power = floor(log10(abs(median))) if abs(median) >= 1e5 else 0
    scale = 10.0**power
    text, up, down = rounded(median / scale, lower / scale, upper / scale)
    if up == down == "0":
        up = down = ""
    return Quantity(_minus(text), up, down, power, UNITS.get(unit, unit))


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _of(estimate: Estimate) -> Quantity:
    return quantity(estimate.median, estimate.lower, estimate.upper, estimate.unit)


def headline(run: Run) -> list[tuple[str, Quantity, str]]:
    """(name, value, meaning) of the virial mass, the concentration and the mass within 100 kpc."""
    summary = run.summary
    wanted = (("m_vir", summary.parameters), ("c", summary.parameters), ("m_within_100kpc", summary.derived))
    return [(name, _of(table[name]), table[name].definition) for name, table in wanted if name in table]


def virial_convention(config: Mapping[str, Any]) -> str:
    """The convention behind m_vir and c, in one clause."""
    halo = config.get("mass", {}).get("halo", {})
    overdensity, omega, h0 = halo.get("overdensity", 200.0), halo.get("omega_m", 1.0), halo.get("h0", 70.0)
    factor = "" if omega == 1 else f"{_value(omega)} × "
    return f"halo only, mean density {_value(overdensity)} × {factor}critical, H₀ = {_value(h0)} km/s/Mpc"


def substructure(run: Run) -> str:
    """How many stars were removed as substructure, and how."""
    if run.catalogues:
        return " ".join(f"{name}: {substructure(run.of(name))}" for name in run.catalogues)
    method = run.config.get("substructure", {}).get("method", "keep_all")
    removed = run.summary.n_removed_substructure
    if method == "keep_all":
        return "Substructure was not searched for; no star was removed for it."
    return f"{removed} of {run.summary.n_kept} stars were removed as substructure ({method})."


def conventions(run: Run) -> list[tuple[str, str]]:
    """(what, choice) of the assumptions a reader must know."""
    config = run.config
    frame, jeans, kind = (
        config.get("frame", {}),
        config.get("jeans", {}),
        config.get("likelihood", {}).get("kind", "bins"),
    )
    side = "+" if frame.get("handedness", "left") == "left" else "\N{MINUS SIGN}"
    r0, z_sun, v_lsr = (_with_error(frame.get(key, "?")) for key in ("r0", "z_sun", "v_lsr"))
    given = frame.get("solar_motion", "?")
    motion = ", ".join(map(_with_error, given)) if isinstance(given, (list, tuple)) else _value(given)
    rows = [
        ("Position of the Sun", f"x = {side}{r0} kpc, z = {z_sun} kpc"),
        ("Motion of the Sun", f"local standard of rest {v_lsr} km/s, (U, V, W) = ({motion}) km/s"),
        ("Virial mass", virial_convention(config)),
    ]
    for name, component in config.get("mass", {}).items():
        left_out = not isinstance(component, Mapping)
        text = "left out" if left_out else _component(component, "profile", ("overdensity", "h0", "omega_m"))
        rows.append((f"Mass: {name}", text))
    for name in run.catalogues or ("",):
        own, whose = (run.of(name).config, f": {name}") if name else (config, "")
        rows.append((f"Density of the tracer stars{whose}", _component(own.get("tracer", {}), "profile")))
        rows.append((f"Velocity anisotropy{whose}", _component(own.get("anisotropy", {}), "model")))
    rows += [
        ("Jeans equation", BY_STARS.get(kind, _route(jeans))),
        ("Projection", _projection(jeans, kind)),
        ("Likelihood", _component(config.get("likelihood", {}), "kind")),
        ("Sampler", _component(config.get("sampler", {}), "name")),
    ]
    return rows


PROJECTIONS: Final[Mapping[str, str]] = {
    "none": "none: the line-of-sight dispersion is taken for the radial one, as in the paper",
    "uniform_sky": "uniform_sky: radial dispersion projected for stars spread evenly over the sky",
    "per_star": "per_star: radial dispersion projected with the mean geometry of the stars in the bin",
}


BY_STARS: Final[Mapping[str, str]] = {
    "stars": "solved for the dispersions at each star; no bins are fitted",
    "df": "not used: the distribution function of energy and angular momentum gives the velocities; no bins are fitted",
}


def _projection(jeans: Mapping[str, Any], kind: str) -> str:
    if kind in BY_STARS:
        return "each star along its own sight line; the bins of the figures with the mean geometry of their stars"
    return PROJECTIONS.get(str(jeans.get("projection")), _value(jeans.get("projection", "?")))


def _with_error(value: Any) -> str:
    """A number, or the mean and standard deviation of a normal prior, or another prior in words."""
    if isinstance(value, Mapping) and value.get("prior") == "normal":
        return f"{_value(value['mean'])} ± {_value(value['sd'])} (free)"
    return _value(value)


def _route(jeans: Mapping[str, Any]) -> str:
    if jeans.get("route") != "v_circ":
        return f"route {_value(jeans.get('route', '?'))}: the model's dispersion is fitted to that of the stars (Eq. 7)"
    how = str(jeans.get("derivative", "?")).replace("_", " ")
    return f"route v_circ: the model's V_circ is fitted to that of the stars (Eq. 9, derivative by {how})"


def _component(table: Mapping[str, Any], variant: str, hidden: tuple[str, ...] = ()) -> str:
    fields = [f"{key} = {_value(value)}" for key, value in table.items() if key != variant and key not in hidden]
    return "; ".join([str(table.get(variant, "?")), *fields])


def _value(value: Any) -> str:
    """A value of the configuration as a reader wants it."""
    if isinstance(value, Mapping) and "prior" in value:
        return f"free, prior {prior_text(value, '')}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(_value(inner) for inner in value) + ")"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _minus(f"{value:.6g}".replace("e+", "e")) if isinstance(value, (int, float)) else str(value)


def catalogue_rows(run: Run) -> list[tuple[str, str, str, str, list[int]]]:
    """(name, file, survey, calibration, rows read, stars kept, removed, in bins) of each of several catalogues."""
    found = []
    for name in run.catalogues:
        one = run.of(name)
        about, summary = one.config["catalogue"], one.summary
        calibration = ", ".join(f"{key} = {_value(about.get(key, '?'))}" for key in ("v_offset", "distance_scale"))
        counts = [summary.n_read, summary.n_kept, summary.n_removed_substructure, summary.n_in_bins]
        found.append((name, PurePath(str(about.get("path"))).name, str(about.get("survey")), calibration, counts))
    return found


def prior_text(prior: Mapping[str, Any], unit: str) -> str:
    """A prior table in words."""
    kind = str(prior.get("prior", "?")).replace("_", "-")
    numbers = {key: _value(value) for key, value in prior.items() if key != "prior"}
    words = [f"mean {numbers['mean']}"] if "mean" in numbers else []
    words += [f"sd {numbers['sd']}"] if "sd" in numbers else []
    if "low" in numbers and "high" in numbers:
        words.append(f"from {numbers['low']} to {numbers['high']}")
    elif "low" in numbers or "high" in numbers:
        words.append(f"above {numbers['low']}" if "low" in numbers else f"below {numbers['high']}")
    return " ".join([kind, ", ".join(words), UNITS.get(unit, unit)]).strip()


def profile_rows(profile: DispersionProfile) -> list[dict[str, Any]]:
    """One row a bin."""
    return [
        {
            "low": f"{profile.r_low[k]:.4g}",
            "high": f"{profile.r_high[k]:.4g}",
            "r_mean": _number(profile.r_mean[k], 1),
            "n": int(profile.n[k]),
            "sigma": quantity(profile.sigma_los[k], profile.sigma_los_lower[k], profile.sigma_los_upper[k], ""),
            "mean": _number(profile.mean_v_gsr[k], 1),
            "mean_error": _number(profile.mean_v_gsr_error[k], 1),
            "in_fit": bool(profile.in_fit[k]),
        }
        for k in range(len(profile))
    ]


def warnings(run: Run) -> list[str]:
    """The warnings of a run without the verdicts on its fit, which stand by themselves."""
    checks = (("", run.predictive), ("", run.velocities), *run.predictives.items(), *run.velocity_checks.items())
    said = {f"{name}: {check.verdict}" if name else check.verdict for name, check in checks if check}
    return [warning for warning in run.summary.warnings if warning not in said]


def predictive(check: PredictiveCheck | None) -> dict[str, Any]:
    """The posterior predictive check: verdict, shares of the replicas that lie farther off, one row a bin."""
    if check is None:
        return {}
    quantities = ((check.sigma_los, 0), (check.mean_v_gsr, 0), (check.kurtosis, 1))
    rows = [
        {
            "low": f"{check.r_low[k]:.4g}",
            "high": f"{check.r_high[k]:.4g}",
            "n": int(check.n[k]),
            "cells": [_predicted(quantity, k, digits) for quantity, digits in quantities],
        }
        for k in range(len(check))
    ]
    shares = {"sigma_los": _number(check.p_sigma_los, 3), "mean_v_gsr": _number(check.p_mean_v_gsr, 3)}
    about = {"fits": check.fits, "verdict": check.verdict, "n_replicas": check.n_replicas}
    return {**about, "shares": shares, "rows": rows}


def _predicted(quantity: Predicted, k: int, digits: int) -> tuple[str, str, str]:
    """Observed, predicted 95 % and tail probability of a bin."""
    numbers = (round(float(x[k]), digits) + 0.0 for x in (quantity.observed, quantity.lower_95, quantity.upper_95))
    observed, low, high = (_number(number, digits) for number in numbers)
    return observed, f"{low} to {high}", _number(float(quantity.tail[k]), 3)


def _number(value: float, digits: int) -> str:
    return _minus(f"{value:.{digits}f}") if isfinite(value) else "–"


def estimate_rows(estimates: Mapping[str, Estimate]) -> list[tuple[str, Quantity, Estimate]]:
    """(name, value, estimate) of a table of the summary."""
    return [(name, _of(estimate), estimate) for name, estimate in estimates.items()]


def mass_rows(profile: MassProfile) -> list[tuple[str, list[Quantity]]]:
    """(radius, quantities) at the radii of the table that the profile covers, or at its own ends and middle."""
    r = profile.r
    radii = [x for x in RADII if r[0] * (1 - 1e-9) <= x <= r[-1] * (1 + 1e-9)]
    if not radii:
        radii = [float(r[0]), float(r[len(r) // 2]), float(r[-1])]
    bands = (
        (profile.enclosed_mass, "solMass"), (profile.halo_mass, "solMass"), (profile.v_circ, "km / s"),
        (profile.sigma_r, "km / s"), (profile.sigma_los, "km / s"),
    )  # fmt: skip
    return [(f"{x:.4g}", [quantity(*_at(band, x, profile), unit) for band, unit in bands]) for x in radii]


def _at(band: Band, r: float, profile: MassProfile) -> tuple[float, float, float]:
    values = (float(np.interp(r, profile.r, y)) for y in (band.median, band.lower, band.upper))
    return next(values), next(values), next(values)


def diagnostics(run: Run) -> list[tuple[str, str, str]]:
    """(what, value, what is asked of a reliable chain)."""
    s = run.summary.sampling
    if s.tau is None and s.rhat is None and s.ess is not None:
        return [*_of_weighted_draws(run), *_of_the_fit(run)]
    return [
        ("Steps of each walker", f"{s.n_steps}", ""),
        ("discarded as burn-in", f"{s.n_burn}", ""),
        ("Posterior draws kept", f"{len(run.chain)}", ""),
        *_lengths(s),
        ("Worst split R-hat", _optional(s.rhat, 4), "at most 1.01"),
        ("Smallest effective sample size", _optional(s.ess, 0), "at least 1000"),
        ("Mean acceptance fraction", _optional(s.acceptance, 2), ""),
        *_of_the_fit(run),
    ]  # fmt: skip


def _lengths(s: SamplingStatus) -> list[tuple[str, str, str]]:
    """How long the chain is: in autocorrelation times, or what stopped the trajectories of a Hamiltonian sampler."""
    if s.n_divergent is not None:
        return [("Divergent draws", f"{s.n_divergent}", "at most 1 % of them")]
    lengths = "–" if not s.tau else f"{(s.n_steps - s.n_burn) / s.tau:.0f}"
    return [
        ("Longest autocorrelation time (steps)", _optional(s.tau, 1), ""),
        ("Autocorrelation times after burn-in", lengths, "at least 50"),
    ]


def _of_weighted_draws(run: Run) -> list[tuple[str, str, str]]:
    s = run.summary.sampling
    return [
        ("Evaluations of the posterior", f"{s.n_steps}", ""),
        ("Weighted draws kept", f"{len(run.chain)}", ""),
        ("Effective sample size of their weights", _optional(s.ess, 0), "at least 1000"),
        ("Effective size a draw", _optional(s.acceptance, 2), ""),
        *([("Evidence ln Z", found, "for the same data only")] if (found := evidence(s)) else []),
    ]


def _of_the_fit(run: Run) -> list[tuple[str, str, str]]:
    return [
        ("χ² of the best sample", f"{run.summary.chi2:.1f}", f"for {run.summary.n_points} points"),
        ("Free parameters", f"{len(run.chain.parameters)}", ""),
    ]


def _optional(value: float | None, digits: int) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.{digits}f}"


def truth_rows(summary: Summary) -> list[tuple[str, str, Quantity, str]]:
    """(name, truth, answer, deviation in standard errors) of every quantity whose truth is known."""
    known = {**summary.derived, **summary.parameters}
    rows = []
    for name, truth in summary.truth.items():
        if name in known:
            estimate = known[name]
            error = estimate.upper - estimate.median if truth > estimate.median else estimate.median - estimate.lower
            deviation = _minus(f"{(estimate.median - truth) / error:+.1f}") if error > 0 else "–"
            rows.append((name, _minus(f"{truth:.4g}".replace("e+", "e")), _of(estimate), deviation))
    return rows


def flatten(value: Any, path: str = "") -> list[tuple[str, str]]:
    """(dotted key, value as TOML-like text) of every setting; a prior stays one line."""
    if isinstance(value, Mapping) and "prior" not in value:
        return [row for key, inner in value.items() for row in flatten(inner, f"{path}.{key}" if path else str(key))]
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Mapping) for v in value):
        return [row for k, inner in enumerate(value, 1) for row in flatten(inner, f"{path}[{k}]")]
    return [(path, _plain(value))]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_plain(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_plain(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name  # where a file lay on this machine is provenance.json's matter
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def rerun(run: Run) -> list[str]:
    """Commands that repeat the run, draw it again and print its citations."""
    catalogue = run.config.get("catalogue", {})
    repeat = f"haloscale weigh config.resolved.toml --seed {run.summary.seed} -o DIR"
    if isinstance(catalogue, Mapping):
        path = catalogue.get("path")
        name = PurePath(str(path)).name if path not in (None, "", "off") else "CATALOGUE"
        survey = catalogue.get("survey", "generic")
        repeat = (
            f"haloscale weigh {name} --survey {survey} --recipe config.resolved.toml --seed {run.summary.seed} -o DIR"
        )
    return [repeat, "haloscale report DIR", "haloscale cite DIR"]
