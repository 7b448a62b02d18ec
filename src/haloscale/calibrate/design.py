"""What is simulated and how it is fitted: checked once, sent to every process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import mock, stages
from haloscale.calibrate.conditions import check_conditions
from haloscale.config import RunConfig
from haloscale.constants import MSUN
from haloscale.errors import ConfigError, nearest
from haloscale.inference.model import GalaxyModel
from haloscale.records import Floats

SAMPLES: Final[Mapping[str, mock.Footprint]] = {"complete": mock.ALL_SKY, "lamost": mock.LAMOST_LIKE}
"""What the simulated survey sees."""

N, STARS, DISTANCE_ERROR, V_ERROR = 300, 3000, 0.13, 7.0
"""Catalogues, drawn stars, error of ln distance, error of the velocities [km/s], unless it is said otherwise."""

_ABOUT: Final = {"path": "simulated", "survey": "generic", "simulated": True}
"""What every catalogue is, whatever the settings say of it."""

_FEWEST_STARS: Final = 50
_LARGEST_ERROR: Final = 0.39

M_100: Final = "m_within_100kpc"


@dataclass(frozen=True)
class Quantity:
    """Something with a true value and a posterior.

    Parameters
    ----------
    name, unit, label : str
        Of the summary; the label is TeX.
    logarithmic : bool
        Whether it is compared by its logarithm, as its prior is written.
    """

    name: str
    unit: str
    label: str
    logarithmic: bool

    def free(self, values: Floats) -> Floats:
        """ln of the values, array (...), where it is logarithmic, else the values [own units]."""
        return np.asarray(np.log(values)) if self.logarithmic else values


@dataclass(frozen=True)
class Design:
    """A calibration study.

    Parameters
    ----------
    loaded : config.Loaded
        The configuration as the user gave it.
    n : int
        Catalogues.
    stars : int
        Halo stars of each, before the cuts; where there are several tracers, of each tracer.
    sample : str
        One of `SAMPLES`.
    distance_error : float
        Standard deviation of ln distance.
    """

    loaded: configuration.Loaded
    n: int
    stars: int
    sample: str
    distance_error: float

    @property
    def config(self) -> RunConfig:
        """The resolved configuration."""
        return self.loaded.config

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self.config.seed

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked for beside the configuration, by option of the command line."""
        return {
            "--n": self.n,
            "--stars": self.stars,
            "--sample": self.sample,
            "--distance-error": self.distance_error,
        }

    @property
    def model(self) -> GalaxyModel:
        """Of the fit, and of the truth."""
        return stages.galaxy_model(self.config)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The free parameters, and the mass inside 100 kpc where it is free."""
        model = self.model
        pairs = zip(model.parameters, model.priors, strict=True)
        found = [Quantity(p.name, p.unit, p.label, prior.logarithmic) for p, prior in pairs]
        if any(component.table.startswith("mass.") and component.free for component in model.components):
            found.append(Quantity(M_100, MSUN, r"M({<}100\,\mathrm{kpc})", True))
        return tuple(found)


def design(
    n: int = N,
    *,
    recipe: str | Path = "zhai2018",
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    stars: int = STARS,
    sample: str = "complete",
    distance_error: float = DISTANCE_ERROR,
) -> Design:
    """A checked calibration study.

    Parameters
    ----------
    n : int
        Catalogues.
    recipe, settings, seed
        As for `haloscale.weigh`: the priors that the truths are drawn from, and how every catalogue is fitted. A file
        with ``[[catalogue]]`` tables, whose stars are not read, gives each galaxy several tracers, fitted together.
    stars : int
        Halo stars of each catalogue, or tracer, before the cuts.
    sample : str
        One of `SAMPLES`.
    distance_error : float
        Standard deviation of ln distance.

    Returns
    -------
    Design

    Raises
    ------
    ConfigError
        A number, a name or a setting that cannot be, or one that no simulation matches.
    """
    _check_numbers(n, stars, sample, distance_error)
    loaded = _loaded(recipe, settings or {}, seed)
    if not loaded.config.free:
        raise ConfigError(
            f"no parameter is free (recipe {loaded.config.recipe})",
            "at least one with a prior: truths are drawn from it, and intervals belong to it",
            "leave the mass its prior, or give another parameter one, as in --set "
            "anisotropy.beta='{prior=\"uniform\",low=-1,high=0.9}'",
        )
    for name, member in configuration.members(loaded.config).items():
        with configuration.about_catalogue(name):
            _check_distances(member)
            check_conditions(member)
    return Design(loaded, n, stars, sample, float(distance_error))


def _loaded(recipe: str | Path, settings: Mapping[str, Any], seed: int | None) -> configuration.Loaded:
    if not configuration.lists_catalogues(recipe):
        return configuration.load(recipe, settings, catalogue=_ABOUT, seed=seed)
    file = Path(recipe)
    names = configuration.load_joint(file, settings=settings, seed=seed).catalogues
    given = {f"catalogue.{name}.{key}": value for name in names for key, value in _ABOUT.items()}
    return configuration.load_joint(file, settings={**settings, **given}, seed=seed)


def _check_distances(config: RunConfig) -> None:
    if config.distance.method != "catalogue":
        raise ConfigError(
            f"distance.method = {config.distance.method!r}: the simulated stars have no photometry of that kind",
            '"catalogue": measured distances with errors, which are simulated',
            "--set distance.method=catalogue",
        )


def _check_numbers(n: int, stars: int, sample: str, distance_error: float) -> None:
    if n < 2:
        raise ConfigError(f"--n {n}", "at least 2 catalogues", f"ask for some hundred: --n {N}")
    if stars < _FEWEST_STARS:
        raise ConfigError(
            f"--stars {stars}",
            f"at least {_FEWEST_STARS} halo stars, of which the cuts leave a part",
            f"ask for some thousand: --stars {STARS}",
        )
    if sample not in SAMPLES:
        raise ConfigError(f"--sample {sample!r}", f"one of: {', '.join(SAMPLES)}", nearest(sample, SAMPLES))
    if not 0.0 <= distance_error <= _LARGEST_ERROR:
        raise ConfigError(
            f"--distance-error {distance_error:g}",
            f"a standard deviation of ln distance from 0 to {_LARGEST_ERROR:g}",
            f"write it like --distance-error {DISTANCE_ERROR:g}",
        )
