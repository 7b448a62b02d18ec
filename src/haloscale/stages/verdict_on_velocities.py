"""Whether the velocities in space fit, said in two sentences: which component, where, in which sense, and why."""

from typing import Any, Final, NamedTuple

import numpy as np

from haloscale.records import COMPARED, SIGNED, Counts, Ints, Predicted, VelocityCheck
from haloscale.stages.verdict import POOR

_MOST: Final = 4
"""Statements in a verdict; of more, those farthest off."""
_WILD: Final = 4.0
"""Half-widths by which the kurtosis is off where single stars make a dispersion large."""
_HOT: Final = 1.5
"""Times the predicted dispersion that an anisotropy hardly explains: from beta = 0.55 to 0 the tangential ones grow so
much."""
_WIDTHS: Final = ("sigma", "core")
_MOVING: Final = {
    "v_gsr": ("approach by {} km/s", "recede by {} km/s"),
    "v_r": ("fall inwards by {} km/s", "fly outwards by {} km/s"),
    "v_theta": ("move northwards by {} km/s", "move southwards by {} km/s"),
    "v_phi": ("lag by {} km/s behind the model", "rotate {} km/s faster than the model"),
}
"""What a mean below and above the predicted one means."""


class _Off(NamedTuple):
    """A quantity of a component that is off in some bins, the worst of them first in `bins`."""

    component: str
    quantity: str
    bins: Ints
    high: bool
    farthest: float


def verdict_on_velocities(check: VelocityCheck) -> dict[str, Any]:
    """The fields `fits` and `verdict` of a check."""
    if check.p >= POOR:
        return {"fits": True, "verdict": _praise(check)}
    found = sorted(_found(check), key=lambda off: -off.farthest)[:_MOST]
    all_readings = dict.fromkeys(reading for off in found for reading in _readings(off, found, check))
    readings = [one for one in all_readings if not any(other.startswith(f"{one}, ") for other in all_readings)]
    said = "; ".join(_said(check, off) for off in found)
    return {
        "fits": False,
        "verdict": f"The velocities do not fit: {said}. Most likely: {'; '.join(readings)}. "
        "The error bars hold only if the model is right.",
    }


def _praise(check: VelocityCheck) -> str:
    *names, last = check.components
    return (
        f"Velocities fit in all bins: {', '.join(names)} and {last} scatter as the model predicts (of data that it "
        f"makes itself, {100 * check.p:.0f} % are somewhere as far off)."
    )


def _found(check: VelocityCheck) -> list[_Off]:
    """All that is off by more than one replica in twenty is anywhere, and whatever is off most."""
    by_name = {
        (component, name): _deviation(name, getattr(part, name)) / check.limits[name]
        for component, part in check.components.items()
        for name in COMPARED
    }
    least = min(1.0, max(np.abs(off).max() for off in by_name.values()))
    found = []
    for (component, name), off in by_name.items():
        named = np.abs(off) >= least
        if name == "distance":  # what a mean or a dispersion says better is not said again
            named &= ~np.any([np.abs(by_name[component, other]) >= least for other in SIGNED], axis=0)
        if name == "core":
            named &= np.abs(by_name[component, "sigma"]) < least
        for side in (named & (off > 0), named & (off < 0)):
            if side.any():
                bins = np.flatnonzero(side)
                bins = bins[np.argsort(-np.abs(off[bins]), kind="stable")]
                found.append(_Off(component, name, bins, bool(off[bins[0]] > 0), float(np.abs(off[bins[0]]))))
    return found


def _deviation(name: str, quantity: Predicted) -> Any:
    off = np.nan_to_num(quantity.deviation)
    return off if name in SIGNED else np.maximum(off, 0.0)


