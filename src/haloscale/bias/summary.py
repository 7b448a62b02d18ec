"""From the rows of a bias study to distributions, and to the table that the command line prints."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from haloscale import mock
from haloscale._version import __version__
from haloscale.bias.catalogue import FITTED, true_values
from haloscale.bias.design import ROUTES, Design
from haloscale.records import Floats

PAPER_RATIO: Final = 1.15
"""Zhai et al. (2018), section 3.3: their V_circ fit gives 1.24e12 against 1.08e12 Msun of the sigma fit."""

_SAME: Final = 0.01
"""Difference of beta or log_slope that counts as none."""

ESTIMATE: Final = (
    "maximum of the posterior density in the sampler's free coordinates (ln m_vir, ln c), not the median of a chain"
)


def summarise(design: Design, table: Mapping[str, Floats]) -> dict[str, Any]:
    """The distributions of fitted over true values, and of the derivative routes over the route sigma.

    Parameters
    ----------
    design : Design
    table : mapping of str to array (n,) [own units]
        Columns of the rows, sorted by index; NaN where a fit failed.

    Returns
    -------
    dict
        As in bias_summary.json. ``fraction_above`` is the share of catalogues above `PAPER_RATIO`.
    """
    truth = true_values(design)
    ratios: dict[str, dict[str, Any]] = {}
    for name in FITTED:
        ratios[f"{name} / truth"] = {route: statistics(table[f"{name}_{route}"] / truth[name]) for route in ROUTES}
    for name in FITTED:
        sigma = table[f"{name}_sigma"]
        ratios[f"{name} / {name} of route sigma"] = {
            route: statistics(table[f"{name}_{route}"] / sigma) for route in ROUTES[1:]
        }
    ratios["V_circ / truth, median of the bins"] = {
        route: statistics(table[f"v_circ_ratio_{route}"]) for route in ROUTES[1:]
    }
    n_bins = int(np.nanmax([np.nanmax(table[f"n_points_{route}"], initial=0) for route in ROUTES]))
    return {
        "n": design.n,
        "seed": design.seed,
        "recipe": design.loaded.config.recipe,
        "sample": design.sample,
        "made_of": dict(design.truth),
        "assumed": design.assumed(),
        "truth": truth,
        "estimate": ESTIMATE,
        "paper_ratio": PAPER_RATIO,
        "stars_in_bins": statistics(table["n_in_bins"], above=None),
        "ratios": ratios,
        "failed": {route: int(np.isnan(table[f"m_vir_{route}"]).sum()) for route in ROUTES},
        "at_prior_edge": {route: int(np.nansum(table[f"at_edge_{route}"])) for route in ROUTES},
        "bins_left_out": {route: _mean(n_bins - table[f"n_points_{route}"]) for route in ROUTES},
        "expected": _expected(design),
        "version": __version__,
    }


def statistics(values: Floats, above: float | None = PAPER_RATIO) -> dict[str, Any]:
    """Mean with its standard error, scatter, median, 16 and 84 %, extremes, and the share above a value.

    Parameters
    ----------
    values : array (n,) [any unit]
        NaN is left out.
    above : float, optional

    Returns
    -------
    dict of str to number
        None where fewer than two values are known. ``fraction_above_limit`` is the largest true share with which so
        few above would be found in 5 % of the studies (Clopper and Pearson 1934).
    """
    from scipy.stats import beta

    known = values[np.isfinite(values)]
    n = len(known)
    names = ("mean", "standard_error", "scatter", "median", "lower", "upper", "lowest", "highest")
    found: dict[str, Any] = {"n": n, **dict.fromkeys(names)}
    if n > 1:
        scatter = float(known.std(ddof=1))
        quantiles = (float(q) for q in np.quantile(known, [0.5, 0.1586552539314571, 0.8413447460685429, 0.0, 1.0]))
        found |= zip(names, (float(known.mean()), scatter / n**0.5, scatter, *quantiles), strict=True)
    if above is not None:
        k = int((known > above).sum())
        found["fraction_above"] = k / n if n else None
        found["fraction_above_limit"] = 1.0 if k == n else float(beta.ppf(0.95, k + 1, n - k))
    return found


def lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary as lines of text: one table row for each ratio and route."""
    head = ("", "route", "mean", "+-", "scatter", "median", "16 %", "84 %", "highest", f"> {summary['paper_ratio']:g}")
    rows: list[tuple[str, ...]] = [head]
    for ratio, by_route in summary["ratios"].items():
        rows += [(ratio if not k else "", route, *_cells(s)) for k, (route, s) in enumerate(by_route.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    table = [
        "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), *_right(row[2:], widths[2:]))) for row in rows
    ]
    about = ", ".join(f"{key} = {value:g}" for key, value in summary["made_of"].items())
    stars = summary["stars_in_bins"]["median"]
    said = [f"{summary['n']} simulated catalogues ({summary['sample']}) of {stars:.0f} stars; truth: {about}"]
    said.append(_mismatch(summary["made_of"], summary["assumed"]))
    for key, text in (("failed", "fits failed"), ("at_prior_edge", "fits end at an edge of a prior")):
        counts = [f"{n} ({route})" for route, n in summary[key].items() if n]
        said += [f"{text}: {', '.join(counts)}"] if counts else []
    return [*said, *(line.rstrip() for line in table), f"fit: {summary['estimate']}"]


def _mismatch(truth: Mapping[str, float], assumed: Mapping[str, float]) -> str:
    """What the fit assumes of the tracer's motions and density, and where that is not the truth."""
    about = ", ".join(f"{key} = {value:g}" for key, value in assumed.items())
    wrong = [key for key, value in assumed.items() if abs(value - truth[key]) > _SAME]
    return f"fit assumes {about}" + (f": NOT the true {' and '.join(wrong)}" if wrong else ", as is true")


def _expected(design: Design) -> str:
    """What other simulations found, where the fit is the one they tested."""
    config, assumed = design.loaded.config, design.assumed()
    as_tested = abs(assumed["beta"]) < _SAME and abs(assumed["log_slope"] + 4.0) < _SAME
    if not as_tested or config.jeans.projection != "none":
        return "nothing measured beforehand for these assumptions of the fit"
    return mock.bias_note(design.model(), design.truth["distance_error"])


def _right(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]


def _cells(s: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [s[key] for key in ("mean", "standard_error", "scatter", "median", "lower", "upper", "highest")]
    share = s["fraction_above"]
    return (*("-" if x is None else f"{x:.3f}" for x in numbers), "-" if share is None else f"{100 * share:.1f} %")


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
