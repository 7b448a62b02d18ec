"""Stars that a distribution function would show at the same places with the same errors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from haloscale import distribution
from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.nodes import geometry
from haloscale.inference.likelihood.points import Place
from haloscale.inference.likelihood.population import R_REF, Population, ln_density
from haloscale.inference.likelihood.swarm import Group
from haloscale.records import Floats, Ints

_RANGE = 1e-3
"""The distribution function is solved a little beyond the radii asked for."""


def velocities(
    groups: Sequence[Group],
    mass: Any,
    of: tuple[Population, ...],
    spin: float,
    place: Place,
    rng: np.random.Generator,
    n: int,
) -> tuple[list[Floats], list[Floats]]:
    """Places and true velocities of stars, group by group, n times.

    Parameters
    ----------
    groups : sequence of Group
    mass : MassModel
    of : tuple of Population
    spin : float
    place : Place
    rng : numpy.random.Generator
    n : int

    Returns
    -------
    distance : list of array (n, n_stars) [kpc]
    velocity : list of array (3, n, n_stars) [km/s]
        Along the sight line and the two axes across it, in the rest frame of the Galaxy.
    """
    distances = [_distances(group, of, place, rng, n) for group in groups]
    radii = [geometry(d, *_sky(group), SolarFrame(r0=place.r0))[0] for group, d in zip(groups, distances, strict=True)]
    spherical = _spherical(np.concatenate([r.ravel() for r in radii]), mass, of, rng)
    ends = np.cumsum([r.size for r in radii])[:-1]
    split = [v.T.reshape(3, *r.shape) for v, r in zip(np.split(spherical, ends), radii, strict=True)]
    parts = zip(groups, distances, radii, split, strict=True)
    return distances, [_seen_from_the_sun(g, d, r, v, spin, place, rng) for g, d, r, v in parts]


def observed(group: Group, distance: Floats, velocity: Floats, place: Place, rng: np.random.Generator) -> Floats:
    """What would be measured: errors added, proper motions taken to the measured distance, the frame of the sample.

    Parameters
    ----------
    group : Group
    distance : array (n, n_stars) [kpc]
        True.
    velocity : array (3, n, n_stars) [km/s]
        True.
    place : Place
    rng : numpy.random.Generator

    Returns
    -------
    array (3, n, n_stars) [km/s]
        Along the sight line and the two axes across it; what was not measured of these stars is NaN.
    """
    out = np.full(velocity.shape, np.nan)
    for i, (seen, has) in enumerate(zip(_own(group), _measured(group), strict=True)):
        if not has:
            continue
        error = np.sqrt(seen.error_squared) * rng.standard_normal(distance.shape)
        if not seen.on_sky:
            out[i] = velocity[i] + error - (place.rest(seen) - seen.rest)
        else:
            out[i] = seen.rest + ((velocity[i] - place.rest(seen)) / distance + error) * group.distance
    return out


def as_measured(group: Group) -> Floats:
    """The same of the stars themselves, array (3, n) [km/s]."""
    rows = zip(_own(group), _measured(group), strict=True)
    return np.array(
        [s.rest + s.rate * group.distance if has else np.full(len(group.distance), np.nan) for s, has in rows]
    )


def _distances(group: Group, of: tuple[Population, ...], place: Place, rng: np.random.Generator, n: int) -> Floats:
    """True distances in proportion to the density and the errors, array (n, n_stars) [kpc]."""
    d = place.scale * group.nodes.distance
    r, _ = geometry(d, *_sky(group), SolarFrame(r0=place.r0))
    ln_nu = ln_density(of, r.ravel()).reshape(r.shape)
    weight = group.nodes.weight * np.exp(ln_nu - ln_nu.max(axis=0))
    below = np.cumsum(weight, axis=0) / weight.sum(axis=0)
    chance = rng.random((n, r.shape[1]))
    node = sum(((chance > row).astype(int) for row in below[:-1]), start=np.zeros(chance.shape, dtype=int))
    return np.asarray(d[node, np.arange(r.shape[1])])


def _spherical(r: Floats, mass: Any, of: tuple[Population, ...], rng: np.random.Generator) -> Floats:
    """Velocities along r and in two directions across it, array (n, 3) [km/s]."""
    out = np.empty((len(r), 3))
    for one, stars in zip(of, _members(r, of, rng), strict=True):
        if len(stars):
            ends = {"r_low": min(1.0, r.min() * (1 - _RANGE)), "r_high": max(3000.0, r.max() * (1 + _RANGE))}
            function = distribution.solve(mass, one.tracer, one.anisotropy, r_ref=R_REF, **ends)
            out[stars] = distribution.draw_velocities(function, r[stars], rng)
    return out


def _members(r: Floats, of: tuple[Population, ...], rng: np.random.Generator) -> list[Ints]:
    """Positions of the stars of each population."""
    if len(of) == 1:
        return [np.arange(len(r))]
    ln_share = [ln_density((one,), r) for one in of]
    second = rng.random(len(r)) < 1.0 / (1.0 + np.exp(ln_share[0] - ln_share[1]))
    return [np.flatnonzero(~second), np.flatnonzero(second)]


def _seen_from_the_sun(
    group: Group, d: Floats, r: Floats, spherical: Floats, spin: float, place: Place, rng: np.random.Generator
) -> Floats:
    """Components along the sight line and the two axes across it, array (3, n, n_stars) [km/s]."""
    seen = _own(group)
    radial = np.array([s.along(d, r, place.r0) for s in seen])
    sin_psi = np.hypot(radial[1], radial[2])
    sky = radial[1:] / np.maximum(sin_psi, 1e-30)
    zero = np.zeros_like(d)
    towards = np.array([-sin_psi, radial[0] * sky[0], radial[0] * sky[1]])  # across r, in the plane of the sight line
    other = np.array([zero, -sky[1], sky[0]])
    across = spherical[1] * towards + spherical[2] * other
    if spin:
        turning = sum(a * s.streaming(d, r, place.r0, seen[0].axis) for a, s in zip(across, seen, strict=True))
        turning = turning / np.maximum(np.linalg.norm(across, axis=0), 1e-30)
        across = np.where(rng.random(d.shape) < 0.5 * (1.0 + spin * turning), across, -across)
    return np.asarray(spherical[0] * radial + across)


def _own(group: Group) -> list[Any]:
    return [seen.take(group.nodes.star) for seen in group.seen]


def _measured(group: Group) -> tuple[bool, bool, bool]:
    return group.measured[0], group.measured[1], group.measured[1]


def _sky(group: Group) -> tuple[Floats, Floats]:
    return group.l, group.b
