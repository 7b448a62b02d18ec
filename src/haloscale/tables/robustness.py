"""The refits with one assumption changed at a time: vary.csv."""

import csv
import io
import os
from math import isfinite, nan
from typing import Any, Final

from haloscale.robustness import AS_CONFIGURED, QUANTITIES, Interval, Refit, Robustness
from haloscale.tables.atomic import atomic_write, reading

_ENDS: Final = ("lower", "upper", "change_percent", "change_sigma")
_FIT: Final = ("chi2", "n_points", "n_in_bins", "status", "note")
_HEADER: Final = (
    *("group", "name", "change", "reason", "counted"),
    *(name for quantity in QUANTITIES for name in (quantity, *(f"{quantity}_{end}" for end in _ENDS))),
    *_FIT,
)


def write_robustness(path: str | os.PathLike[str], robustness: Robustness) -> None:
    """Write the refits as CSV, the run as configured first; a number that is not there is an empty field.

    Masses are in solMass; ``_change_percent`` and ``_change_sigma`` are the change of the median against the run as
    configured, in per cent and in its statistical error on that side. Errors: `RunFolderError`.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, _HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(robustness, refit) for refit in (robustness.base, *robustness.refits))
    atomic_write(path, out.getvalue())


def read_robustness(path: str | os.PathLike[str]) -> Robustness:
    """Read what `write_robustness` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source, source.open(newline="", encoding="utf-8") as file:
        base, *refits = (_refit(row) for row in csv.DictReader(file))
        if base.group != AS_CONFIGURED:
            raise ValueError(f"the first row is {base.group!r}, not {AS_CONFIGURED!r}")
        return Robustness(base, tuple(refits))


def _row(robustness: Robustness, refit: Refit) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(refit, name) for name in ("group", "name", "change", "reason", *_FIT)}
    row |= {"counted": str(refit.counted).lower(), "chi2": _text(refit.chi2, ".4f")}
    for quantity in QUANTITIES:
        value = refit[quantity]
        row[quantity] = _text(value.median, ".6g")
        row[f"{quantity}_lower"], row[f"{quantity}_upper"] = _text(value.lower, ".6g"), _text(value.upper, ".6g")
        if refit is not robustness.base:
            row[f"{quantity}_change_percent"] = _text(robustness.percent(refit, quantity), ".2f")
            row[f"{quantity}_change_sigma"] = _text(robustness.sigmas(refit, quantity), ".2f")
    return row


def _refit(row: dict[str, str]) -> Refit:
    values = {
        quantity: Interval(*(_number(row[name]) for name in (quantity, f"{quantity}_lower", f"{quantity}_upper")))
        for quantity in QUANTITIES
        if row[quantity]
    }
    about = (row["group"], row["name"], row["change"], row["reason"], row["counted"] == "true")
    counts = (int(row["n_points"]), int(row["n_in_bins"]), row["status"], row["note"])
    return Refit(*about, values, _number(row["chi2"]), *counts)


def _text(value: float, form: str) -> str:
    return format(value + 0.0, form) if isfinite(value) else ""


def _number(text: str) -> float:
    return float(text) if text else nan
