"""From the sky to the Galaxy: solar motion, Galactocentric positions, the ICRS-Galactic rotation.

Where the Sun is and how it moves is never implied: every function takes a `SolarFrame`. Angles are degrees at this
border and radians inside.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from haloscale.arrays import Array, join
from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.errors import CatalogueError, ConfigError, nearest
from haloscale.records import Floats, StarTable

_DEG: Final = math.pi / 180.0
_PRINTED_MOTION: Final = (10.0, 5.2, 7.2)


@dataclass(frozen=True)
class SolarFrame:
    """Position and motion of the Sun; the defaults are those of Zhai et al. (2018).

    Parameters
    ----------
    r0 : float [kpc]
        Distance of the Sun from the Galactic centre.
    v_lsr : float [km/s]
        Circular velocity of the local standard of rest.
    solar_motion : tuple (3,) [km/s]
        (U, V, W) of the Sun against the local standard of rest: U to the centre, V along rotation, W north.
    z_sun : float [kpc]
        Height of the Sun above the plane. The plane is tilted as in astropy, so that it holds the Galactic centre.
    rounded : bool
        Use the coefficients printed in Eq. 1 of the paper (10.0, 5.2, 7.2) in place of `solar_motion`.
    handedness : str
        "left": the paper's axes, Sun at x = +r0, y along rotation; "right": astropy's, Sun at x = -r0.

    Raises
    ------
    ConfigError
        r0 not positive, the Sun higher than r0, an unknown handedness, or `rounded` with another solar motion.

    Notes
    -----
    Zhai et al. (2018), Eqs. 1-4. Dehnen & Binney (1998) is the source of the paper's solar motion. The direction of
    the centre is l = b = 0; astropy's default centre (Sgr A*) lies 0.07 deg away from it.
    """

    r0: Array = 8.0
    v_lsr: Array = 220.0
    solar_motion: tuple[Array, Array, Array] = (10.0, 5.25, 7.17)
    z_sun: Array = 0.0
    rounded: bool = False
    handedness: str = "left"

    def __post_init__(self) -> None:
        if self.handedness not in ("left", "right"):
            raise ConfigError(
                f"frame.handedness is {self.handedness!r}",
                '"left" (the Sun at x = +r0) or "right" (the Sun at x = -r0)',
                nearest(self.handedness, ("left", "right")),
            )
        if isinstance(self.r0, (int, float)) and not 0 < self.r0 < math.inf:
            raise ConfigError(f"frame.r0 is {self.r0:g}", "a positive distance in kpc", "give about 8")
        if isinstance(self.r0, (int, float)) and isinstance(self.z_sun, (int, float)) and not abs(self.z_sun) < self.r0:
            raise ConfigError(
                f"frame.z_sun is {self.z_sun:g} with r0 = {self.r0:g}", "a height in kpc below r0", "give about 0.02"
            )
        if self.rounded and tuple(self.solar_motion) != SolarFrame.solar_motion:
            raise ConfigError(
                f"frame.rounded is true with solar_motion = {list(self.solar_motion)}",
                "rounded = true only with the paper's solar motion, whose printed coefficients it stands for",
                "remove one of the two keys",
            )

    @property
    def sun_velocity(self) -> tuple[Array, Array, Array]:
        """Velocity of the Sun in the Galactic rest frame, towards the centre, rotation, north: three floats [km/s]."""
        u, v, w = _PRINTED_MOTION if self.rounded else self.solar_motion
        return u, self.v_lsr + v, w


ZHAI2018: Final = SolarFrame()
ZHAI2018_ROUNDED: Final = SolarFrame(rounded=True)
MODERN: Final = SolarFrame(
    r0=8.178,
    v_lsr=6.379 * 8.178 * KMS_PER_KPC_MASYR - 12.24,
    solar_motion=(11.1, 12.24, 7.25),
    z_sun=0.0208,
    handedness="right",
)
"""R0: GRAVITY Collaboration (2019); z_sun: Bennett & Bovy (2019); (U, V, W): Schoenrich et al. (2010); v_lsr such that
v_lsr + V is the proper motion of Sgr A*, 6.379 mas/yr (Reid & Brunthaler 2004), at R0. Right-handed, as astropy."""

named_frames: Final = {"zhai2018": ZHAI2018, "zhai2018_rounded": ZHAI2018_ROUNDED, "modern": MODERN}
"""Frames by name, for the configuration."""


def v_gsr(l: Array, b: Array, v_helio: Array, frame: SolarFrame = ZHAI2018) -> Array:
    """Line-of-sight velocity with the motion of the Sun removed, along the Sun's sight line.

    Parameters
    ----------
    l, b : float or array (n,) [deg]
        Galactic longitude and latitude.
    v_helio : float or array (n,) [km/s]
        Heliocentric radial velocity.
    frame : SolarFrame

    Returns
    -------
    float or array (n,) [km/s]

    Notes
    -----
    Zhai et al. (2018), Eq. 1, for any solar motion: v_helio + n . v_sun, n the direction of the star.
    """
    _, velocity, *n = join(v_helio, *_direction(l, b, frame))
    u, v, w = frame.sun_velocity
    return velocity + n[0] * u + n[1] * v + n[2] * w


def galactocentric(l: Array, b: Array, distance: Array, frame: SolarFrame = ZHAI2018) -> tuple[Array, Array, Array]:
    """Position in the Galaxy.

    Parameters
    ----------
    l, b : float or array (n,) [deg]
        Galactic longitude and latitude.
    distance : float or array (n,) [kpc]
        From the Sun.
    frame : SolarFrame
        Its handedness decides the sign of x.

    Returns
    -------
    x, y, z : float or array (n,) [kpc]

    Notes
    -----
    Zhai et al. (2018), Eqs. 2-4: x = r0 - d cos l cos b, y = d sin l cos b, z = d sin b (left-handed). With the Sun
    above the plane the axes are turned about y by arcsin(z_sun / r0), which puts the Sun at height z_sun.
    """
    _, d, *n = join(distance, *_direction(l, b, frame))
    sine, cosine = _tilt(frame)
    x, y, z = d * n[0] - frame.r0 * cosine, d * n[1], d * n[2] + frame.r0 * sine
    return (-x if frame.handedness == "left" else x), y, z


def icrs_to_galactic(ra: Array, dec: Array) -> tuple[Floats, Floats]:
    """Galactic coordinates of ICRS positions.

    Parameters
    ----------
    ra, dec : float or array (n,) [deg]

    Returns
    -------
    l, b : array (n,) [deg]
        Longitude from 0 to 360.
    """
    return _rotate(np.asarray(ra, float), np.asarray(dec, float), _ICRS_TO_GALACTIC)


def galactic_to_icrs(l: Array, b: Array) -> tuple[Floats, Floats]:
    """ICRS coordinates of Galactic positions.

    Parameters
    ----------
    l, b : float or array (n,) [deg]

    Returns
    -------
    ra, dec : array (n,) [deg]
        Right ascension from 0 to 360.
    """
    return _rotate(np.asarray(l, float), np.asarray(b, float), _ICRS_TO_GALACTIC.T)


def sky_axes(
    l: Floats, b: Floats, frame: SolarFrame = ZHAI2018, *, equatorial: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Unit vectors along the sight line, east and north, in the axes of `SolarFrame.sun_velocity`.

    Parameters
    ----------
    l, b : array (n,) [deg]
    frame : SolarFrame
        Its tilt counts.
    equatorial : bool
        East and north of the ICRS, along which pmra (with cos dec) and pmdec are measured; else those of (l, b).

    Returns
    -------
    tuple of 3 arrays (3, n), dimensionless
        Components to the centre, along rotation, north.
    """
    lon, lat = l * _DEG, b * _DEG
    sight = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    pole = _ICRS_TO_GALACTIC @ np.array([0.0, 0.0, 1.0]) if equatorial else np.array([0.0, 0.0, 1.0])
    east = np.cross(pole, sight, axis=0)
    east /= np.linalg.norm(east, axis=0)
    sine, cosine = _tilt(frame)
    turn = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    return turn @ sight, turn @ east, turn @ np.cross(sight, east, axis=0)


