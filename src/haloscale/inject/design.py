"""What is planted into which catalogue, and how it is sought: checked once, sent to every process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from haloscale import config as configuration
from haloscale.config import RunConfig
from haloscale.errors import ConfigError
from haloscale.run import Request
from haloscale.substructure.base import KEEP_ALL, substructure_methods

STARS: Final = (15, 30, 60, 120)
WIDTH: Final = (2.0,)
LENGTH: Final = (0.0, 60.0)
V_SPREAD: Final = 15.0
REPETITIONS: Final = 20
"""What is planted unless it is said otherwise: clumps and streams 2 deg wide, 20 of each kind."""


@dataclass(frozen=True)
class Structure:
    """One kind of stream or clump.

    Parameters
    ----------
    stars : int
        Members that the sample holds.
    width, length : float [deg]
        As of `mock.streams.plant`; length 0: a clump.
    distance : float or None [kpc]
        Heliocentric, at the middle; None: that of a random star of the catalogue.
    """

    stars: int
    width: float
    length: float
    distance: float | None

    @property
    def words(self) -> str:
        """The kind without the number of stars: "60 x 2 deg, 20 kpc"."""
        shape = f"{self.length:g} x {self.width:g} deg" if self.length > 0 else f"clump of {self.width:g} deg"
        return shape if self.distance is None else f"{shape}, {self.distance:g} kpc"


@dataclass(frozen=True)
class Design:
    """An injection study.

    Parameters
    ----------
    loaded : config.Loaded
        The configuration as the user gave it.
    catalogue : Path
    strict : bool
        Refuse cuts whose column the catalogue lacks.
    structures : tuple of Structure
        The product of what was asked for.
    v_spread : float [km/s]
        Of the planted stars about their orbit.
    repetitions : int
        Injections of each kind.
    """

    loaded: configuration.Loaded
    catalogue: Path
    strict: bool
    structures: tuple[Structure, ...]
    v_spread: float
    repetitions: int

    @property
    def config(self) -> RunConfig:
        """The resolved configuration."""
        return self.loaded.config

    @property
    def n(self) -> int:
        """Injections."""
        return len(self.structures) * self.repetitions

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked for beside the configuration, by option of the command line."""
        values = {
            f"--{name}": list(dict.fromkeys(getattr(s, name) for s in self.structures))
            for name in ("stars", "width", "length", "distance")
        }
        return {**values, "--v-spread": self.v_spread, "--n": self.repetitions}

    def structure(self, index: int) -> Structure:
        """What injection `index` plants."""
        return self.structures[index // self.repetitions]


def design(
    request: Request,
    *,
    stars: Sequence[float] = STARS,
    width: Sequence[float] = WIDTH,
    length: Sequence[float] = LENGTH,
    distance: Sequence[float] = (),
    v_spread: float = V_SPREAD,
    repetitions: int = REPETITIONS,
) -> Design:
    """A checked injection study.

    Parameters
    ----------
    request : run.Request
        The catalogue and its configuration, as for a run.
    stars : sequence of int
        Members of a structure.
    width, length : sequence of float [deg]
        Standard deviation across the great circle, and extent along it; length 0: a clump.
    distance : sequence of float [kpc]
        Heliocentric, at the middle; empty: those of random stars of the catalogue.
    v_spread : float [km/s]
        Standard deviation of the members' velocities about their orbit.
    repetitions : int
        Injections of every combination.

    Returns
    -------
    Design

    Raises
    ------
    ConfigError
        A number that cannot be, or a configuration that does not look for substructure.
    """
    if not request.loaded.config.substructure.searches:
        methods = ", ".join(name for name in substructure_methods if name != KEEP_ALL)
        raise ConfigError(
            f"substructure.method = {KEEP_ALL!r} (recipe {request.loaded.config.recipe}): nothing is sought, and "
            "nothing planted is found",
            f"a method that looks for substructure: {methods}",
            "add --recipe modern, or --set substructure.method=fof_adaptive",
        )
    grid = [
        _checked(
            "--stars",
            stars,
            "whole numbers from 1 to 100000",
            lambda x: 1 <= x <= 1e5 and float(x).is_integer(),
            "15,30,60,120",
        ),
        _checked("--width", width, "degrees above 0, to 45", lambda x: 0 < x <= 45, "2"),
        _checked("--length", length, "degrees from 0 (a clump) to 360", lambda x: 0 <= x <= 360, "0,60"),
        _checked("--distance", distance, "kpc above 0", lambda x: 0 < x < float("inf"), "20,40")
        if distance
        else [None],
    ]
    _checked("--v-spread", [v_spread], "km/s, 0 or above", lambda x: 0 <= x < float("inf"), "15")
    _checked("--n", [repetitions], "at least 1", lambda x: x >= 1, "20")
    kinds = (Structure(int(n), w, x, d) for w, x, d, n in product(*grid[1:], grid[0]))
    return Design(request.loaded, request.catalogue, request.strict, tuple(kinds), float(v_spread), repetitions)


def _checked(
    option: str, values: Sequence[float], expected: str, is_good: Callable[[float], bool], example: str
) -> list[Any]:
    """The values as numbers, each once."""
    if not values:
        raise ConfigError(f"{option} names nothing", expected, f"write it like {option} {example}")
    for value in values:
        if not is_good(value):
            raise ConfigError(f"{option} {value:g}", expected, f"write it like {option} {example}")
    return list(dict.fromkeys(float(value) for value in values))
