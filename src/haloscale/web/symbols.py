"""Text of the code as a page shows it: proper symbols for what is written out, priors in words."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

_GREEK: Final = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}")
    for name in ("alpha", "beta", "gamma", "eta", "kappa", "nu", "phi", "pi", "psi", "rho", "sigma", "theta")
}
_LETTER: Final = re.compile(rf"(?<![A-Za-z_.])({'|'.join(_GREEK)})(?![A-Za-z.=])")
_LOWERED: Final = re.compile(rf"(?<=[{''.join(_GREEK.values())}]_)({'|'.join(_GREEK)})(?![A-Za-z.=])")
_POWER: Final = re.compile(r"\^(-?\d)(?![\d.])")
_SUPERSCRIPT: Final = {
    str(k): unicodedata.lookup(f"SUPERSCRIPT {name}")
    for k, name in enumerate(("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"))
} | {"-": unicodedata.lookup("SUPERSCRIPT MINUS")}
_ENTRY: Final = r"[a-z][a-z0-9_]*(?: \[[^\]]*\])?"
_PARAMETERS: Final = re.compile(rf" \({_ENTRY}(?:, {_ENTRY})*\)$")


def symbols(text: str) -> str:
    """Greek letters and powers as symbols, and no marks of code."""
    plain = text.replace("``", "")
    for pattern in (_LETTER, _LOWERED):
        plain = pattern.sub(lambda found: _GREEK[found[1]], plain)
    return _POWER.sub(lambda found: "".join(_SUPERSCRIPT[sign] for sign in found[1]), plain)


def of_variant(line: str) -> str:
    """The line that `haloscale list` has of a variant, without the names of its parameters."""
    return symbols(_PARAMETERS.sub("", line))


def prior_in_words(table: Mapping[str, Any]) -> str:
    """A prior as its table has it, in words."""
    kind, given = str(table["prior"]), {key: f"{value:g}" for key, value in table.items() if key != "prior"}
    limits = [f"{word} {given[key]}" for key, word in (("low", "from"), ("high", "to")) if key in given]
    shape = {"uniform": "uniform", "log_uniform": "uniform in the logarithm"}.get(kind, kind.replace("_", "-"))
    width = f"with mean {given['mean']} and standard deviation {given['sd']}" if {"mean", "sd"} <= set(given) else ""
    rest = [f"{key} {value}" for key, value in given.items() if key not in ("low", "high", "mean", "sd")]
    return " ".join(part for part in (shape, width, *rest, *limits) if part)
