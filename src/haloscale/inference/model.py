"""The model with its free parameters: components of the configuration, some of whose values are priors.

`GalaxyModel` knows the order and the names of the free parameters and turns a vector of them into mass, tracer and
anisotropy models. It is the only place that maps parameter vectors to physics.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from haloscale.anisotropy.base import Anisotropy
from haloscale.arrays import Array
from haloscale.inference.priors import Prior
from haloscale.mass.base import HaloModel, MassModel, Sum
from haloscale.records import Parameter
from haloscale.registry import params
from haloscale.tracer.base import TracerDensity

BARE_TABLES = ("mass.halo", "tracer", "anisotropy")
"""Tables whose parameters carry their bare names in the summary; those of any other table are called TABLE_KEY, as are
those of tracer and anisotropy whose bare name is taken. What one of several catalogues has for itself is CATALOGUE_KEY,
or CATALOGUE_TABLE_KEY."""


@dataclass(frozen=True)
class Component:
    """One model of the configuration.

    Parameters
    ----------
    table : str
        "mass.NAME", "tracer" or "anisotropy".
    cls : type
        Registered model class.
    values : mapping of str to float or Prior
        Its fields; a prior marks a free parameter.
    catalogue : str
        Name of the catalogue it belongs to; "" where all share it, or there is one.
    """

    table: str
    cls: type
    values: Mapping[str, Any]
    catalogue: str = ""

    def parameter_name(self, key: str) -> str:
        """Name of a field in the summary and the chain."""
        if self.catalogue:
            return f"{self.catalogue}_{key}"
        return key if self.table in BARE_TABLES else f"{self.table.rsplit('.', maxsplit=1)[-1]}_{key}"

    @property
    def place(self) -> tuple[str, str]:
        """Catalogue and table: what no two components share."""
        return self.catalogue, self.table

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Fields that hold a prior."""
        return tuple(key for key, value in self.values.items() if isinstance(value, Prior))

    @cached_property
    def needs_baryons(self) -> bool:
        """Whether the model is shaped by the baryons of the galaxy."""
        return bool(getattr(self.cls, "needs_baryons", False))

    @cached_property
    def is_baryonic(self) -> bool:
        """Whether this is a mass component other than a halo."""
        return self.table.startswith("mass.") and not issubclass(self.cls, HaloModel)

    @cached_property
    def _fixed(self) -> Any:
        """The model value of a component without free fields: what it derives from them is derived once."""
        return self.cls(**self.values)

    def build(self, free: Mapping[str, Array]) -> Any:
        """The model value, its free fields taken from `free` : mapping of key to array (...) [own units]."""
        return self.cls(**{**self.values, **free}) if free else self._fixed


@dataclass(frozen=True)
class Galaxy:
    """Mass components by name, tracer density and anisotropy; every field may carry a batch of parameters.

    `nuisance` has what is free beside them, by its table of the configuration.
    """

    mass: Mapping[str, Any]
    tracer: TracerDensity
    anisotropy: Anisotropy
    nuisance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> MassModel:
        """All mass components together."""
        return Sum(tuple(self.mass.values()))


def part_of(model: Any, sets: slice) -> Any:
    """Some of the parameter sets that a model value carries; the fields of a batch are arrays (..., 1)."""
    if isinstance(model, tuple):
        return tuple(part_of(part, sets) for part in model)
    if getattr(model, "ndim", 0) > 1 and not is_dataclass(model):
        return model.reshape(-1, 1)[sets]
    if not is_dataclass(model) or isinstance(model, type):
        return model
    values = {f.name: getattr(model, f.name) for f in fields(model) if f.init}
    parts = {name: part_of(value, sets) for name, value in values.items()}
    return model if all(parts[name] is values[name] for name in values) else replace(model, **parts)


def one_of(model: Any, k: int) -> Any:
    """The k-th parameter set that a model value carries, its fields as numbers."""
    if isinstance(model, tuple):
        return tuple(one_of(part, k) for part in model)
    if isinstance(model, Mapping):
        return {name: one_of(part, k) for name, part in model.items()}
    if not is_dataclass(model) and getattr(model, "ndim", 0) > 0 and (model.ndim > 1 or model.size == 1):
        flat = model.reshape(-1)
        return float(flat[min(k, len(flat) - 1)])
    if not is_dataclass(model) or isinstance(model, type):
        return model
    values = {f.name: getattr(model, f.name) for f in fields(model) if f.init}
    return replace(model, **{name: one_of(value, k) for name, value in values.items()})


