"""What is computed to explain why a number of the paper and ours differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan, pi
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import cosmology, jeans, stages
from haloscale.config import RunConfig
from haloscale.errors import RunFolderError
from haloscale.inference.samplers.base import maximum
from haloscale.mass import NFW
from haloscale.records import DispersionProfile, Floats, Run, Sample
from haloscale.reproduce.catalogue import truth
from haloscale.reproduce.printed import printed, printed_value
from haloscale.run import generator

FITS: Final = {"beta0_sigma": "sigma", "beta0_v_circ": "v_circ", "beta0.3_v_circ": "beta03"}
"""The runs whose fit the paper prints, and what the names of its numbers end with."""

INNER, OUTER = 20.0, 40.0
"""Radii [kpc] inside and beyond which the dispersions are set beside those of the printed fit."""

_SUN: Final = 8.0
_RADIUS: Final = 100.0


@dataclass(frozen=True)
class PrintedFit:
    """What follows from a printed m_vir and c with the paper's own constants.

    Parameters
    ----------
    r_vir : float [kpc]
    halo_mass, total_mass : float [solMass]
        Within 100 kpc.
    v_circ : float [km/s]
        At the Sun.
    total_virial : float [solMass]
        Disk and bulge included, within r_vir.
    """

    r_vir: float
    halo_mass: float
    total_mass: float
    v_circ: float
    total_virial: float


@dataclass(frozen=True)
class Facts:
    """Computed once for a reproduction.

    Parameters
    ----------
    fits : mapping of str to PrintedFit
        By the run that repeats the fit.
    h0 : tuple of 2 floats [km/s/Mpc]
        Hubble constants that give all printed radii, rounding included, from the printed masses.
    overdensity : tuple of 2 floats
        The same as an overdensity at the stated Hubble constant.
    width : mapping of str to tuple of 2 floats
        Half the 68 % interval of m_vir over m_vir, printed and ours, by run.
    n_used : int
        Stars in our fit.
    excess : float
        Ours of m_vir from V_circ over m_vir from sigma_los, less 1.
    integral_over_derivative : float
        m_vir of the two runs with beta = 0.3.
    errors_in_sigma : float [km/s]
        Median over the bins of what the velocity errors add to sigma_los; NaN where it cannot be said.
    errors_in_mass : float
        Relative change of m_vir when they are taken out.
    projection_in_mass : float
        Relative change of m_vir of the integral with beta = 0.3 when sigma_r is projected with the stars' geometry.
    curve : tuple of two arrays (n,) [kpc, km/s]
        sigma_los of the printed fit for beta = 0.
    inner, outer : float
        Mean of our sigma_los over that curve at the middle of the bins, less 1, inside `INNER` and beyond `OUTER`.
    bias : mapping
        bias_summary.json, or empty.
    """

    fits: Mapping[str, PrintedFit]
    h0: tuple[float, float]
    overdensity: tuple[float, float]
    width: Mapping[str, tuple[float, float]]
    n_used: int
    excess: float
    integral_over_derivative: float
    errors_in_sigma: float
    errors_in_mass: float
    projection_in_mass: float
    curve: tuple[Floats, Floats]
    inner: float
    outer: float
    bias: Mapping[str, Any]


def facts(runs: Mapping[str, Run], bias: Path | None = None) -> Facts:
    """What there is to say of the runs and of the printed numbers.

    Parameters
    ----------
    runs : mapping of str to Run
    bias : Path, optional
        Folder of a finished `haloscale bias`.

    Raises
    ------
    RunFolderError
        The folder `bias` holds no finished study.
    """
    base = runs["beta0_sigma"]
    m_vir = {name: run.summary.parameters["m_vir"].median for name, run in runs.items()}
    curve = printed_curve(base.profile.r)
    radii = np.geomspace(base.profile.r_low[0], base.profile.r_high[-1], 60)
    h0 = printed_h0()
    stated = printed_value("overdensity"), printed_value("h0")
    return Facts(
        fits={name: printed_fit(ending) for name, ending in FITS.items()},
        h0=h0,
        overdensity=(stated[0] * (h0[0] / stated[1]) ** 2, stated[0] * (h0[1] / stated[1]) ** 2),
        width={name: (_printed_width(f"m_vir_{ending}"), _width(runs[name])) for name, ending in FITS.items()},
        n_used=base.summary.n_in_bins,
        excess=m_vir["beta0_v_circ"] / m_vir["beta0_sigma"] - 1.0,
        integral_over_derivative=m_vir["beta0.3_integral"] / m_vir["beta0.3_v_circ"],
        errors_in_sigma=_errors_in_sigma(base),
        errors_in_mass=_change_of_mass(base, {"dispersion.deconvolve": True}),
        projection_in_mass=_change_of_mass(runs["beta0.3_integral"], {"jeans.projection": "per_star"}),
        curve=(radii, printed_curve(radii)),
        inner=_ratio(base.profile, curve, base.profile.r_high <= INNER * 1.1),
        outer=_ratio(base.profile, curve, base.profile.r_low >= OUTER),
        bias=read_bias(bias),
    )


def printed_fit(ending: str) -> PrintedFit:
    """What a printed fit means with the stated constants; `ending` as in `FITS`."""
    halo = NFW(m_vir=printed_value(f"m_vir_{ending}"), c=printed_value(f"c_{ending}"))
    total = halo + truth().baryons
    numbers = halo.r_vir, halo.enclosed_mass(_RADIUS), total.enclosed_mass(_RADIUS), total.v_circ(_SUN)
    r_vir, halo_mass, total_mass, v_circ, virial = (float(x) for x in (*numbers, total.enclosed_mass(halo.r_vir)))
    return PrintedFit(r_vir, halo_mass, total_mass, v_circ, virial)


def printed_h0() -> tuple[float, float]:
    """The Hubble constants [km/s/Mpc] that give every printed r_vir, within its rounding, from the printed m_vir.

    Notes
    -----
    Zhai et al. (2018), Eqs. 15 and 16, solved for H0; the interval common to the three fits.
    """
    low, high = -inf, inf
    for ending in FITS.values():
        m, radius = printed_value(f"m_vir_{ending}"), printed(f"r_vir_{ending}")
        ends = [_h0_of(m, radius.value + step) for step in (radius.rounding, -radius.rounding)]
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def _h0_of(m_vir: float, r_vir: float) -> float:
    density = m_vir / (4.0 / 3.0 * pi * r_vir**3 * printed_value("overdensity") * printed_value("omega_m"))
    return float(np.sqrt(density / cosmology.critical_density(1.0)))


def printed_curve(r: Floats) -> Floats:
    """sigma_los [km/s] of the printed fit for beta = 0 at `r` : array (n,) [kpc]; the paper's data match it."""
    made = truth()
    return np.asarray(jeans.sigma_r(made.mass, made.tracer, made.anisotropy, r))


