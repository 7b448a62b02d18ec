"""What a bias study simulates and how it fits: checked once, sent to every process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import mock, stages
from haloscale.anisotropy import Constant
from haloscale.config import RunConfig
from haloscale.errors import ConfigError, InputError, nearest
from haloscale.jeans.slopes import DERIVATIVES, MIN_POINTS
from haloscale.mass import NFW
from haloscale.records import StarTable
from haloscale.tracer import PowerLaw

ROUTES: Final = ("sigma", *DERIVATIVES)
"""The route "sigma", and the route "v_circ" with each of its derivatives."""

SAMPLES: Final = ("demo", "complete")

TRUTH: Final[Mapping[str, float]] = {
    **{key: mock.Truth().numbers[key] for key in ("m_vir", "c", "beta", "log_slope")},
    "distance_error": 0.13,
}
"""What a catalogue is made of, with the defaults: those of `haloscale demo`. `distance_error` is fractional."""

_COMPLETE_STARS: Final = 58_000
_RANGE: Final = {"distance_error": (0.0, 0.39)}
"""Above 0.39 hardly a star would pass the paper's own cut at 0.4."""


_TYPICAL_R: Final = 20.0
"""Where what the fit assumes is compared with the truth [kpc]."""


@dataclass(frozen=True)
class Design:
    """A bias study.

    Parameters
    ----------
    loaded : config.Loaded
        The configuration as the user gave it.
    configs : mapping of str to RunConfig
        By the names of `ROUTES`.
    truth : mapping of str to float
        By the names of `TRUTH`.
    sample : str
        "demo": a LAMOST-like survey with disk stars, repeats and missing values; "complete": every halo star there is.
    n : int
        Catalogues.
    """

    loaded: configuration.Loaded
    configs: Mapping[str, RunConfig]
    truth: Mapping[str, float]
    sample: str
    n: int

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self.loaded.config.seed

    def assumed(self) -> dict[str, float]:
        """beta and log_slope of the fit at 20 kpc, its free parameters at their priors' medians."""
        model = stages.galaxy_model(self.loaded.config)
        galaxy = model.build(np.array([prior.quantile(0.5) for prior in model.priors]))
        at = galaxy.anisotropy.beta_at(_TYPICAL_R), galaxy.tracer.log_slope_at(_TYPICAL_R)
        return {name: float(np.squeeze(value)) for name, value in zip(("beta", "log_slope"), at, strict=True)}

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked for beside the configuration, by option of the command line."""
        return {"--n": self.n, "--sample": self.sample, **{f"--truth {key}": v for key, v in self.truth.items()}}

    def model(self) -> mock.Truth:
        """The true models."""
        truth = self.truth
        return mock.Truth(
            halo=NFW(m_vir=truth["m_vir"], c=truth["c"]),
            tracer=PowerLaw(log_slope=truth["log_slope"]),
            anisotropy=Constant(beta=truth["beta"]),
        )

    def simulate(self, rng: np.random.Generator) -> StarTable:
        """One catalogue."""
        error = self.truth["distance_error"]
        if self.sample == "complete":
            stars = _COMPLETE_STARS
            return mock.simulate_simple(self.model(), rng, stars, distance_fractional_error=error, v_error=7.0)
        repeats = 0.13 if error > 0 else 0.0  # visits are merged by their errors
        return mock.simulate(self.model(), rng, distance_fractional_error=error, repeat_fraction=repeats)


def design(
    n: int = 500,
    *,
    recipe: str | Path = "zhai2018",
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    truth: Mapping[str, Any] | None = None,
    sample: str = "demo",
) -> Design:
    """A checked bias study.

    Parameters
    ----------
    n : int
        Catalogues.
    recipe, settings, seed
        As for `haloscale.weigh`: how every catalogue is fitted.
    truth : mapping of str to float, optional
        Changes to `TRUTH`.
    sample : str
        One of `SAMPLES`.

    Returns
    -------
    Design

    Raises
    ------
    ConfigError
        A number, a name or a setting that a bias study cannot use.
    """
    given = dict(settings or {})
    if n < 2:
        raise ConfigError(f"--n {n}", "at least 2 catalogues", "ask for some hundred: --n 500")
    if sample not in SAMPLES:
        raise ConfigError(f"--sample {sample!r}", f"one of: {', '.join(SAMPLES)}", nearest(sample, SAMPLES))
    if fixed := {"jeans.route", "jeans.derivative"} & given.keys():
        raise ConfigError(f"--set {min(fixed)}", "nothing: a bias study runs every route", "leave it out")
    about = {"path": "simulated", "survey": "generic"}
    given["catalogue.simulated"] = True

    def load(route: Mapping[str, str]) -> configuration.Loaded:
        return configuration.load(recipe, {**given, **route}, catalogue=about, seed=seed)

    loaded = load({"jeans.route": "sigma"})
    by_derivative = {m: load({"jeans.route": "v_circ", "jeans.derivative": m}).config for m in DERIVATIVES}
    _check_bins(loaded.config)
    made = Design(loaded, {"sigma": loaded.config, **by_derivative}, _checked_truth(truth or {}), sample, n)
    _check_model(made)
    return made


def _check_bins(config: RunConfig) -> None:
    n_bins = config.dispersion.n_bins or len(config.dispersion.edges or ()) - 1
    if n_bins < MIN_POINTS:
        raise ConfigError(
            f"{n_bins} radial bins", f"at least {MIN_POINTS}: a derivative needs them", "give more dispersion.edges"
        )


def _checked_truth(given: Mapping[str, Any]) -> dict[str, float]:
    for key, value in given.items():
        if key not in TRUTH:
            raise ConfigError(f"--truth {key}", f"one of: {', '.join(TRUTH)}", nearest(key, TRUTH))
        low, high = _RANGE.get(key, (-np.inf, np.inf))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            expected = f"a number from {low:g} to {high:g}" if key in _RANGE else "a number"
            raise ConfigError(f"--truth {key}={value}", expected, f"write it like --truth {key}={TRUTH[key]:g}")
    return {key: float(given.get(key, default)) for key, default in TRUTH.items()}


def _check_model(made: Design) -> None:
    """A true model that does not exist is found before the first catalogue, not in a process."""
    try:
        made.model()
    except InputError as error:
        raise ConfigError(f"--truth: {error.found}", error.expected, "give --truth a physical value") from error
