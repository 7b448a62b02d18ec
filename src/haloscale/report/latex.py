"""A row of a LaTeX table with the answer of a run."""

from haloscale.records import Estimate, Summary

COLUMNS = (
    ("parameters", "m_vir", 1e12, "M_vir [1e12 Msun]"),
    ("parameters", "c", 1.0, "c"),
    ("derived", "r_vir", 1.0, "r_vir [kpc]"),
    ("derived", "m_within_100kpc", 1e12, "M(<100 kpc) [1e12 Msun]"),
)
"""Table of the summary, name, unit of the column, heading."""


def latex_row(summary: Summary) -> str:
    """A comment that names the columns, and the row: median and 68 % errors with two significant digits of the error.

    A fixed parameter stands without errors.
    """
    heads, cells = [], []
    for table, name, unit, heading in COLUMNS:
        estimates = summary.parameters if table == "parameters" else summary.derived
        heads.append(heading)
        cells.append(latex_value(estimates[name], unit) if name in estimates else r"\ldots")
    return f"% {' & '.join(heads)}; median, 16 and 84 %; sampling {summary.sampling.status}\n{' & '.join(cells)} \\\\\n"


def latex_value(estimate: Estimate, unit: float = 1.0) -> str:
    """`$1.08^{+0.17}_{-0.14}$`: the estimate in units of `unit`, rounded to two digits of its error."""
    if estimate.fixed or not estimate.upper > estimate.lower:
        return f"${estimate.median / unit:.4g}$"
    median, up, down = rounded(estimate.median / unit, estimate.lower / unit, estimate.upper / unit)
    return f"${median}$" if up == down == "0" else f"${median}^{{+{up}}}_{{-{down}}}$"


def rounded(median: float, lower: float, upper: float) -> tuple[str, str, str]:
    """Median, upper and lower error as text, to two digits of the larger error and at least one of the smaller."""
    errors = [error for error in (upper - median, median - lower) if error > 0]
    if not errors:
        return f"{median:.4g}", "0", "0"
    # formatting rounds first, so that 0.0996 counts as 0.10
    place = min(_exponent(max(errors)) - 1, _exponent(min(errors)))
    step, digits = 10.0**place, max(0, -place)
    texts = [f"{round(value / step) * step:.{digits}f}" for value in (median, upper - median, median - lower)]
    return texts[0], texts[1], texts[2]


def _exponent(value: float) -> int:
    return int(f"{value:.1e}".partition("e")[2])
