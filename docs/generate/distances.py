"""The tables and numbers of the page `distances`: the sequences, simulated giants, and the reach of the priors."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from generate.layout import NBSP, table

from haloscale import photometry
from haloscale.config.options import options_of
from haloscale.distance import Giants, GiantSettings, distance_methods, giant_distances, giants_of
from haloscale.distance.bhb import COEFFICIENTS
from haloscale.distance.fiducials import DEFAULT_CLUSTERS, M_R_BRIGHT, M_R_FAINT, fiducials
from haloscale.distance.giant_flags import FLAGS
from haloscale.mock import GiantErrors, simulate_giants
from haloscale.photometry.coefficients import extinction_coefficients, transforms
from haloscale.records import Distances, Floats, StarTable

N_STARS = 10_000
"""Simulated giants that are given a distance."""
DRAWN = 70_000
FEW = 2000
M_R = (-3.0, -2.0, -1.0, 0.0, 2.0)
COLOURS = (0.5, 0.7, 0.9, 1.1)
HALO = {"feh": (-1.5, 0.4)}


def tables() -> dict[str, str]:
    """The tables, by name of their file."""
    return {
        "sequences": sequences(),
        "coefficients": coefficients(),
        "giant_flags": flags(),
        "coverage": coverage(),
        "choices": choices(),
        "errors": errors(),
        "transforms": systems(),
        "giant_branch_keys": keys("giant_branch"),
        "bhb_keys": keys("bhb"),
    }


def numbers() -> dict[str, str]:
    """The numbers in the text, by name."""
    found, truth = placed()
    wide = (found.dm_p84 - found.dm_p16) / 2 > 0.4
    flat = giant_distances(giants(), GiantSettings(luminosity_slope=0.0))
    return {
        "n_simulated": f"{N_STARS:,}",
        "bias_distance": signed(100 * (np.exp(np.mean(np.log(found.distance / 10 ** (truth / 5 - 2)))) - 1), 1),
        "without_prior": signed(float(np.mean(flat.dm_mean - truth)), 2),
        "without_prior_wide": signed(float(np.mean((flat.dm_mean - truth)[wide])), 2),
        "share_wide": f"{100 * wide.mean():.0f}{NBSP}%",
        "colour_zero_point": signed(colour_shift(), 2),
        "transform_shift": signed(systems_difference(), 2),
        "brightest": f"{M_R_BRIGHT:g}".replace("-", "−"),
        "faintest": f"+{M_R_FAINT:g}",
        "bhb_relation": relation(COEFFICIENTS),
    }


def relation(coefficients: Iterable[float]) -> str:
    """A polynomial in c, as text."""
    powers = ("", " c", " c²", " c³", " c⁴")
    terms = [f"{'−' if a < 0 else '+'} {abs(a):g}{x}" for a, x in zip(coefficients, powers, strict=True)]
    return " ".join(terms).removeprefix("+ ")


def keys(method: str) -> str:
    """The keys of ``[distance]`` of a method that are its own, or, for the first, those of the photometry as well."""
    found = options_of(distance_methods[method])
    if method != "giant_branch":
        found = {name: option for name, option in found.items() if name not in options_of(photometry.deredden)}
    rows = [(f"`{name}`", f"`{written(option.default)}`", option.description) for name, option in found.items()]
    return table(("key", "default", ""), rows)


def written(value: Any) -> str:
    """A value as it stands in a configuration file."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"


def signed(x: float, digits: int) -> str:
    """A number with its sign."""
    return f"{round(x, digits) + 0.0:+.{digits}f}".replace("-", "−")


@cache
def simulated() -> StarTable:
    """Giants that the priors describe exactly, as many as are given a distance."""
    stars = simulate_giants(np.random.default_rng(2014), DRAWN)
    kept = np.flatnonzero(giant_distances(giants_of(stars)).ok)[:N_STARS]
    return stars.take(kept)


def giants() -> Giants:
    """Their photometry and metallicities."""
    return giants_of(simulated())


@cache
def placed() -> tuple[Distances, Floats]:
    """Their distances, and the true moduli [mag]."""
    return giant_distances(giants()), simulated().raw["true_dm"]