@dataclass(frozen=True)
class GalaxyModel:
    """Mass components, tracer and anisotropy with their free parameters in a fixed order.

    Parameters
    ----------
    components : tuple of Component
        Any number of "mass.NAME" (with "mass.halo"), one "tracer", one "anisotropy", at most one of any table of
        `nuisance.NUISANCES`.
    definitions : mapping of str to str
        Meaning of a parameter by its summary name, where it says more than the model's own field does.
    """

    components: tuple[Component, ...]
    definitions: Mapping[str, str]

    def _slots(self) -> Iterator[tuple[Component, str]]:
        return ((component, key) for component in self.components for key in component.free)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The free parameters, in the order of every parameter vector."""
        return tuple(self.describe(component, key) for component, key in self._slots())

    @cached_property
    def priors(self) -> tuple[Prior, ...]:
        """Their priors, in the same order."""
        return tuple(component.values[key] for component, key in self._slots())

    @cached_property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """The least and greatest value that each parameter can have by its meaning [own units]."""
        infos = (params(component.cls)[key] for component, key in self._slots())
        return tuple((info.low, info.high) for info in infos)

    def describe(self, component: Component, key: str) -> Parameter:
        """Name, unit, label, definition and prior table of one field of a component."""
        info, name, value = params(component.cls)[key], self._name(component, key), component.values[key]
        prior = value.to_table() if isinstance(value, Prior) else {}
        return Parameter(
            name,
            info.unit,
            _label(info.label, component.catalogue),
            self.definitions.get(name, info.description),
            prior,
        )

    def _name(self, component: Component, key: str) -> str:
        """Name in the summary; where another free parameter or m_vir, c of the halo has it, with the table in front."""
        name = component.parameter_name(key)
        others = [c.parameter_name(k) for c, k in self._slots() if c is not component]
        if component.table == "mass.halo" or name not in (*others, "m_vir", "c"):
            return name
        table = component.table.replace(".", "_")
        return "_".join(part for part in (component.catalogue, table, key) if part)

    def component(self, table: str) -> Component:
        """The component of one table of the configuration."""
        return next(c for c in self.components if c.table == table)

    def is_fixed(self, table: str) -> bool:
        """Whether no free parameter touches the component: none of its own, nor one of the baryons that shape it."""
        component = self.component(table)
        return not component.free and not (
            component.needs_baryons and any(c.free for c in self.components if c.is_baryonic)
        )

    @cached_property
    def middle(self) -> Galaxy:
        """The galaxy at the medians of the priors."""
        return self.build(np.array([prior.quantile(0.5) for prior in self.priors]))

    def build(self, theta: Array) -> Galaxy:
        """The galaxy of one parameter vector or a batch of them.

        Parameters
        ----------
        theta : array (..., n_parameters) [own units]
            A batch of shape (n_walkers, n_parameters) gives models whose results have
            shape (n_walkers, n_r).

        Returns
        -------
        Galaxy
        """
        return assembled(self.built(theta))

    def built(self, theta: Array) -> dict[tuple[str, str], Any]:
        """The model values of one parameter vector or a batch, array (..., n_parameters) [own units], by `place`."""
        free: dict[tuple[str, str], dict[str, Array]] = {component.place: {} for component in self.components}
        for column, (component, key) in enumerate(self._slots()):
            free[component.place][key] = theta[..., column, None]
        made = {c.place: c.build(free[c.place]) for c in self.components if not c.needs_baryons}
        baryons = Sum(tuple(made[c.place] for c in self.components if c.is_baryonic))
        for c in self.components:
            if c.needs_baryons:
                made[c.place] = c.build({**free[c.place], "baryons": baryons})
        return {c.place: made[c.place] for c in self.components}


def _label(label: str, catalogue: str) -> str:
    """The TeX label of a parameter, with the catalogue that has it for itself."""
    whose = catalogue.replace("_", r"\_")
    return rf"{label}\,(\mathrm{{{whose}}})" if catalogue and label else label


def assembled(built: Mapping[tuple[str, str], Any]) -> Galaxy:
    """The galaxy of model values by catalogue and table, with one value a table."""
    tables = {table: value for (_, table), value in built.items()}
    mass = {t.removeprefix("mass."): value for t, value in tables.items() if t.startswith("mass.")}
    named = ("tracer", "anisotropy")
    nuisance = {t: value for t, value in tables.items() if not t.startswith("mass.") and t not in named}
    return Galaxy(mass, tables["tracer"], tables["anisotropy"], nuisance)
