"""Whether a model fits, said in two sentences: where it does not, in which sense, and what that most likely means."""

from typing import Any, Final

import numpy as np

from haloscale.records import Ints, Predicted, PredictiveCheck

POOR: Final = 0.01
"""Share of the replicas that lie as far from the model as the data, below which they do not fit: such an alarm rings
falsely in one of a hundred runs for the dispersions, and in one of a hundred for the mean velocities."""
ALONE: Final = 3.5
"""Half-widths of the 68 % interval by which a single bin may be off. Of twelve bins of a right model one is farther off
in about one of 200 runs; the sum over all bins can hide one bin of ten stars."""
NAMED: Final = 2.5
"""Half-widths beyond which bins are named once the model does not fit, the farthest one anyhow: by chance one of twelve
is so far off in one of seven runs."""
INNER: Final = 20.0
"""Radius [kpc] inside which line-of-sight velocities tell the anisotropy: sin^2 psi averages 0.1 there at the Sun's
8 kpc, so that beta = 0.5 lowers the dispersion by 2.6 % and more."""
_MOST: Final = 5
"""Bins named in a sentence; of more, those farthest off."""

_HOPE: Final = "the error bars hold only if the model is right"


def verdict(check: PredictiveCheck) -> dict[str, Any]:
    """The fields `fits` and `verdict` of a check."""
    hot, streaming = _off(check.sigma_los, check.p_sigma_los), _off(check.mean_v_gsr, check.p_mean_v_gsr)
    if not len(hot) and not len(streaming):
        return {"fits": True, "verdict": _praise(check)}
    wrong = [*(_dispersions(check, hot) if len(hot) else ()), *(_means(check, streaming) if len(streaming) else ())]
    readings = dict.fromkeys([*_of_dispersions(check, hot), *(["streams or rotation"] if len(streaming) else [])])
    subject = "The model does not fit" if len(hot) else "The model fits the dispersions, not the mean velocities"
    text = f"{subject}: {'; '.join(wrong)}. Most likely: {'; '.join(readings)}. {_HOPE.capitalize()}."
    return {"fits": False, "verdict": text}


def _off(quantity: Predicted, p: float) -> Ints:
    """Positions of the bins to be named, int array (n,); none where the quantity is as predicted."""
    deviation = np.nan_to_num(np.abs(quantity.deviation))
    if p >= POOR and deviation.max() < ALONE:
        return np.zeros(0, dtype=np.int64)
    least = NAMED if p < POOR else ALONE
    named = np.flatnonzero(deviation >= min(least, deviation.max()))
    return np.sort(named[np.argsort(-deviation[named], kind="stable")][:_MOST])


def _praise(check: PredictiveCheck) -> str:
    shares = (f"{100 * p:.0f} %" for p in (check.p_sigma_los, check.p_mean_v_gsr))
    return (
        f"The model fits: in all {len(check)} bins the stars move as it predicts (of data that it makes itself, "
        f"{next(shares)} lie farther from it in the dispersions, {next(shares)} in the mean velocities)."
    )


def _dispersions(check: PredictiveCheck, bins: Ints) -> list[str]:
    hot = check.sigma_los.deviation[bins] > 0
    said = []
    for group, how in ((bins[hot], "faster"), (bins[~hot], "slower")):
        if len(group):
            numbers = ", ".join(_compared(check.sigma_los, k, ".0f") for k in group)
            what = "dispersion" if len(group) == 1 else "dispersions"
            said.append(f"the stars at {_ranges(check, group)} kpc move {how} than it allows ({what} {numbers})")
    return said


def _means(check: PredictiveCheck, bins: Ints) -> list[str]:
    worst = bins[np.argmax(np.abs(check.mean_v_gsr.deviation[bins]))]
    at = f" at {_range(check, worst, worst)} kpc" if len(bins) > 1 else ""
    numbers = _compared(check.mean_v_gsr, worst, "+.0f")
    return [f"the stars at {_ranges(check, bins)} kpc stream (mean velocity{at} {numbers})"]


def _compared(quantity: Predicted, k: int, form: str) -> str:
    low, high = quantity.lower_95[k], quantity.upper_95[k]
    return f"{quantity.observed[k]:{form}} km/s where {low:{form}} to {high:{form}} is predicted"


def _ranges(check: PredictiveCheck, bins: Ints) -> str:
    """Bins as ranges of radius, neighbours joined: "8-10 and 30-40"."""
    runs = np.split(bins, 1 + np.flatnonzero((np.diff(bins) > 1) | (check.r_low[bins[1:]] > check.r_high[bins[:-1]])))
    *first, last = (_range(check, run[0], run[-1]) for run in runs)
    return f"{', '.join(first)} and {last}" if first else last


def _range(check: PredictiveCheck, first: int, last: int) -> str:
    return f"{check.r_low[first]:g}-{check.r_high[last]:g}"


def _of_dispersions(check: PredictiveCheck, bins: Ints) -> list[str]:
    """What bins that are off suggest, the inner ones first."""
    inner = check.r_high[bins] <= INNER
    hot = check.sigma_los.deviation[bins] > 0
    said = []
    if inner.any():
        said.append("inside 20 kpc another anisotropy or slope of the tracer")
    if (~inner & hot).any():
        said.append("farther out substructure or contamination that heats the bins")
    if (~inner & ~hot).any():
        said.append("farther out a tracer that falls more steeply, or cold streams")
    return said
