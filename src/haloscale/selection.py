"""The cuts that make a sample of a catalogue, each a named line of the cut flow.

`CUTS` declares them as data: key of ``[selection]``, columns, unit, meaning. A cut that is not set is not made; one
whose column the catalogue lacks is listed as not applied; a star whose value is missing fails the cut.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import ConfigError, SelectionError, nearest
from haloscale.known_objects import flag_known_objects
from haloscale.records import Bools, Cut, CutFlow, Floats, StarTable

_NEEDED = ("l", "b", "distance", "v_helio", "r", "v_gsr")


@dataclass(frozen=True)
class CutSpec:
    """One cut that can be set.

    Parameters
    ----------
    key : str
        Key of the table ``[selection]``.
    columns : tuple of str
        Columns the cut looks at; a star that misses one of them fails.
    unit : str
        Unit of the value ("" for none).
    name : str
        Name in the cut flow; ``{}`` stands for the value.
    keep : callable
        (value, column, ...) -> mask of the stars that stay.
    reason : str
        What the cut is for.
    choices : tuple of str
        Allowed values of a cut that names a recipe.
    """

    key: str
    columns: tuple[str, ...]
    unit: str
    name: str
    keep: Callable[..., Bools]
    reason: str
    choices: tuple[str, ...] = ()

    @property
    def is_flag(self) -> bool:
        """Whether the cut is switched on with true and takes no number."""
        return "{}" not in self.name


def _giants(value: str, teff: Floats, logg: Floats) -> Bools:
    if value == "zhai2018":
        return (teff > 4000) & (teff < 5600) & (logg < 4.0)
    cool, warm = (teff > 4000) & (teff <= 4600), (teff > 4600) & (teff < 5600)
    return (cool & (logg < 3.5)) | (warm & (logg < 4.0))


CUTS: tuple[CutSpec, ...] = (
    CutSpec(
        "giants",
        ("teff", "logg"),
        "",
        "giants ({})",
        _giants,
        'giant branch: "zhai2018" is log g < 4 and 4000 < T_eff < 5600 K; "liu2014" (Liu et al. 2014) is log g < 3.5 '
        "for 4000-4600 K and log g < 4.0 for 4600-5600 K",
        ("zhai2018", "liu2014"),
    ),
    CutSpec("logg_max", ("logg",), "dex", "log g < {}", lambda v, x: x < v, "giants only (paper: 4)"),
    CutSpec("teff_min", ("teff",), "K", "T_eff > {} K", lambda v, x: x > v, "late types only (paper: 4000)"),
    CutSpec("teff_max", ("teff",), "K", "T_eff < {} K", lambda v, x: x < v, "late types only (paper: 5600)"),
    CutSpec(
        "distance_error_max",
        ("distance_error", "distance"),
        "",
        "distance error / distance < {}",
        lambda v, error, distance: error < v * distance,
        "usable distances (paper: 0.4)",
    ),
    CutSpec("z_min", ("z",), "kpc", "|z| >= {} kpc", lambda v, x: abs(x) >= v, "keeps the disk out (paper: 5)"),
    CutSpec("z_max", ("z",), "kpc", "|z| <= {} kpc", lambda v, x: abs(x) <= v, "a layer near the plane"),
    CutSpec("b_min", ("b",), "deg", "|b| >= {} deg", lambda v, x: abs(x) >= v, "keeps the dusty plane out"),
    CutSpec("feh_min", ("feh",), "dex", "[Fe/H] >= {}", lambda v, x: x >= v, "a range of metallicity"),
    CutSpec("feh_max", ("feh",), "dex", "[Fe/H] <= {}", lambda v, x: x <= v, "halo stars (paper: -1)"),
    CutSpec("r_min", ("r",), "kpc", "r >= {} kpc", lambda v, x: x >= v, "inner limit of the bins (paper: 5)"),
    CutSpec("r_max", ("r",), "kpc", "r <= {} kpc", lambda v, x: x <= v, "outer limit of the bins (paper: 120)"),
    CutSpec(
        "known_objects",
        ("known_object",),
        "",
        "not in a known cluster or dwarf galaxy",
        lambda v, x: x == "",
        "drops members of known globular clusters and dwarf galaxies",
    ),
)
"""Every cut, in the order in which they are made; after them come those of ``selection.columns``."""


def select(table: StarTable, cuts: Mapping[str, Any], strict: bool = False) -> tuple[StarTable, CutFlow]:
    """The stars that pass the cuts, and how many each cut left.

    Parameters
    ----------
    table : StarTable
        Located (`frames.locate`).
    cuts : mapping
        The table ``[selection]``: key of a `CutSpec` -> value, None for no cut; ``columns``: name of any column ->
        ``{"min": ..., "max": ...}``. ``merge_radius`` belongs to `repeats.merge_repeats` and is passed over.
    strict : bool
        Refuse a cut whose column the catalogue lacks.

    Returns
    -------
    table : StarTable
        With a column ``known_object`` (str; "" for none).
    cutflow : CutFlow

    Raises
    ------
    ConfigError
        Unknown key or column; a value of the wrong kind; under `strict` a cut that cannot be applied.
    SelectionError
        A cut leaves no star.
    """
    known = [spec.key for spec in CUTS]
    for key in cuts:
        if key not in (*known, "columns", "merge_radius"):
            raise ConfigError(f"selection.{key} is not a cut", "a cut that haloscale knows", nearest(key, known))
    table, first = _drop_incomplete(table)
    if "known_object" not in table:
        table = table.with_columns(known_object=flag_known_objects(table))
    flow = CutFlow((first,))
    for spec in CUTS:
        value = cuts.get(spec.key)
        if value is not None and value is not False:
            table, cut = _apply(table, spec, _checked(spec, value), strict)
            flow = flow.then(cut)
    for name, limits in (cuts.get("columns") or {}).items():
        table, cut = _apply_column(table, name, limits, strict)
        flow = flow.then(cut)
    return table, flow


def _drop_incomplete(table: StarTable) -> tuple[StarTable, Cut]:
    good = np.ones(len(table), bool)
    for name in _NEEDED:
        if name in table:
            good &= np.isfinite(np.asarray(table[name], float))
    cut = Cut("position, velocity and distance present", len(table), int(good.sum()))
    if not good.any():
        empty = [k for k in _NEEDED if k in table and not np.isfinite(np.asarray(table[k], float)).any()]
        told = f"the columns without any value are: {', '.join(empty)}" if empty else "each star lacks one of them"
        raise SelectionError(
            f"none of the {len(table)} rows has a position, a velocity and a distance ({told})",
            "at least one row with all of them",
            "check which columns the catalogue was read from (--columns)",
        )
    return table.take(good), cut


def _checked(spec: CutSpec, value: Any) -> Any:
    if spec.choices:
        good, expected = value in spec.choices, "one of: " + ", ".join(spec.choices)
    elif spec.is_flag:
        good, expected = value is True, "true or false"
    else:
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and bool(np.isfinite(value))
        expected = f"a finite number{f' in {spec.unit}' if spec.unit else ''}"
    if not good:
        raise ConfigError(
            f"selection.{spec.key} is {value!r}", expected, f'correct it, or set it to "off": {spec.reason}'
        )
    return value


def _apply(table: StarTable, spec: CutSpec, value: Any, strict: bool) -> tuple[StarTable, Cut]:
    name = spec.name.format(value if isinstance(value, str) else f"{value:g}")
    absent = [k for k in spec.columns if k not in table]
    if absent:
        why = f"the catalogue has no column {', '.join(absent)}"
        return table, _not_applied(table, name, why, f"selection.{spec.key}", absent[0], strict)
    columns = [table[k] for k in spec.columns]
    keep = np.asarray(spec.keep(value, *columns))
    return _cut(table, keep, name, f"selection.{spec.key}", columns[0])


def _not_applied(table: StarTable, name: str, why: str, key: str, column: str, strict: bool) -> Cut:
    """The line of a cut whose column the catalogue lacks; refused under `strict`."""
    if strict:
        raise ConfigError(
            f"the cut {name!r} cannot be applied: {why}",
            "with --strict every cut needs its column",
            f'name the column (--columns {column}=...), set {key} = "off", or leave --strict out',
        )
    return Cut(name, len(table), len(table), applied=False, note=why)


def _apply_column(table: StarTable, name: str, limits: Mapping[str, float], strict: bool) -> tuple[StarTable, Cut]:
    """A range of any column of the catalogue, under the file's own name or the standard one."""
    columns = {**table.raw, **table.columns}
    key = f"selection.columns.{name}"
    if not limits or not set(limits) <= {"min", "max"}:
        raise ConfigError(f"{key} is {dict(limits)!r}", "{ min = ..., max = ... } or one of the two", "give the limits")
    low, high = limits.get("min", -np.inf), limits.get("max", np.inf)
    bounds = [f"{name} >= {low:g}"] * ("min" in limits) + [f"{name} <= {high:g}"] * ("max" in limits)
    title = " and ".join(bounds)
    if name not in columns:
        why = f"the catalogue has no column {name!r}: {nearest(name, columns)}"
        return table, _not_applied(table, title, why, key, name, strict)
    values = columns[name]
    if values.dtype.kind not in "fiub":
        raise ConfigError(f"{key}: the column holds text", "a column of numbers", "cut on another column")
    keep = (values >= low) & (values <= high) & np.isfinite(values)
    return _cut(table, keep, title, key, values)


def _cut(table: StarTable, keep: Bools, name: str, key: str, values: NDArray[Any]) -> tuple[StarTable, Cut]:
    if not keep.any():
        raise SelectionError(
            f"the cut {name!r} leaves no star of {len(table)}{_range(values)}",
            "at least one star that passes every cut",
            f'change {key}, or set it to "off"',
        )
    return table.take(keep), Cut(name, len(table), int(keep.sum()))


def _range(values: NDArray[Any]) -> str:
    if values.dtype.kind not in "fiu":
        return ""
    finite = values[np.isfinite(values)]
    return (
        f"; the values run from {finite.min():.6g} to {finite.max():.6g}" if len(finite) else "; every value is missing"
    )
