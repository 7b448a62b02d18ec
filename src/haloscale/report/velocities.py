"""The section of the report on the velocities in space."""

from math import isfinite
from typing import Any

from haloscale.records import Predicted, VelocityCheck

_QUANTITIES = (("mean", 0), ("sigma", 0), ("core", 0), ("distance", 3))
"""What the table shows of a component, and the digits after the point."""


def section(check: VelocityCheck | None) -> dict[str, Any]:
    """Verdict, share of the replicas that are somewhere as far off, one row a component and bin, beta a bin."""
    if check is None:
        return {}
    rows = [
        {
            "component": _SYMBOLS[name],
            "bounds": _bounds(check, k),
            "n": int(part.n[k]),
            "cells": [_cells(getattr(part, quantity), k, digits) for quantity, digits in _QUANTITIES],
        }
        for name, part in check.components.items()
        for k in range(len(check))
    ]
    betas = [{"bounds": _bounds(check, k), "cells": _cells(check.beta, k, 2)} for k in range(len(check))]
    about = {"fits": check.fits, "verdict": check.verdict, "n_replicas": check.n_replicas, "p": _number(check.p, 3)}
    return {**about, "rows": rows, "betas": betas}


_SYMBOLS = {
    "v_gsr": "v<sub>GSR</sub>", "v_r": "v<sub>r</sub>", "v_theta": "v<sub>θ</sub>", "v_phi": "v<sub>φ</sub>",
}  # fmt: skip


def _bounds(check: VelocityCheck, k: int) -> str:
    return f"{check.r_low[k]:.4g}–{check.r_high[k]:.4g}"


def _cells(quantity: Predicted, k: int, digits: int) -> tuple[str, str, str]:
    """Observed, predicted 95 % and tail probability."""
    low, high = (_number(float(side[k]), digits) for side in (quantity.lower_95, quantity.upper_95))
    return _number(float(quantity.observed[k]), digits), f"{low} to {high}", _number(float(quantity.tail[k]), 3)


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−") if isfinite(value) else "–"
