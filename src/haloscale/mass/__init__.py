"""Spherical mass models, one a file: `hs.mass.NFW`, `hs.mass.Hernquist`, `hs.mass.ExponentialDisk`; `+` adds them."""

from typing import Any

from haloscale.mass.base import HaloModel, MassModel, Sum, mass_models
from haloscale.mass.spherical_average import SphericalAverage

__all__ = ["HaloModel", "MassModel", "SphericalAverage", "Sum", "mass_models"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return mass_models.by_class_name(name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(entry.__name__ for _, entry in mass_models.items())})
