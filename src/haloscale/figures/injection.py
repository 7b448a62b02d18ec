"""How much of a planted structure a search finds: completeness and purity against the number of stars."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from haloscale.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS: Final = (style.BLACK, style.VERMILLION, style.BLUE, style.GREEN, style.ORANGE, style.PURPLE, style.SKY)
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X")
_APART, _SPREAD = 0.012, 0.1
"""Step in log10 of the number of stars between curves, so that their error bars are told apart, and its largest sum."""


def draw_injection(summary: Mapping[str, Any]) -> "Figure":
    """Mean completeness and purity with their standard errors, one curve for each width, length and distance.

    Parameters
    ----------
    summary : mapping
        As in injection_summary.json.
    """
    curves: dict[str, list[Mapping[str, Any]]] = {}
    for kind in summary["kinds"]:
        curves.setdefault(_label(kind), []).append(kind)
    sizes = sorted({kind["stars"] for kind in summary["kinds"]})
    n_rows = -(-len(curves) // 3)
    with style.context():
        canvas = style.new_figure(style.TWO_COLUMNS, 3.0 + 0.18 * n_rows)
        panels = canvas.subplots(1, 2, sharex=True, sharey=True)
        for axes, name in zip(panels, ("completeness", "purity"), strict=True):
            _draw_panel(axes, name, list(curves.values()), sizes, summary["max_members"])
        for label, k in zip(curves, range(len(curves)), strict=True):
            panels[0].plot([], [], **_look(k), label=label)
        canvas.legend(loc="outside upper left", ncols=3)
        return style.settle(canvas, "planted stars are simulated")


def _draw_panel(
    axes: "Axes", name: str, curves: list[list[Mapping[str, Any]]], sizes: list[int], max_members: int
) -> None:
    axes.axhline(1.0, color=style.GREY, lw=0.6, zorder=0)
    axes.axvline(max_members + 0.5, color=style.GREY, lw=0.8, ls=":", zorder=0)
    axes.text(
        max_members + 0.5, 0.02, f" groups of {max_members} or fewer are kept ", rotation=90, ha="right", va="bottom",
        fontsize=7, color=style.GREY,
    )  # fmt: skip
    hollow, apart = False, min(_APART, _SPREAD / len(curves))
    for k, kinds in enumerate(curves):
        known = [kind for kind in kinds if kind[name]["mean"] is not None]
        if not known:
            continue
        x = np.array([kind["stars"] for kind in known]) * 10 ** (apart * (k - (len(curves) - 1) / 2))
        y = np.array([kind[name]["mean"] for kind in known])
        error = np.array([kind[name]["standard_error"] or 0.0 for kind in known])
        axes.errorbar(x, y, yerr=error, elinewidth=0.8, capsize=0, **_look(k))
        few = np.array([2 * kind[name]["n"] < kind["n_injections"] for kind in known])
        axes.plot(x[few], y[few], **_look(k) | {"ls": "none", "mfc": "white", "zorder": 4})
        hollow |= bool(few.any())
    if hollow:
        axes.text(
            0.98, 0.03, "hollow: of fewer than half of the injections", transform=axes.transAxes, ha="right",
            va="bottom", fontsize=7,
        )  # fmt: skip
    low, high = min(sizes[0], max_members) / 1.25, max(sizes[-1], max_members + 1) * 1.25
    style.plain_log(axes, "x", low, high)
    axes.xaxis.set_ticks(sizes, labels=[str(size) for size in sizes])
    axes.set(xlabel="planted stars", ylabel=name, ylim=(-0.03, 1.06))


def _label(kind: Mapping[str, Any]) -> str:
    shape = f"{kind['length']:g}° × {kind['width']:g}°" if kind["length"] > 0 else f"clump, {kind['width']:g}°"
    return shape if kind["distance"] is None else f"{shape}, {kind['distance']:g} kpc"


def _look(k: int) -> dict[str, Any]:
    lines = ("-", "--", ":")
    color, mark = _COLORS[k % len(_COLORS)], _MARKS[k % len(_MARKS)]
    return {"color": color, "marker": mark, "ms": 4.0, "lw": 1.0, "ls": lines[k // len(_COLORS) % len(lines)]}
