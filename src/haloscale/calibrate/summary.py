"""From the rows of a calibration study to coverage, ranks and bias, and to a verdict in plain words."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale._version import __version__
from haloscale.calibrate.catalogue import DRAWS, STATUS, failure
from haloscale.calibrate.design import V_ERROR, Design, Quantity
from haloscale.records import Floats

NOMINAL: Final[Mapping[str, float]] = {"68": 0.6826894921370859, "95": 0.95}
"""What the intervals claim: 16 to 84 % (one standard deviation of a normal) and 2.5 to 97.5 %."""

LEVEL: Final = 0.01
"""Probability that a study of well calibrated intervals says "not calibrated" by chance, over all its tests."""

_TESTS: Final = 4
_CELLS: Final = (20, 10, 5, 4, 2)
_FEWEST_IN_CELL: Final = 5
_WIDTH_MATTERS: Final = 0.1
_MANY_AT_ENDS: Final = 1e-3
_SURE_SIGN: Final = 2.0
_COARSE: Final = 0.11
"""Error of the coverage above which it tells nothing: that of less than 18 catalogues."""


def summarise(design: Design, table: Mapping[str, Floats]) -> dict[str, Any]:
    """Coverage, ranks and bias of every quantity, how many fits failed, and the verdict.

    Parameters
    ----------
    design : Design
    table : mapping of str to array (n,) [own units]
        Columns of the rows, sorted by index; NaN where a fit failed.

    Returns
    -------
    dict
        As in calibration.json.
    """
    config, status = design.config, table["status"]
    level = LEVEL / (_TESTS * len(design.quantities))
    failed = np.flatnonzero(status == 0)
    told = {q.name: _about(q, table, level) for q in design.quantities}
    problems = [f"{name}: {problem}" for name, about in told.items() for problem in about["problems"]]
    return {
        "verdict": "no fit" if len(failed) == design.n else "not calibrated" if problems else "calibrated",
        "problems": problems,
        "n": design.n,
        "fits": {name: int((status == k).sum()) for k, name in enumerate(STATUS)},
        "first_failure": failure(design, int(failed[0])) if len(failed) else None,
        "quantities": told,
        "catalogues": [name for name in configuration.members(config) if name],
        "stars": design.stars,
        "stars_in_bins": _middle_and_ends(table["n_in_bins"]),
        "share_at_ends": _mean(table["share_at_ends"]),
        "sample": design.sample,
        "distance_error": design.distance_error,
        "v_error": V_ERROR,
        "likelihood": config.likelihood.kind,
        "sampler": config.sampler.name,
        "recipe": config.recipe,
        "seed": design.seed,
        "settings": design.settings,
        "draws": DRAWS,
        "level": level,
        "version": __version__,
    }


def is_calibrated(summary: Mapping[str, Any]) -> bool:
    """Whether some fit can be trusted, and no test speaks against the intervals."""
    fits = summary["fits"]
    return bool(summary["verdict"] == "calibrated" and fits["reliable"] + fits["tentative"] > 0)


def _about(quantity: Quantity, table: Mapping[str, Floats], level: float) -> dict[str, Any]:
    """The statistics of one quantity over the catalogues that were fitted."""
    column = {key: table[f"{quantity.name}_{key}"] for key in ("truth", "median", "pull", "rank")}
    ends = {"68": ("lower", "upper"), "95": ("low_95", "high_95")}
    fitted = np.isfinite(column["rank"])
    about: dict[str, Any] = {"n": int(fitted.sum()), "unit": quantity.unit, "problems": []}
    if not about["n"]:
        return about
    truth, median, pull, rank = (column[key][fitted] for key in ("truth", "median", "pull", "rank"))
    for name, (low, high) in ends.items():
        below, above = (table[f"{quantity.name}_{end}"][fitted] for end in (low, high))
        inside = (below <= truth) & (truth <= above)
        about[f"coverage_{name}"] = coverage(int(inside.sum()), about["n"], NOMINAL[name])
    about["bias"] = _bias(pull[np.isfinite(pull)])
    about["bias_percent"] = _percent(quantity, truth, median)
    about["sbc"] = uniformity(rank)
    about["problems"] = _problems(about, level)
    return about


def coverage(k: int, n: int, nominal: float) -> dict[str, float]:
    """The share of n intervals that hold the truth, k of them, and how likely one as far off would be by chance.

    Returns
    -------
    dict of str to float
        ``share``; ``error``, the binomial one of n intervals that hold what they claim; ``nominal``; ``p``, two-sided.
    """
    from scipy.stats import binomtest

    p = float(binomtest(k, n, nominal).pvalue)
    return {"share": k / n, "error": (nominal * (1.0 - nominal) / n) ** 0.5, "nominal": nominal, "p": p}


def uniformity(rank: Floats) -> dict[str, Any]:
    """Whether ranks from 0 to `DRAWS` are evenly spread.

    Parameters
    ----------
    rank : array (n,), dimensionless

    Returns
    -------
    dict
        ``counts`` in cells of equal width, as many as hold five ranks each on average; ``chi2`` and its probability
        ``p``.

    Notes
    -----
    Talts et al. 2018, arXiv:1804.06788: the ranks are uniform if the posterior is that of the model that made the data.
    """
    from scipy.special import chdtrc

    n = len(rank)
    cells = next((c for c in _CELLS if n / c >= _FEWEST_IN_CELL), _CELLS[-1])
    counts = np.bincount((rank * cells // (DRAWS + 1)).astype(int), minlength=cells)
    chi2 = float(((counts - n / cells) ** 2).sum() * cells / n)
    return {"counts": [int(count) for count in counts], "chi2": chi2, "p": float(chdtrc(cells - 1, chi2))}


def _bias(pull: Floats) -> dict[str, float | None]:
    """Mean of (posterior mean - truth) / standard deviation, its error, the scatter, the chance of such a mean."""
    from scipy.stats import ttest_1samp

    n = len(pull)
    if n < 2 or np.ptp(pull) == 0.0:
        return {"mean": float(pull.mean()) if n else None, "error": None, "pull_sd": None, "p": 1.0}
    scatter = float(pull.std(ddof=1))
    p = float(ttest_1samp(pull, 0.0).pvalue)
    return {"mean": float(pull.mean()), "error": scatter / n**0.5, "pull_sd": scatter, "p": p}


def _percent(quantity: Quantity, truth: Floats, median: Floats) -> dict[str, float] | None:
    """Median over truth, less one, in per cent, with its error; None where the truth may be zero."""
    if len(truth) < 2:
        return None
    if quantity.logarithmic:
        ratio = np.log(median / truth)
        centre, error = float(ratio.mean()), float(ratio.std(ddof=1)) / len(truth) ** 0.5
        return {"mean": 100.0 * float(np.expm1(centre)), "error": 100.0 * float(np.exp(centre)) * error}
    if abs(truth.mean()) < _SURE_SIGN * truth.std(ddof=1):
        return None
    away, size = median - truth, abs(float(truth.mean()))
    return {
        "mean": 100.0 * float(away.mean()) / size,
        "error": 100.0 * float(away.std(ddof=1)) / size / len(truth) ** 0.5,
    }


def _problems(about: Mapping[str, Any], level: float) -> list[str]:
    """What speaks against the intervals, in words; where the ranks are not even, less is enough to be named."""
    said, bias, uneven = list[str](), about["bias"], about["sbc"]["p"] < level
    limit = LEVEL if uneven else level
    spread = 1.0 if bias["pull_sd"] is None else bias["pull_sd"]
    biased = bias["p"] < limit
    if biased:
        percent = about["bias_percent"]
        more = "" if percent is None else f" ({percent['mean']:+.1f} %)"
        said.append(f"biased by {bias['mean']:+.2f} of its stated error{more}")
    wrong = [name for name in NOMINAL if about[f"coverage_{name}"]["p"] < limit]
    if wrong and not (biased and abs(spread - 1.0) < _WIDTH_MATTERS):
        told = about[f"coverage_{wrong[0]}"]
        size = "small" if told["share"] < told["nominal"] else "large"
        said.append(
            f"error bars too {size}: {100 * told['share']:.0f} % of the {wrong[0]} % intervals hold the truth, "
            f"pulls scatter by {spread:.2f}"
        )
    if uneven and not said:
        said.append(f"the ranks of the truth are not even (p = {about['sbc']['p']:.1g}): the posterior's shape is off")
    return said


def lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary as lines of text: what was simulated, a table row for each quantity, the verdict."""
    s, fits = summary, summary["fits"]
    stars = s["stars_in_bins"]
    counted = "" if stars is None else f", of which {stars[0]:.0f} ({stars[1]:.0f} to {stars[2]:.0f}) in the bins"
    each = f"{s['stars']} stars each" + (f" of {', '.join(s['catalogues'])}" if s["catalogues"] else "")
    said = [
        f"{s['n']} catalogues of galaxies drawn from the priors ({s['sample']}), {each}{counted}",
        f"distance errors of {100 * s['distance_error']:g} %, velocity errors of {s['v_error']:g} km/s; "
        f"likelihood {s['likelihood']}, sampler {s['sampler']}",
        f"fits: {', '.join(f'{fits[name]} {name}' for name in reversed(STATUS) if fits[name])}",
    ]
    if fits["failed"]:
        said.append(f"the first failure: {s['first_failure']}; what follows holds for the catalogues that were fitted")
    if s["share_at_ends"] is not None and s["share_at_ends"] > _MANY_AT_ENDS:
        said.append(
            f"{100 * s['share_at_ends']:.1f} % of the stars in bins are near an end of the simulated radii, beyond "
            "which there are none: the cuts are too wide for this simulation"
        )
    return [*said, *_table(s["quantities"]), *_verdict(s)]