def complete_positions(table: StarTable) -> StarTable:
    """The table with both pairs of coordinates: l, b from ra, dec and the reverse, where one of them is missing.

    Raises
    ------
    CatalogueError
        The table has neither pair.
    """
    equatorial, galactic = "ra" in table and "dec" in table, "l" in table and "b" in table
    if not equatorial and not galactic:
        raise CatalogueError(
            f"the catalogue has no positions (columns: {', '.join(table.columns)})",
            "columns ra and dec, or l and b, in degrees",
            "name them with --columns, e.g. --columns l=glon --columns b=glat",
        )
    missing = np.full(len(table), np.nan)
    ra, dec = (table["ra"], table["dec"]) if equatorial else (missing, missing)
    l, b = (table["l"], table["b"]) if galactic else (missing, missing)
    from_icrs, from_galactic = icrs_to_galactic(ra, dec), galactic_to_icrs(l, b)
    has_icrs, has_galactic = np.isfinite(ra) & np.isfinite(dec), np.isfinite(l) & np.isfinite(b)
    return table.with_columns(
        ra=np.where(has_icrs, ra, from_galactic[0]),
        dec=np.where(has_icrs, dec, from_galactic[1]),
        l=np.where(has_galactic, l, from_icrs[0]),
        b=np.where(has_galactic, b, from_icrs[1]),
    )


