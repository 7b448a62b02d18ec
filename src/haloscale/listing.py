"""What is registered, by kind: the answer to `haloscale list`."""

import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Final

from haloscale.errors import ConfigError, nearest
from haloscale.registry import Registry, params

_REGISTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "surveys": ("haloscale.surveys.base", "surveys"),
    "mass": ("haloscale.mass.base", "mass_models"),
    "tracer": ("haloscale.tracer.base", "tracers"),
    "anisotropy": ("haloscale.anisotropy.base", "anisotropies"),
    "distance": ("haloscale.distance.base", "distance_methods"),
    "substructure": ("haloscale.substructure.base", "substructure_methods"),
    "dispersion": ("haloscale.dispersion.base", "estimators"),
    "likelihood": ("haloscale.inference.likelihood.base", "likelihoods"),
    "samplers": ("haloscale.inference.samplers.base", "samplers"),
    "figures": ("haloscale.figures.base", "figures"),
}

KINDS: Final = (*_REGISTRIES, "recipes")


def registry(kind: str) -> Registry[Any]:
    """The registry of a kind.

    Raises
    ------
    ConfigError
        If there is no such kind.
    """
    if kind not in _REGISTRIES:
        raise ConfigError(f"nothing is listed under {kind!r}", f"one of: {', '.join(KINDS)}", nearest(kind, KINDS))
    module, name = _REGISTRIES[kind]
    found: Registry[Any] = getattr(import_module(module), name)
    return found


def names(kind: str) -> list[str]:
    """The registered names of a kind, sorted."""
    if kind == "recipes":
        from haloscale.config import recipes

        return sorted(recipes())
    return list(registry(kind))


def describe(kind: str) -> list[tuple[str, str]]:
    """(name, one line) of everything registered under a kind."""
    if kind == "recipes":
        from haloscale.config import title

        return [(name, title(name)) for name in names(kind)]
    return [(name, _line(entry)) for name, entry in registry(kind).items()]


def _line(entry: Any) -> str:
    title = getattr(entry, "title", None)
    text = title if isinstance(title, str) else (inspect.getdoc(entry) or "").partition("\n")[0]
    fields: Iterable[str] = ()
    if inspect.isclass(entry) and hasattr(entry, "__dataclass_fields__"):
        fields = (f"{name} [{info.unit}]" if info.unit else name for name, info in params(entry).items())
    listed = ", ".join(fields)
    return f"{text} ({listed})" if listed else text
