"""The controls of the page, generated from what is registered and from the keys of the configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from typing import Any, Final

from haloscale.config import recipes, title
from haloscale.config.keys import TABLES, keys_of
from haloscale.config.layers import OFF, plain_value
from haloscale.config.models import QUANTITIES, ROUTES
from haloscale.config.options import Option
from haloscale.config.variants import Variant, variant_of, variant_options
from haloscale.inference.priors import Prior, prior_from_table
from haloscale.jeans.projection import PROJECTIONS
from haloscale.jeans.slopes import DERIVATIVES
from haloscale.listing import describe
from haloscale.mass.base import HaloModel
from haloscale.registry import ParamInfo
from haloscale.surveys.base import surveys
from haloscale.web import wording
from haloscale.web.meanings import MEANINGS
from haloscale.web.state import LARGEST_COUNT
from haloscale.web.symbols import of_variant, symbols

Control = dict[str, Any]

_GROUPS: Final = {
    "model": ("mass", "anisotropy", "tracer", "jeans"),
    "data": ("dispersion", "selection", "substructure", "distance", "catalogue", "frame"),
}
"""What a section is about; of the rest it is the fit."""
_SECTIONS: Final = {
    "mass": "Halo, disk and bulge",
    "anisotropy": "Anisotropy",
    "tracer": "Density of the stars",
    "jeans": "Projection and route",
    "dispersion": "Radial bins",
    "selection": "Cuts",
    "substructure": "Streams and clumps",
    "distance": "Distances",
    "catalogue": "Calibration",
    "frame": "The Sun",
    "likelihood": "What is compared",
    "sampler": "How the fit draws",
    "cosmology": "Cosmology",
}
_NAMES: Final = {
    "mass": "mass", "tracer": "tracer", "anisotropy": "anisotropy", "distance": "distance",
    "substructure": "substructure", "dispersion": "dispersion", "likelihood": "likelihood", "sampler": "samplers",
}  # fmt: skip
"""Table -> the kind under which `haloscale list` describes its variants."""
_WORDS: Final = {"jeans.route": ROUTES, "jeans.derivative": DERIVATIVES, "jeans.projection": PROJECTIONS,
                 "frame.handedness": ("left", "right")}  # fmt: skip
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "kpc": (0.0, 200.0), "km / s": (-100.0, 400.0), "dex": (-4.0, 6.0), "K": (3000.0, 8000.0), "deg": (0.0, 90.0),
    "arcsec": (0.1, 60.0), "": (0.0, 1.0), "km / (s Mpc)": (50.0, 90.0), "mag": (0.0, 2.0),
}  # fmt: skip
"""Range of a slider whose key declares none, by unit."""
_HIDDEN: Final = ("catalogue.path", "catalogue.survey", "catalogue.columns", "catalogue.simulated", "tracer.r",
                  "tracer.density", "distance.ebv", "distance.clusters", "selection.columns",
                  "likelihood.true_selection", "frame.solar_motion")  # fmt: skip
_NEED_LISTS: Final = ("table",)
"""Variants that take lists of numbers, for which a page has no control."""


def controls(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections of controls; `config` is a resolved configuration, whose values they show first."""
    sections: list[dict[str, Any]] = []
    for table, label in _SECTIONS.items():
        if table == "mass":
            for name in config["mass"]:
                made = list(_of_component(name, config))
                sections.append({"name": f"mass.{name}", "label": f"Mass: {name}", "controls": made})
        else:
            made = list(_of_table((table,), config[table]))
            sections.append({"name": table, "label": label, "controls": made})
    groups = {table: group for group, tables in _GROUPS.items() for table in tables}
    found = [section for section in sections if section["controls"]]
    return [{**section, "group": groups.get(section["name"].partition(".")[0], "fit")} for section in found]


def recipe_list() -> list[dict[str, str]]:
    """The recipes with a line each."""
    return [{"name": name, "text": title(name)} for name in recipes()]


def survey_list() -> list[dict[str, str]]:
    """The surveys with a line each."""
    return [{"name": name, "text": surveys[name].title} for name in surveys]


def defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted key -> value of a resolved configuration."""
    found: dict[str, Any] = {}
    for table in TABLES:
        for key, value in config[table].items():
            if table == "mass" and isinstance(value, Mapping):
                found |= {f"mass.{key}.{name}": entry for name, entry in value.items()}
            else:
                found[f"{table}.{key}"] = value
    return found


def _of_component(name: str, config: Mapping[str, Any]) -> Iterator[Control]:
    """The controls of one mass component; all but the halo can be left out."""
    given = config["mass"][name]
    if name != "halo":
        yield {
            "key": f"mass.{name}", "label": f"include the {name}", "help": f"off leaves the {name} out", "unit": "",
            "type": "flag", "value": given != OFF, "values": {"on": None, "off": OFF},
        }  # fmt: skip
    if given != OFF:
        yield from _of_table(("mass", name), given)


def _of_table(path: tuple[str, ...], given: Mapping[str, Any]) -> Iterator[Control]:
    variant, table = variant_of(path), ".".join(path)
    names = _variants(path, variant) if variant else []
    if variant and len(names) > 1:
        yield _choice(f"{table}.{variant.key}", variant.description, names, given[variant.key], _NAMES[path[0]])
    own = {n: variant_options(path, n) for n in names} if variant else {}
    known = keys_of(path, {variant.key: names[0]} if variant else given) or {}
    for key, option in known.items():
        of_variant = bool(variant) and key in own.get(names[0], ())
        if not of_variant and (variant is None or key != variant.key):
            yield from _control(f"{table}.{key}", option, given.get(key, OFF))
    yield from _of_variants(table, variant, own, given)


def _of_variants(
    table: str, variant: Variant | None, own: Mapping[str, Mapping[str, Option]], given: Mapping[str, Any]
) -> Iterator[Control]:
    """The options of all variants, each shown where a variant is chosen that has it."""
    made: list[Control] = []
    for name, options in own.items():
        for key, option in options.items():
            now = variant is not None and given.get(variant.key) == name
            value = given[key] if now and key in given else _plain_default(option)
            for control in _control(f"{table}.{key}", option, value):
                same = next((c for c in made if _same(c, control)), None)
                if same is None:
                    made.append({**control, "shown_if": {f"{table}.{variant.key}": [name]}})  # type: ignore[union-attr]
                else:
                    same["shown_if"][f"{table}.{variant.key}"].append(name)  # type: ignore[union-attr]
                    same["value"] = value if now else same["value"]
    yield from made


def _same(one: Control, other: Control) -> bool:
    looked = ("key", "type", "low", "high", "log", "choices", "label", "free")
    return all(one.get(name) == other.get(name) for name in looked)


def _variants(path: tuple[str, ...], variant: Variant) -> list[str]:
    """The registered names that fit a table: dark halos for the halo, anything else for the other masses."""
    names = [name for name in variant.registry if name not in _NEED_LISTS]
    if path[0] == "mass":
        is_halo = {name: issubclass(variant.registry[name], HaloModel) for name in names}
        names = [name for name in names if is_halo[name] == (path[1] == "halo")]
    return names


def _choice(key: str, text: str, names: list[str], value: Any, kind: str) -> Control:
    lines = dict(describe(kind))
    choices = [{"name": name, "text": of_variant(lines.get(name, ""))} for name in names]
    return {
        "key": key,
        "label": text,
        "help": symbols(MEANINGS.get(key, "")),
        "unit": "",
        "type": "choice",
        "choices": choices,
        "value": value,
    }


def _control(key: str, option: Option, value: Any) -> Iterator[Control]:
    """The control of one key; none for a key that a page may not set."""
    if key in _HIDDEN:
        return
    words = tuple(_WORDS.get(key, option.choices))
    base = {
        "key": key,
        "label": wording.label(key, option),
        "help": wording.explanation(key, option),
        "unit": option.unit,
        "value": value,
    }
    info = QUANTITIES.get(key, option.info)
    if words:
        choices = [{"name": name, "text": ""} for name in words]
        optional = [{"name": OFF, "text": "not made"}] if option.default is None else []
        yield {**base, "type": "choice", "choices": choices + optional}
    elif isinstance(value, list) or key.endswith(".edges"):
        yield {**base, "type": "list"}
    elif isinstance(option.default, bool) or key == "selection.known_objects":
        yield {**base, "type": "flag", "values": {"on": True, "off": False}}
    elif isinstance(option.default, (int, float, Prior)) or option.default in (None, MISSING):
        yield {**base, "type": "number", **_range(key, option, info, value)}


def _plain_default(option: Option) -> Any:
    found = option.fallback
    return OFF if found is MISSING else plain_value(found)


def _range(key: str, option: Option, info: ParamInfo | None, value: Any) -> dict[str, Any]:
    """Ends and step of a slider; "free" is the prior table with which the parameter is freed."""
    made: dict[str, Any] = {
        "optional": option.default is None,
        "whole": key in wording.WHOLE or isinstance(option.default, int),
    }
    here = value if isinstance(value, (int, float)) else option.default
    if info is not None and info.prior is not None:
        prior = prior_from_table(info.prior)
        low, high = prior.bounds if max(map(abs, prior.bounds)) < 1e300 else prior.quantile([0.001, 0.999])
        made |= {"log": prior.logarithmic, "free": dict(info.prior)}
    elif key in wording.ENDS:
        low, high = wording.ENDS[key]
        made |= {"log": False} | ({"step": 1} if made["whole"] else {})
    elif isinstance(option.default, int):
        here = here if isinstance(here, int) else 10
        low, high = 1, min(max(20, 10 * here), LARGEST_COUNT)
        made |= {"log": here >= 100, "step": 1}
    else:
        low, high = _RANGES.get(option.unit, (0.0, 1.0))
        made |= {"log": False}
    if isinstance(here, (int, float)) and not low <= here <= high:
        low, high = min(low, here, 2 * here), max(high, here, 2 * here)
        made["log"] = made["log"] and low > 0
    if (low, high, here) == (0.0, 1.0, 1.0):
        high = 2.0
    return {**made, "low": low, "high": high}


GLOSSARY: Final = {
    "sigma_los": "scatter of the stars' velocities along our line of sight, in a shell of radius",
    "sigma_r": "scatter of the velocities along the radius from the Galactic centre",
    "v_gsr": "velocity of a star along our line of sight, with the motion of the Sun taken out",
    "beta": "anisotropy: 0 where stars move alike in all directions, 1 where they move only in and out",
    "log_slope": "how steeply the number of stars falls with radius: -4 means as the fourth power",
    "m_vir": "mass of the dark halo alone inside its edge, r_vir",
    "c": "concentration: the edge of the halo over the radius where its density falls as radius to the -2",
    "r_vir": "edge of the halo: inside it the mean density is the overdensity times the reference density",
    "overdensity": "mean density inside the edge of the halo, in units of the reference density",
    "V_circ": "speed of a circular orbit: what the mass inside a radius pulls with",
    "M(<r)": "mass inside a radius",
    "posterior": "how probable each value is, given the data and the prior",
    "prior": "what was held possible before looking at the data",
    "chi2": "how far the model misses the bins, in units of their errors, squared and added up",
    "cut flow": "how many stars each cut leaves",
}
"""Words of the page that need a definition."""
