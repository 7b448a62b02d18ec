"""From a recipe and the user's settings to a checked configuration."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from haloscale.config.keys import check_keys
from haloscale.config.layers import Tree, expand, overlay, plain_value, without_off
from haloscale.config.recipes import DEFAULT, is_file, read_file, read_recipe
from haloscale.config.run_config import RunConfig
from haloscale.config.values import wrong_value
from haloscale.errors import ConfigError
from haloscale.inference.priors import Prior

_EXPECTED: Final = {
    "missing": "it is needed",
    "model_type": "a table",
    "dict_type": "a table",
    "literal_error": "{expected}",
    "tuple_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}


@dataclass(frozen=True)
class Loaded:
    """A configuration and where it comes from.

    Parameters
    ----------
    config : RunConfig
    given : mapping
        What the user gave, as TOML has it: a file of settings that gives the same configuration again.
    notes : tuple of str
        What the log should say of how the layers were joined.
    """

    config: RunConfig
    given: dict[str, Any]
    notes: tuple[str, ...] = ()


def load(
    recipe: str | Path = DEFAULT,
    settings: Mapping[str, Any] | None = None,
    catalogue: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> Loaded:
    """The configuration of a run: recipe, file and settings joined and checked.

    Parameters
    ----------
    recipe : str or Path
        Name of a recipe, or a TOML file on top of the recipe that its key `recipe` names.
    settings : mapping, optional
        Dotted key or table -> value; "off" (or None) unsets a key.
    catalogue : mapping, optional
        Keys of ``[catalogue]``: path, survey, columns; empty ones count as not given.
    seed : int, optional

    Returns
    -------
    Loaded

    Raises
    ------
    ConfigError
        The first thing that is wrong, with the number of further ones.
    """
    notes: list[str] = []
    given = read_file(Path(recipe)) if is_file(recipe) else {"recipe": recipe}
    given.setdefault("recipe", DEFAULT)
    given = overlay(given, _asked(settings or {}, catalogue or {}, seed), notes)
    merged = without_off(overlay(read_recipe(given["recipe"]), given, notes))
    config = check(merged)
    return Loaded(config, given, (*notes, *_remarks(config, merged)))


def change(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    """A checked configuration with some settings changed.

    Parameters
    ----------
    config : RunConfig
    settings : mapping
        Dotted key -> value; "off" unsets a key.

    Raises
    ------
    ConfigError
        The changed configuration is not possible.
    """
    return restore(overlay(config.to_mapping(), expand(settings), []))


def restore(resolved: Mapping[str, Any]) -> RunConfig:
    """The configuration that `RunConfig.to_mapping` gave, as a run folder keeps it.

    Raises
    ------
    ConfigError
        It was changed and is not possible.
    """
    return check(without_off(resolved))


def parse_setting(text: str) -> tuple[str, Any]:
    """Key and value of ``table.key=value``: the value as TOML, or a plain text where it is not TOML.

    Raises
    ------
    ConfigError
        There is no ``=``, or nothing on one side of it.
    """
    key, _, value = (part.strip() for part in text.partition("="))
    if not key or not value:
        raise ConfigError(f"the setting {text!r}", "table.key=value", "write it like anisotropy.beta=0.3")
    try:
        tree = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return key, value
    parsed = tree["value"]
    return key, parsed if len(tree) == 1 and isinstance(parsed, (bool, int, float, str, list, dict)) else value


def check(tree: Mapping[str, Any]) -> RunConfig:
    """The configuration of nested settings.

    Raises
    ------
    ConfigError
        The first thing that is wrong, with the number of further ones.
    """
    check_keys(tree)
    try:
        return RunConfig(**tree)
    except ValidationError as error:
        raise _translated(error) from None


def _asked(settings: Mapping[str, Any], catalogue: Mapping[str, Any], seed: int | None) -> Tree:
    asked = expand(settings)
    if "recipe" in asked:
        raise ConfigError("recipe is given as a setting", "--recipe NAME", "name the recipe with --recipe")
    if seed is not None:
        if asked.get("seed", seed) != seed:
            raise ConfigError(f"the seed is given twice, {asked['seed']} and {seed}", "one seed", "give it by --seed")
        asked["seed"] = seed
    about = {k: plain_value(v) for k, v in catalogue.items() if v}
    return overlay(asked, {"catalogue": about}, []) if about else asked


def _remarks(config: RunConfig, merged: Mapping[str, Any]) -> list[str]:
    said = []
    models = {f"{table}.{name}": v for table, values in config.models.items() for name, v in values.items()}
    for key, prior in ((key, value) for key, value in models.items() if isinstance(value, Prior)):
        *path, name = key.split(".")
        table: Any = merged
        for part in path:
            table = table.get(part, {})
        if name not in table:
            said.append(f"{key} is not given: it is free, with its own prior {prior.to_table()}")
    if config.likelihood.true_selection is not None and config.likelihood.kind == "bins":
        said.append('likelihood.true_selection has no effect with kind = "bins"')
    if config.projection != config.jeans.projection:
        said.append(
            f"jeans.projection = {config.jeans.projection!r} has no effect with likelihood.kind = "
            f"{config.likelihood.kind!r}, which takes the geometry of each star"
        )
    return said


def _translated(error: ValidationError) -> ConfigError:
    first, *others = error.errors()
    path = ".".join(str(part) for part in first["loc"])
    kind, context = first["type"], first.get("ctx", {})
    expected = _EXPECTED.get(kind, first["msg"].removeprefix("Input should be ")).format(**context)
    if kind == "missing":
        told = ConfigError(f"{path} is missing", expected, f"give it with --set {path}=...")
    elif kind == "extra_forbidden":
        told = ConfigError(f"{path} is not a key of the configuration", "a key that haloscale knows", f"remove {path}")
    else:
        told = wrong_value(path, first["input"], expected)
    more = f" (and {len(others)} more {'errors' if len(others) > 1 else 'error'})" if others else ""
    return ConfigError(told.found + more, told.expected, told.advice)
