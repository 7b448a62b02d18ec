"""A robustness study in words: lines for the terminal, rows for the page."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from haloscale.report.content import quantity
from haloscale.robustness import MEANING, QUANTITIES, Refit, Robustness


@dataclass(frozen=True)
class Row:
    """One refit as text: changes in per cent, chi2 over points, remark; `counts` as in `Refit`."""

    group: str
    name: str
    changes: tuple[str, ...]
    fit: str
    note: str
    counts: bool


def section(robustness: Robustness | None) -> dict[str, Any]:
    """What the page shows: the rows, the errors of each quantity, and what the systematic error means; else empty."""
    if robustness is None:
        return {}
    return {"rows": rows(robustness), "quoted": quoted(robustness), "meaning": MEANING}


def rows(robustness: Robustness) -> list[Row]:
    """One row a refit."""
    return [
        Row(refit.group, refit.name, _changes(robustness, refit), _fit(refit), refit.note, refit.counts)
        for refit in robustness.refits
    ]


def quoted(robustness: Robustness) -> list[tuple[str, str, str]]:
    """(name, median with statistical and systematic error, unit) of each quantity."""
    return [(name, with_errors(robustness, name), unit) for name, unit in QUANTITIES.items()]


def with_errors(robustness: Robustness, name: str) -> str:
    """One quantity as text: ``7.08 +0.62 −0.55 (stat) +2.1 −1.3 (sys) × 10^11``."""
    base, (down, up) = robustness.base[name], robustness.systematic(name)
    statistical = quantity(base.median, base.lower, base.upper, "")
    scale = 10.0**-statistical.power
    # the systematic error has as many decimals as the statistical one
    digits = len(statistical.down.partition(".")[2])
    parts = [statistical.median]
    if statistical.up:
        parts.append(f"+{statistical.up} −{statistical.down} (stat)")
    parts.append(f"+{up * scale:.{digits}f} −{down * scale:.{digits}f} (sys)")
    return " ".join([*parts, *([f"× 10^{statistical.power}"] if statistical.power else [])])


def lines(robustness: Robustness) -> list[str]:
    """The table of the refits, and the systematic error beside the statistical one, for a terminal.

    A change is that of the median, in per cent; in brackets what is not counted as a systematic error.
    """
    heading = ("assumption", "changed to", *(f"{name} %" for name in QUANTITIES), "chi2/n")
    table = [(row.group, row.name, *row.changes, row.fit or row.note) for row in rows(robustness)]
    widths = [max(len(cells[k]) for cells in (heading, *table)) for k in range(len(heading) - 1)]
    texts = ["  ".join(_cells(cells, widths)).rstrip() for cells in (heading, *table)]
    answers = [f"{name}  {text}  {unit}".rstrip() for name, text, unit in quoted(robustness)]
    return [*texts, "", *answers, f"sys: {MEANING}"]


def _cells(cells: tuple[str, ...], widths: list[int]) -> list[str]:
    numbers = [text.rjust(width) for text, width in zip(cells[2:-1], widths[2:], strict=True)]
    return [cells[0].ljust(widths[0]), cells[1].ljust(widths[1]), *numbers, cells[-1]]


def _changes(robustness: Robustness, refit: Refit) -> tuple[str, ...]:
    shown = (robustness.percent(refit, name) for name in QUANTITIES)
    texts = (f"{value:+.1f}".replace("-", "−") if isfinite(value) else "–" for value in shown)
    return tuple(texts) if refit.counts else tuple(f"({text})" for text in texts)


def _fit(refit: Refit) -> str:
    return f"{refit.chi2:.1f}/{refit.n_points}" if isfinite(refit.chi2) else ""
