"""The check of the velocities in space: velocities.ecsv and velocity_histograms.ecsv, a row a component and bin."""

import dataclasses
import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.constants import KMS, KPC
from haloscale.records import COMPARED, ComponentCheck, Counts, Predicted, VelocityCheck
from haloscale.tables.atomic import reading
from haloscale.tables.ecsv import read_ecsv, write_ecsv

_BINS: Final = {"r_low": KPC, "r_high": KPC, "r": KPC}
_QUANTITIES: Final = {"mean": KMS, "sigma": KMS, "core": KMS, "kurtosis": "", "distance": ""}
_PARTS: Final = tuple(f.name for f in dataclasses.fields(Predicted))
_COUNTS: Final = tuple(f.name for f in dataclasses.fields(Counts))
_OF_ALL: Final = ("n_replicas", "p", "fits", "verdict")

_Columns = dict[str, NDArray[Any]]


def write_velocities(path: str | os.PathLike[str], check: VelocityCheck) -> None:
    """Write all but the histograms as ECSV: of each component in each bin what was observed, and the replicas' bands.

    The anisotropy beta is one of a bin, and stands beside each of its components. The header holds what concerns all.
    Errors: `RunFolderError` if it cannot be written.
    """
    names, n_bins = list(check.components), len(check)
    columns: _Columns = {"component": np.repeat(names, n_bins)}
    columns |= {name: np.tile(getattr(check, name), len(names)) for name in _BINS}
    columns["n"] = np.concatenate([part.n for part in check.components.values()])
    units = {"component": "", **_BINS, "n": ""}
    for name, unit in _QUANTITIES.items():
        for side in _PARTS:
            parts = [getattr(getattr(part, name), side) for part in check.components.values()]
            columns[f"{name}_{side}"] = np.concatenate(parts)
            units[f"{name}_{side}"] = "" if side == "tail" else unit
    columns |= {f"beta_{side}": np.tile(getattr(check.beta, side), len(names)) for side in _PARTS}
    units |= {f"beta_{side}": "" for side in _PARTS}
    of_all = {name: getattr(check, name) for name in _OF_ALL}
    write_ecsv(path, columns, units, of_all | {f"limit_{name}": check.limits[name] for name in COMPARED})


def write_velocity_histograms(path: str | os.PathLike[str], check: VelocityCheck) -> None:
    """Write the histograms as ECSV, a row a component, bin and step of velocity. Errors: as `write_velocities`."""
    names, n_bins, n_steps = list(check.components), len(check), len(check.steps) - 1
    columns: _Columns = {"component": np.repeat(names, n_bins * n_steps)}
    columns |= {name: np.tile(np.repeat(getattr(check, name), n_steps), len(names)) for name in ("r_low", "r_high")}
    columns |= {"v_low": np.tile(check.steps[:-1], len(names) * n_bins)}
    columns |= {"v_high": np.tile(check.steps[1:], len(names) * n_bins)}
    for side in _COUNTS:
        columns[side] = np.concatenate([getattr(part.counts, side).ravel() for part in check.components.values()])
    units = {"component": "", "r_low": KPC, "r_high": KPC, "v_low": KMS, "v_high": KMS, **dict.fromkeys(_COUNTS, "")}
    write_ecsv(path, columns, units)


def read_velocities(path: str | os.PathLike[str], histograms: str | os.PathLike[str]) -> VelocityCheck:
    """Read what both functions wrote. Errors: `RunFolderError` if a file is missing or damaged."""
    with reading(path):
        columns, of_all = read_ecsv(path)
        rows = {name: columns["component"] == name for name in dict.fromkeys(columns["component"].tolist())}
        of_bins = next(iter(rows.values()))
        bins: dict[str, Any] = {name: columns[name][of_bins] for name in _BINS}
        bins["beta"] = Predicted(*(columns[f"beta_{side}"][of_bins] for side in _PARTS))
        limits = {name: of_all[f"limit_{name}"] for name in COMPARED}
        found = {
            name: {
                "n": columns["n"][row],
                **{q: Predicted(*(columns[f"{q}_{side}"][row] for side in _PARTS)) for q in _QUANTITIES},
            }
            for name, row in rows.items()
        }
    with reading(histograms):
        counted, _ = read_ecsv(histograms)
        steps = np.unique([counted["v_low"], counted["v_high"]])
        shape = len(bins["r"]), len(steps) - 1
        counts = {
            name: Counts(*(counted[side][counted["component"] == name].reshape(shape) for side in _COUNTS))
            for name in rows
        }
    components = {name: ComponentCheck(**parts, counts=counts[name]) for name, parts in found.items()}
    return VelocityCheck(
        components=components, steps=steps, limits=limits, **bins, **{name: of_all[name] for name in _OF_ALL}
    )
