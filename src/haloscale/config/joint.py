"""Several catalogues, one halo: the settings they share, and those each of them has for itself."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import ValidationInfo, field_validator, model_validator

from haloscale.config.checking import check, check_as
from haloscale.config.layers import OFF, Tree, overlay, without_off
from haloscale.config.models import Catalogue
from haloscale.config.run_config import RunConfig
from haloscale.errors import ConfigError, InputError, nearest
from haloscale.inference.priors import Prior

OWN_TABLES: Final = ("selection", "distance", "substructure", "tracer", "anisotropy")
"""Tables that a catalogue may have for itself: they lie on top of those of the whole file."""

OWN_PARAMETERS: Final = ("catalogue", "tracer", "anisotropy")
"""Tables whose free parameters every catalogue has for itself."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYS: Final = ("name", *Catalogue.model_fields)
_TAKEN: Final = (*RunConfig.model_fields, "all_stars")


class JointConfig(RunConfig):
    """The settings that the catalogues share, and by name the whole configuration of each.

    Of the own tables and of `catalogue` only those of `catalogues` count.
    """

    catalogues: dict[str, RunConfig]

    @field_validator("catalogues")
    @classmethod
    def _distinct(cls, catalogues: dict[str, RunConfig], info: ValidationInfo) -> dict[str, RunConfig]:
        for name in catalogues:
            if name in info.data.get("mass", ()):
                raise ConfigError(
                    f"a catalogue and a mass component are called {name!r}",
                    "names that differ: they stand before the names of the parameters",
                    "rename one of the two",
                )
        return catalogues

    @model_validator(mode="after")
    def _dispersions_are_compared(self) -> "JointConfig":
        if self.jeans.route != "sigma":
            raise ConfigError(
                f"jeans.route is {self.jeans.route!r} in a file of several catalogues",
                '"sigma": Eq. 9 makes V_circ of the dispersions of one tracer',
                'set jeans.route = "sigma", or weigh the catalogues one by one',
            )
        return self

    @property
    def free(self) -> dict[str, Prior]:
        """The free parameters by their key: ``mass.halo.m_vir``, ``catalogue.giants.anisotropy.beta``."""
        found = {key: prior for key, prior in super().free.items() if not _is_own(key)}
        for name, member in self.catalogues.items():
            own = {key.removeprefix("catalogue."): prior for key, prior in member.free.items() if _is_own(key)}
            found |= {f"catalogue.{name}.{key}": prior for key, prior in own.items()}
        return found

    def to_mapping(self) -> dict[str, Any]:
        """As of a single catalogue, with a list of catalogues, each with all of its own tables."""
        whole = {name: member.to_mapping() for name, member in self.catalogues.items()}
        entries = [{"name": name, **tree["catalogue"], **_own(tree)} for name, tree in whole.items()]
        shared = {key: value for key, value in super().to_mapping().items() if key != "catalogue"}
        return {**shared, "catalogue": entries}


def members(config: RunConfig) -> Mapping[str, RunConfig]:
    """The configuration of each catalogue by its name; a single one has none, "", and the configuration itself."""
    return config.catalogues if isinstance(config, JointConfig) else {"": config}


def is_joint(tree: Mapping[str, Any]) -> bool:
    """Whether nested settings are those of several catalogues."""
    return isinstance(tree.get("catalogue"), list)


def split(entries: list[Any]) -> dict[str, Tree]:
    """The tables of each catalogue by its name, laid out as those of a configuration.

    Raises
    ------
    ConfigError
        A name is missing, taken or given twice; a key that a catalogue has not; no path or survey.
    """
    found: dict[str, Tree] = {}
    for number, entry in enumerate(entries, 1):
        name = _checked_name(number, entry)
        if name in found:
            raise ConfigError(f"two catalogues are called {name!r}", "a name for each", "rename one of the two")
        found[name] = tree_of(name, {key: value for key, value in entry.items() if key != "name"})
        for key in ("path", "survey"):
            if found[name]["catalogue"].get(key, OFF) in (OFF, ""):
                told = f"the catalogue {name!r} has no {key}"
                raise ConfigError(told, f"{key} in its [[catalogue]]", f'write {key} = "..." below its name')
    if not found:
        raise ConfigError("the list of catalogues is empty", "[[catalogue]] tables", "write one for each catalogue")
    return found


