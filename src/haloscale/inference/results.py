"""From posterior draws to the answer: bands against radius, derived quantities, and what each number means."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from haloscale import cosmology
from haloscale.arrays import Array
from haloscale.constants import DIMENSIONLESS, KMS, KPC, MSUN
from haloscale.inference.diagnostics import quantiles
from haloscale.inference.joint import JointGalaxy
from haloscale.inference.likelihood.base import projected_sigma
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.jeans import variance_r
from haloscale.jeans.projection import sin2_psi_mean
from haloscale.records import Band, Chain, DispersionProfile, Estimate, Floats, MassProfile

Evaluate = Callable[[Galaxy], tuple[Array, ...]]

_N_RADII = 60
_BLOCK = 4096
_BAND_DRAWS = 8192
"""Draws behind a band: its edges are then known to some 2 % of their distance."""

_OTHER_EDGES = {"200c": "200 x critical density", "200m": "200 x mean matter density", "bn98": "Bryan & Norman (1998)"}


def definitions(model: GalaxyModel) -> dict[str, str]:
    """What m_vir and c of the halo mean under the overdensity of the configuration, by summary name."""
    edge, whose = _edge(model), _concentration_of(model)
    return {
        "m_vir": f"mass of the halo alone inside r_vir, the radius of mean density {edge}",
        "c": f"r_vir / r_-2 of {whose}, r_vir being the radius of mean density {edge}",
    }


def mass_profile(
    model: GalaxyModel, chain: Chain, profile: DispersionProfile, r0: float, projection: str
) -> MassProfile:
    """Posterior bands of mass, circular velocity and dispersions over the radii of the profile.

    Parameters
    ----------
    model : GalaxyModel
    chain : Chain
    profile : DispersionProfile
        Sets the range of radii, and <sin^2 psi> for the projection "per_star"; of several catalogues also their
        shares of the stars.
    r0 : float [kpc]
    projection : str

    Returns
    -------
    MassProfile
        At 60 radii, evenly spaced in ln r, from about 8,000 evenly spaced draws. The dispersions of several catalogues
        are those of all their stars together, and in `catalogues` those of each.
    """
    edges, parts = profile.edges, profile.catalogues
    r = np.geomspace(max(edges[0], 1e-2 * edges[-1]), edges[-1], _N_RADII)
    sin2_psi = {name: sin2_psi_at(part, r, r0, projection) for name, part in (parts or {"": profile}).items()}
    shares = {name: _share(part, profile, r) for name, part in parts.items()}

    def at(galaxy: Galaxy) -> tuple[Array, ...]:
        total, halo = galaxy.total, galaxy.mass["halo"]
        seen = galaxy.catalogues if isinstance(galaxy, JointGalaxy) else {"": galaxy}
        found = {name: dispersions(one, r, sin2_psi[name]) for name, one in seen.items()}
        mixed = _mixed(shares, found) if shares else ()
        own = [column for pair in found.values() for column in pair]
        return total.enclosed_mass(r), halo.enclosed_mass(r), total.v_circ(r), *mixed, *own

    chain = _at_most(chain, _BAND_DRAWS)
    bands = [Band(*quantiles(column, chain.weight)) for column in _over_draws(model, chain, at)]
    own = dict(zip(parts, zip(bands[5::2], bands[6::2], strict=True), strict=True))
    whole = MassProfile(r, bands[0], bands[1], bands[2], bands[3], bands[4])
    of_each = {name: replace(whole, sigma_r=sigma_r, sigma_los=sigma_los) for name, (sigma_r, sigma_los) in own.items()}
    return replace(whole, catalogues=of_each)


def sin2_psi_at(profile: DispersionProfile, r: Floats, r0: float, projection: str) -> Floats:
    """<sin^2 psi> at radii r, array (n_r,) [kpc], for a projection."""
    has_stars = profile.n > 0
    mean_sin2_psi = np.interp(r, profile.r[has_stars], profile.mean_sin2_psi[has_stars]) if has_stars.any() else 0.0 * r
    return np.asarray(sin2_psi_mean(projection, r, r0, mean_sin2_psi))


def _share(part: DispersionProfile, whole: DispersionProfile, r: Floats) -> Floats:
    """Share of the stars of all catalogues that one has at radii r, array (n_r,) [kpc], from the bins."""
    has_stars = whole.n > 0
    return np.asarray(np.interp(r, whole.r[has_stars], part.n[has_stars] / whole.n[has_stars]))


def dispersions(galaxy: Galaxy, r: Floats, sin2_psi: Floats) -> tuple[Array, Array]:
    """sigma_r and sigma_los at radii r, array (n_r,) [kpc], where the sight lines have sin^2 psi, array (n_r,)."""
    variance = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, r)
    return variance**0.5, projected_sigma(sin2_psi, variance, galaxy.anisotropy.beta_at(r))


def _mixed(shares: Mapping[str, Floats], found: Mapping[str, tuple[Array, Array]]) -> tuple[Array, ...]:
    """sigma_r and sigma_los of all stars together: the mean square, since every mean velocity is zero."""
    return tuple(sum(shares[name] * pair[k] ** 2 for name, pair in found.items()) ** 0.5 for k in (0, 1))


def estimates(
    model: GalaxyModel, chain: Chain, r0: float, omega_m: float
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Parameters and derived quantities of the summary.

    Parameters
    ----------
    model : GalaxyModel
    chain : Chain
    r0 : float [kpc]
        Where v_circ_r0 is taken.
    omega_m : float
        Matter density, for the other overdensity definitions.

    Returns
    -------
    parameters, derived : dict of str to Estimate
    """
    halo = model.component("mass.halo")
    parameters = {p.name: _estimate(chain[p.name], chain, p.unit, p.definition) for p in model.parameters}
    for key in ("m_vir", "c"):
        if key not in parameters:
            described, value = model.describe(halo, key), float(halo.values[key])
            parameters[key] = Estimate(value, value, value, described.unit, described.definition, fixed=True)
    fixed = not model.parameters
    derived = {
        name: _estimate(draws, chain, unit, definition, fixed=fixed)
        for name, (draws, unit, definition) in _derived(model, chain, r0, omega_m).items()
    }
    first = [name for name in ("m_vir", "c") if name in parameters]
    return {name: parameters[name] for name in dict.fromkeys((*first, *parameters))}, derived