def locate(table: StarTable, frame: SolarFrame = ZHAI2018) -> StarTable:
    """The table with x, y, z, r [kpc], v_gsr [km/s] and sin2_psi; NaN where the distance or velocity is missing.

    sin2_psi is the squared sine of the angle between the sight line and the Galactocentric radius vector:
    with chi the angle between the star and the centre on the sky, r sin psi = r0 sin chi.
    """
    l, b, distance = table["l"], table["b"], table["distance"]
    x, y, z = galactocentric(l, b, distance, frame)
    r = np.sqrt(x * x + y * y + z * z)
    sin2_chi = np.sin(b * _DEG) ** 2 + (np.cos(b * _DEG) * np.sin(l * _DEG)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        sin2_psi = np.clip(frame.r0**2 * sin2_chi / r**2, 0.0, 1.0)
    return table.with_columns(x=x, y=y, z=z, r=r, v_gsr=v_gsr(l, b, table["v_helio"], frame), sin2_psi=sin2_psi)


def _direction(l: Array, b: Array, frame: SolarFrame) -> tuple[Array, Array, Array]:
    """Unit vector of the star along (centre, rotation, north) of the plane of the Galaxy, tilt included."""
    xp, l, b = join(l, b)
    lon, lat = l * _DEG, b * _DEG
    p, q, s = xp.cos(lat) * xp.cos(lon), xp.cos(lat) * xp.sin(lon), xp.sin(lat)
    sine, cosine = _tilt(frame)
    return cosine * p + sine * s, q, cosine * s - sine * p


def _tilt(frame: SolarFrame) -> tuple[Array, Array]:
    xp, r0, z_sun = join(frame.r0, frame.z_sun)
    sine = z_sun / r0
    return sine, xp.sqrt(1.0 - sine * sine)


def _rotate(longitude: Floats, latitude: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    lon, lat = longitude * _DEG, latitude * _DEG
    vector = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = np.tensordot(matrix, vector, axes=1)
    return np.arctan2(y, x) / _DEG % 360.0, np.arctan2(z, np.hypot(x, y)) / _DEG


def _turn(angle: float, axis: int) -> Floats:
    """Matrix that turns the axes by an angle [deg] about one of them."""
    sine, cosine = math.sin(angle * _DEG), math.cos(angle * _DEG)
    matrix = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = cosine, sine, -sine, cosine
    return matrix


# Pole and node of the Galactic system (Blaauw et al. 1960, defined at B1950) brought to the FK5 at J2000, with the
# digits that astropy derives, and the frame bias that turns the ICRS to the FK5 (Kaplan 2005, USNO Circular 179).
_MAS: Final = 1.0 / 3.6e6
_ICRS_TO_FK5: Final = _turn(19.9 * _MAS, 0) @ _turn(9.1 * _MAS, 1) @ _turn(-22.9 * _MAS, 2)
_ICRS_TO_GALACTIC: Final = (
    _turn(180.0 - 122.9319185680026, 2)
    @ _turn(90.0 - 27.12825118085622, 1)
    @ _turn(192.8594812065348, 2)
    @ _ICRS_TO_FK5
)
