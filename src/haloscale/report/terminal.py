"""The answer as the command line shows it: rows of text made from the summary."""

from math import floor, log10
from typing import Final

from haloscale.records import Summary

_SHOWN: Final = ("m_vir", "c", "r_vir", "m_within_60kpc", "m_within_100kpc", "v_circ_r0")


def result_rows(summary: Summary) -> list[tuple[str, str, str, str, str]]:
    """(name, median, errors, unit, truth) of the main quantities; the truth is empty where it is not known."""
    known = {**summary.derived, **summary.parameters}
    free = [name for name, e in summary.parameters.items() if not e.fixed]
    rows = []
    for name in dict.fromkeys((*_SHOWN[:2], *free, *_SHOWN[2:])):
        e = known[name]
        rows.append((name, *_with_errors(e.median, e.lower, e.upper, e.fixed), e.unit, _truth(summary, name)))
    return rows


def _with_errors(median: float, lower: float, upper: float, fixed: bool) -> tuple[str, str]:
    scale = f"e{power}" if (power := _power_of_ten(median)) else ""
    unit = 10.0**power
    if fixed:
        return f"{median / unit:.4g}{scale}", "(fixed)"
    return f"{median / unit:.3f}{scale}", f"+{(upper - median) / unit:.3f} -{(median - lower) / unit:.3f}"


def _power_of_ten(value: float) -> int:
    """Exponent to factor out of large masses, so that 0.1 to 100 is left: a multiple of three."""
    return 3 * floor((log10(abs(value)) + 1) / 3) if abs(value) >= 1e6 else 0


def _truth(summary: Summary, name: str) -> str:
    if name not in summary.truth:
        return ""
    value = summary.truth[name]
    power = _power_of_ten(value)
    return f"truth {value / 10.0**power:#.4g}{f'e{power}' if power else ''}"
