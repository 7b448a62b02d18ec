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
from haloscale.errors import ConfigError, InputError
from haloscale.inference.nuisance import NUISANCES
from haloscale.inference.priors import Prior
from haloscale.mass.base import HaloModel
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
        _check_baryons(components)
        for name, values in components.items():
            _check_whole(f"mass.{name}", values)
        return components

    @field_validator("tracer", "anisotropy", mode="plain")
    @classmethod
    def _models(cls, raw: Any, info: Any) -> ModelValues:
        values = _model((info.field_name,), raw)
        _check_whole(info.field_name, values)
        return values

    @model_validator(mode="after")
    def _enough_walkers(self) -> "RunConfig":
        n_walkers, needed = self.sampler.options().get(_WALKERS), 2 * len(self.free)
        if n_walkers is not None and (n_walkers < max(needed, 2) or n_walkers % 2):
            raise wrong_value(
                f"sampler.{_WALKERS}", n_walkers, f"an even number, at least twice the {len(self.free)} free parameters"
            )
        return self

    @model_validator(mode="after")
    def _derivative_of_fixed_models(self) -> "RunConfig":
        free = [name for name in self.free if not name.startswith("mass.")]
        if self.jeans.route == "v_circ" and (free or self.likelihood.kind != "bins"):
            told = f"{free[0]} is free" if free else f"likelihood.kind is {self.likelihood.kind!r}"
            needs = "a number: Eq. 9 turns the data into V_circ with it, before the fit" if free else '"bins"'
            advice = f"--set {free[0]}=NUMBER" if free else "--set likelihood.kind=bins"
            raise ConfigError(f'{told}, and jeans.route is "v_circ"', needs, f"{advice}; the route sigma can free it")
        return self

    @model_validator(mode="after")
    def _calibration_of_bins_is_fixed(self) -> "RunConfig":
        free = [f"{name}.{key}" for name in ("catalogue", "frame") for key in self.nuisances.get(name, ())]
        if free and self.likelihood.kind == "bins":
            raise ConfigError(
                f"{free[0]} holds a prior table",
                'numbers: likelihood.kind = "bins" measures the dispersions before the fit, in one fixed frame and '
                "calibration",
                f'give a number, or set likelihood.kind = "stars", which can free {free[0]}',
            )
        return self

    @property
    def nuisances(self) -> dict[str, dict[str, Prior]]:
        """What is free beside the models, by its table: what of that table may be, see `inference.nuisance`."""
        tables = {name: getattr(self, name).quantities() for name in NUISANCES}
        free = {
            name: {k: v for k in params(NUISANCES[name]) if isinstance(v := table.get(k), Prior)}
            for name, table in tables.items()
        }
        return {name: values for name, values in free.items() if values}

    @property
    def models(self) -> dict[str, ModelValues]:
        """Every model by its table: ``mass.NAME``, ``tracer``, ``anisotropy``."""
        masses = {f"mass.{name}": values for name, values in self.mass.items()}
        return {**masses, "tracer": self.tracer, "anisotropy": self.anisotropy}

    @property
    def projection(self) -> str:
        """How sigma_r becomes the sigma_los that is compared: star by star it is each star's own geometry."""
        return self.jeans.projection if self.likelihood.kind == "bins" else "per_star"

    @property
    def free(self) -> dict[str, Prior]:
        """The free parameters by their key: ``mass.halo.m_vir``."""
        return {
            f"{table}.{name}": value
            for table, values in (self.models | self.nuisances).items()
            for name, value in values.items()
            if isinstance(value, Prior)
        }

    def to_mapping(self) -> dict[str, Any]:
        """Every key with its value, as TOML has it; what is unset is "off", mass components left out included."""
        mapping: dict[str, Any] = {}
        for name in RunConfig.model_fields:
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


def _check_whole(table: str, values: ModelValues) -> None:
    """Refuse what only the model as a whole can see, such as two columns of different lengths."""
    variant = VARIANTS[table.partition(".")[0]]
    numbers = {k: v.quantile(0.5) if isinstance(v, Prior) else v for k, v in values.items() if k != variant.key}
    try:
        variant.registry[str(values[variant.key])](**numbers)
    except InputError as error:
        raise ConfigError(f"[{table}] {error.found}", error.expected, error.advice) from None


def _check_halo(components: Mapping[str, ModelValues]) -> None:
    advice = 'give it a profile such as --set mass.halo.profile=nfw; "haloscale list mass" shows them all'
    if "halo" not in components:
        raise ConfigError("there is no [mass.halo]", "a dark halo: it is what is weighed", advice)
    profile = components["halo"]["profile"]
    if not {"m_vir", "c"} <= params(VARIANTS["mass"].registry[str(profile)]).keys():
        raise ConfigError(f"mass.halo.profile is {profile!r}", "a dark halo, with the parameters m_vir and c", advice)


def _check_baryons(components: Mapping[str, ModelValues]) -> None:
    models = VARIANTS["mass"].registry
    classes = {name: models[str(values["profile"])] for name, values in components.items()}
    needy = [name for name, cls in classes.items() if cls.needs_baryons]
    if needy and all(issubclass(cls, HaloModel) for cls in classes.values()):
        raise ConfigError(
            f"mass.{needy[0]}.profile is {components[needy[0]]['profile']!r}, and there are no baryons",
            "a component of stars or gas beside the halo, such as [mass.disk]",
            "add one, or choose a halo that the baryons leave alone, such as nfw",
        )
