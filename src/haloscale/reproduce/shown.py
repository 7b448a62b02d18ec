"""The runs and the numbers of a reproduction as rows of its page."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Final

from haloscale.records import Run
from haloscale.report.content import UNITS, Quantity, quantity
from haloscale.report.reproduction import NumberRow, RunRow, Section
from haloscale.reproduce.numbers import ComparedNumber
from haloscale.reproduce.ours import Ours
from haloscale.reproduce.printed import Printed

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "result": ("Results", "What the paper concludes."),
    "sample": ("The stars", "What the paper says of its stars."),
    "setting": ("Settings", "What the paper assumes; ours are the keys of the configuration."),
    "quoted": ("Quoted", "What the paper quotes from other work, and of the instrument; nothing here is computed."),
}
_RUN_COLUMNS: Final = ("m_vir", "c", "r_vir", "m_within_100kpc", "v_circ_r0")
_POWERS: Final = {"solMass": 12}


def run_rows(runs: Mapping[str, Run]) -> tuple[RunRow, ...]:
    """One row a run; the units of the numbers stand in the head of the table, masses in 1e12 solMass."""
    rows = []
    for name, run in runs.items():
        known = {**run.summary.derived, **run.summary.parameters}
        numbers = tuple(
            _measured(e.median, e.lower, e.upper, _POWERS.get(e.unit, 0)) for e in map(known.get, _RUN_COLUMNS) if e
        )
        fit = f"{run.summary.chi2:.1f}/{run.summary.n_points}"
        status, stars = run.summary.sampling.status, run.summary.n_in_bins
        rows.append(RunRow(name, stars, numbers, fit, status, run.summary.warnings))
    return tuple(rows)


def number_sections(rows: tuple[ComparedNumber, ...]) -> tuple[Section, ...]:
    """The numbers by kind."""
    return tuple(
        Section(kind, *_TITLES[kind], tuple(_row(row) for row in rows if row.printed.kind == kind)) for kind in _TITLES
    )


def _row(row: ComparedNumber) -> NumberRow:
    entry, paper = row.printed, _paper(row.printed)
    apart = f"{row.difference:+.1f}".replace("-", "\N{MINUS SIGN}") if isfinite(row.difference) else ""
    found = _ours(row.ours, paper)
    return NumberRow(entry.quantity, entry.where, entry.run, paper, found, apart, row.reason)


def _paper(entry: Printed) -> Quantity:
    """A printed number with its digits as printed."""
    words = [word.partition("e") for word in entry.text.split()]
    power, digits = int(words[0][2] or 0), len(words[0][0].partition(".")[2])
    up, down = (f"{x / 10.0**power:.{digits}f}" if isfinite(x) else "" for x in (entry.plus, entry.minus))
    text = ", ".join(word[0].replace("-", "\N{MINUS SIGN}") for word in words)
    return Quantity(text, up, down, power, UNITS.get(entry.unit, entry.unit))


def _ours(found: Ours, paper: Quantity) -> Quantity:
    """Ours in the paper's unit and power of ten."""
    if not found.values:
        return Quantity("\N{EN DASH}", "", "", 0, "")
    value = found.values[0]
    if isfinite(found.plus):
        shown = _measured(value, value - found.minus, value + found.plus, paper.power)
    else:
        texts = (_plain(x / 10.0**paper.power) for x in found.values)
        shown = Quantity(", ".join(texts), "", "", 0, "")
    return replace(shown, power=paper.power, unit=paper.unit)


def _plain(x: float) -> str:
    text = f"{x:.0f}" if float(x).is_integer() else f"{x:.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _measured(median: float, lower: float, upper: float, power: int) -> Quantity:
    """Median and 68 % interval in units of a power of ten, which is not written, rounded as on every page."""
    scale = 10.0**power
    return quantity(median / scale, lower / scale, upper / scale, "")
