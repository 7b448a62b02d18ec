"""True velocities: the Jeans solution or the distribution function for the halo, rotation with a spread for a disk."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from haloscale.distribution import draw_velocities, solve
from haloscale.errors import ConfigError, NumericalError, nearest
from haloscale.jeans import sigma_r
from haloscale.mock.positions import R_HIGH, R_LOW
from haloscale.records import Floats

if TYPE_CHECKING:
    from haloscale.mock.truth import Truth

_NODES = 2049
"""Nodes in ln r between which ln sigma_r is interpolated: linear interpolation errs by less than 1e-6 there."""


Velocities = Literal["gaussian", "exact"]
"""How the velocities of the halo are drawn: normal with the Jeans dispersions, or from the distribution function."""


def halo_velocities(truth: "Truth", r: Floats, rng: np.random.Generator, velocities: Velocities = "gaussian") -> Floats:
    """Velocities of halo stars at their true radii.

    Parameters
    ----------
    truth : Truth
    r : array (n,) [kpc]
    rng : numpy Generator
    velocities : str
        "gaussian": `gaussian_velocities`; "exact": `exact_velocities`.

    Returns
    -------
    array (n, 3) [km/s]
        Along r, theta (from the north pole) and phi (about it, right-handed: Galactic rotation is negative).

    Raises
    ------
    ConfigError
        No way of drawing has that name.
    """
    ways = {"gaussian": gaussian_velocities, "exact": exact_velocities}
    if velocities not in ways:
        raise ConfigError(f"velocities is {velocities!r}", f"one of: {', '.join(ways)}", nearest(velocities, ways))
    return ways[velocities](truth, r, rng)


def exact_velocities(truth: "Truth", r: Floats, rng: np.random.Generator) -> Floats:
    """Velocities from the distribution function f(E, L) of the truth: the halo is in equilibrium, to every moment.

    Parameters
    ----------
    truth : Truth
    r : array (n,) [kpc]
    rng : numpy Generator

    Returns
    -------
    array (n, 3) [km/s]
        As of `halo_velocities`.

    Raises
    ------
    InputError
        If the anisotropy or the tracer density has no distribution function here.
    NumericalError
        If f is not positive.
    """
    return draw_velocities(solve(truth.mass, truth.tracer, truth.anisotropy), r, rng)


def gaussian_velocities(truth: "Truth", r: Floats, rng: np.random.Generator) -> Floats:
    """Gaussian velocities with the dispersions of the Jeans equation at each star's true radius.

    Parameters
    ----------
    truth : Truth
    r : array (n,) [kpc]
    rng : numpy Generator

    Returns
    -------
    array (n, 3) [km/s]
        As of `halo_velocities`.

    Raises
    ------
    NumericalError
        If the anisotropy exceeds 1 somewhere.

    Notes
    -----
    sigma_r from Zhai et al. 2018, Eq. 2; sigma_theta^2 = sigma_phi^2 = (1 - beta) sigma_r^2 (Eq. 4).
    """
    ln_r = np.linspace(np.log(R_LOW), np.log(R_HIGH), _NODES)
    nodes = np.exp(ln_r)
    ln_sigma = np.log(np.asarray(sigma_r(truth.mass, truth.tracer, truth.anisotropy, nodes)))
    tangential = 1 - np.broadcast_to(np.asarray(truth.anisotropy.beta_at(nodes), dtype=float), nodes.shape)
    if not np.all(np.isfinite(ln_sigma)) or np.any(tangential < 0):
        raise NumericalError(f"no velocity dispersion exists for {truth}: beta > 1, or a tracer too shallow")
    at_stars = np.log(r)
    radial = np.exp(np.interp(at_stars, ln_r, ln_sigma))
    across = radial * np.sqrt(np.interp(at_stars, ln_r, tangential))
    drawn: Floats = rng.standard_normal((len(r), 3)) * np.stack([radial, across, across], axis=1)
    return drawn


def disk_velocities(rng: np.random.Generator, n: int, *, rotation: float, spread: tuple[float, float, float]) -> Floats:
    """Velocities of a rotating disk in cylindrical components.

    Parameters
    ----------
    rng : numpy Generator
    n : int
    rotation : float [km/s]
        Mean speed in the sense of Galactic rotation.
    spread : tuple of 3 floats [km/s]
        Dispersions along R_cyl, phi and z.

    Returns
    -------
    array (n, 3) [km/s]
        Along R_cyl, phi (right-handed, so that rotation is negative) and z.
    """
    drawn: Floats = rng.standard_normal((n, 3)) * np.array(spread) + np.array([0.0, -rotation, 0.0])
    return drawn


def spherical_basis(position: Floats) -> tuple[Floats, Floats, Floats]:
    """Unit vectors along r, theta and phi at Galactocentric positions.

    Parameters
    ----------
    position : array (n, 3) [kpc]

    Returns
    -------
    tuple of 3 arrays (n, 3)
    """
    x, y, z = position.T
    R_cyl = np.hypot(x, y)
    r = np.hypot(R_cyl, z)
    cos_phi, sin_phi, cos_theta, sin_theta = x / R_cyl, y / R_cyl, z / r, R_cyl / r
    zero = np.zeros_like(r)
    return (
        np.stack([sin_theta * cos_phi, sin_theta * sin_phi, cos_theta], axis=1),
        np.stack([cos_theta * cos_phi, cos_theta * sin_phi, -sin_theta], axis=1),
        np.stack([-sin_phi, cos_phi, zero], axis=1),
    )


def from_spherical(position: Floats, velocity: Floats) -> Floats:
    """Cartesian velocities from components along r, theta and phi.

    Parameters
    ----------
    position : array (n, 3) [kpc]
    velocity : array (n, 3) [km/s]

    Returns
    -------
    array (n, 3) [km/s]
    """
    return sum_along(spherical_basis(position), velocity)


def from_cylindrical(position: Floats, velocity: Floats) -> Floats:
    """Cartesian velocities from components along R_cyl, phi and z.

    Parameters
    ----------
    position : array (n, 3) [kpc]
    velocity : array (n, 3) [km/s]

    Returns
    -------
    array (n, 3) [km/s]
    """
    azimuthal = spherical_basis(position)[2]
    outward = np.stack([azimuthal[:, 1], -azimuthal[:, 0], np.zeros(len(position))], axis=1)
    north = np.broadcast_to(np.array([0.0, 0.0, 1.0]), position.shape)
    return sum_along((outward, azimuthal, north), velocity)


def to_spherical(position: Floats, velocity: Floats) -> Floats:
    """Components along r, theta and phi of Cartesian velocities.

    Parameters
    ----------
    position : array (n, 3) [kpc]
    velocity : array (n, 3) [km/s]

    Returns
    -------
    array (n, 3) [km/s]
    """
    return np.stack([np.einsum("ij,ij->i", e, velocity) for e in spherical_basis(position)], axis=1)


def sum_along(basis: tuple[Floats, Floats, Floats], components: Floats) -> Floats:
    """Vectors from components along three fields of unit vectors, all arrays (n, 3) [any one unit]."""
    total: Any = sum(components[:, i : i + 1] * e for i, e in enumerate(basis))
    return np.asarray(total)
