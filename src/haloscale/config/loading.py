"""From a recipe and the user's settings to a checked configuration."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haloscale.config.checking import check
from haloscale.config.joint import assemble, entries_of, is_joint, split, tree_of
from haloscale.config.layers import Tree, expand, overlay, plain_value, without_off
from haloscale.config.recipes import DEFAULT, is_file, read_file, read_joint, read_recipe
from haloscale.config.run_config import RunConfig
from haloscale.errors import ConfigError, nearest
from haloscale.inference.priors import Prior


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
    catalogues : mapping of str to Loaded
        The same of each catalogue, where there are several.
    """

    config: RunConfig
    given: dict[str, Any]
    notes: tuple[str, ...] = ()
    catalogues: Mapping[str, "Loaded"] = field(default_factory=dict)


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


def load_joint(
    file: Path,
    recipe: str | Path = DEFAULT,
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> Loaded:
    """The configuration of a run of several catalogues: recipe, file and settings joined and checked.

    Parameters
    ----------
    file : Path
        A TOML file with ``[[catalogue]]`` tables.
    recipe : str or Path
        What lies below the file, if its key `recipe` does not say it.
    settings : mapping, optional
        As of `load`; ``catalogue.NAME.table.key`` is that key of one catalogue.
    seed : int, optional

    Returns
    -------
    Loaded
        Paths in it are absolute; in `given` they are as in the file.

    Raises
    ------
    ConfigError
        The first thing that is wrong, with the number of further ones.
    """
    notes: list[str] = []
    given = overlay(_below(file, recipe), read_joint(file), notes)
    own, asked = split(given.pop("catalogue")), _asked(settings or {}, {}, seed)
    for name, tree in _asked_of_catalogues(asked.pop("catalogue", {}), own).items():
        own[name] = overlay(own[name], tree, notes)
    given = overlay(given, asked, notes)
    shared = overlay(read_recipe(given["recipe"]), given, notes)
    config = assemble(shared, {name: _absolute(tree, file) for name, tree in own.items()}, notes)
    catalogues = {n: Loaded(config.catalogues[n], overlay(given, tree, [])) for n, tree in own.items()}
    told = {n: {**tree, **tree["catalogue"]} for n, tree in own.items()}
    notes += _remarks(config, {**shared, "catalogue": {n: {**shared, **tree} for n, tree in told.items()}})
    return Loaded(config, {**given, "catalogue": entries_of(own)}, tuple(notes), catalogues)


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
    if is_joint(resolved):
        return assemble({k: v for k, v in resolved.items() if k != "catalogue"}, split(resolved["catalogue"]), [])
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


def _below(file: Path, recipe: str | Path) -> Tree:
    """What lies below a file of several catalogues: a recipe, or a file of settings on top of one."""
    below = read_file(Path(recipe)) if is_file(recipe) else {"recipe": recipe}
    named = read_joint(file).get("recipe")
    if named is not None and below.get("recipe", DEFAULT) not in (DEFAULT, named):
        raise ConfigError(
            f"the recipe is given twice, {named!r} in {file} and {below['recipe']!r}", "one recipe", "leave one out"
        )
    return {"recipe": DEFAULT, **below}


def _absolute(tree: Mapping[str, Any], file: Path) -> Tree:
    """The tables of a catalogue with the whole path of its file."""
    about = tree["catalogue"]
    return {**tree, "catalogue": {**about, "path": str(file.parent.resolve() / str(about["path"]))}}


def _asked_of_catalogues(asked: Any, own: Mapping[str, Tree]) -> dict[str, Tree]:
    """Settings of single catalogues by their name."""
    found = {}
    for name, entry in asked.items() if isinstance(asked, Mapping) else ():
        if name not in own or not isinstance(entry, Mapping):
            raise ConfigError(
                f"catalogue.{name} is set, and no catalogue is called {name!r}" if name not in own
                else f"catalogue.{name} is set to {entry!r}",
                f"catalogue.NAME.key with a NAME of: {', '.join(own)}",
                f"{nearest(name, own)}; settings of all catalogues have their own table, such as tracer.log_slope",
            )  # fmt: skip
        found[name] = tree_of(name, entry)
    return found


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
