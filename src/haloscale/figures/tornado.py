"""What each assumption does to the answer: the refits of `weigh --vary`, as a tornado (beyond the paper)."""

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from haloscale.figures import style
from haloscale.figures.base import figure
from haloscale.records import Run
from haloscale.robustness import QUANTITIES, Refit, Robustness

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELS: Final = {"m_vir": r"$M_{\rm vir}$", "c": r"$c$", "m_within_100kpc": r"$M(\!<\!100\,{\rm kpc})$"}
_ROW: Final = 0.145
"""Height of a row [inch]."""

_WIDEST: Final = 100.0
"""Changes beyond this [per cent] run out of the panel, their value written beside them."""


@figure(
    "tornado",
    title="Robustness",
    caption="Change of the virial mass, the concentration and the mass within 100 kpc when one assumption is changed, "
    "in order of the largest effect on the virial mass; the grey band is the statistical error. Hollow bars only "
    "redefine the virial mass and are not counted. Bottom: the systematic error, each group's largest changes added in "
    "quadrature.",
    applies=lambda run: run.robustness is not None,
)
def tornado(run: Run) -> "Figure":
    """One bar a refit, grouped, beside the names."""
    if run.robustness is None:
        raise ValueError("the run has no refits to show")
    rows = _rows(run.robustness)
    canvas = style.new_figure(style.TWO_COLUMNS, 0.75 + _ROW * (len(rows) + 1))
    panels = canvas.subplots(1, len(QUANTITIES), sharey=True)
    for axes, quantity in zip(panels, QUANTITIES, strict=True):
        _panel(axes, run.robustness, rows, quantity)
    _names(panels[0], rows)
    return canvas


def _rows(robustness: Robustness) -> list[Refit | str | None]:
    """Refits, group names and gaps (None) from top to bottom: uncounted groups last, else by their largest effect."""

    def effect(group: str) -> tuple[bool, float]:
        members = [refit for refit in robustness.refits if refit.group == group]
        shifts = [abs(robustness.shift(refit, "m_vir")) for refit in members]
        return any(m.counted for m in members), max((s for s in shifts if np.isfinite(s)), default=0.0)

    rows: list[Refit | str | None] = []
    for group in sorted(robustness.groups, key=effect, reverse=True):
        rows += [group, *(refit for refit in robustness.refits if refit.group == group)]
    return [*rows, None]


def _panel(axes: "Axes", robustness: Robustness, rows: list[Refit | str | None], quantity: str) -> None:
    base = robustness.base[quantity]
    down, up = (100 * (edge / base.median - 1) for edge in (base.lower, base.upper))
    axes.axvspan(down, up, color="0.88", lw=0, zorder=0)
    axes.axvline(0, color="0.3", lw=0.7, zorder=1)
    systematic = [100 * side / base.median for side in robustness.systematic(quantity)]
    limit = _limit(robustness, quantity, systematic)
    for y, row in enumerate(rows):
        if isinstance(row, Refit):
            _bar(axes, y, robustness.percent(row, quantity), limit, counted=row.counts)
    y_sum = len(rows) - 1
    span = np.clip([-systematic[0], systematic[1]], -limit, limit)
    axes.axhline(y_sum - 0.6, color="0.3", lw=0.5)
    axes.barh(y_sum, span[1] - span[0], left=span[0], height=0.8, color=style.BLACK, zorder=2)
    axes.set(xlim=(-limit, limit), ylim=(len(rows) - 0.3, -0.7), title=_LABELS[quantity], xlabel="change (%)")
    axes.tick_params(axis="y", which="both", left=False, right=False)


def _limit(robustness: Robustness, quantity: str, systematic: list[float]) -> float:
    shown = [abs(robustness.percent(refit, quantity)) for refit in robustness.refits]
    largest = max([5.0, *systematic, *(value for value in shown if np.isfinite(value))])
    return 1.15 * min(largest, _WIDEST)


def _bar(axes: "Axes", y: int, percent: float, limit: float, *, counted: bool) -> None:
    if not np.isfinite(percent):
        axes.text(0.02 * limit, y, "no fit", va="center", fontsize=7, color=style.VERMILLION)
        return
    color = style.VERMILLION if percent > 0 else style.BLUE
    length = float(np.clip(percent, -limit, limit))
    face = color if counted else "white"
    axes.barh(y, length, height=0.7, color=face, edgecolor=color, lw=0.7, zorder=2)
    if abs(percent) > limit:
        axes.text(
            0.97 * length, y, f"{percent:+.0f} %", ha="right" if percent > 0 else "left", va="center", fontsize=7,
            color="white" if counted else color,
        )  # fmt: skip


def _names(axes: "Axes", rows: list[Refit | str | None]) -> None:
    names = [row.name if isinstance(row, Refit) else row or "systematic, in all" for row in rows]
    axes.set_yticks(range(len(rows)), [_typeset(name) for name in names], fontsize=7.5)
    for row, label in zip(rows, axes.get_yticklabels(), strict=True):
        if not isinstance(row, Refit):
            label.set_fontweight("bold")


def _typeset(name: str) -> str:
    """The name of a refit with a minus and a times sign."""
    return re.sub(r"(?<![\w)])-(?=\d)", "\N{MINUS SIGN}", name).replace(" x ", " \N{MULTIPLICATION SIGN} ")
