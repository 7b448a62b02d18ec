"""What was measured of each star's velocity: along its sight line and, where there are proper motions, across it."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale.arrays import Array
from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.errors import CatalogueError
from haloscale.frames import SolarFrame, sky_axes
from haloscale.records import Bools, Floats, Ints, Sample

_EQUATORIAL: Final = ("pmra", "pmra_error", "pmdec", "pmdec_error")
_GALACTIC: Final = ("pm_l", "pm_l_error", "pm_b", "pm_b_error")
_CORRELATION: Final = "pmra_pmdec_corr"
_FASTEST: Final = 3000.0
_SLOWEST: Final = 15.0
"""km/s: a median speed on the sky outside of these is one of wrong units; the Sun alone moves at 240 km/s."""
_NO_ERROR: Final = 1e-12
"""Ratio of the variances along the axes of an error ellipse below which the shorter is rounding."""
_SEVERAL: Final = 10
"""Stars that may not all stand still on the sky by chance."""


@dataclass(frozen=True)
class Seen:
    """One component of the velocity of some stars, each along an axis of its own; the errors of the components of a
    star are independent.

    Parameters
    ----------
    axis : array (3, n_stars), dimensionless
        Unit vectors: to the centre, along rotation, north.
    to_centre : array (n_stars,), dimensionless
        Cosine of the angle between the axis and the direction of the Galactic centre.
    rest : array (n_stars,) [km/s]
        Without the motion of the Sun: the velocity itself along the sight line; across it what the Sun's own motion
        adds.
    rate : array (n_stars,) [km / s / kpc]
        What a unit of distance adds: the proper motion; zero along the sight line.
    error_squared : array (n_stars,) [km^2 / s^2, for a proper motion km^2 / s^2 / kpc^2]
    on_sky : bool
        Whether it is a proper motion.
    """

    axis: Floats
    to_centre: Floats
    rest: Floats
    rate: Floats
    error_squared: Floats
    on_sky: bool

    def take(self, stars: Ints) -> "Seen":
        """Those of some stars, by position : int array (n,)."""
        columns = {name: getattr(self, name)[..., stars] for name in _PER_STAR}
        return replace(self, **columns)

    def along(self, distance: Array, r: Array, r0: Array) -> Array:
        """Component of the unit vector from the centre to the star, array (..., n_stars).

        Parameters
        ----------
        distance, r : array (..., n_stars) [kpc]
        r0 : float or array (...) [kpc]
        """
        at = 0.0 if self.on_sky else distance
        return (at - r0 * self.to_centre) / r

    def streaming(self, distance: Array, r: Array, r0: Array, sight: Floats) -> Array:
        """Component of r x north, the direction of Galactic rotation times sin(theta).

        Parameters
        ----------
        distance, r : array (..., n_stars) [kpc]
        r0 : float or array (...) [kpc]
        sight : array (3, n_stars), dimensionless
            Unit vectors of the sight lines.
        """
        turned = sight[1] * self.axis[0] - sight[0] * self.axis[1]
        return (distance * turned + r0 * self.axis[1]) / r


_PER_STAR: Final = ("axis", "to_centre", "rest", "rate", "error_squared")


def sight_lines(sample: Sample, frame: SolarFrame) -> Seen:
    """The component along the sight line of every star of a sample."""
    axis, _, _ = sky_axes(sample.l, sample.b, frame)
    return Seen(
        axis, to_centre(axis, frame), sample.v_gsr, np.zeros(len(sample)), sample.v_helio_error**2, on_sky=False
    )


def proper_motions(sample: Sample, frame: SolarFrame) -> tuple[Bools, tuple[Seen, Seen] | None]:
    """The two components on the sky, along the axes of the error ellipse; which stars have them, mask (n,).

    Raises
    ------
    CatalogueError
        One component alone, no errors, an error below zero, a correlation outside -1 to 1, or motions that only a wrong
        unit explains.
    """
    names = next((names for names in (_EQUATORIAL, _GALACTIC) if set(names) <= sample.extra.keys()), None)
    if names is None:
        _refuse_incomplete(sample)
        return np.zeros(len(sample), dtype=bool), None
    first, first_error, second, second_error = (np.asarray(sample.extra[name], float) for name in names)
    known = np.all([np.isfinite(x) for x in (first, first_error, second, second_error)], axis=0)
    correlation = np.zeros(len(sample))
    if names is _EQUATORIAL and _CORRELATION in sample.extra:
        correlation = np.nan_to_num(np.asarray(sample.extra[_CORRELATION], float))
    _check(sample, known, names, (first, first_error, second, second_error), correlation)
    _, east, north = sky_axes(sample.l, sample.b, frame, equatorial=names is _EQUATORIAL)
    turned = _principal(first_error, second_error, correlation)
    cosine, sine, *variances = turned
    axes = cosine * east + sine * north, cosine * north - sine * east
    motions = cosine * first + sine * second, cosine * second - sine * first
    sun = np.array(frame.sun_velocity, dtype=float)
    made = (
        Seen(axis, to_centre(axis, frame), sun @ axis, k * motion, k * k * variance, on_sky=True)
        for k, axis, motion, variance in zip([KMS_PER_KPC_MASYR] * 2, axes, motions, variances, strict=True)
    )
    return known, (next(made), next(made))


def exact_motions(motions: tuple[Bools, tuple[Seen, Seen] | None], stars: Ints) -> tuple[str, ...]:
    """A sentence on those of some stars, int array (n,), whose proper motion has a direction without an error."""
    known, seen = motions
    if seen is None:
        return ()
    large, small = (one.error_squared[stars[known[stars]]] for one in seen)
    exact = int((small <= _NO_ERROR * large).sum())
    if not exact:
        return ()
    return (
        f"stars whose proper motion has no error along some direction (an error of 0, or a correlation of 1): {exact} "
        f"of {len(small)}; it is taken as exact",
    )


def _principal(a: Floats, b: Floats, correlation: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Cosine and sine of the angle of the longer axis of an error ellipse, and its variances along both axes."""
    covariance, half = correlation * a * b, 0.5 * (a * a - b * b)
    length = np.hypot(half, covariance)
    angle = 0.5 * np.arctan2(covariance, half)
    mean = 0.5 * (a * a + b * b)
    return np.cos(angle), np.sin(angle), mean + length, np.maximum(mean - length, 0.0)


