"""Which keys there are, what each means, and where an unknown one may belong."""

import difflib
from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any, Final

from pydantic import BaseModel

from haloscale.config.layers import is_table
from haloscale.config.options import Option
from haloscale.config.run_config import RunConfig
from haloscale.config.variants import variant_of, variant_options
from haloscale.errors import ConfigError
from haloscale.selection import CUTS

Path = tuple[str, ...]

TABLES: Final = tuple(name for name in RunConfig.model_fields if is_table((name,)))
"""The tables of the configuration, in their order."""


def keys_of(path: Path, table: Mapping[str, Any]) -> dict[str, Option] | None:
    """The keys of a table with their meaning; None where the user chooses the names.

    Raises
    ------
    ConfigError
        The table names a variant that does not exist.
    """
    if path == ("mass",) or len(path) > 2 or path[1:] == ("columns",):
        return None
    keys = _model_keys(RunConfig.model_fields[path[0]].annotation) if path[0] != "mass" else {}
    variant = variant_of(path)
    if variant is not None:
        default = MISSING if variant.default is None else variant.default
        named = Option(variant.key, default, description=variant.description, choices=tuple(variant.registry))
        keys = {**keys, variant.key: named}
        keys |= variant_options(path, table.get(variant.key, variant.default))
    if path == ("selection",):
        keys |= {c.key: Option(c.key, None, c.unit, c.reason, c.choices) for c in CUTS}
    return keys


def check_keys(tree: Mapping[str, Any]) -> None:
    """Refuse the first unknown key, with the name or the table that was probably meant.

    Raises
    ------
    ConfigError
    """
    top = {**dict.fromkeys(TABLES), **_model_keys(RunConfig)}
    for key, value in tree.items():
        if key not in top:
            raise _unknown((), key, tuple(top), tree)
        if isinstance(value, Mapping) and key in TABLES:
            _check_table((key,), value, tree)


def _check_table(path: Path, table: Mapping[str, Any], tree: Mapping[str, Any]) -> None:
    known = keys_of(path, table)
    for key, value in table.items():
        if known is not None and key not in known:
            raise _unknown(path, key, tuple(known), tree)
        if isinstance(value, Mapping) and is_table((*path, key)):
            _check_table((*path, key), value, tree)


def _unknown(path: Path, key: str, known: tuple[str, ...], tree: Mapping[str, Any]) -> ConfigError:
    where = f"in [{'.'.join(path)}]" if path else "at the top level"
    dotted = ".".join((*path, key)) or "an empty key"
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if others := _variants_with(path, key):
        advice = f"set {'.'.join(path)}.{others}, which has it, or remove it"
    elif near:
        advice = f"did you mean {'.'.join((*path, near[0]))!r}?"
    else:
        elsewhere = [f"{table}.{k}" for table, keys in _everywhere(tree).items() for k in keys if k == key]
        advice = f"did you mean {elsewhere[0]!r}?" if elsewhere else "remove it; `haloscale new` explains every key"
    return ConfigError(f"{dotted} is not a key of the configuration", f"{where}: {', '.join(known)}", advice)


def _variants_with(path: Path, key: str) -> str:
    """The variants of a table that have a key: 'kind = "stars"'; empty where none has it."""
    variant = variant_of(path)
    if variant is None:
        return ""
    found = [f'"{name}"' for name in variant.registry if key in variant_options(path, name)]
    return f"{variant.key} = {' or '.join(found)}" if found else ""


def _everywhere(tree: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every table of a configuration with its keys; tables whose variant does not exist are passed over."""
    paths = [(name,) for name in TABLES if name != "mass"] + [("mass", name) for name in tree.get("mass") or ()]
    found = {}
    for path in paths:
        table: Any = tree
        for part in path:
            table = table.get(part, {}) if isinstance(table, Mapping) else {}
        try:
            found[".".join(path)] = tuple(keys_of(path, table if isinstance(table, Mapping) else {}) or ())
        except ConfigError:
            continue
    return found


def _model_keys(model: Any) -> dict[str, Option]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}
    return {
        name: Option(name, field.default, _unit(field.json_schema_extra), field.description)
        for name, field in model.model_fields.items()
        if field.description
    }


def _unit(extra: Any) -> str:
    return str(extra["unit"]) if isinstance(extra, Mapping) else ""
