"""What a registered thing can be told: its parameters and options, read from its own declaration."""

import dataclasses
import inspect
import re
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from types import NoneType
from typing import Any, Final

from haloscale.config.values import Value, as_number, parse_value, wrong_value
from haloscale.registry import ParamInfo, params

_NEVER: Final = ("rng", "on_progress")
"""Arguments that the run fills in itself, whether they have a default or not."""


@dataclass(frozen=True)
class Option:
    """One key of a table: its own default, unit, meaning, allowed names; `info` where it is a parameter of a model.

    A parameter that declares a prior may be free and, where it has no default, is: its own prior applies. `is_number`
    is for an option that may be left open: its default, None, does not say what it takes.
    """

    name: str
    default: Any = MISSING
    unit: str = ""
    description: str = ""
    choices: tuple[str, ...] = ()
    info: ParamInfo | None = None
    is_number: bool = False

    @property
    def fallback(self) -> Any:
        """What applies when the key is not given: the default, else the declared prior; `MISSING` if there is none."""
        if self.default is MISSING and self.info is not None and self.info.prior is not None:
            return self.info.prior
        return self.default

    def check(self, value: Any, key: str) -> Any:
        """The value, checked.

        Raises
        ------
        ConfigError
            It is not what the option takes.
        """
        if self.info is not None:
            return parse_value(value, key, self.info, may_be_free=self.info.prior is not None)
        if self.choices and value not in self.choices:
            raise wrong_value(key, value, f"one of: {', '.join(self.choices)}")
        if self.is_number:
            return None if value is None else as_number(value, key)
        return _as_type_of(self.default, value, key)


def options_of(entry: Any) -> dict[str, Option]:
    """The options of a registered class or function: fields of a dataclass, else arguments that have a default."""
    texts = _documented(inspect.getdoc(entry) or "")
    if inspect.isclass(entry) and dataclasses.is_dataclass(entry):
        infos = params(entry)
        given = [f for f in dataclasses.fields(entry) if f.init and "injected" not in f.metadata]
        return {f.name: _field_option(f, infos.get(f.name), texts) for f in given}
    return {
        name: Option(
            name,
            p.default,
            description=texts.get(name, ""),
            choices=_choices(p.annotation),
            info=_info(p.annotation),
            is_number=typing.get_args(p.annotation) in ((float, NoneType), (NoneType, float)),
        )
        for name, p in inspect.signature(entry).parameters.items()
        if p.default is not p.empty and name not in _NEVER
    }


def _field_option(field: "dataclasses.Field[Any]", info: ParamInfo | None, texts: Mapping[str, str]) -> Option:
    if info is None:
        return Option(field.name, field.default, description=texts.get(field.name, ""), choices=_choices(field.type))
    return Option(field.name, field.default, info.unit, info.description, info=info)


def _info(annotation: Any) -> ParamInfo | None:
    """What `Annotated` says of a parameter that may be free."""
    return next((a for a in typing.get_args(annotation) if isinstance(a, ParamInfo)), None)


def _choices(annotation: Any) -> tuple[str, ...]:
    """The names that a `Literal` annotation allows."""
    return typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()


def _as_type_of(default: Any, value: Any, key: str) -> Value | Any:
    if isinstance(default, bool):
        good, expected = isinstance(value, bool), "true or false"
    elif isinstance(default, int):
        good = isinstance(value, int) and not isinstance(value, bool) and value > 0
        expected = "a whole number above 0"
    elif isinstance(default, float):
        return as_number(value, key)
    elif isinstance(default, str):
        good, expected = isinstance(value, str), "a text"
    else:
        return value
    if not good:
        raise wrong_value(key, value, expected)
    return value


def _documented(docstring: str) -> dict[str, str]:
    """Argument -> its text, from the numpydoc section Parameters."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    texts: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", section.group(1).strip()) if section else []:
        head, _, body = entry.partition("\n")
        text = " ".join(body.split()).rstrip(".")
        texts |= dict.fromkeys((name.strip() for name in head.partition(" : ")[0].split(",")), text)
    return texts