def _derived(model: GalaxyModel, chain: Chain, r0: float, omega_m: float) -> dict[str, tuple[Floats, str, str]]:
    h0 = float(model.component("mass.halo").values.get("h0", cosmology.H0))
    thresholds = [cosmology.density_threshold(name, h0, omega_m) for name in _OTHER_EDGES]

    def at(galaxy: Galaxy) -> tuple[Array, ...]:
        total, halo = galaxy.total, galaxy.mass["halo"]
        main = halo.r_vir, total.enclosed_mass(60.0), total.enclosed_mass(100.0), total.v_circ(r0)
        others = (cosmology.convert(halo, threshold) for threshold in thresholds)
        return (*main, *(value for m, _, c in others for value in (m, c)))

    draws = [column.reshape(len(chain)) for column in _over_draws(model, chain, at)]
    whose = _concentration_of(model)
    names = {
        "r_vir": (KPC, f"radius of mean halo density {_edge(model)}"),
        "m_within_60kpc": (MSUN, "total mass (all components) inside 60 kpc"),
        "m_within_100kpc": (MSUN, "total mass (all components) inside 100 kpc"),
        "v_circ_r0": (KMS, f"circular velocity of the total mass at the Sun's radius, {r0:g} kpc"),
    }
    for name, edge in _OTHER_EDGES.items():
        cosmos = f"(H0 = {h0:g} km/s/Mpc, Omega_m = {omega_m:g})"
        names[f"m_{name}"] = (MSUN, f"mass of the halo alone inside the radius of mean density {edge} {cosmos}")
        names[f"c_{name}"] = (DIMENSIONLESS, f"that radius over r_-2 of {whose}, {edge} {cosmos}")
    return {name: (column, *meaning) for (name, meaning), column in zip(names.items(), draws, strict=True)}


def _at_most(chain: Chain, n: int) -> Chain:
    """Every k-th draw of a chain, so that about n are left: bands need no more."""
    step = max(1, round(len(chain) / n))
    return replace(chain, values=chain.values[::step], weight=chain.weight[::step])


def _over_draws(model: GalaxyModel, chain: Chain, at: Evaluate) -> list[Floats]:
    """Evaluate over all draws in blocks, so that memory stays bounded; arrays (n_draws, ...)."""
    blocks = []
    for start in range(0, len(chain), _BLOCK):
        theta = chain.values[start : start + _BLOCK]
        results = at(model.build(theta))
        blocks.append([_per_draw(result, len(theta)) for result in results])
    return [np.concatenate(column) for column in zip(*blocks, strict=True)]


def _per_draw(result: Array, n_draws: int) -> Floats:
    """A quantity that no free parameter touches stands once for all draws."""
    array = np.atleast_1d(np.asarray(result, dtype=float))
    return array if array.ndim > 1 else np.broadcast_to(array, (n_draws, array.size))


def _estimate(draws: Floats, chain: Chain, unit: str, definition: str, *, fixed: bool = False) -> Estimate:
    median, lower, upper = (float(q) for q in quantiles(draws, chain.weight))
    return Estimate(median, lower, upper, unit, definition, fixed)


def _edge(model: GalaxyModel) -> str:
    values: Mapping[str, float] = model.component("mass.halo").values
    factor = values.get("overdensity", 200.0) * values.get("omega_m", 1.0)
    return f"{factor:g} x critical density (H0 = {values.get('h0', cosmology.H0):g} km/s/Mpc)"


def _concentration_of(model: GalaxyModel) -> str:
    return str(getattr(model.component("mass.halo").cls, "concentration_of", "the halo"))
