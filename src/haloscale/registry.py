"""Registries: a thing is added by dropping one file into its folder.

A `Registry` belongs to a package folder. Asking it for a name imports every module of that folder once; each module
registers what it holds with the `register` decorator (or a call). Nothing else has to be edited: configuration,
`haloscale list`, default priors, contract tests and citations read the registry.
"""

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from numbers import Real
from typing import Any, Generic, TypeVar

from haloscale.errors import ConfigError, InputError, nearest

T = TypeVar("T")


@dataclass(frozen=True)
class ParamInfo:
    """What is known of one parameter of a model: unit, label for figures, default prior, physical range, meaning.

    `prior` is a table as in the configuration, e.g. ``{"prior": "uniform", "low": 0.0, "high": 1.0}``.
    `low` and `high` are the physical bounds, both excluded; `low_included` admits the lower one (a mass of zero) and
    `high_included` the upper one.
    """

    unit: str
    label: str
    description: str
    prior: Mapping[str, Any] | None = None
    low: float = float("-inf")
    high: float = float("inf")
    low_included: bool = False
    high_included: bool = False

    def allows(self, value: float) -> bool:
        """Whether a number lies within the physical bounds; NaN does not."""
        at_an_end = (self.low_included and value == self.low) or (self.high_included and value == self.high)
        return self.low < value < self.high or at_an_end

    @property
    def bounds(self) -> str:
        """The physical bounds in words, for messages."""
        if self.low == float("-inf") and self.high == float("inf"):
            return "a finite number"
        parts = [f"{'at least' if self.low_included else 'above'} {self.low:g}"] if self.low > float("-inf") else []
        parts += [f"{'at most' if self.high_included else 'below'} {self.high:g}"] * (self.high < float("inf"))
        parts += ["finite"] * (self.high == float("inf"))
        return " and ".join(parts)


def param(
    unit: str,
    label: str,
    description: str,
    *,
    default: Any = dataclasses.MISSING,
    prior: Mapping[str, Any] | None = None,
    low: float = float("-inf"),
    high: float = float("inf"),
    low_included: bool = False,
    high_included: bool = False,
) -> Any:
    """Declare a parameter of a model: a dataclass field that knows its unit, label, meaning, prior and bounds.

    Parameters
    ----------
    unit, label, description : str
        Unit ("kpc", "km / s", "solMass", ""), TeX label for figures, meaning in one sentence.
    default : float, optional
        Without one the parameter is required.
    prior : mapping, optional
        Default prior, as a table of the configuration.
    low, high : float
        Physical bounds, both excluded.
    low_included, high_included : bool
        True where the bound itself is allowed.
    """
    metadata = {"param": ParamInfo(unit, label, description, prior, low, high, low_included, high_included)}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def params(model: Any) -> dict[str, ParamInfo]:
    """The declared parameters of a model class or value, in their order: name -> `ParamInfo`."""
    return {f.name: f.metadata["param"] for f in dataclasses.fields(model) if "param" in f.metadata}


class Model:
    """Base of the models (mass, tracer, anisotropy): a frozen dataclass whose `param` fields are its parameters.

    A parameter may be a number or an array of either library that broadcasts with the radii, e.g. (n_walkers, 1)
    against (n_r,). Numbers are checked against the physical bounds when the model is made; arrays are not, so that
    a sampler may propose anything.
    """

    def __post_init__(self) -> None:
        model: Any = type(self)
        for name, info in _declared(model).items():
            value = getattr(self, name)
            if isinstance(value, str) or (isinstance(value, Real) and not info.allows(float(value))):
                unit = f" {info.unit}" if info.unit else ""
                raise InputError(
                    f"{type(self).__name__}: {name} = {value!r}{unit}",
                    f"{name} is {info.bounds}",
                    f"give {name} ({info.description}) a value within its physical range",
                )

    @cached_property
    def ndim(self) -> int:
        """Largest number of dimensions of the parameters; 0 where all are numbers."""
        model: Any = type(self)
        return max((getattr(getattr(self, name), "ndim", 0) for name in _declared(model)), default=0)


@cache
def _declared(model: Any) -> dict[str, ParamInfo]:
    return params(model)


class Registry(Generic[T]):
    """Name -> entry for the files of one package folder.

    Parameters
    ----------
    kind : str
        The word for messages: "mass model", "survey".
    package : str
        Dotted name of the folder whose modules are discovered on first use.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind, self.package = kind, package
        self._entries: dict[str, T] = {}
        self._discovered = False

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: `@mass_models.register("nfw")`. Errors: a name taken twice raises `ValueError`."""

        def add(entry: T) -> T:
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = entry
            return entry

        return add

    def __getitem__(self, name: str) -> T:
        self._discover()
        if name not in self._entries:
            raise ConfigError(
                f"no {self.kind} is called {name!r}", f"one of: {', '.join(self)}", nearest(name, self._entries)
            )
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        self._discover()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._discover()
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        self._discover()
        return len(self._entries)

    def items(self) -> list[tuple[str, T]]:
        """(name, entry) of everything registered, sorted by name."""
        return [(name, self._entries[name]) for name in self]

    def by_class_name(self, class_name: str) -> T:
        """The entry whose class (or own) name is `class_name`; `AttributeError` if there is none (for PEP 562)."""
        for _, entry in self.items():
            if getattr(entry, "__name__", None) == class_name:
                return entry
        raise AttributeError(f"module {self.package!r} has no attribute {class_name!r}")

    def name_of(self, entry: Any) -> str:
        """The name under which a class (or a value's class) is registered."""
        return next(n for n, e in self.items() if e is entry or e is type(entry))

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        folder = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(folder.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
