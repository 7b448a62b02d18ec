"""What a configuration says of the Galaxy: the Sun in it, and its models with their free parameters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from haloscale.anisotropy.base import anisotropies
from haloscale.config import JointConfig, RunConfig
from haloscale.config.joint import OWN_PARAMETERS
from haloscale.frames import SolarFrame
from haloscale.inference import results
from haloscale.inference.joint import JointModel
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import NUISANCES
from haloscale.mass.base import mass_models
from haloscale.tracer.base import tracers


def frame(config: RunConfig) -> SolarFrame:
    """The Sun's position and motion that the stars are placed and selected with: medians where they are free."""
    return config.frame.applied()


def galaxy_model(config: RunConfig) -> GalaxyModel:
    """Mass components, tracer and anisotropy of a configuration, with their free parameters.

    Of several catalogues each has its own tracer, anisotropy and calibration: a `JointModel`.
    """
    components, kind = _components(config), GalaxyModel
    if isinstance(config, JointConfig):
        components, kind = [c for c in components if c.table not in OWN_PARAMETERS], JointModel
        for name, member in config.catalogues.items():
            own = [c for c in _components(member) if c.table in OWN_PARAMETERS]
            components += [replace(c, catalogue=name) for c in own]
    model = kind(tuple(components), {})
    return replace(model, definitions=results.definitions(model))


def _components(config: RunConfig) -> list[Component]:
    components = [_component(f"mass.{name}", mass_models, table, "profile") for name, table in config.mass.items()]
    components.append(_component("tracer", tracers, config.tracer, "profile"))
    components.append(_component("anisotropy", anisotropies, config.anisotropy, "model"))
    components += [Component(table, NUISANCES[table], free) for table, free in config.nuisances.items()]
    return components


def _component(table: str, registry: Any, given: Mapping[str, Any], variant_key: str) -> Component:
    values = {key: value for key, value in given.items() if key != variant_key}
    return Component(table, registry[given[variant_key]], values)
