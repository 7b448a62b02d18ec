"""The registry of figures, and how a figure is drawn, written and embedded."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from haloscale.figures import style
from haloscale.records import Run
from haloscale.registry import Registry
from haloscale.tables import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Run], "Figure"]


def _always(run: Run) -> bool:
    return True


@dataclass(frozen=True)
class FigureSpec:
    """One figure: its name, title, caption, number in Zhai et al. (2018), and the function that draws it.

    `paper_figure` is None for a figure that the paper has not; `applies` says which runs have what it shows. Of a run
    of several catalogues one with `each_catalogue` is drawn for each of them.
    """

    name: str
    title: str
    caption: str
    paper_figure: int | None
    draw: Draw
    applies: Callable[[Run], bool] = _always
    each_catalogue: bool = False

    def of(self, catalogue: str) -> "FigureSpec":
        """The figure of one of several catalogues, which takes the run of all."""
        return replace(
            self,
            name=f"{self.name}_{catalogue}",
            title=f"{self.title}: {catalogue}",
            draw=lambda run: self.draw(run.of(catalogue)),
            applies=lambda run: self.applies(run.of(catalogue)),
        )


figures: Registry[FigureSpec] = Registry("figure", "haloscale.figures")


def figure(
    name: str,
    *,
    title: str,
    caption: str,
    paper_figure: int | None = None,
    applies: Callable[[Run], bool] = _always,
    each_catalogue: bool = False,
) -> Callable[[Draw], Draw]:
    """Decorator that registers a drawing function as a `FigureSpec`."""

    def add(draw_run: Draw) -> Draw:
        figures.register(name)(FigureSpec(name, title, caption, paper_figure, draw_run, applies, each_catalogue))
        return draw_run

    return add


def in_order(run: Run | None = None) -> list[FigureSpec]:
    """Every registered figure, or those that apply to a run, in the order of the paper; others come last."""
    specs = [spec for _, spec in figures.items()]
    if run is not None:
        specs = [one for spec in specs for one in _of_run(spec, run) if one.applies(run)]
    return sorted(specs, key=lambda spec: (spec.paper_figure is None, spec.paper_figure or 0, spec.name))


def _of_run(spec: FigureSpec, run: Run) -> list[FigureSpec]:
    return [spec.of(name) for name in run.catalogues] if spec.each_catalogue and run.catalogues else [spec]


def draw(name: str, run: Run) -> "Figure":
    """Draw one registered figure of a run; simulated stars are marked as such.

    Raises
    ------
    haloscale.errors.ConfigError
        When no figure has that name.
    """
    of_run = {one.name: one for _, spec in figures.items() for one in _of_run(spec, run)}
    spec = of_run[name] if name in of_run else figures[name]
    with style.context():
        return style.settle(spec.draw(run), "simulated stars" if style.is_simulated(run) else "")


_METADATA: Final[Mapping[str, Mapping[str, Any]]] = {
    # nothing here may depend on the clock or on the version of a library: equal input, equal bytes
    "png": {"Software": "haloscale"},
    "pdf": {"Creator": "haloscale", "Producer": "haloscale", "CreationDate": None},
    "svg": {"Creator": "haloscale", "Date": None},
}


def render(figure: "Figure", kind: str) -> bytes:
    """The bytes of a figure as "png", "pdf" or "svg", the same for the same figure."""
    buffer = io.BytesIO()
    with style.context():
        figure.savefig(buffer, format=kind, metadata=dict(_METADATA[kind]))
    return buffer.getvalue()


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG and PDF; each file appears whole or not at all.

    Parameters
    ----------
    figure : Figure
    path : Path
        Without a suffix: `figures/spatial` becomes `figures/spatial.png` and `figures/spatial.pdf`.
    """
    for kind in ("png", "pdf"):
        atomic_write(path.with_name(f"{path.name}.{kind}"), render(figure, kind))


def draw_all(run: Run, folder: Path, on_figure: Callable[[str], None] = lambda name: None) -> None:
    """Draw every figure that applies to a run into a folder as PNG and PDF; `on_figure` is told each name before."""
    for spec in in_order(run):
        on_figure(spec.name)
        save(draw(spec.name, run), folder / spec.name)


def svg(figure: "Figure") -> str:
    """The figure as an SVG element, without XML declaration; points stay pixels inside it."""
    text = render(figure, "svg").decode()
    return text[text.index("<svg") :]
