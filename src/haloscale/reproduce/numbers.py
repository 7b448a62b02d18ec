"""Every number of the paper beside ours: the difference in combined errors, and the reason; numbers.csv."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan, sqrt

from haloscale.records import Run
from haloscale.reproduce.facts import Facts
from haloscale.reproduce.ours import Ours, ours
from haloscale.reproduce.printed import Printed, printed_numbers
from haloscale.reproduce.reasons import reason

COLUMNS = (
    *("key", "kind", "quantity", "unit", "where", "run", "paper", "paper_plus", "paper_minus"),
    *("ours", "ours_plus", "ours_minus", "difference_sigma", "reason"),
)


@dataclass(frozen=True)
class ComparedNumber:
    """A printed number, ours, their difference in units of the combined error (NaN where ours has none), the reason."""

    printed: Printed
    ours: Ours
    difference: float
    reason: str


def compared_numbers(runs: Mapping[str, Run], facts: Facts) -> tuple[ComparedNumber, ...]:
    """Every printed number beside ours."""
    rows = []
    for entry in printed_numbers():
        found = ours(entry, runs)
        rows.append(ComparedNumber(entry, found, difference(entry, found), reason(entry, found, runs, facts)))
    return tuple(rows)


def difference(entry: Printed, found: Ours) -> float:
    """Ours less the paper's, over both errors in quadrature, each on the side that faces the other.

    A number printed without an error counts as uniform over its last digit.
    """
    if len(found.values) != 1 or not isfinite(found.plus) or not isfinite(entry.value):
        return nan
    apart = found.values[0] - entry.value
    own = found.minus if apart > 0 else found.plus
    theirs = (entry.plus if apart > 0 else entry.minus) if entry.has_error else entry.rounding / sqrt(3.0)
    return apart / sqrt(own**2 + theirs**2)


def to_csv(rows: tuple[ComparedNumber, ...]) -> str:
    """The rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        entry, found = row.printed, row.ours
        paper = (entry.text, _number(entry.plus), _number(entry.minus))
        values = " ".join(_number(x) for x in found.values)
        mine = (values, _number(found.plus), _number(found.minus), _number(row.difference, 3))
        about = (entry.key, entry.kind, entry.quantity, entry.unit, entry.where, entry.run)
        writer.writerow([*about, *paper, *mine, row.reason])
    return text.getvalue()


def _number(x: float, digits: int = 6) -> str:
    return f"{x:.{digits}g}" if isfinite(x) else ""
