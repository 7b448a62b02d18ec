"""Number density of the tracer stars, one profile a file: `hs.tracer.PowerLaw`."""

from typing import Any

from haloscale.tracer.base import TracerDensity, tracers

__all__ = ["TracerDensity", "tracers"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return tracers.by_class_name(name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(entry.__name__ for _, entry in tracers.items())})