def _verdict(s: Mapping[str, Any]) -> list[str]:
    if s["verdict"] == "no fit":
        return ["verdict: nothing to judge, since no catalogue could be fitted"]
    if s["verdict"] == "not calibrated":
        return ["verdict: NOT calibrated", *(f"  {problem}" for problem in s["problems"])]
    error = max(about["coverage_68"]["error"] for about in s["quantities"].values() if about["n"])
    if error > _COARSE:
        return [
            f"verdict: nothing speaks against the intervals, but {s['n']} catalogues are too few to tell "
            f"(the 68 % coverage to +- {100 * error:.0f} %)"
        ]
    return [f"verdict: calibrated, as far as these catalogues can tell (the 68 % coverage to +- {100 * error:.1f} %)"]


def _table(quantities: Mapping[str, Mapping[str, Any]]) -> list[str]:
    head = ("", "n", "68 %", "95 %", "+-", "bias/error", "+-", "bias", "+-", "pulls", "p of ranks")
    rows = [head, *((name, *_cells(about)) for name, about in quantities.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return [
        "  ".join((row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))))
        for row in rows
    ]


def _cells(about: Mapping[str, Any]) -> tuple[str, ...]:
    if not about["n"]:
        return ("0", *["-"] * 9)
    bias, percent = about["bias"], about["bias_percent"]
    shares = [f"{100 * about[f'coverage_{name}']['share']:.1f}" for name in NOMINAL]
    return (
        f"{about['n']}",
        *shares,
        f"{100 * about['coverage_68']['error']:.1f}",
        *("-" if bias[key] is None else f"{bias[key]:{form}}" for key, form in (("mean", "+.2f"), ("error", ".2f"))),
        *(("-", "-") if percent is None else (f"{percent['mean']:+.1f} %", f"{percent['error']:.1f}")),
        "-" if bias["pull_sd"] is None else f"{bias['pull_sd']:.2f}",
        f"{about['sbc']['p']:.2g}",
    )


def _middle_and_ends(values: Floats) -> list[float] | None:
    known = values[np.isfinite(values)]
    return [float(q) for q in np.quantile(known, [0.5, 0.0, 1.0])] if len(known) else None


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
