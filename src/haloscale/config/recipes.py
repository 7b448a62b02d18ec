"""Recipes are data: TOML files in the folder `recipes` of the package, and files of the user on top of one."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from haloscale.config.layers import Tree, overlay
from haloscale.errors import ConfigError, nearest

DEFAULT: Final = "zhai2018"
_HEADER: Final = re.compile(r"\[([\w.]+)\]")
_REMARK: Final = re.compile(r"([\w.]+)\s*=.*?\s#\s*(.+)")
_FOLDER: Final = files("haloscale").joinpath("recipes")


def recipes() -> list[str]:
    """The names of the recipes, sorted."""
    return sorted(f.name.removesuffix(".toml") for f in _FOLDER.iterdir() if f.name.endswith(".toml"))


def read_recipe(name: Any) -> Tree:
    """The settings of a recipe; one that names another by its key `recipe` is a layer on top of it.

    Raises
    ------
    ConfigError
        There is no such recipe.
    """
    known = recipes()
    if name not in known:
        hint = nearest(str(name), known)
        if Path(str(name)).exists():
            hint = "name a file of settings by its path, ending in .toml"
        raise ConfigError(f"no recipe is called {name!r}", f"one of: {', '.join(known)}, or FILE.toml", hint)
    own = tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    base = own.get("recipe", name)
    return {**(own if base == name else overlay(read_recipe(base), own, [])), "recipe": name}


def reasons(name: str) -> dict[str, str]:
    """Dotted key -> the remark that stands behind its value in the file of a recipe, or of the one underneath."""
    found: dict[str, str] = {}
    table = ""
    text = _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if header := _HEADER.match(line):
            table = header[1]
        elif remark := _REMARK.match(line):
            found[f"{table}.{remark[1]}" if table else remark[1]] = remark[2]
    base = tomllib.loads(text).get("recipe", name)
    return found if base == name else reasons(base) | found


def title(name: str) -> str:
    """What a recipe is, in one line: the first of its file."""
    first, _, _ = _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("#").strip()


def is_file(recipe: str | Path) -> bool:
    """Whether a recipe is meant as a file: a path, or a text that ends in .toml or holds a folder."""
    return isinstance(recipe, Path) or recipe.endswith(".toml") or "/" in recipe


def lists_catalogues(recipe: str | Path) -> bool:
    """Whether a recipe is a file with ``[[catalogue]]`` tables. Errors: `ConfigError`, as `read_file`."""
    return is_file(recipe) and isinstance(_read(Path(recipe)).get("catalogue"), list)


def read_file(path: Path) -> Tree:
    """The settings in a TOML file, on top of one catalogue.

    Raises
    ------
    ConfigError
        It is missing, no file, not readable, or not TOML; it is one of several catalogues.
    """
    tree = _read(path)
    if isinstance(tree.get("catalogue"), list):
        raise ConfigError(
            f"{path} has [[catalogue]] tables",
            "settings for one catalogue, in [catalogue] or without that table",
            f"weigh its catalogues together: haloscale weigh {path} -o DIR",
        )
    return tree


def read_joint(path: Path) -> Tree:
    """The settings in a TOML file with ``[[catalogue]]`` tables. Errors: `ConfigError`, as `read_file`."""
    tree = _read(path)
    if not isinstance(tree.get("catalogue"), list):
        raise ConfigError(
            f"{path} has no [[catalogue]] tables",
            "a file of several catalogues, each with name, path and survey in a [[catalogue]]",
            f"give settings for one catalogue by --recipe {path}, and the star catalogue in its place",
        )
    return tree


def _read(path: Path) -> Tree:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}", "a TOML file of settings", "check the path") from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", "a TOML file of settings", "check the path and its permissions"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", "key = value lines below [table] lines", "quote texts, close brackets"
        ) from None
    return tree
