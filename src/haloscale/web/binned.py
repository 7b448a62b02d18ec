"""What a page draws while it waits: the posterior of the bins, with what they know nothing of held fixed."""

from dataclasses import dataclass
from typing import Any

from haloscale.config import RunConfig, change
from haloscale.inference.model import GalaxyModel


@dataclass(frozen=True)
class Binned:
    """A configuration that is compared with the bins alone.

    Parameters
    ----------
    config : RunConfig
    held : tuple of str
        Names of the parameters that are free in what was asked for, and fixed here.
    """

    config: RunConfig
    held: tuple[str, ...]


def binned(config: RunConfig, model: GalaxyModel) -> Binned:
    """The configuration of the quick posterior of `config`, whose model is `model`."""
    if config.likelihood.kind == "bins":
        return Binned(config, ())
    sun = config.frame.applied()
    fixed: dict[str, dict[str, Any]] = {
        "frame": {"r0": sun.r0, "v_lsr": sun.v_lsr, "solar_motion": list(sun.solar_motion)},
        "catalogue": {name: config.catalogue.applied(name) for name in ("v_offset", "distance_scale")},
    }
    settings = {table: values for table, values in fixed.items() if table in config.nuisances}
    free = config.nuisances
    names = tuple(c.parameter_name(key) for c in model.components if c.table in free for key in c.free)
    return Binned(change(config, {"likelihood": {"kind": "bins"}, **settings}), names)


def remark(config: RunConfig, model: GalaxyModel) -> str:
    """What the quick posterior of a configuration leaves out, in words; "" where nothing."""
    if config.likelihood.kind == "bins":
        return ""
    said = "This is the answer of the radial bins; Fit takes every star."
    held = binned(config, model).held
    if not held:
        return said
    meanings = {p.name: p.definition.partition(";")[0] for p in model.parameters}
    told = "; ".join(meanings[name] for name in held)
    return f"{said} The bins know nothing of some free parameters, held at the middle of their priors: {told}."
