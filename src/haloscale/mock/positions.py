"""True positions: halo stars that follow the tracer density, disk stars near the Sun, both thinned by a footprint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from haloscale.errors import SelectionError
from haloscale.frames import SolarFrame
from haloscale.mock.footprint import Footprint, draw_abs_mag
from haloscale.mock.sight import sun_position, to_galactic_axes
from haloscale.records import Floats

R_LOW, R_HIGH = 2.0, 200.0
"""Radii between which the halo is populated [kpc], wide of every cut so that errors scatter stars in and out."""

_CHUNK_LOW, _CHUNK_HIGH = 20_000, 500_000
_CHUNKS_HIGH = 200
"""Chunks without a single star after which the footprint is called empty."""


@dataclass(frozen=True)
class Places:
    """True places of stars.

    Parameters
    ----------
    position : array (n, 3) [kpc]
        Galactocentric, right-handed: Sun near (-r0, 0, z_sun), y along rotation, z north.
    abs_mag : array (n,) [mag]
        Absolute r magnitude.
    """

    position: Floats
    abs_mag: Floats

    def __len__(self) -> int:
        return len(self.abs_mag)

    @property
    def r(self) -> Floats:
        """Spherical Galactocentric radius, array (n,) [kpc]."""
        r: Floats = np.sqrt(np.einsum("ij,ij->i", self.position, self.position))
        return r


def halo_places(tracer: Any, frame: SolarFrame, footprint: Footprint, rng: np.random.Generator, n: int) -> Places:
    """Halo stars in the footprint: radii from the tracer density, isotropic directions from the Galactic centre.

    Parameters
    ----------
    tracer : TracerDensity
    frame : SolarFrame
    footprint : Footprint
    rng : numpy Generator
    n : int

    Returns
    -------
    Places
    """
    radii = radius_sampler(tracer)

    def draw(size: int) -> Floats:
        r, cos_theta, phi = radii(rng, size), rng.uniform(-1, 1, size), rng.uniform(0, 2 * np.pi, size)
        R_cyl = r * np.sqrt(1 - cos_theta**2)
        return np.stack([R_cyl * np.cos(phi), R_cyl * np.sin(phi), r * cos_theta], axis=1)

    return _thin(draw, frame, footprint, rng, n)


def disk_places(
    frame: SolarFrame,
    footprint: Footprint,
    rng: np.random.Generator,
    n: int,
    *,
    scale_length: float,
    scale_height: float,
) -> Places:
    """Disk stars in the footprint: exponential in R and |z|, within half a radian of the Sun's azimuth.

    Farther round the Galaxy the disk is invisible at the latitudes of the surveys.

    Parameters
    ----------
    frame : SolarFrame
    footprint : Footprint
    rng : numpy Generator
    n : int
    scale_length, scale_height : float [kpc]

    Returns
    -------
    Places
    """

    def draw(size: int) -> Floats:
        R_cyl, phi = scale_length * rng.standard_gamma(2.0, size), rng.uniform(-0.5, 0.5, size)
        return np.stack([-R_cyl * np.cos(phi), R_cyl * np.sin(phi), rng.laplace(0, scale_height, size)], axis=1)

    return _thin(draw, frame, footprint, rng, n)


def radius_sampler(
    tracer: Any, r_low: float = R_LOW, r_high: float = R_HIGH
) -> Callable[[np.random.Generator, int], Floats]:
    """A function (rng, n) -> radii (n,) [kpc] distributed as r^2 nu(r) between two radii.

    The cumulative distribution of a power law is inverted in closed form, any other on a fine grid in ln r.

    Parameters
    ----------
    tracer : TracerDensity
    r_low, r_high : float [kpc]

    Returns
    -------
    callable
    """
    if tracer.scale_free:
        k = 3.0 + float(tracer.log_slope_at(r_low))
        if abs(k) < 1e-9:
            return lambda rng, n: np.exp(rng.uniform(np.log(r_low), np.log(r_high), n))
        low, high = sorted((r_low**k, r_high**k))
        return lambda rng, n: rng.uniform(low, high, n) ** (1 / k)
    ln_r = np.linspace(np.log(r_low), np.log(r_high), 8193)
    weight = np.exp(3 * ln_r) * np.asarray(tracer.density_ratio(np.exp(ln_r), r_low))
    cumulative = np.concatenate([[0.0], np.cumsum((weight[1:] + weight[:-1]) / 2)])
    return lambda rng, n: np.exp(np.interp(rng.uniform(0, cumulative[-1], n), cumulative, ln_r))


def _thin(
    draw: Callable[[int], Floats], frame: SolarFrame, footprint: Footprint, rng: np.random.Generator, n: int
) -> Places:
    """Draw candidates in chunks of a size fixed by `n` until `n` of them lie in the footprint."""
    sun, size = sun_position(frame), int(np.clip(10 * n, _CHUNK_LOW, _CHUNK_HIGH))
    kept: list[tuple[Floats, Floats]] = []
    found = chunks = 0
    while found < n:
        if not found and chunks >= _CHUNKS_HIGH:
            raise SelectionError(
                f"none of {chunks * size} simulated stars lies in {footprint}",
                "a footprint that holds a part of the halo",
                "widen its declinations, latitudes or magnitudes",
            )
        position, abs_mag = draw(size), draw_abs_mag(rng, size, footprint.abs_mag_low, footprint.abs_mag_high)
        seen = footprint.contains(to_galactic_axes(position - sun, frame), abs_mag)
        kept.append((position[seen], abs_mag[seen]))
        found, chunks = found + int(seen.sum()), chunks + 1
    if not kept:
        return Places(np.empty((0, 3)), np.empty(0))
    return Places(np.concatenate([k[0] for k in kept])[:n], np.concatenate([k[1] for k in kept])[:n])