def sequences() -> str:
    """Colour of the default sequences."""
    lines = fiducials(DEFAULT_CLUSTERS)
    rows = []
    for name, feh, gr0, start in zip(lines.names, lines.feh, lines.gr0, lines.starts, strict=True):
        values = [f"{np.interp(m, lines.m_r, gr0):.3f}{'*' if m < start else ''}" for m in M_R]
        rows.append((name, f"{feh:+.2f}".replace("-", "−"), *values))
    return table(("cluster", "[Fe/H]", *(f"{m:+g}".replace("-", "−").replace("+0", "0") for m in M_R)), rows)


def coefficients() -> str:
    """Extinction of each band for one magnitude of E(B-V)."""
    systems = {name: extinction_coefficients(name) for name in ("sdss", "ps1")}
    rows = [(f"`{name}`", *(f"{k[band]:g}" for band in "gri"), f"{k['g'] - k['r']:.3f}") for name, k in systems.items()]
    return table(("system", "g", "r", "i", "g − r"), rows)


def flags() -> str:
    """Every word of the column flag."""
    words = {**FLAGS, **{k: v for k, v in photometry.FLAGS.items() if k not in FLAGS}}
    return table(("flag", "stars with it"), [(f"`{word}`", meaning) for word, meaning in words.items()])


def coverage() -> str:
    """How often the intervals hold the truth, and the errors of what is read off, by true absolute magnitude."""
    found, truth = placed()
    m_r = simulated().raw["true_m_r"]
    rows = []
    for low, high in ((-3.3, -2.0), (-2.0, -1.0), (-1.0, 0.0), (0.0, 1.5), (-3.3, 3.0)):
        at = (found.m_r >= low) & (found.m_r < high) if high < 3.0 else np.ones(len(m_r), bool)
        inside = (found.dm_p16 < truth) & (truth < found.dm_p84)
        wide = (found.dm_p05 < truth) & (truth < found.dm_p95)
        ratio = found.distance / 10 ** (truth / 5 - 2)
        name = "all" if high == 3.0 else f"{low:g} to {high:g}".replace("-", "−")
        cells = (f"{at.sum():,}", share(inside[at]), share(wide[at]), f"{median_error(found, at):.1f}{NBSP}%")
        rows.append((name, *cells, f"{signed(100 * (np.exp(np.mean(np.log(ratio[at]))) - 1), 1)}{NBSP}%"))
    return table(("$M_r$ as found", "stars", "in 16–84 %", "in 5–95 %", "median error", "mean of ln d"), rows)


def share(inside: Any) -> str:
    """A fraction of stars in per cent."""
    return f"{100 * np.mean(inside):.1f}{NBSP}%"


def median_error(found: Distances, at: Any) -> float:
    """Median error of the distance [per cent]."""
    return float(np.median(100 * found.distance_error[at] / found.distance[at]))


@cache
def halo() -> tuple[StarTable, Giants]:
    """Giants of a halo-like metallicity distribution."""
    stars = simulate_giants(np.random.default_rng(1992), 10 * FEW, **HALO)
    kept = np.flatnonzero(giant_distances(giants_of(stars)).ok)[:FEW]
    return stars.take(kept), giants_of(stars.take(kept))


def choices() -> str:
    """What each choice does to the modulus, star by star, against the default."""
    _, stars = halo()
    base = giant_distances(stars)
    settings: dict[str, dict[str, Any]] = {
        "`luminosity_slope = 0`": {"luminosity_slope": 0.0},
        "`luminosity_slope = 0.25`": {"luminosity_slope": 0.25},
        "`luminosity_slope = 0.40`": {"luminosity_slope": 0.40},
        '`metallicity_prior = "sample"`': {"metallicity_prior": "sample"},
        "`density_log_slope = -4`": {"density_log_slope": -4.0},
        "`colour_scatter = 0.02`": {"colour_scatter": 0.02},
        "clusters M92, M5, M71, NGC6791": {"clusters": ("M92", "M5", "M71", "NGC6791")},
    }
    rows = []
    for name, given in settings.items():
        other = giant_distances(stars, GiantSettings(horizontal_branch_cut=False, **given))
        change = other.dm_mean - base.dm_mean
        width = np.nanmedian((other.dm_p84 - other.dm_p16) / (base.dm_p84 - base.dm_p16))
        low, high = np.nanquantile(change, [0.05, 0.95])
        rows.append(
            (name, signed(float(np.nanmedian(change)), 3), f"{signed(low, 3)} to {signed(high, 3)}", f"{width:.2f}")
        )
    return table(("changed to", "median change of DM [mag]", "5 to 95 % of the stars", "errors times"), rows)


