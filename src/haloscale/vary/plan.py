"""Which assumptions are changed, to what, and why: the table `ASSUMPTIONS`.

A new row is enough to have another assumption varied. A value that the run already has is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale.config import RunConfig
from haloscale.cosmology import bryan_norman_overdensity
from haloscale.errors import ConfigError
from haloscale.frames import MODERN, ZHAI2018, SolarFrame
from haloscale.jeans.projection import PROJECTIONS
from haloscale.records import Floats
from haloscale.substructure.base import KEEP_ALL, substructure_methods

Settings = Mapping[str, Any]
Variants = Callable[[RunConfig, Floats], Mapping[str, Settings]]
"""From the configuration and the bin edges [kpc] of a run to what is changed: name -> settings."""


@dataclass(frozen=True)
class Variation:
    """One refit to be made: its group and name, the settings it changes, why, and whether it is a systematic error."""

    group: str
    name: str
    settings: Settings
    reason: str
    counted: bool = True


@dataclass(frozen=True)
class Assumption:
    """One row of the table: a group of variations, what they are, and their reason or source."""

    group: str
    reason: str
    variants: Variants
    counted: bool = True


def plan(config: RunConfig, edges: Floats) -> tuple[Variation, ...]:
    """The variations of a run, in the order of the table.

    Parameters
    ----------
    config : RunConfig
    edges : array (n_bins + 1,) [kpc]
        Edges of the run's radial bins.

    Returns
    -------
    tuple of Variation
        Without those that change nothing, and those that do not apply to the run's models.
    """
    wanted = (
        Variation(row.group, name, settings, row.reason, row.counted)
        for row in ASSUMPTIONS
        for name, settings in row.variants(config, edges).items()
    )
    return tuple(_unique(config, wanted))


def _unique(config: RunConfig, wanted: Iterator[Variation]) -> Iterator[Variation]:
    """Each changed configuration once; one that cannot be is kept, for the table to say why."""
    seen = [config.to_mapping()]
    for variation in wanted:
        try:
            mapping = configuration.change(config, variation.settings).to_mapping()
        except ConfigError:
            yield variation
            continue
        changed = configuration.diff(seen[0], mapping)
        if mapping not in seen:
            seen.append(mapping)
            yield replace(variation, settings={k: v for k, v in variation.settings.items() if k in changed})


def _bins(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    middles = _middles(edges)
    doubled = np.unique(np.append(edges[::2], edges[-1]))
    number = len(edges) - 1
    return {
        "twice as many bins": _edges(np.sort(np.append(edges, middles))),
        "half as many bins": _edges(doubled),
        "shifted by half a bin": _edges(np.concatenate([edges[:1], middles, edges[-1:]])),
        "equal steps in ln r": _edges(np.geomspace(max(edges[0], 1e-3 * edges[-1]), edges[-1], number + 1)),
        "equal numbers of stars": {"dispersion.n_bins": number},
    }


def _range(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    if len(edges) < 4:
        return {}
    return {"outermost bin dropped": _edges(edges[:-1]), "innermost bin dropped": _edges(edges[1:])}


def _middles(edges: Floats) -> Floats:
    """Middles of the bins in ln r; array (n_bins,) [kpc]."""
    middles: Floats = np.sqrt(np.maximum(edges[:-1], 1e-3 * edges[-1]) * edges[1:])
    return middles


def _edges(edges: Floats) -> Settings:
    return {"dispersion.edges": [round(float(edge), 3) for edge in edges]}


def _anisotropy(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    constant = {"anisotropy.model": "constant"}
    return {f"beta = {beta:g}": {**constant, "anisotropy.beta": beta} for beta in (0.0, 0.3, 0.5, 0.7, 0.9)}


def _tracer(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    power_law = {"tracer.profile": "power_law"}
    slopes = (-3.5, -4.0, -4.5, -5.0)
    return {f"log_slope = {slope:g}": {**power_law, "tracer.log_slope": slope} for slope in slopes}


def _substructure(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    words = {KEEP_ALL: "no group removed"}
    methods = (KEEP_ALL, *(name for name in substructure_methods if name != KEEP_ALL))
    return {
        words.get(name, f"groups removed by {name}"): {"substructure.method": name}
        for name in methods
        if name != config.substructure.method
    }


def _disk(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    if config.mass.get("disk", {}).get("profile") != "exponential_disk":
        return {}
    words = {"m": "disk mass", "b": "disk scale length"}
    return {
        f"{word} x {factor:g}": {f"mass.disk.{key}": factor * value}
        for key, word in words.items()
        if isinstance(value := config.mass["disk"][key], float)
        for factor in (0.8, 1.2)
    }


def _sun(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    exact = {"frame.rounded": False}
    return {
        **{f"R0 = {frame.r0:g} kpc": {"frame.r0": frame.r0} for frame in (ZHAI2018, MODERN)},
        **{f"V_LSR = {speed:g} km/s": {"frame.v_lsr": speed} for speed in (ZHAI2018.v_lsr, 232.8)},
        "solar motion of Dehnen & Binney (1998)": exact | _motion(ZHAI2018),
        "solar motion of Schönrich et al. (2010)": exact | _motion(MODERN),
        "frame of Zhai et al. (2018)": exact | _whole(ZHAI2018),
        "modern frame": exact | _whole(MODERN),
    }


def _motion(frame: SolarFrame) -> dict[str, Any]:
    return {"frame.solar_motion": list(frame.solar_motion)}


def _whole(frame: SolarFrame) -> dict[str, Any]:
    position = {"frame.r0": frame.r0, "frame.z_sun": frame.z_sun, "frame.v_lsr": round(float(frame.v_lsr), 3)}
    return position | _motion(frame)


def _projection(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    return {f"projection {name}": {"jeans.projection": name} for name in PROJECTIONS}


def _velocity(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    now = config.catalogue.v_offset
    if not isinstance(now, float):
        return {}
    return {f"velocities {step:+g} km/s": {"catalogue.v_offset": now + step} for step in (-5.0, 5.0)}


def _distance(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    now = config.catalogue.distance_scale
    if not isinstance(now, float):
        return {}
    return {f"distances x {factor:g}": {"catalogue.distance_scale": factor * now} for factor in (0.9, 1.1)}


def _definition(config: RunConfig, edges: Floats) -> dict[str, Settings]:
    matter = config.cosmology.omega_m

    def edge(overdensity: float, omega_m: float) -> dict[str, Any]:
        return {"mass.halo.overdensity": round(overdensity, 3), "mass.halo.omega_m": omega_m}

    return {
        "200 x critical": edge(200.0, 1.0),
        "200 x mean matter": edge(200.0, matter),
        "Bryan & Norman (1998)": edge(float(bryan_norman_overdensity(matter)), 1.0),
        "H0 = 73.24 km/s/Mpc": {"mass.halo.h0": 73.24},
    }


ASSUMPTIONS: Final = (
    Assumption("radial bins", "another segmentation of the same range, as in Zhai et al. (2018, section 3.3)", _bins),
    Assumption("radial range", "the end bins hold the fewest stars (outside) and most of the disk (inside)", _range),
    Assumption(
        "anisotropy",
        "0 and 0.3 are the values of Zhai et al. (2018), 0.5 that of Deason et al. (2012) at 16-48 kpc, 0.7 to 0.9 the "
        "range that Bird et al. (2019) measure with proper motions inside 25 kpc",
        _anisotropy,
    ),
    Assumption(
        "tracer slope",
        "-3.5: Slater et al. (2016); -4: Zhai et al. (2018); -4.5 and -5: Xu et al. (2018), averaged on spheres to "
        "30 kpc and as published",
        _tracer,
    ),
    Assumption(
        "substructure",
        "streams and clumps are no part of a halo in equilibrium; every method leaves some of their stars and removes "
        "some others",
        _substructure,
    ),
    Assumption("disk", "20 % to either side", _disk),
    Assumption(
        "Sun",
        "R0: GRAVITY Collaboration (2019); V_LSR: McMillan (2017); the modern frame takes the proper motion of Sgr A* "
        "(Reid & Brunthaler 2004)",
        _sun,
    ),
    Assumption("projection", "how sigma_r becomes sigma_los; without effect where beta = 0", _projection),
    Assumption("velocity zero point", "LAMOST's pipeline is low by about 5 km/s against Gaia and APOGEE", _velocity),
    Assumption("distance scale", "zero point of distances to giants, 0.2 mag", _distance),
    Assumption(
        "definition of m_vir",
        "the same halo with its edge elsewhere: no systematic error. The radii printed in Zhai et al. (2018) need "
        "H0 of about 73.2",
        _definition,
        counted=False,
    ),
)
"""The assumptions that are varied."""
