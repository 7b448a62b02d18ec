"""Figures of several runs at once: their record, their registry, and how they are drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from haloscale.figures import style
from haloscale.figures.base import save
from haloscale.records import Estimate, Run
from haloscale.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS: Final = (style.BLACK, style.VERMILLION, style.BLUE, style.GREEN, style.ORANGE, style.SKY, style.GREY)
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class ComparedRun:
    """A run, its name in tables and legends, and its virial quantities at the edge that all runs share."""

    name: str
    run: Run
    m_vir: Estimate
    c: Estimate
    r_vir: Estimate
    was_converted: bool = False


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Parameters
    ----------
    runs : tuple of ComparedRun
    edge : str
        The definition of the virial radius to which all are converted, in words.
    threshold : float
        The same as mean density inside r_vir [Msun/kpc^3].
    differences : mapping of str to tuple
        Dotted key of a setting that differs -> its value in each run.
    """

    runs: tuple[ComparedRun, ...]
    edge: str
    threshold: float
    differences: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


Draw = Callable[[Comparison], "Figure"]


@dataclass(frozen=True)
class ComparisonSpec:
    """One figure of several runs; `with_literature` marks those that show published values, and one run suffices."""

    name: str
    title: str
    caption: str
    draw: Draw
    paper_figure: int | None = None
    with_literature: bool = False


comparison_figures: Registry[ComparisonSpec] = Registry("figure of several runs", "haloscale.figures")


def comparison_figure(
    name: str, *, title: str, caption: str, paper_figure: int | None = None, with_literature: bool = False
) -> Callable[[Draw], Draw]:
    """Decorator that registers a drawing function as a `ComparisonSpec`."""

    def add(draw_runs: Draw) -> Draw:
        spec = ComparisonSpec(name, title, caption, draw_runs, paper_figure, with_literature)
        comparison_figures.register(name)(spec)
        return draw_runs

    return add


def draw_comparison(name: str, comparison: Comparison) -> "Figure":
    """Draw one registered figure of several runs; simulated stars are marked as such.

    Raises
    ------
    haloscale.errors.ConfigError
        When no figure has that name.
    """
    spec = comparison_figures[name]
    simulated = [style.is_simulated(compared.run) for compared in comparison.runs]
    mark = "simulated stars" if all(simulated) else "some of the stars are simulated" if any(simulated) else ""
    with style.context():
        return style.settle(spec.draw(comparison), mark)


def save_comparison(comparison: Comparison, folder: Path, *, with_literature: bool = False) -> list[Path]:
    """Draw the figures that the number of runs allows into a folder, and return the PNG files."""
    wanted = [
        spec.name
        for _, spec in comparison_figures.items()
        if (with_literature if spec.with_literature else len(comparison.runs) > 1)
    ]
    for name in wanted:
        save(draw_comparison(name, comparison), folder / name)
    return [folder / f"{name}.png" for name in wanted]


def look(index: int) -> tuple[str, str]:
    """Colour and marker of the run with an index; they repeat after seven."""
    return COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)]