def tree_of(name: str, entry: Mapping[str, Any]) -> Tree:
    """The keys of one catalogue, laid out as the tables of a configuration. Errors: `ConfigError`, an unknown key."""
    for key, value in entry.items():
        if key not in (*_KEYS, *OWN_TABLES):
            shared = key in RunConfig.model_fields
            raise ConfigError(
                f"{key} is not a key of the catalogue {name!r}" + (": the catalogues share it" if shared else ""),
                f"in [[catalogue]]: {', '.join((*_KEYS, *OWN_TABLES))}",
                "write it above the first [[catalogue]]" if shared else nearest(key, (*_KEYS, *OWN_TABLES)),
            )
        if key in OWN_TABLES and not isinstance(value, Mapping):
            told = f"{key} of the catalogue {name!r} is {value!r}"
            raise ConfigError(told, f"a table: [catalogue.{key}]", f"write the keys of {key} below [catalogue.{key}]")
    about = {key: value for key, value in entry.items() if key in Catalogue.model_fields}
    return {"catalogue": about, **_own(entry)}


def entries_of(own: Mapping[str, Tree]) -> list[Tree]:
    """The catalogues as a file has them: the inverse of `split`."""
    return [{"name": name, **tree["catalogue"], **_own(tree)} for name, tree in own.items()]


def assemble(shared: Mapping[str, Any], own: Mapping[str, Tree], notes: list[str]) -> JointConfig:
    """The checked configuration of several catalogues.

    Parameters
    ----------
    shared : mapping
        Settings of all, recipe included; "off" as a value.
    own : mapping of str to mapping
        As of `split`.
    notes : list of str
        Takes a sentence for each key of `shared` that a catalogue drops, having chosen another variant.

    Raises
    ------
    ConfigError
        The first thing that is wrong, of a catalogue with its name.
    """
    checked: dict[str, RunConfig] = {}
    for name, tree in own.items():
        said: list[str] = []
        whole = without_off(overlay(shared, tree, said))
        notes += [f"{name}: {sentence}" for sentence in said]
        with about_catalogue(name):
            checked[name] = check(whole)
    rest = {key: value for key, value in shared.items() if key != "catalogue"}
    return check_as(JointConfig, without_off(rest), catalogues=checked)


@contextmanager
def about_catalogue(name: str) -> Iterator[None]:
    """Put the name of a catalogue before what is wrong with it; without a name nothing is changed."""
    try:
        yield
    except InputError as error:
        if not name:
            raise
        raise type(error)(f"catalogue {name!r}: {error.found}", error.expected, error.advice) from error


def _checked_name(number: int, entry: Any) -> str:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"catalogue {number} is {entry!r}", "a table: [[catalogue]]", "write one below the other")
    name = entry.get("name")
    if name is None:
        raise ConfigError(
            f"[[catalogue]] number {number} has no name",
            "a name: it stands before the names of its parameters",
            'write name = "giants" or the like below [[catalogue]]',
        )
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _TAKEN:
        told = "it has another meaning" if name in _TAKEN else "a letter, then letters, digits and underscores"
        raise ConfigError(f"a catalogue is called {name!r}", f"another name: {told}", "rename it")
    return name


def _own(tree: Mapping[str, Any]) -> Tree:
    return {table: tree[table] for table in OWN_TABLES if table in tree}


def _is_own(key: str) -> bool:
    return key.partition(".")[0] in OWN_PARAMETERS
