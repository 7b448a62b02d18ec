"""From a state to stars, profile and posterior: the stages of a run, each kept by what it depends on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from haloscale import api, stages
from haloscale import run as runs
from haloscale.config import RunConfig, change
from haloscale.errors import CatalogueError
from haloscale.inference.posterior import Posterior
from haloscale.records import CircularVelocity, DispersionProfile, StarTable
from haloscale.run import Request
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
        self._requests: Memory[Request] = Memory(128)
        self._tables: Memory[StarTable] = Memory(2)
        self._prepared: Memory[Prepared] = Memory(8)
        self._posteriors: Memory[Joined] = Memory(64)
        self._best: Memory[dict[str, float]] = Memory(128)

    def request(self, state: State) -> Request:
        """What a run of the state is asked to do. Errors: `ConfigError`."""

        def make() -> Request:
            stars = self._find(state.source)
            return api.request(
                stars.path, stars.survey, recipe=state.recipe, settings=state.settings, columns=stars.columns
            )

        return self._requests.get(state.key, make)

    def table(self, state: State) -> StarTable:
        """The catalogue as it was read. Errors: `CatalogueError`."""
        request = self.request(state)
        config = request.loaded.config
        key = str(request.catalogue), _part(config, ("catalogue",)), config.distance.method == "catalogue"
        what = f"reading {request.catalogue.name}"
        work = read_stars, request.catalogue, config
        return self._tables.get(key, lambda: isolated(*work, seconds=_LONGEST_READ, what=what))

    def prepared(self, state: State) -> Prepared:
        """Sample and dispersion profile, as a run would make them. Errors: `InputError`."""
        request = self.request(state)

        def make() -> Prepared:
            table = self.table(state)
            if not is_long(request.loaded.config):
                return prepare(request, table)
            return isolated(prepare, request, table, seconds=_LONGEST_SEARCH, what="the selection of the stars")

        return self._prepared.get(self.key_of_stars(request), make)

    def is_quick(self, state: State) -> bool:
        """Whether sample and profile are there, or made in a moment. Errors: `InputError`."""
        request = self.request(state)
        if self._prepared.peek(self.key_of_stars(request)) is not None:
            return True
        config = request.loaded.config
        key = str(request.catalogue), _part(config, ("catalogue",)), config.distance.method == "catalogue"
        return self._tables.peek(key) is not None and not is_long(config)

    def key_of_stars(self, request: Request) -> Any:
        """The same for the same sample and profile."""
        return str(request.catalogue), _part(request.loaded.config, _OF_STARS)

    def posterior(self, state: State, kind: str = "") -> Joined:
        """Model, priors and data joined, by the likelihood of the state or another. Errors: `InputError`."""
        request = self.request(state)
        config = request.loaded.config
        if kind and config.likelihood.kind != kind:
            config = change(config, {"likelihood": {"kind": kind}})
        whole = {k: v for k, v in config.to_mapping().items() if k not in _BY_MODEL}
        key = str(request.catalogue), json.dumps(whole, sort_keys=True)

        def join() -> Joined:
            made = self.prepared(state)
            points = circular_velocity(config, made.profile)
            return Joined(key, stages.posterior(config, made.selected.sample, made.profile, points))

        return self._posteriors.get(key, join)

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


def is_long(config: RunConfig) -> bool:
    """Whether the way from the table to the profile takes more than a moment."""
    by_walkers = config.dispersion.options().get("method") == "emcee"
    return config.substructure.searches or config.distance.method != "catalogue" or by_walkers


def circular_velocity(config: RunConfig, profile: DispersionProfile) -> CircularVelocity | None:
    """What the route "v_circ" fits; None for the other route."""
    if config.jeans.route != "v_circ":
        return None
    return stages.circular_velocity(config, profile, runs.generator(config.seed, "circular_velocity"))[0]


def _part(config: RunConfig, tables: tuple[str, ...]) -> str:
    """Some tables of a configuration as a text, the same for the same settings."""
    whole = config.to_mapping()
    return json.dumps({name: whole[name] for name in tables}, sort_keys=True)
