"""Velocity anisotropy of the tracer stars, one profile a file: `hs.anisotropy.Constant`."""

from typing import Any

from haloscale.anisotropy.base import Anisotropy, anisotropies, check_below_one
from haloscale.anisotropy.from_function import FromFunction

__all__ = ["Anisotropy", "FromFunction", "anisotropies", "check_below_one"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return anisotropies.by_class_name(name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(entry.__name__ for _, entry in anisotropies.items())})
