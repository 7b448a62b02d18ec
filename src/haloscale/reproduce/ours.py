"""What stands beside a number of the paper: settings, the summary of a run, or computed from its records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Final

import numpy as np

from haloscale.figures.velocity_histograms import SPLIT
from haloscale.records import Floats, Run
from haloscale.reproduce.catalogue import BEYOND
from haloscale.reproduce.printed import Printed


@dataclass(frozen=True)
class Ours:
    """A number of ours, or several that belong together, with 68 % errors; NaN where there is none.

    `values` is empty where nothing stands beside the paper's number.
    """

    values: tuple[float, ...] = ()
    plus: float = nan
    minus: float = nan


def ours(entry: Printed, runs: Mapping[str, Run]) -> Ours:
    """What stands beside an entry."""
    if not entry.ours:
        return Ours()
    run = runs[entry.run]
    kind, _, name = entry.ours.rpartition(":")
    if kind == "config":
        return Ours(_setting(run, name))
    if kind == "computed":
        return _COMPUTED[name](run, runs)
    estimate = {**run.summary.derived, **run.summary.parameters}[name]
    errors = estimate.upper - estimate.median, estimate.median - estimate.lower
    return Ours((estimate.median,), *((nan, nan) if estimate.fixed else errors))


def _setting(run: Run, key: str) -> tuple[float, ...]:
    value: Any = run.config
    for part in key.split("."):
        value = value.get(part, "off") if isinstance(value, Mapping) else "off"
    found = value if isinstance(value, (list, tuple)) else [value]
    return tuple(float(x) for x in found) if all(isinstance(x, (int, float)) for x in found) else ()


def _used(run: Run, values: Floats) -> Floats:
    return np.asarray(values)[run.sample.bin >= 0]


def _n_stars(run: Run, runs: Mapping[str, Run]) -> Ours:
    return Ours((float(run.summary.n_in_bins),))


def _n_beyond_40(run: Run, runs: Mapping[str, Run]) -> Ours:
    return Ours((float((_used(run, run.sample.r) > BEYOND).sum()),))


def _n_bins(run: Run, runs: Mapping[str, Run]) -> Ours:
    return Ours((float(run.profile.in_fit.sum()),))


def _mean_v_gsr(run: Run, runs: Mapping[str, Run]) -> Ours:
    v = _used(run, run.sample.v_gsr)
    error = float(v.std(ddof=1) / sqrt(len(v)))
    return Ours((float(v.mean()),), error, error)


def _v_error(run: Run, runs: Mapping[str, Run]) -> Ours:
    return _median(_used(run, run.sample.v_helio_error))


def _distance_error(run: Run, runs: Mapping[str, Run]) -> Ours:
    return _median(100.0 * _used(run, run.sample.distance_error / run.sample.distance))


def _median(values: Floats) -> Ours:
    return Ours((float(np.nanmedian(values)),)) if np.isfinite(values).any() else Ours()


def _overestimate(run: Run, runs: Mapping[str, Run]) -> Ours:
    m_vir = [runs[name].summary.parameters["m_vir"].median for name in ("beta0_v_circ", "beta0_sigma")]
    return Ours((100.0 * (m_vir[0] / m_vir[1] - 1.0),))


def _gaussian_mean(run: Run, runs: Mapping[str, Run]) -> Ours:
    return Ours((0.0,)) if run.config["dispersion"].get("mean") == "zero" else Ours()


def _split(run: Run, runs: Mapping[str, Run]) -> Ours:
    return Ours((SPLIT,))


_COMPUTED: Final[Mapping[str, Callable[[Run, Mapping[str, Run]], Ours]]] = {
    "n_stars": _n_stars,
    "n_beyond_40": _n_beyond_40,
    "n_bins": _n_bins,
    "mean_v_gsr": _mean_v_gsr,
    "v_error": _v_error,
    "distance_error": _distance_error,
    "overestimate": _overestimate,
    "gaussian_mean": _gaussian_mean,
    "split": _split,
}
