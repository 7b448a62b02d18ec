"""From nested settings to a checked configuration, with one message for what is wrong."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from haloscale.config.keys import check_keys
from haloscale.config.run_config import RunConfig
from haloscale.config.values import wrong_value
from haloscale.errors import ConfigError

Config = TypeVar("Config", bound=RunConfig)

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


def check(tree: Mapping[str, Any]) -> RunConfig:
    """The configuration of nested settings.

    Raises
    ------
    ConfigError
        The first thing that is wrong, with the number of further ones.
    """
    return check_as(RunConfig, tree)


def check_as(kind: type[Config], tree: Mapping[str, Any], **further: Any) -> Config:
    """As `check`, for another class of configuration, whose further fields are no keys of the settings."""
    check_keys(tree)
    try:
        return kind(**tree, **further)
    except ValidationError as error:
        raise _translated(error) from None


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
