"""What lies between a galaxy and its catalogue: the Sun's frame, zero points, rotation, stars that do not belong.

Each is what the fit calls a nuisance, or a fixed number of the configuration; the simulation does the inverse of what
the run does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from haloscale import stages
from haloscale.config import RunConfig
from haloscale.errors import ConfigError
from haloscale.frames import SolarFrame
from haloscale.inference.nuisance import NUISANCES
from haloscale.mock.motions import Velocities
from haloscale.registry import params

_MOTION: Final = ("u", "v", "w")
_SIMULATED: Final[Mapping[str, tuple[str, ...]]] = {
    "catalogue": ("v_offset", "distance_scale"),
    "likelihood": ("outlier_fraction", "rotation", "spin"),
    "frame": ("r0", "v_lsr", *_MOTION),
}
"""Tables of nuisances, and which of their parameters can be simulated."""


@dataclass(frozen=True)
class Conditions:
    """Between the true stars and the columns of the catalogue.

    Parameters
    ----------
    frame : SolarFrame
        From where the stars are truly seen.
    v_offset : float [km/s]
        What has to be added to the catalogue's v_helio.
    distance_scale : float
        What the catalogue's distances have to be multiplied by.
    outlier_fraction : float
        Share of the stars whose velocities are those of the outliers.
    outlier_sigma : float [km/s]
        Dispersion of these.
    rotation : float [km/s]
        Mean speed of the halo stars is rotation sin(theta) in the sense of Galactic rotation.
    spin : float
        Odd part of their distribution function, as of the likelihood "df".
    velocities : str
        "exact": from the distribution function, which the likelihood "df" assumes; "gaussian": what the others do.
    """

    frame: SolarFrame
    v_offset: float = 0.0
    distance_scale: float = 1.0
    outlier_fraction: float = 0.0
    outlier_sigma: float = 500.0
    rotation: float = 0.0
    spin: float = 0.0
    velocities: Velocities = "gaussian"


def check_conditions(config: RunConfig) -> None:
    """Refuse a configuration with a nuisance that cannot be simulated.

    Raises
    ------
    ConfigError
        It is free, or fixed at another value than its default.
    """
    options = config.likelihood.options()
    for table, free in config.nuisances.items():
        for key in free:
            _refuse_unless_known(table, key, "is free")
    for key in params(NUISANCES["likelihood"]):
        default = getattr(NUISANCES["likelihood"](), key)
        if key in options and key not in config.nuisances.get("likelihood", {}) and options[key] != default:
            _refuse_unless_known("likelihood", key, f"= {options[key]:g}")


def conditions(config: RunConfig, free: Mapping[str, float]) -> Conditions:
    """The true conditions.

    Parameters
    ----------
    config : RunConfig
    free : mapping of str to float
        True values of the free parameters by their key ("frame.r0"); the others are those of the configuration.

    Returns
    -------
    Conditions
    """
    values: dict[str, Any] = {}
    for table, keys in _SIMULATED.items():
        values |= {key: free[f"{table}.{key}"] for key in keys if f"{table}.{key}" in free}
    fixed = {key: config.catalogue.applied(key) for key in _SIMULATED["catalogue"]}
    options, known = config.likelihood.options(), (*_SIMULATED["likelihood"], "outlier_sigma")
    fixed |= {key: options[key] for key in known if key in options}
    frame = _true_frame(stages.frame(config), values)
    own = {k: float(v) for k, v in (fixed | values).items() if k in Conditions.__dataclass_fields__}
    return Conditions(frame, velocities="exact" if config.likelihood.kind == "df" else "gaussian", **own)


def _true_frame(assumed: SolarFrame, values: Mapping[str, float]) -> SolarFrame:
    changed: dict[str, Any] = {key: values[key] for key in ("r0", "v_lsr") if key in values}
    if any(key in values for key in _MOTION):
        fixed = dict(zip(_MOTION, assumed.solar_motion, strict=True))
        changed["solar_motion"] = tuple(values.get(key, fixed[key]) for key in _MOTION)
    return replace(assumed, **changed) if changed else assumed


def _refuse_unless_known(table: str, key: str, how: str) -> None:
    if key in _SIMULATED.get(table, ()):
        return
    known = ", ".join(f"{t}.{k}" for t, keys in _SIMULATED.items() for k in keys if k in _declared(t))
    raise ConfigError(
        f"{table}.{key} {how}, and haloscale calibrate cannot simulate it",
        f"beside the models of mass, tracer and anisotropy only: {known}",
        f"leave {table}.{key} at its default",
    )


def _declared(table: str) -> Mapping[str, Any]:
    return params(NUISANCES[table]) if table in NUISANCES else {}
