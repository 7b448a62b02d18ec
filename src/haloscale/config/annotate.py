"""A recipe with a comment on every key."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from typing import Any, Final

from haloscale.config.keys import TABLES, keys_of
from haloscale.config.layers import OFF, plain_value, without_off
from haloscale.config.loading import load
from haloscale.config.options import Option
from haloscale.config.recipes import reasons
from haloscale.config.toml_text import header_text, key_text, value_text
from haloscale.config.variants import variant_of
from haloscale.inference.priors import Prior

_WIDTH: Final = 110
_LONGEST = 120

_HEAD: Final = """\
# A configuration of haloscale: haloscale weigh CATALOGUE --survey NAME --recipe THIS_FILE.toml -o DIR
# Every key may be left out: then the recipe's value applies. "off" unsets a key: its own default applies.
# A parameter takes a number, which fixes it, or a prior table, which frees it:
#   { prior = "uniform" or "log_uniform", low, high }, { prior = "normal", mean, sd, and if you like low, high },
#   { prior = "log_normal", ... } with mean and sd of the natural logarithm: mean = ln(median).
# "own default" is what applies to a key that is "off"; a remark behind a value is the recipe's reason for it.
"""

_TABLES: Final = {
    "catalogue": "which catalogue, and its calibration",
    "distance": "distances of the stars",
    "frame": "where the Sun is and how it moves",
    "selection": "each key is one named cut of the cut flow; a cut that is off is not made",
    "substructure": "streams and clumps, removed before the bins are filled",
    "dispersion": "velocity dispersion in radial bins",
    "mass": 'any number of [mass.NAME]; halo is needed; NAME = "off" under [mass] leaves an inherited one out',
    "cosmology": "for derived quantities only; the virial definition of the halo is its own",
    "tracer": "number density of the stars",
    "anisotropy": "velocity anisotropy of the stars",
    "jeans": "from the mass to the dispersion",
    "likelihood": "what the data say of a model",
    "sampler": "runs until the chain is reliable or at its maximum",
}


def annotated(recipe: str = "zhai2018") -> str:
    """The configuration of a recipe as TOML with a comment on every key: unit, meaning, own default.

    Raises
    ------
    ConfigError
        There is no such recipe.
    """
    config = load(recipe).config
    mapping = config.to_mapping()
    lines, why = [*_HEAD.splitlines(), ""], reasons(config.recipe)
    for name in ("recipe", "seed"):
        lines += [f"# {type(config).model_fields[name].description}", f"{name} = {value_text(mapping[name])}"]
    for name in TABLES:
        lines += ["", *_comment(_TABLES[name])]
        lines += _masses(mapping[name], why) if name == "mass" else _table((name,), mapping[name], why)
    return "\n".join(lines) + "\n"


def _masses(masses: Mapping[str, Any], why: Mapping[str, str]) -> Iterator[str]:
    left_out = [name for name, table in masses.items() if table == OFF]
    if left_out:
        yield from (header_text(("mass",)), *(f'{key_text(name)} = "off"' for name in left_out))
    for name, table in masses.items():
        if table != OFF:
            yield from _table(("mass", name), table, why)


def _table(path: tuple[str, ...], table: Mapping[str, Any], why: Mapping[str, str]) -> Iterator[str]:
    known = keys_of(path, without_off(table)) or {}
    yield header_text(path)
    for key, value in table.items():
        yield from _comment(_about(path, known[key]))
        line, reason = f"{key_text(key)} = {value_text(value)}", why.get(".".join((*path, key)), "")
        behind = f"{line}   # {reason}" if reason else line
        yield from [behind] if len(behind) <= _LONGEST else [*_comment(f"here: {reason}"), line]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def _about(path: tuple[str, ...], option: Option) -> str:
    variant = variant_of(path)
    names = option.choices if variant is None or option.name == variant.key else ()
    parts = [option.unit, option.description, f"one of: {', '.join(names)}" if names else "", _default(option)]
    return "; ".join(part for part in parts if part)


def _default(option: Option) -> str:
    default = option.fallback
    if default is MISSING or default in (None, ""):
        return "needed" if default is MISSING else "own default: none"
    if isinstance(default, (Prior, Mapping)) and default:
        return f"own default: free, {value_text(plain_value(default))}"
    return f"own default: {value_text(plain_value(default))}"
