"""What may be free beside the galaxy itself: calibration, place and motion of the Sun, what velocities do besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haloscale.arrays import Array
from haloscale.frames import SolarFrame
from haloscale.registry import Model, param


@dataclass(frozen=True)
class Calibration(Model):
    """Zero point of the velocities and scale of the distances of a catalogue.

    Parameters
    ----------
    v_offset : float or array (...) [km/s]
        Added to every v_helio.
    distance_scale : float or array (...), dimensionless
        Multiplies every distance.
    """

    v_offset: Array = param("km / s", r"\Delta v", "added to v_helio: zero point of the survey", default=0.0)
    distance_scale: Array = param("", r"f_d", "multiplies every distance", default=1.0, low=0.0)


@dataclass(frozen=True)
class Sun(Model):
    """Where the Sun is and how it moves; the fields are those of `SolarFrame`.

    Parameters
    ----------
    r0 : float or array (...) [kpc]
    v_lsr, u, v, w : float or array (...) [km/s]
    """

    r0: Array = param("kpc", r"R_0", "distance of the Sun from the Galactic centre", default=SolarFrame.r0, low=0.0)
    v_lsr: Array = param("km / s", r"V_\mathrm{LSR}", "circular velocity at the Sun", default=SolarFrame.v_lsr, low=0.0)
    u: Array = param("km / s", r"U_\odot", "the Sun against the local standard of rest, to the centre", default=10.0)
    v: Array = param("km / s", r"V_\odot", "the Sun against the local standard of rest, along rotation", default=5.25)
    w: Array = param("km / s", r"W_\odot", "the Sun against the local standard of rest, north", default=7.17)


@dataclass(frozen=True)
class Kinematics(Model):
    """What the velocities do beside the Gaussian of the Jeans equation, and stars that do not follow it.

    Parameters
    ----------
    outlier_fraction : float or array (...), dimensionless
    rotation, rotation_gradient : float or array (...) [km/s]
    kurtosis : float or array (...), dimensionless
    spin : float or array (...), dimensionless
    second_fraction, second_beta, second_log_slope : float or array (...), dimensionless
    """

    outlier_fraction: Array = param(
        "",
        r"f_\mathrm{out}",
        "fraction of the stars that do not belong to the halo; with it one odd star has no veto",
        default=0.0,
        prior={"prior": "uniform", "low": 0.0, "high": 0.2},
        low=0.0,
        high=1.0,
        low_included=True,
    )
    rotation: Array = param(
        "km / s",
        r"v_\mathrm{rot}",
        "mean streaming in the plane at 20 kpc, positive along Galactic rotation; it falls as sin(theta) to the poles",
        default=0.0,
        prior={"prior": "normal", "mean": 0.0, "sd": 50.0},
    )
    rotation_gradient: Array = param(
        "km / s",
        r"\mathrm{d}v_\mathrm{rot}/\mathrm{d}\lg r",
        "its change over a factor 10 in r",
        default=0.0,
        prior={"prior": "normal", "mean": 0.0, "sd": 50.0},
    )
    kurtosis: Array = param(
        "",
        r"\kappa",
        "excess kurtosis of the line-of-sight velocities of the halo at one place; 0: Gaussian",
        default=0.0,
        prior={"prior": "uniform", "low": -1.0, "high": 2.0},
        low=-1.2,
        high=3.0,
    )
    spin: Array = param(
        "",
        r"\eta",
        "odd part of the distribution function, f (1 + spin L_z / L), L_z positive along Galactic rotation",
        default=0.0,
        prior={"prior": "uniform", "low": -1.0, "high": 1.0},
        low=-1.0,
        high=1.0,
        low_included=True,
        high_included=True,
    )
    second_fraction: Array = param(
        "",
        r"f_2",
        "fraction of the stars at 20 kpc that belong to a second population of orbits",
        default=0.0,
        prior={"prior": "uniform", "low": 0.0, "high": 1.0},
        low=0.0,
        high=1.0,
        low_included=True,
        high_included=True,
    )
    second_beta: Array = param(
        "",
        r"\beta_2",
        "anisotropy of the second population",
        default=0.0,
        prior={"prior": "uniform", "low": -0.4, "high": 0.95},
        low=-0.5,
        high=1.0,
    )
    second_log_slope: Array = param(
        "",
        r"(\mathrm{d}\ln\nu/\mathrm{d}\ln r)_2",
        "logarithmic slope of the density of the second population",
        default=-4.0,
        prior={"prior": "uniform", "low": -6.0, "high": -2.5},
        high=0.0,
    )


NUISANCES: Final[Mapping[str, type[Model]]] = {"catalogue": Calibration, "frame": Sun, "likelihood": Kinematics}
"""Tables of the configuration -> what of them may be free."""
