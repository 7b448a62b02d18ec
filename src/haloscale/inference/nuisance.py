"""What may be free beside the galaxy itself: the calibration of the catalogue, and stars that do not belong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haloscale.arrays import Array
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
class Outliers(Model):
    """Stars that do not belong to the halo.

    Parameters
    ----------
    outlier_fraction : float or array (...), dimensionless
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


NUISANCES: Final[Mapping[str, type[Model]]] = {"catalogue": Calibration, "likelihood": Outliers}
"""Tables of the configuration -> what of them may be free."""