def to_centre(axis: Floats, frame: SolarFrame) -> Floats:
    """Cosine of the angle between axes and the direction of the centre, array (n,).

    Parameters
    ----------
    axis : array (3, n), dimensionless
    frame : SolarFrame
    """
    sine = float(frame.z_sun / frame.r0)
    return np.asarray(np.sqrt(1.0 - sine * sine) * axis[0] - sine * axis[2])


def _check(sample: Sample, known: Bools, names: tuple[str, ...], columns: Any, correlation: Floats) -> None:
    first, first_error, second, second_error = columns
    for name, error in zip(names[1::2], (first_error, second_error), strict=True):
        _refuse(sample, known & (error < 0), name, error, "an error of 0 or more, in mas/yr")
    _refuse(sample, known & (abs(correlation) > 1), _CORRELATION, correlation, "a correlation from -1 to 1")
    speed = KMS_PER_KPC_MASYR * sample.distance * np.hypot(first, second)
    typical = float(np.median(speed[known])) if known.any() else 0.0
    if typical > _FASTEST or (typical < _SLOWEST and known.sum() >= _SEVERAL):
        than, unit, would = (
            ("faster", "microarcseconds", typical / 1000)
            if typical > _FASTEST
            else ("slower", "arcseconds", typical * 1000)
        )
        raise CatalogueError(
            f"the proper motions {names[0]} and {names[2]} move half of the stars {than} than {typical:.3g} km/s",
            "proper motions in mas/yr: halo stars move at some 300 km/s",
            f"state their unit in the file, or correct it; without them: --set likelihood.proper_motions=never "
            f"(were they {unit}, the median would be {would:.3g} km/s)",
        )


def _refuse_incomplete(sample: Sample) -> None:
    for names in (_EQUATORIAL, _GALACTIC):
        there = [name for name in names if name in sample.extra]
        if names[0] in there or names[2] in there:
            missing = [name for name in names if name not in there]
            raise CatalogueError(
                f"proper motions without {' and '.join(missing)}",
                "both components with their errors: " + ", ".join(names),
                "name the columns with --columns NAME=COLUMN; without them: --set likelihood.proper_motions=never",
            )


def _refuse(sample: Sample, wrong: Bools, name: str, values: Floats, expected: str) -> None:
    if wrong.any():
        first = int(np.argmax(wrong))
        raise CatalogueError(
            f"{name} is {values[first]:g} in row {sample.row[first]} ({int(wrong.sum())} such stars)",
            expected,
            f"correct the column, or name another one with --columns {name}=COLUMN",
        )
