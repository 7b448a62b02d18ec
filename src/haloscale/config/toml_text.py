"""Writing TOML: the standard library only reads it."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_INLINE_DEPTH: Final = 3


def to_toml(mapping: Mapping[str, Any]) -> str:
    """The mapping as TOML, in its own order, values before tables; reading it gives an equal mapping.

    Parameters
    ----------
    mapping : mapping
        Of strings, booleans, numbers, lists and mappings. Mappings down to the second level become tables, a list of
        them at the first a list of tables; deeper ones, and those with a key ``prior``, stand in one line.

    Raises
    ------
    TypeError
        A value of another type.
    """
    return "\n".join(_lines(mapping, ())).lstrip("\n") + "\n" if mapping else ""


def value_text(value: Any) -> str:
    """One value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_text(v) for v in value)}]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key_text(k)} = {value_text(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be written as TOML")


def key_text(key: str) -> str:
    """One key as TOML: bare where it may be, quoted otherwise."""
    return key if _BARE.fullmatch(key) else _string(key)


def header_text(path: tuple[str, ...]) -> str:
    """The line that opens a table."""
    return f"[{'.'.join(key_text(part) for part in path)}]"


def is_inline(value: Any, path: tuple[str, ...]) -> bool:
    """Whether the value at a path stands in one line."""
    if _is_list_of_tables(value):
        return len(path) > 1
    return not isinstance(value, Mapping) or "prior" in value or len(path) >= _INLINE_DEPTH


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _lines(table: Mapping[str, Any], path: tuple[str, ...], *, listed: bool = False) -> Iterator[str]:
    inline = {k: v for k, v in table.items() if is_inline(v, (*path, k))}
    if path and (inline or not table or listed):
        yield from ("", f"[{header_text(path)}]" if listed else header_text(path))
    yield from (f"{key_text(k)} = {value_text(v)}" for k, v in inline.items())
    for key, value in table.items():
        if key in inline:
            continue
        for part in value if isinstance(value, list) else [value]:
            yield from _lines(part, (*path, key), listed=isinstance(value, list))


def _float(value: float) -> str:
    if not math.isfinite(value):
        return {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-4:
        return np.format_float_scientific(value, trim="-", exp_digits=1).replace("e+", "e")
    return repr(float(value))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
