"""The evidence in words, and models weighed against each other by it: only where they were fitted to the same data."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from haloscale.config import members, restore
from haloscale.inference.likelihood.stars import wants_motions
from haloscale.records import Run, SamplingStatus

_OF_STARS: Final = ("row", "l", "b", "v_gsr", "v_helio_error", "distance", "distance_error", "bin")
_OF_BINS: Final = ("r_low", "r_high", "r", "sigma_los", "sigma_los_error", "mean_sin2_psi", "in_fit")
_OF_POINTS: Final = ("r", "v_circ", "error", "in_fit")
HEADINGS: Final = ("model comparison", "ln Z", "less than the best", "posterior odds, at equal prior odds")


def evidence(sampling: SamplingStatus) -> str:
    """ln Z with its error; empty where the sampler gives none."""
    if sampling.log_evidence is None or sampling.log_evidence_error is None:
        return ""
    return f"{sampling.log_evidence:.2f} ± {max(sampling.log_evidence_error, 0.005):.2f}"


def rows(names: Sequence[str], runs: Sequence[Run]) -> list[tuple[str, str, str, str]]:
    """(name, ln Z, how much less than the best, odds against the best) of runs that can be compared.

    Parameters
    ----------
    names : sequence of str
    runs : sequence of Run
        Those of which `why_not` says nothing.
    """
    states = [run.summary.sampling for run in runs]
    values = np.array([state.log_evidence for state in states], dtype=float)
    errors = np.array([state.log_evidence_error for state in states], dtype=float)
    best = int(np.argmax(values))
    found = []
    for k, name in enumerate(names):
        below, error = values[k] - values[best], float(np.hypot(errors[k], errors[best]))
        less = "best" if k == best else f"{below:+.2f} ± {max(error, 0.005):.2f}"
        found.append((name, evidence(states[k]), less, "1" if k == best else _odds(below)))
    return found


def _odds(difference: float) -> str:
    """Odds of a logarithm below 0, as 1 : n."""
    with np.errstate(over="ignore"):
        against = np.exp(-difference)
    return f"1 : {against:.3g}" if np.isfinite(against) else f"1 : 10^{-difference / np.log(10.0):.0f}"


def why_not(names: Sequence[str], runs: Sequence[Run]) -> str:
    """Why the evidences of runs cannot be compared, in one sentence; empty where they can."""
    return next(_obstacles(names, runs), "")


def _obstacles(names: Sequence[str], runs: Sequence[Run]) -> Iterator[str]:
    without = [name for name, run in zip(names, runs, strict=True) if not evidence(run.summary.sampling)]
    if without:
        yield f"no ln Z in {', '.join(without)}: sampler.name = laplace or nested gives it"
    bad = [name for name, run in zip(names, runs, strict=True) if run.summary.sampling.status == "unusable"]
    if bad:
        yield f"the draws of {', '.join(bad)} are unusable, and ln Z with them"
    for key, default in (("likelihood.kind", "bins"), ("jeans.route", "sigma"), ("likelihood.true_selection", "off")):
        found = [_setting(run.config, key, default) for run in runs]
        if any(value != found[0] for value in found):
            told = ", ".join(f"{name}: {value}" for name, value in zip(names, found, strict=True))
            yield f"{key} differs ({told}): ln Z of different kinds of data differ by an unknown constant"
    with_motions = [_with_motions(run) for run in runs]
    if any(value != with_motions[0] for value in with_motions):
        used, unused = (names[with_motions.index(value)] for value in (True, False))
        yield f"proper motions are used in {used} and not in {unused}: ln Z compares models of the same data"
    for name, run in zip(names[1:], runs[1:], strict=True):
        if not _same_data(runs[0], run):
            yield f"{name} was fitted to other {_what(run)} than {names[0]}: ln Z compares models of the same data"


def _setting(config: Any, key: str, default: str) -> Any:
    for part in key.split("."):
        config = config.get(part, default) if hasattr(config, "get") else default
    return config


def _with_motions(run: Run) -> bool:
    """Whether a fit star by star took the proper motions that some of the stars have."""
    config = restore(run.config)
    options = config.likelihood.options()
    known = "pmra" in run.sample.extra or "pm_l" in run.sample.extra
    keys = [key for one in members(config).values() for key in one.free]
    return known and wants_motions(str(options.get("proper_motions", "never")), keys)


def _what(run: Run) -> str:
    return "stars" if _by_star(run) else "bins"


def _by_star(run: Run) -> bool:
    return bool(_setting(run.config, "likelihood.kind", "bins") != "bins")


def _same_data(one: Run, other: Run) -> bool:
    if _by_star(one):
        first, second = (run.sample.bin >= 0 for run in (one, other))
        columns = _OF_STARS
        return all(_equal(getattr(one.sample, c)[first], getattr(other.sample, c)[second]) for c in columns)
    if _setting(one.config, "jeans.route", "sigma") == "v_circ":
        points = one.circular_velocity, other.circular_velocity
        return all(_equal(getattr(points[0], c), getattr(points[1], c)) for c in _OF_POINTS)
    return all(_equal(getattr(one.profile, c), getattr(other.profile, c)) for c in _OF_BINS)


def _equal(one: Any, other: Any) -> bool:
    """Whether two columns, array (n,) each, are the same to the precision of a table."""
    return len(one) == len(other) and bool(np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))
