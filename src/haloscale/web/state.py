"""What a page asks for, checked before anything else sees it: registered names, finite numbers, no path, no expression.

A state is what a link holds: a source of stars, a recipe, the settings that differ from it, a point of the model, and
the two parameters whose posterior is drawn.
"""

import base64
import binascii
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from haloscale.config import recipes
from haloscale.config.keys import TABLES
from haloscale.config.layers import OFF, split_key
from haloscale.config.variants import VARIANTS, variant_options
from haloscale.errors import ConfigError, nearest
from haloscale.inference.priors import PRIORS
from haloscale.jeans.projection import PROJECTIONS
from haloscale.jeans.slopes import DERIVATIVES
from haloscale.selection import CUTS
from haloscale.surveys.base import surveys
from haloscale.tables.units import INPUT_COLUMNS

START: Final = "start"
UPLOAD: Final = "upload"
_MOST_SETTINGS, _LONGEST_KEY, _LONGEST_LIST, _LONGEST_NAME, _DEEPEST = 200, 120, 200, 200, 4
LARGEST_COUNT: Final = 1_000_000
"""Largest whole number of a setting: walkers, draws, nodes, members."""
_OWN: Final = ("catalogue.v_offset", "catalogue.distance_scale")
"""Keys of ``[catalogue]`` that a page may set; the others say which file is read, and how."""


@dataclass(frozen=True)
class Source:
    """Where the stars come from: what the server was started with, or a file that was dropped on the page."""

    kind: str = START
    upload: str = ""
    survey: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for the same stars."""
        return json.dumps([self.kind, self.upload, self.survey, sorted(self.columns.items())])


@dataclass(frozen=True)
class State:
    """What a page shows."""

    source: Source = field(default_factory=Source)
    recipe: str = "zhai2018"
    settings: Mapping[str, Any] = field(default_factory=dict)
    point: Mapping[str, float] = field(default_factory=dict)
    axes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same configuration of the same stars; point and axes do not matter."""
        return json.dumps([self.source.key, self.recipe, self.settings], sort_keys=True)

    def to_mapping(self) -> dict[str, Any]:
        """As a link holds it."""
        source: dict[str, Any] = {"kind": self.source.kind}
        if self.source.kind == UPLOAD:
            source |= {"upload": self.source.upload, "survey": self.source.survey, "columns": dict(self.source.columns)}
        return {
            "source": source, "recipe": self.recipe, "settings": dict(self.settings), "point": dict(self.point),
            "axes": list(self.axes),
        }  # fmt: skip


def read_state(raw: Any) -> State:
    """A state as a page sends it.

    Raises
    ------
    ConfigError
        It holds anything but registered names and finite numbers.
    """
    _refuse_unless(isinstance(raw, Mapping), "the state", raw, "an object")
    recipe = raw.get("recipe", "zhai2018")
    if not isinstance(recipe, str) or recipe not in recipes():
        raise ConfigError(
            f"no recipe is called {_shown(recipe)}", f"one of: {', '.join(recipes())}", nearest(str(recipe), recipes())
        )
    settings, point = raw.get("settings") or {}, raw.get("point") or {}
    _refuse_unless(isinstance(settings, Mapping), "settings", settings, "an object of keys and values")
    _refuse_unless(len(settings) <= _MOST_SETTINGS, "settings", len(settings), f"at most {_MOST_SETTINGS} keys")
    checked = {_key(key): _value(value, str(key)) for key, value in settings.items()}
    return State(read_source(raw.get("source") or {}), recipe, checked, _point(point), _axes(raw.get("axes") or []))


def read_source(raw: Any) -> Source:
    """A source as a page sends it. Errors: `ConfigError`, as `read_state`."""
    _refuse_unless(isinstance(raw, Mapping), "source", raw, "an object")
    kind = raw.get("kind", START)
    if kind == START:
        return Source()
    _refuse_unless(kind == UPLOAD, "source.kind", kind, f"{START!r} or {UPLOAD!r}")
    upload, survey = raw.get("upload"), raw.get("survey") or "generic"
    _refuse_unless(_is_text(upload), "source.upload", upload, "the name that the upload was given")
    if not isinstance(survey, str) or survey not in surveys:
        raise ConfigError(
            f"survey: no survey is called {_shown(survey)}",
            f"one of: {', '.join(surveys)}",
            nearest(str(survey), surveys),
        )
    columns = raw.get("columns") or {}
    _refuse_unless(isinstance(columns, Mapping), "source.columns", columns, "an object of roles and columns")
    return Source(UPLOAD, str(upload), survey, dict(_columns(columns)))


