"""Where in phase space a star may be: points drawn from its errors, the same for every parameter value.

f(E, L) ~ L^(-2 beta) is singular where the velocity is parallel to the radius vector. Half of the points of a star
whose errors reach that place are drawn around it in polar coordinates, more densely towards it, so that the singularity
cancels; every point is weighted by the mixture of both proposals (balance heuristic).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale.arrays import Array, namespace
from haloscale.frames import SolarFrame, galactocentric
from haloscale.inference.likelihood.base import TrueCuts
from haloscale.inference.likelihood.nodes import geometry
from haloscale.inference.likelihood.polar import Favour, ln_radii
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.likelihood.seen import Seen
from haloscale.records import Bools, Floats, Ints

UNSEEN: Final = 150.0
"""Standard deviation [km/s] of the proposal for a component that was not measured."""
_POLAR: Final = 120.0
"""Scale [km/s] of the polar proposal where the transverse velocity was not measured."""
_NEAR: Final = 6.0
"""A measured transverse velocity further than this many errors from the radial one needs no polar points."""
_WIDE: Final = 300.0
"""km/s: transverse velocities are not proposed far beyond this, however large their errors."""
_SMALLEST: Final = 1e-6
"""km/s: an error of zero is taken as this."""
_LN_2PI: Final = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class Cloud:
    """Some stars as measured, with the random numbers that their points are made of.

    Parameters
    ----------
    star : int array (n,)
        Positions in the sample.
    l, b : array (n,) [deg]
    distance, ln_error : array (n,) [kpc, dimensionless]
        Measured distance, and the error of its logarithm.
    sight, east, north : Seen
        The components along the sight line and along two axes across it.
    has_sight, has_motion : bool
        Which of them were measured.
    normal : array (2, n_points, n), dimensionless
        Unit normals for distance and line-of-sight velocity.
    across : array (2, n_points, n), dimensionless
        Unit normals for the transverse velocity.
    ln_radius, direction : array (n_points, n), array (2, n_points, n), dimensionless
        ln of the radius of polar points in units of their scale, and their direction.
    ln_favour : array (n_points, n), dimensionless
        ln of the density of distances that polar points were drawn with over that of the errors.
    polar : bool array (n,)
        Stars that half of the points are polar of.
    power : float
        Polar points have a density ~ radius^(-2 power) over the plane.
    """

    star: Ints
    l: Floats
    b: Floats
    distance: Floats
    ln_error: Floats
    sight: Seen
    east: Seen
    north: Seen
    has_sight: bool
    has_motion: bool
    normal: Floats
    across: Floats
    ln_radius: Floats
    direction: Floats
    ln_favour: Floats
    polar: Bools
    power: float


@dataclass(frozen=True)
class Points:
    """What the likelihood needs of the points, each array (n_points, n).

    Parameters
    ----------
    interval, step : int array, array [ln kpc]
        Place of the radius on a `Spline`.
    half_v2 : array [(km/s)^2]
    ln_l : array [ln kpc km/s]
        ln of the angular momentum.
    ln_weight : array
        ln of the measure and the errors over the proposal, in units of the cube of the measured distance.
    turning : array, dimensionless
        Angular momentum about the axis of Galactic rotation over the whole.
    """

    interval: Array
    step: Array
    half_v2: Array
    ln_l: Array
    ln_weight: Array
    turning: Array


@dataclass(frozen=True)
class Place:
    """The calibration and the Sun that the points are seen with: scale of the distances, r0 [kpc], and what is added to
    the velocities of the sample: offset and motion of the Sun [km/s]."""

    r0: Array
    scale: Array = 1.0
    offset: Array = 0.0
    motion: tuple[Array, Array, Array] = (0.0, 0.0, 0.0)

    def rest(self, seen: Seen) -> Array:
        """Constant part of a component, array (..., n) [km/s]."""
        along = sum(change * axis for change, axis in zip(self.motion, seen.axis, strict=True))
        return seen.rest + along + (0.0 if seen.on_sky else self.offset)


def points_of(cloud: Cloud, place: Place, spline: Spline, frame: SolarFrame, cuts: TrueCuts | None) -> Points:
    """The points of some stars.

    Parameters
    ----------
    cloud : Cloud
    place : Place
    spline : Spline
        That of the potential.
    frame : SolarFrame
        For the cuts.
    cuts : TrueCuts, optional
        Cuts that the sample was made with on true position.
    """
    shift = cloud.ln_error * cloud.normal[0]
    d = place.scale * (cloud.distance * np.exp(shift))
    r, sin2_psi = geometry(d, cloud.l, cloud.b, SolarFrame(r0=place.r0))
    xp = namespace(r)
    v_sight, ln_weight = _along(cloud, place)
    radial = [s.along(d, r, place.r0) for s in (cloud.sight, cloud.east, cloud.north)]
    tilt = _Tilt(xp, radial, sin2_psi, v_sight)
    measured = _transverse(cloud, place, d)
    mean, spread = _proposal(*measured)
    v, ln_w, unit = _velocities(cloud, tilt, mean, spread)
    ln_weight = ln_weight + 3.0 * shift - _ln_proposal(cloud, tilt, v, mean, spread, ln_w)
    if cloud.has_motion:
        ln_weight = ln_weight + 2.0 * xp.log(d) + _ln_normal(v, *measured)
    if cuts is not None:
        z = galactocentric(cloud.l, cloud.b, d, frame)[2]
        ln_weight = xp.where(cuts.admit(r, z), ln_weight, -np.inf)
    axes = [s.streaming(d, r, place.r0, cloud.sight.axis) for s in (cloud.sight, cloud.east, cloud.north)]
    interval, step = spline.place(xp.log(r))
    half_v2 = 0.5 * (v_sight * v_sight + v[0] * v[0] + v[1] * v[1])
    return Points(interval, step, half_v2, xp.log(r) + ln_w, ln_weight, tilt.turning(axes, unit))


def _along(cloud: Cloud, place: Place) -> tuple[Array, Array]:
    """Velocity along the sight line at the points, and the ln of errors over proposal."""
    if cloud.has_sight:
        return place.rest(cloud.sight) + np.sqrt(cloud.sight.error_squared) * cloud.normal[1], 0.0
    z = cloud.normal[1]
    return UNSEEN * z, 0.5 * z * z + 0.5 * _LN_2PI + np.log(UNSEEN)


def _transverse(cloud: Cloud, place: Place, d: Array) -> tuple[list[Array], list[Array]]:
    """Mean and standard deviation of the two transverse components as measured; where they were not, of a proposal."""
    if not cloud.has_motion:
        return [0.0, 0.0], [UNSEEN, UNSEEN]
    pair = cloud.east, cloud.north
    xp = namespace(d)
    return (
        [place.rest(seen) + seen.rate * d for seen in pair],
        [xp.maximum(np.sqrt(seen.error_squared) * d, _SMALLEST) for seen in pair],
    )


def _proposal(mean: list[Array], spread: list[Array]) -> tuple[list[Array], list[Array]]:
    """The same narrowed to velocities that a halo has."""
    share = [_WIDE**2 / (s * s + _WIDE**2) for s in spread]
    return [m * w for m, w in zip(mean, share, strict=True)], [s * w**0.5 for s, w in zip(spread, share, strict=True)]


def _ln_normal(v: list[Array], mean: list[Array], spread: list[Array]) -> Array:
    """ln of the density of two independent normals."""
    z2 = sum(((x - m) / s) ** 2 for x, m, s in zip(v, mean, spread, strict=True))
    return -0.5 * z2 - namespace(z2).log(spread[0] * spread[1]) - _LN_2PI


class _Tilt:
    """The radius vector against the sight line: where the velocity is radial, and how far from it another one is.

    With e the direction of the radius vector on the sky and o that across it, a velocity has the component
    a = cos psi v_e - sin psi v_sight across the radius vector, and b = v_o: its angular momentum is r sqrt(a^2 + b^2).
    """

    def __init__(self, xp: Any, radial: list[Array], sin2_psi: Array, v_sight: Array) -> None:
        sin_psi = xp.sqrt(xp.maximum(sin2_psi, 1e-30))
        self.xp, self.v_sight = xp, v_sight
        self.sin_psi = sin_psi
        steep = xp.where(xp.abs(radial[0]) < 1e-9, 1e-9, radial[0])
        self.cos_psi = steep
        self.e = [radial[1] / sin_psi, radial[2] / sin_psi]

    def components(self, v: list[Array]) -> tuple[Array, Array]:
        """a and b of transverse velocities."""
        along, across = v[0] * self.e[0] + v[1] * self.e[1], v[1] * self.e[0] - v[0] * self.e[1]
        return self.cos_psi * along - self.sin_psi * self.v_sight, across

    def velocities(self, a: Array, b: Array) -> list[Array]:
        """Transverse velocities with components a and b."""
        along = (a + self.sin_psi * self.v_sight) / self.cos_psi
        return [along * self.e[0] - b * self.e[1], along * self.e[1] + b * self.e[0]]

    def turning(self, axes: list[Array], unit: tuple[Array, Array]) -> Array:
        """L_z / L, positive along Galactic rotation; `axes` are the components of r x north."""
        along, across = axes[1] * self.e[0] + axes[2] * self.e[1], axes[2] * self.e[0] - axes[1] * self.e[1]
        return unit[0] * (self.cos_psi * along - self.sin_psi * axes[0]) + unit[1] * across


def _scale(cloud: Cloud, spread: list[Array]) -> Array:
    """Scale of the polar points [km/s]."""
    return namespace(spread[0]).maximum(*spread) if cloud.has_motion else _POLAR


def _velocities(
    cloud: Cloud, tilt: _Tilt, mean: list[Array], spread: list[Array]
) -> tuple[list[Array], Array, tuple[Array, Array]]:
    """Transverse velocities, ln of their component across the radius vector, and its direction."""
    xp = tilt.xp
    plain = [m + s * z for m, s, z in zip(mean, spread, cloud.across, strict=True)]
    a, b = tilt.components(plain)
    w2 = xp.maximum(a * a + b * b, 1e-290)
    ln_w, w = 0.5 * xp.log(w2), xp.sqrt(w2)
    unit = a / w, b / w
    if not cloud.polar.any():
        return plain, ln_w, unit
    n = len(cloud.ln_radius)
    half = (np.arange(n) >= n // 2)[:, None] & cloud.polar
    ln_scale = xp.log(_scale(cloud, spread))
    ln_polar = ln_scale + cloud.ln_radius
    radius = xp.exp(ln_polar)
    v = tilt.velocities(radius * cloud.direction[0], radius * cloud.direction[1])
    chosen = [xp.where(half, x, y) for x, y in zip(v, plain, strict=True)]
    direction = tuple(xp.where(half, x, y) for x, y in zip(cloud.direction, unit, strict=True))
    return chosen, xp.where(half, ln_polar, ln_w), (direction[0], direction[1])


def _ln_proposal(
    cloud: Cloud, tilt: _Tilt, v: list[Array], mean: list[Array], spread: list[Array], ln_w: Array
) -> Array:
    """ln of the density that the transverse velocities were drawn with, plain and polar points together."""
    xp = tilt.xp
    ln_plain = _ln_normal(v, mean, spread)
    if not cloud.polar.any():
        return ln_plain
    ln_scale = xp.log(_scale(cloud, spread))
    ln_t = 2.0 * (ln_w - ln_scale) - np.log(2.0)
    ln_polar = (
        xp.log(xp.abs(tilt.cos_psi))
        - cloud.power * ln_t
        - xp.exp(xp.minimum(ln_t, 700.0))
        - _LN_2PI
        - 2.0 * ln_scale
        + cloud.ln_favour
        - _ln_gamma(1.0 - cloud.power)
    )
    both = xp.logaddexp(ln_plain, ln_polar) - np.log(2.0)
    return xp.where(cloud.polar, both, ln_plain)


def _ln_gamma(x: float) -> float:
    from scipy.special import gammaln

    return float(gammaln(x))


def cloud_of(
    star: Ints,
    columns: dict[str, Floats],
    seen: tuple[Seen, Seen, Seen],
    measured: tuple[bool, bool],
    uniform: Floats,
    power: float,
    r0: float,
) -> Cloud:
    """The cloud of some stars.

    Parameters
    ----------
    star : int array (n,)
        Positions in the sample.
    columns : dict of array (n,) [own units]
        l, b, distance, ln_error.
    seen : tuple of Seen
        Along the sight line and across it.
    measured : tuple of bool
        Whether the line-of-sight velocity, and the proper motion, were measured.
    uniform : array (4, n_points, n), dimensionless
        Numbers between 0 and 1.
    power : float
        Largest beta_0 that the points serve; 0: no polar points.
    r0 : float [kpc]
    """
    from scipy.special import ndtri

    angle = 2.0 * np.pi * uniform[3]
    direction = np.stack([np.cos(angle), np.sin(angle)])
    length = np.sqrt(-2.0 * np.log1p(-uniform[2]))
    empty = np.empty((0, len(star)))
    cloud = Cloud(
        star=star, **columns, sight=seen[0], east=seen[1], north=seen[2], has_sight=measured[0],
        has_motion=measured[1], normal=np.asarray(ndtri(uniform[:2])), across=length * direction,
        ln_radius=empty, direction=direction, ln_favour=empty, polar=np.zeros(len(star), dtype=bool), power=power,
    )  # fmt: skip
    if power <= 0.0:
        return cloud
    return _with_polar(cloud, uniform[2], r0)


def _with_polar(cloud: Cloud, chance: Floats, r0: float) -> Cloud:
    """The cloud with polar points: radii, and distances that favour those at which the velocity may be radial."""
    ln_radius, normal = ln_radii(chance, cloud.power), cloud.normal
    n_points, n = ln_radius.shape
    if not (cloud.has_motion and cloud.has_sight):
        everywhere = np.ones(n, dtype=bool)
        return replace(cloud, ln_radius=ln_radius, ln_favour=np.zeros((n_points, n)), polar=everywhere)
    away = _errors_away(cloud, r0)
    favour = Favour(away)
    polar = away.min(axis=0) < _NEAR
    half = (np.arange(n_points) >= n_points // 2)[:, None] & polar
    z = np.where(half, favour.draw(normal[0]), normal[0])
    normal = np.stack([z, normal[1]])
    return replace(cloud, normal=normal, ln_radius=ln_radius, ln_favour=favour.ln_ratio(z), polar=polar)


def _errors_away(cloud: Cloud, r0: float) -> Floats:
    """How many errors the measured motion is from a radial one at the distances of `Favour`, array (n_grid, n)."""
    d = cloud.distance * np.exp(cloud.ln_error * Favour.GRID[:, None])
    r, sin2_psi = geometry(d, cloud.l, cloud.b, SolarFrame(r0=r0))
    radial = [s.along(d, r, r0) for s in (cloud.sight, cloud.east, cloud.north)]
    tilt = _Tilt(np, radial, sin2_psi, cloud.sight.rest[None])
    mean, spread = _transverse(cloud, Place(r0), d)
    step = Favour.STEP * cloud.ln_error * np.hypot(cloud.east.rate * d, cloud.north.rate * d)
    # in the plane of a and b errors are at most as large as on the sky; a step of the grid must not miss the place
    width = np.sqrt(np.maximum(*spread) ** 2 + cloud.sight.error_squared + step**2)
    return np.asarray(np.hypot(*tilt.components(mean)) / width)