def _printed_width(key: str) -> float:
    entry = printed(key)
    return (entry.plus + entry.minus) / 2 / entry.value


def _width(run: Run) -> float:
    m = run.summary.parameters["m_vir"]
    return (m.upper - m.lower) / 2 / m.median


def _ratio(profile: DispersionProfile, curve: Floats, where: Any) -> float:
    take = where & profile.in_fit & np.isfinite(profile.sigma_los)
    if not take.any():
        return nan
    weight = profile.sigma_los_error[take] ** -2.0
    return float(np.average(profile.sigma_los[take] / curve[take], weights=weight) - 1.0)


def _errors_in_sigma(run: Run) -> float:
    profile = _deconvolved(run)
    if profile is None:
        return nan
    return float(np.nanmedian((run.profile.sigma_los - profile.sigma_los)[run.profile.in_fit]))


def _deconvolved(run: Run) -> DispersionProfile | None:
    config = configuration.restore(run.config)
    if config.dispersion.options().get("deconvolve") is not False:
        return None
    changed = configuration.change(config, {"dispersion.deconvolve": True})
    return stages.measure_profile(changed, run.sample, generator(config.seed, "dispersion"))[0]


def _change_of_mass(run: Run, settings: Mapping[str, Any]) -> float:
    """Relative change of the m_vir of highest posterior when settings of a run of the route sigma change."""
    config = configuration.restore(run.config)
    profile = _deconvolved(run) if "dispersion.deconvolve" in settings else run.profile
    if profile is None:
        return nan
    before = _best_mass(config, run.sample, run.profile)
    return _best_mass(configuration.change(config, settings), run.sample, profile) / before - 1.0


def _best_mass(config: RunConfig, sample: Sample, profile: DispersionProfile) -> float:
    joined = stages.posterior(config, sample, profile)
    names = [p.name for p in joined.model.parameters]
    if "m_vir" not in names:
        return nan
    best = joined.to_values(maximum(joined, generator(config.seed, "facts")))
    return float(np.ravel(best)[names.index("m_vir")])


def read_bias(folder: Path | None) -> Mapping[str, Any]:
    """bias_summary.json of a folder; empty without one. Errors: `RunFolderError` where there is no finished study."""
    if folder is None:
        return {}
    path = folder / "bias_summary.json"
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{folder} holds no finished bias study", "a folder that `haloscale bias` has completed",
            "give the folder of such a study to --bias, or leave it out",
        ) from error  # fmt: skip
    return found


def is_known(x: float) -> bool:
    """Whether a fact could be computed."""
    return isfinite(x)
