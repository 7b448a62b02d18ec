"""The posterior predictive check: predictive.ecsv."""

import dataclasses
import os
from typing import Any, Final

from haloscale.constants import KMS, KPC
from haloscale.records import Predicted, PredictiveCheck
from haloscale.tables.atomic import reading
from haloscale.tables.ecsv import read_ecsv, write_ecsv

_BINS: Final = {"r_low": KPC, "r_high": KPC, "r": KPC, "n": ""}
_QUANTITIES: Final = {"sigma_los": KMS, "mean_v_gsr": KMS, "kurtosis": ""}
_PARTS: Final = tuple(f.name for f in dataclasses.fields(Predicted))
_OF_ALL: Final = ("n_replicas", "p_sigma_los", "p_mean_v_gsr", "fits", "verdict")


def write_predictive(path: str | os.PathLike[str], check: PredictiveCheck) -> None:
    """Write the check as ECSV: the bins, then of each quantity what was observed and the bands of the replicas.

    The header holds what concerns all bins. Errors: `RunFolderError` if it cannot be written.
    """
    columns, units = {name: getattr(check, name) for name in _BINS}, dict(_BINS)
    for name, unit in _QUANTITIES.items():
        for part in _PARTS:
            columns[f"{name}_{part}"] = getattr(getattr(check, name), part)
            units[f"{name}_{part}"] = "" if part == "tail" else unit
    write_ecsv(path, columns, units, {name: getattr(check, name) for name in _OF_ALL})


def read_predictive(path: str | os.PathLike[str]) -> PredictiveCheck:
    """Read what `write_predictive` wrote. Errors: `RunFolderError` if it is missing or damaged."""
    with reading(path):
        columns, of_all = read_ecsv(path)
        bins: dict[str, Any] = {name: columns[name] for name in _BINS}
        quantities: dict[str, Any] = {
            name: Predicted(*(columns[f"{name}_{part}"] for part in _PARTS)) for name in _QUANTITIES
        }
        return PredictiveCheck(**bins, **quantities, **{name: of_all[name] for name in _OF_ALL})