def errors() -> str:
    """Median error of the distance against the errors of the input."""
    rows = []
    for name, given in (
        ("LAMOST-like: r 0.04, g − r 0.025, [Fe/H] 0.12", GiantErrors()),
        ("colour error halved", GiantErrors(gr0=0.0125)),
        ("[Fe/H] error halved", GiantErrors(feh=0.06)),
        ("both halved", GiantErrors(gr0=0.0125, feh=0.06)),
        ("colour error doubled", GiantErrors(gr0=0.05)),
    ):
        stars = giants_of(simulate_giants(np.random.default_rng(7), 6 * FEW, errors=given, **HALO))
        found = giant_distances(stars)
        rows.append((name, *(f"{median_error(found, _bright(found, low, high)):.0f}{NBSP}%" for low, high in _RANGES)))
    return table(
        ("errors [mag, dex]", *(f"$M_r$ {low:g} to {high:g}".replace("-", "−") for low, high in _RANGES)), rows
    )


_RANGES = ((-3.0, -2.0), (-2.0, -1.0), (-1.0, 0.5))


def _bright(found: Distances, low: float, high: float) -> Any:
    return found.ok & (found.m_r >= low) & (found.m_r < high)


def systems() -> str:
    """The two ways from Pan-STARRS1 to SDSS, along the colours of giants."""
    first, second = (transforms()[name] for name in ("finkbeiner2016", "tonry2012"))
    rows = []
    for gr in COLOURS:
        bands = ps1_magnitudes(gr)
        ours, theirs = (sdss(bands, t) for t in (first, second))
        gaps = (ours[1] - theirs[1], (ours[0] - ours[1]) - (theirs[0] - theirs[1]))
        rows.append((f"{gr:g}", *(signed(gap, 3) for gap in gaps)))
    return table(("PS1 g − r", "difference in r [mag]", "difference in g − r [mag]"), rows)


def ps1_magnitudes(gr: float) -> dict[str, float]:
    """Pan-STARRS1 magnitudes of a giant of r = 0: r - i as of the simulated ones."""
    return {"g": gr, "r": 0.0, "i": -(0.01 + 0.37 * gr)}


def sdss(bands: dict[str, float], transform: Any) -> tuple[float, float]:
    """SDSS g and r."""
    x = np.array([bands[transform.blue] - bands[transform.red]])
    return tuple(bands[band] + float(transform.offset(band, x)[0]) for band in "gr")  # type: ignore[return-value]


def systems_difference() -> float:
    """Median change of the modulus of halo giants when r and g - r shift as between the transformations [mag]."""
    _, stars = halo()
    base = giant_distances(stars)
    first, second = (transforms()[name] for name in ("finkbeiner2016", "tonry2012"))
    shift = []
    for gr in stars.gr0:
        ours, theirs = (sdss(ps1_magnitudes(float(gr)), t) for t in (first, second))
        shift.append((theirs[1] - ours[1], (theirs[0] - theirs[1]) - (ours[0] - ours[1])))
    dr, dc = np.array(shift).T
    moved = Giants(stars.rmag0 + dr, stars.rmag0_error, stars.gr0 + dc, stars.gr0_error, stars.feh, stars.feh_error)
    return float(np.nanmedian(giant_distances(moved).dm_mean - base.dm_mean))


def colour_shift() -> float:
    """Median change of the modulus of halo giants that are 0.01 mag redder [mag]."""
    _, stars = halo()
    base = giant_distances(stars)
    redder = Giants(stars.rmag0, stars.rmag0_error, stars.gr0 + 0.01, stars.gr0_error, stars.feh, stars.feh_error)
    return float(np.nanmedian(giant_distances(redder).dm_mean - base.dm_mean))
