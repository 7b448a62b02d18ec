"""Single values of the configuration: a number fixes a quantity, a prior table frees it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from haloscale.errors import ConfigError
from haloscale.inference.priors import Normal, Prior, prior_from_table
from haloscale.registry import ParamInfo

Value: TypeAlias = float | Prior


def parse_value(raw: Any, key: str, info: ParamInfo, *, may_be_free: bool = True) -> Value:
    """A number or a prior, within the physical range of the quantity.

    Parameters
    ----------
    raw : float, mapping or Prior
    key : str
        For messages: ``anisotropy.beta``.
    info : ParamInfo
        Unit, meaning and range.
    may_be_free : bool
        False for conventions, which take a number only.

    Raises
    ------
    ConfigError
        Neither of both; outside the physical range; a prior for a convention.
    """
    if isinstance(raw, (Mapping, Prior)) and not may_be_free:
        raise wrong_value(key, raw, f"a number: {info.description} is a convention, not a parameter to fit")
    if isinstance(raw, (Mapping, Prior)):
        return _within(raw if isinstance(raw, Prior) else prior_from_table(raw, key), key, info)
    number = as_number(raw, key, "a number, or a prior table" if may_be_free else "a number")
    if not info.allows(number):
        unit = f" {info.unit}" if info.unit else ""
        raise ConfigError(
            f"{key} = {number:g}{unit} is outside its physical range",
            f"{info.description}: {info.bounds}",
            f"correct {key} in the file, or with --set {key}=...",
        )
    return number


def as_number(raw: Any, key: str, expected: str = "a number") -> float:
    """The value as a float.

    Raises
    ------
    ConfigError
        It is no finite number.
    """
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
        raise wrong_value(key, raw, expected if not isinstance(raw, float) else "a finite number")
    return float(raw)


def wrong_value(key: str, value: Any, expected: str) -> ConfigError:
    """The error for a value that a key does not take."""
    shown = value.to_table() if isinstance(value, Prior) else dict(value) if isinstance(value, Mapping) else value
    return ConfigError(f"{key} is {shown!r}", expected, _advice(key, value))


def _advice(key: str, value: Any) -> str:
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        return "this is not valid TOML, so it was taken as a text: quote the names inside it and close every bracket"
    if isinstance(value, str) and _is_number(value):
        return f"write it as a number, without quotes: {key} = {float(value)!r}"
    return f"correct {key} in the file, or with --set {key}=..."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _within(prior: Prior, key: str, info: ParamInfo) -> Prior:
    low, high = prior.bounds
    if isinstance(prior, Normal) and not prior.logarithmic:
        # An end that the user leaves open stands where the parameter's physical range ends.
        prior = replace(prior, low=info.low if low == -math.inf else low, high=info.high if high == math.inf else high)
        low, high = prior.bounds
    if low < info.low or high > info.high:
        wanted = [f"low = {info.low:g}"] * (low < info.low) + [f"high = {info.high:g}"] * (high > info.high)
        raise ConfigError(
            f"the prior of {key} runs from {low:g} to {high:g}, beyond its physical range",
            f"{info.description}: {info.bounds}",
            f"give the prior {' and '.join(wanted)} or narrower",
        )
    return prior