def flattened(given: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted key -> value of settings as a file has them, without what says which catalogue is read."""
    found: dict[str, Any] = {}
    for table, values in given.items():
        if isinstance(values, Mapping):
            for key, value in values.items():
                if table == "mass" and isinstance(value, Mapping):
                    found |= {f"mass.{key}.{name}": entry for name, entry in value.items()}
                elif table != "catalogue" or f"catalogue.{key}" in _OWN:
                    found[f"{table}.{key}"] = value
    return found


def decode(text: str) -> State:
    """The state of a link: base64url of its JSON. Errors: `ConfigError`."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), parse_constant=_no_constant)
    except (ValueError, binascii.Error, RecursionError):
        raise ConfigError("the state in the link cannot be read", "a link that a page made", "copy it whole") from None
    return read_state(raw)


def encode(state: State) -> str:
    """The inverse of `decode`."""
    text = json.dumps(state.to_mapping(), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _columns(given: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for role, column in given.items():
        if role not in INPUT_COLUMNS:
            raise ConfigError(
                f"columns.{_shown(role)} is no standard column",
                f"one of: {', '.join(INPUT_COLUMNS)}",
                nearest(str(role), INPUT_COLUMNS),
            )
        name = column.get("name") if isinstance(column, Mapping) else column
        if name in (None, ""):
            continue
        _refuse_unless(_is_text(name), f"columns.{role}", name, "the name of a column of the file")
        yield role, str(name)


def _point(given: Any) -> dict[str, float]:
    _refuse_unless(isinstance(given, Mapping) and len(given) <= _MOST_SETTINGS, "point", given, "parameters and values")
    for name, value in given.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
        _refuse_unless(number and math.isfinite(value), f"point.{str(name)[:_LONGEST_KEY]}", value, "a finite number")
    return {str(name)[:_LONGEST_KEY]: float(value) for name, value in given.items()}


def _axes(given: Any) -> tuple[str, ...]:
    """Two names, or none; whether such parameters are free is seen where they are drawn."""
    two = isinstance(given, list) and len(given) in (0, 2) and all(_is_text(name) for name in given)
    _refuse_unless(two and len(set(given)) == len(given), "axes", given, "the names of two parameters, or nothing")
    return tuple(given)


def _key(key: Any) -> str:
    _refuse_unless(isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY, "a setting", key, "a dotted key")
    path = split_key(key)
    if path[0] not in TABLES or (path[0] == "catalogue" and ".".join(path) not in _OWN):
        told = f"{_shown(key)} cannot be set from the page"
        raise ConfigError(told, f"a key of: {', '.join(TABLES)}", "set it where the explorer is started")
    return str(key)


def _value(value: Any, key: str, depth: int = 0) -> Any:
    """A value of a setting: numbers, flags, known names, and lists and tables of them."""
    if value is None or isinstance(value, bool):
        return OFF if value is None else value
    if isinstance(value, int):
        # any large number that is meant as a quantity (a mass) is as good as a float; a count is not
        _refuse_unless(abs(value) < 1e300, key, "a huge number", "a finite number")
        return value if abs(value) <= LARGEST_COUNT else float(value)
    if isinstance(value, float):
        _refuse_unless(math.isfinite(value), key, value, "a finite number")
        return value
    if isinstance(value, str):
        if value not in known_names():
            raise ConfigError(f"{key} is {_shown(value)}", "a number or a registered name", "choose one of the list")
        return value
    _refuse_unless(isinstance(value, (list, Mapping)) and depth < _DEEPEST, key, value, "a number or a registered name")
    _refuse_unless(len(value) <= _LONGEST_LIST, key, f"a list of {len(value)}", f"at most {_LONGEST_LIST} values")
    if isinstance(value, list):
        return [_value(one, key, depth + 1) for one in value]
    _refuse_unless(all(_is_text(name) for name in value), key, value, "a table with names")
    return {name: _value(one, f"{key}.{name}", depth + 1) for name, one in value.items()}


@cache
def known_names() -> frozenset[str]:
    """Every text that a setting may be: what is registered, and the choices of the options of each."""
    found = {OFF, "sigma", "v_circ", "left", "right", "column", *PROJECTIONS, *DERIVATIVES, *PRIORS}
    found |= {choice for spec in CUTS for choice in spec.choices}
    for table, variant in VARIANTS.items():
        found |= set(variant.registry)
        for name in variant.registry:
            for option in variant_options((table,), name).values():
                found |= {*option.choices, *(option.default if isinstance(option.default, tuple) else ())}
    return frozenset(found)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refuse_unless(good: bool, where: str, value: Any, expected: str) -> None:
    if not good:
        raise ConfigError(f"{where} is {_shown(value)}", expected, "correct it on the page, or open the page anew")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
