"""haloscale weighs a galaxy's dark halo from the motions of its stars.

>>> import haloscale as hs
>>> result = hs.weigh("stars.csv", survey="segue_kgiants", out="runs/segue")  # doctest: +SKIP

Names are imported on first use (PEP 562), so that `import haloscale` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from haloscale._version import __version__

if TYPE_CHECKING:
    from haloscale import (
        anisotropy,
        config,
        cosmology,
        distribution,
        errors,
        figures,
        frames,
        jeans,
        mass,
        mock,
        records,
        tables,
        tracer,
    )
    from haloscale.api import check, demo, distances, read_run, weigh

_MODULES = (
    "anisotropy",
    "config",
    "cosmology",
    "distribution",
    "errors",
    "figures",
    "frames",
    "jeans",
    "mass",
    "mock",
    "records",
    "tables",
    "tracer",
)
_FUNCTIONS = ("check", "demo", "distances", "read_run", "weigh")

__all__ = [
    "__version__",
    "anisotropy",
    "check",
    "config",
    "cosmology",
    "demo",
    "distances",
    "distribution",
    "errors",
    "figures",
    "frames",
    "jeans",
    "mass",
    "mock",
    "read_run",
    "records",
    "tables",
    "tracer",
    "weigh",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"haloscale.{name}")
    if name in _FUNCTIONS:
        return getattr(import_module("haloscale.api"), name)
    raise AttributeError(f"module 'haloscale' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
