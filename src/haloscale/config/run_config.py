"""The whole configuration of a run."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field, field_validator, model_validator

from haloscale.config.layers import OFF
from haloscale.config.models import (
    Catalogue,
    Cosmology,
    Dispersion,
    Distance,
    Frame,
    Jeans,
    Likelihood,
    Sampler,
    Selection,
    Substructure,
    Table,
    key,
)
from haloscale.config.recipes import DEFAULT, read_recipe
from haloscale.config.values import Value, wrong_value
from haloscale.config.variants import VARIANTS, complete
from haloscale.errors import ConfigError
from haloscale.inference.priors import Prior
from haloscale.registry import params

ModelValues = Mapping[str, str | Value]
"""A model of the configuration: the key that names it, and its parameters, each a number or a `Prior`."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WALKERS: Final = "n_walkers"


class RunConfig(Table):
    """Every setting of a run, checked; `to_mapping` gives the resolved configuration."""

    TABLE: ClassVar[str] = ""
    recipe: str = key(DEFAULT, "the recipe underneath")
    seed: int = key(1, "seed of every random number", ge=0)
    catalogue: Catalogue = Catalogue()
    distance: Distance = Field(default={}, validate_default=True)
    frame: Frame = Frame()
    selection: Selection = Field(default={}, validate_default=True)
    substructure: Substructure = Field(default={}, validate_default=True)
    dispersion: Dispersion
    mass: Mapping[str, ModelValues]
    cosmology: Cosmology = Cosmology()
    tracer: ModelValues = Field(default={}, validate_default=True)
    anisotropy: ModelValues = Field(default={}, validate_default=True)
    jeans: Jeans = Jeans()
    likelihood: Likelihood = Field(default={}, validate_default=True)
    sampler: Sampler = Field(default={}, validate_default=True)

    @field_validator("mass", mode="plain")
    @classmethod
    def _components(cls, raw: Any) -> Mapping[str, ModelValues]:
        components = {name: _model(("mass", name), table) for name, table in _mapping("mass", raw).items()}
        for name in components:
            if not _NAME.fullmatch(name):
                raise ConfigError(
                    f"a mass component is called {name!r}", "letters, digits and underscores", "rename it"
                )
        _check_halo(components)
        return components

    @field_validator("tracer", "anisotropy", mode="plain")
    @classmethod
    def _models(cls, raw: Any, info: Any) -> ModelValues:
        return _model((info.field_name,), raw)

    @model_validator(mode="after")
    def _enough_walkers(self) -> "RunConfig":
        n_walkers, needed = self.sampler.options().get(_WALKERS), 2 * len(self.free)
        if n_walkers is not None and (n_walkers < max(needed, 2) or n_walkers % 2):
            raise wrong_value(
                f"sampler.{_WALKERS}", n_walkers, f"an even number, at least twice the {len(self.free)} free parameters"
            )
        return self

    @property
    def models(self) -> dict[str, ModelValues]:
        """Every model by its table: ``mass.NAME``, ``tracer``, ``anisotropy``."""
        masses = {f"mass.{name}": values for name, values in self.mass.items()}
        return {**masses, "tracer": self.tracer, "anisotropy": self.anisotropy}

    @property
    def free(self) -> dict[str, Prior]:
        """The free parameters of the models by their key: ``mass.halo.m_vir``."""
        return {
            f"{table}.{name}": value
            for table, values in self.models.items()
            for name, value in values.items()
            if isinstance(value, Prior)
        }

    def to_mapping(self) -> dict[str, Any]:
        """Every key with its value, as TOML has it; what is unset is "off", mass components left out included."""
        mapping: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            mapping[name] = value.to_mapping() if isinstance(value, Table) else _plain(value)
        base = read_recipe(self.recipe)
        for table in (("mass",), ("selection", "columns"), ("catalogue", "columns")):
            inherited, here = base, mapping
            for part in table:
                inherited, here = inherited.get(part, {}), here[part]
            here |= {name: OFF for name in inherited if name not in here}
        return mapping


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value.to_table() if isinstance(value, Prior) else value


def _mapping(path: str, raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise wrong_value(path, raw, f"a table: [{path}]")
    return raw


def _model(path: tuple[str, ...], raw: Any) -> ModelValues:
    return complete(path, _mapping(".".join(path), raw))


def _check_halo(components: Mapping[str, ModelValues]) -> None:
    advice = 'give it a profile such as --set mass.halo.profile=nfw; "haloscale list mass" shows them all'
    if "halo" not in components:
        raise ConfigError("there is no [mass.halo]", "a dark halo: it is what is weighed", advice)
    profile = components["halo"]["profile"]
    if not {"m_vir", "c"} <= params(VARIANTS["mass"].registry[str(profile)]).keys():
        raise ConfigError(f"mass.halo.profile is {profile!r}", "a dark halo, with the parameters m_vir and c", advice)