def _said(check: VelocityCheck, off: _Off) -> str:
    part, worst = check.components[off.component], off.bins[0]
    quantity: Predicted = getattr(part, off.quantity)
    where = f"{off.component} at {_ranges(check, np.sort(off.bins))} kpc"
    at = f" at {_range(check, worst)} kpc" if len(off.bins) > 1 else ""
    if off.quantity == "mean":
        by = abs(quantity.observed[worst] - quantity.median[worst])
        moving = _MOVING[off.component][off.high].format(f"{by:.0f}")
        return f"{where}: the stars {moving} (mean{at} {_compared(quantity, worst, '+.0f')})"
    if off.quantity == "sigma":
        how = "faster" if off.high else "slower"
        return f"{where}: the stars move {how} than it allows (dispersion{at} {_compared(quantity, worst, '.0f')})"
    if off.quantity == "core":
        how = "faster" if off.high else "slower"
        return f"{where}: most stars move {how} than it allows (dispersion{at} {_compared(quantity, worst, '.0f')})"
    return f"{where}: the distribution has another shape, {_excess(check, part.counts, worst)}{at}"


def _excess(check: VelocityCheck, counts: Counts, k: Any) -> str:
    """The step of velocity with the most stars too many or too few."""
    observed, median = counts.observed[k], counts.median[k]
    off = (observed - median) / np.sqrt(np.maximum(median, 1.0))
    step = int(np.argmax(np.abs(off)))
    low, high = check.steps[step], check.steps[step + 1]
    return f"{observed[step]} stars from {low:+.0f} to {high:+.0f} km/s where {median[step]:.0f} are predicted"


def _compared(quantity: Predicted, k: Any, form: str) -> str:
    low, high = quantity.lower_95[k], quantity.upper_95[k]
    return f"{quantity.observed[k]:{form}} km/s where {low:{form}} to {high:{form}} is predicted"


def _ranges(check: VelocityCheck, bins: Ints) -> str:
    """Bins as ranges of radius, neighbours joined: "8-10 and 30-40"."""
    runs = np.split(bins, 1 + np.flatnonzero(np.diff(bins) > 1))
    *first, last = (f"{check.r_low[run[0]]:g}-{check.r_high[run[-1]]:g}" for run in runs)
    return f"{', '.join(first)} and {last}" if first else last


def _range(check: VelocityCheck, k: Any) -> str:
    return f"{check.r_low[k]:g}-{check.r_high[k]:g}"


def _readings(off: _Off, all_off: list[_Off], check: VelocityCheck) -> list[str]:
    """What this most likely means, seen beside all else that is off."""
    if off.quantity == "distance":
        if any(other.component == off.component and other.quantity in _WIDTHS for other in all_off):
            return []  # the wrong width is the shape
        return ["streams or substructure, or tails that the errors do not explain"]
    if off.component != "v_gsr" and _is_wild(check, off):
        return ["nearer stars taken for distant ones, or motions whose errors are too small"]
    if off.quantity == "mean":
        if len(off.bins) > 1 and len(off.bins) == len(check):
            return ["rotation that the model lacks, or distances or a motion of the Sun that are wrong"]
        return ["a stream or rotation that the model lacks" if off.component == "v_phi" else "a stream"]
    tangential = {other.component for other in all_off if other.quantity in _WIDTHS} & {"v_theta", "v_phi"}
    if tangential:
        wrong_errors = off.high and off.component in tangential
        return ["another anisotropy, or proper-motion errors that are wrong" if wrong_errors else "another anisotropy"]
    return ["substructure or contamination that heats the bins" if off.high else "another mass or tracer density"]


def _is_wild(check: VelocityCheck, off: _Off) -> bool:
    """Whether the dispersion is far larger than any halo's; or through a few stars, which do not move a mean."""
    part, k = check.components[off.component], off.bins[0]
    hot = part.sigma.deviation[k] >= check.limits["sigma"]
    few = off.quantity == "sigma" and part.kurtosis.deviation[k] > _WILD
    return bool(hot and (few or part.sigma.observed[k] > _HOT * part.sigma.median[k]))
