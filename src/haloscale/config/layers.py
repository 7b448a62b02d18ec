"""Layers of settings: a recipe, a file on top of it, single keys on top of that."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from haloscale.config.variants import variant_of, variant_options
from haloscale.errors import ConfigError
from haloscale.inference.priors import Prior

OFF: Final = "off"
"""The value that unsets a key: its own default applies; a cut is not made; a mass component is left out."""

_SCALARS: Final = ("recipe", "seed")
_OPEN: Final = (("selection", "columns"), ("catalogue", "columns"))
_EITHER: Final = ("edges", "n_bins")

Path = tuple[str, ...]
Tree = dict[str, Any]


def is_table(path: Path) -> bool:
    """Whether layers are joined key by key at a path; anywhere else the upper layer replaces the lower one whole."""
    return (
        not path
        or (len(path) == 1 and path[0] not in _SCALARS)
        or (len(path) == 2 and path[0] == "mass")
        or path in _OPEN
    )


def overlay(below: Mapping[str, Any], above: Mapping[str, Any], notes: list[str], path: Path = ()) -> Tree:
    """The upper layer on the lower one; "off" is kept as a value.

    Parameters
    ----------
    below, above : mapping
        Nested, as read from TOML.
    notes : list of str
        Takes a sentence for each inherited key that is dropped because the upper layer chose another variant.
    path : tuple of str
        Where the two stand in the configuration.
    """
    dropped = {k: why for k, why in _foreign(below, above, path).items() if k not in above}
    notes += [f"{'.'.join((*path, k))} is dropped: {why}" for k, why in dropped.items() if below[k] != OFF]
    merged = {k: v for k, v in below.items() if k not in dropped}
    for key, value in above.items():
        here, old = (*path, key), merged.get(key)
        if isinstance(value, Mapping) and is_table(here):
            merged[key] = overlay(old if isinstance(old, Mapping) else {}, value, notes, here)
        else:
            merged[key] = value
    return merged


def _foreign(below: Mapping[str, Any], above: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Keys of the lower layer that make no sense under the upper one, each with the reason."""
    found: dict[str, str] = {}
    variant = variant_of(path)
    if variant is not None and variant.key in above:
        name = variant.default if above[variant.key] == OFF else above[variant.key]
        if isinstance(name, str) and name != below.get(variant.key) and name in variant.registry:
            known = {variant.key, *variant.shared, *variant_options(path, name)}
            found |= {k: f"{variant.key} = {name!r} has no such key" for k in below if k not in known}
    if path == ("dispersion",):
        for one, other in (_EITHER, _EITHER[::-1]):
            if above.get(one, OFF) != OFF and other in below:
                found[other] = f"{one} is given instead"
    return found


def without_off(tree: Mapping[str, Any]) -> Tree:
    """The settings without the keys that are "off"."""
    return {k: without_off(v) if isinstance(v, Mapping) else v for k, v in tree.items() if v != OFF}


def expand(settings: Mapping[str, Any]) -> Tree:
    """Dotted keys as nested mappings, values as TOML has them.

    Raises
    ------
    ConfigError
        Two keys that contradict each other.
    """
    tree: Tree = {}
    for dotted, value in settings.items():
        *parents, last = split_key(dotted)
        target = tree
        for part in parents:
            target = target.setdefault(part, {})
            if not isinstance(target, dict):
                raise ConfigError(
                    f"{dotted} is set, and {part} as a whole too", "one of the two", "leave one of the settings out"
                )
        plain, old = plain_value(value), target.get(last)
        target[last] = {**old, **plain} if isinstance(old, dict) and isinstance(plain, dict) else plain
    return tree


def split_key(dotted: str) -> list[str]:
    """The parts of a dotted key; parts with odd characters may be quoted as in TOML."""
    parts: list[str] = []
    try:
        tree: Any = tomllib.loads(f"{dotted} = 0") if "\n" not in dotted else {}
    except tomllib.TOMLDecodeError:
        tree = {}
    while isinstance(tree, dict) and len(tree) == 1:
        (part, tree), *_ = tree.items()
        parts.append(part)
    return parts or [part.strip() for part in dotted.split(".")]


def plain_value(value: Any) -> Any:
    """A Python value as TOML has it: None is "off", arrays and tuples are lists, a `Prior` is its table."""
    if value is None:
        return OFF
    if isinstance(value, Prior):
        return value.to_table()
    if isinstance(value, Mapping):
        return {str(k): plain_value(v) for k, v in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain_value(v) for v in value]
    return value


def diff(a: Mapping[str, Any], b: Mapping[str, Any], path: Path = ()) -> list[str]:
    """The dotted keys in which two configurations differ; an absent key counts as "off"."""
    changed: list[str] = []
    for key in dict.fromkeys((*a, *b)):
        here, old, new = (*path, key), a.get(key, OFF), b.get(key, OFF)
        if here == ("catalogue",) and isinstance(old, list) and isinstance(new, list):
            changed += _diff_of_catalogues(old, new)
        elif is_table(here) and isinstance(old, Mapping) and isinstance(new, Mapping):
            changed += diff(old, new, here)
        elif old != new:
            changed.append(".".join(here))
    return changed


def _diff_of_catalogues(a: list[Tree], b: list[Tree]) -> list[str]:
    """The same of lists of catalogues: ``catalogue.NAME.tracer.log_slope``."""
    old, new = ({entry["name"]: entry for entry in entries} for entries in (a, b))
    changed: list[str] = []
    for name in dict.fromkeys((*old, *new)):
        where = f"catalogue.{name}"
        both = name in old and name in new
        changed += [f"{where}.{key}" for key in diff(old[name], new[name])] if both else [where]
    return changed
