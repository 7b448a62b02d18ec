"""From a state to stars, profile and posterior: the stages of a run, each kept by what it depends on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from haloscale import api, stages
from haloscale import run as runs
from haloscale.config import RunConfig
from haloscale.errors import CatalogueError
from haloscale.inference.model import GalaxyModel
from haloscale.inference.posterior import Posterior
from haloscale.records import CircularVelocity, DispersionProfile, StarTable
from haloscale.run import Request
from haloscale.web.binned import binned
from haloscale.web.isolated import isolated
from haloscale.web.memory import Memory
from haloscale.web.state import Source, State

_OF_STARS: Final = ("catalogue", "distance", "frame", "selection", "substructure", "dispersion", "seed")
"""Tables that the sample and its profile depend on."""
_BY_MODEL: Final = ("sampler", "cosmology", "recipe")
"""Tables that the posterior does not depend on."""
_LONGEST_READ, _LONGEST_SEARCH = 60.0, 300.0
"""Seconds [s] after which reading a file, and a search for groups, is given up."""
MOST_ROWS: Final = 200_000
"""Rows of a catalogue that can be explored."""


@dataclass(frozen=True)
class Stars:
    """Where the stars of a source are: the file, the survey, and the names of its columns."""

    path: Path
    survey: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """A request, and keys that are the same where a part of it is."""

    request: Request

    @property
    def config(self) -> RunConfig:
        """The resolved configuration."""
        return self.request.loaded.config

    @cached_property
    def model(self) -> GalaxyModel:
        """The model with its free parameters."""
        return stages.galaxy_model(self.config)

    @cached_property
    def key_of_table(self) -> Any:
        """The same for the same rows."""
        by_catalogue = self.config.distance.method == "catalogue"
        return str(self.request.catalogue), _text(self._whole, ("catalogue",)), by_catalogue

    @cached_property
    def key_of_stars(self) -> Any:
        """The same for the same sample and profile."""
        return str(self.request.catalogue), _text(self._whole, _OF_STARS)

    @cached_property
    def key_of_posterior(self) -> Any:
        """The same for the same posterior."""
        return str(self.request.catalogue), _text(self._whole, [k for k in self._whole if k not in _BY_MODEL])

    @cached_property
    def is_long(self) -> bool:
        """Whether the way from the table to the profile takes more than a moment."""
        config = self.config
        by_walkers = config.dispersion.options().get("method") == "emcee"
        return config.substructure.searches or config.distance.method != "catalogue" or by_walkers

    @cached_property
    def _whole(self) -> dict[str, Any]:
        return self.config.to_mapping()


@dataclass(frozen=True)
class Prepared:
    """What the stars say before any model."""

    selected: stages.Selected
    profile: DispersionProfile


@dataclass(frozen=True)
class Joined:
    """A posterior, and a key that is the same for the same posterior."""

    key: Any
    posterior: Posterior


Find = Callable[[Source], Stars]


class Scene:
    """What states ask for, computed by the stages of a run; shared by all pages.

    Parameters
    ----------
    find : callable
        Source -> `Stars`.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._asked: Memory[Asked] = Memory(128)
        self._tables: Memory[StarTable] = Memory(2)
        self._prepared: Memory[Prepared] = Memory(4)
        self._posteriors: Memory[Joined] = Memory(32)
        self._best: Memory[dict[str, float]] = Memory(128)

    def asked(self, state: State) -> Asked:
        """What a run of the state is asked to do. Errors: `ConfigError`."""

        def make() -> Asked:
            stars = self._find(state.source)
            about: dict[str, Any] = {"settings": state.settings, "columns": stars.columns}
            return Asked(api.request(stars.path, stars.survey, recipe=state.recipe, **about))

        return self._asked.get(state.key, make)

    def table(self, state: State) -> StarTable:
        """The catalogue as it was read. Errors: `CatalogueError`."""
        asked = self.asked(state)
        path = asked.request.catalogue
        limits: dict[str, Any] = {"seconds": _LONGEST_READ, "what": f"reading {path.name}"}
        return self._tables.get(asked.key_of_table, lambda: isolated(read_stars, path, asked.config, **limits))

    def prepared(self, state: State) -> Prepared:
        """Sample and dispersion profile, as a run would make them. Errors: `InputError`."""
        asked = self.asked(state)
        limits: dict[str, Any] = {"seconds": _LONGEST_SEARCH, "what": "the selection of the stars"}

        def make() -> Prepared:
            table = self.table(state)
            return isolated(prepare, asked.request, table, **limits) if asked.is_long else prepare(asked.request, table)

        return self._prepared.get(asked.key_of_stars, make)

    def is_quick(self, state: State) -> bool:
        """Whether sample and profile are there, or made in a moment. Errors: `InputError`."""
        asked = self.asked(state)
        if self._prepared.peek(asked.key_of_stars) is not None:
            return True
        return self._tables.peek(asked.key_of_table) is not None and not asked.is_long

    def quick(self, state: State) -> Joined:
        """Model, priors and data joined by the likelihood of the bins, see `binned`. Errors: `InputError`."""
        asked = self.asked(state)

        def join() -> Joined:
            made, config = self.prepared(state), binned(asked.config, asked.model).config
            points = circular_velocity(config, made.profile)
            joined = stages.posterior(config, made.selected.sample, made.profile, points)
            return Joined(asked.key_of_posterior, joined)

        return self._posteriors.get(asked.key_of_posterior, join)

    def best(self, joined: Joined, find: Callable[[], dict[str, float]]) -> dict[str, float]:
        """The maximum of a posterior, found once."""
        return self._best.get(joined.key, find)


def read_stars(path: Path, config: RunConfig) -> StarTable:
    """The catalogue of a run, if a page can show it. Errors: `CatalogueError`."""
    table = runs.read_stars(path, config)
    if len(table) > MOST_ROWS:
        raise CatalogueError(
            f"{path.name} has {len(table):,} rows",
            f"at most {MOST_ROWS:,} to explore",
            "weigh it whole with `haloscale weigh`, which takes any number, or explore a part of the rows",
        )
    return table


def prepare(request: Request, table: StarTable) -> Prepared:
    """Sample and dispersion profile with the random numbers of a run. Errors: `InputError`."""
    config, selected = request.loaded.config, runs.select(request, table)
    rng = runs.generator(config.seed, "dispersion")
    return Prepared(selected, stages.measure_profile(config, selected.sample, rng)[0])


def circular_velocity(config: RunConfig, profile: DispersionProfile) -> CircularVelocity | None:
    """What the route "v_circ" fits; None for the other route."""
    if config.jeans.route != "v_circ":
        return None
    return stages.circular_velocity(config, profile, runs.generator(config.seed, "circular_velocity"))[0]


def _text(whole: Mapping[str, Any], tables: Any) -> str:
    """Some tables of a resolved configuration as a text."""
    return json.dumps({name: whole[name] for name in tables}, sort_keys=True)
