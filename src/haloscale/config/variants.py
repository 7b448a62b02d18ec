"""Tables of which one key names a registered variant, whose options are the other keys."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Final

from haloscale.anisotropy.base import anisotropies
from haloscale.config.options import Option, options_of
from haloscale.dispersion.base import estimators
from haloscale.distance.base import distance_methods
from haloscale.errors import ConfigError, nearest
from haloscale.inference.likelihood.base import likelihoods
from haloscale.inference.samplers.base import samplers
from haloscale.mass.base import mass_models
from haloscale.registry import Registry
from haloscale.substructure.base import KEEP_ALL, substructure_methods
from haloscale.tracer.base import tracers


@dataclass(frozen=True)
class Variant:
    """The key that names the variant, where it is looked up, its own default, and keys every variant shares."""

    key: str
    registry: Registry[Any]
    default: str | None
    description: str
    shared: tuple[str, ...] = ()


VARIANTS: Final[Mapping[str, Variant]] = {
    "distance": Variant("method", distance_methods, "catalogue", "where the distances come from"),
    "substructure": Variant(
        "method", substructure_methods, KEEP_ALL, "search for streams and clumps", ("max_members",)
    ),
    "dispersion": Variant(
        "estimator", estimators, "gaussian", "how a bin's dispersion is estimated", ("edges", "n_bins")
    ),
    "mass": Variant("profile", mass_models, None, "mass model"),
    "tracer": Variant("profile", tracers, "power_law", "number density of the stars"),
    "anisotropy": Variant("model", anisotropies, "constant", "velocity anisotropy against radius"),
    "likelihood": Variant("kind", likelihoods, "bins", "what is compared with the model", ("true_selection",)),
    "sampler": Variant("name", samplers, "emcee", "how the posterior is drawn from"),
}


def variant_of(path: tuple[str, ...]) -> Variant | None:
    """The variant of the table at a path; every ``mass.NAME`` is one, ``mass`` itself is none."""
    if path[:1] == ("mass",):
        return VARIANTS["mass"] if len(path) == 2 else None
    return VARIANTS.get(path[0]) if len(path) == 1 else None


def variant_options(path: tuple[str, ...], name: Any) -> dict[str, Option]:
    """The options of a named variant of the table at a path.

    Raises
    ------
    ConfigError
        Nothing is registered under that name, or no name is given.
    """
    variant, table = VARIANTS[path[0]], ".".join(path)
    known = f"one of: {', '.join(variant.registry)}"
    if name is None:
        raise ConfigError(
            f"[{table}] has no key {variant.key!r}", known, f'name the {variant.registry.kind}, or set {table} = "off"'
        )
    if not isinstance(name, str) or name not in variant.registry:
        raise ConfigError(
            f"{table}.{variant.key} is {name!r}, and no {variant.registry.kind} is called that",
            known,
            nearest(str(name), variant.registry),
        )
    return options_of(variant.registry[name])


def complete(path: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """The table at a path with every option of its variant checked, or filled with what applies without it.

    Raises
    ------
    ConfigError
        An unknown variant or key, a wrong value, a parameter that is needed and has neither default nor prior.
    """
    variant, table = VARIANTS[path[0]], ".".join(path)
    name = given.get(variant.key, variant.default)
    options = variant_options(path, name)
    for key in given:
        if key not in (variant.key, *variant.shared, *options):
            raise ConfigError(f"{table}.{key} is not a key of {name!r}", ", ".join(options), nearest(key, options))
    done = {variant.key: name, **{k: given[k] for k in variant.shared if k in given}}
    for key, option in options.items():
        value = given.get(key, option.fallback)
        if value is MISSING:
            raise ConfigError(
                f"[{table}] has no key {key!r}",
                f"{name} needs {key} ({option.description})",
                f"give it with --set {table}.{key}=...",
            )
        done[key] = option.check(value, f"{table}.{key}")
    return done
