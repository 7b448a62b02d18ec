"""The injection study as a study in a folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from haloscale import study as studies
from haloscale.inject.design import Design
from haloscale.inject.injection import Start, inject, start
from haloscale.inject.summary import summarise
from haloscale.records import Floats
from haloscale.run import Event, OnEvent


def _prepare(design: Design, say: Callable[[str], None]) -> Start:
    say(f"searching {design.catalogue.name} as it is, by {design.config.substructure.method}")
    clock = perf_counter()
    begun = start(design)
    seconds = perf_counter() - clock
    for note in begun.grouping.notes:
        say(note)
    say(f"{len(begun.stars)} stars, {int(begun.removed.sum())} removed without planting; it took {seconds:.0f} s")
    return begun


def _draw(begun: Start, table: Mapping[str, Floats], summary: Mapping[str, Any]) -> Any:
    from haloscale.figures.injection import draw_injection

    return draw_injection(summary)


INJECT: Final = studies.Study(
    name="inject",
    pieces="injections",
    rows="injections.csv",
    figure="injection",
    last="injection_summary.json",
    row=inject,
    summarise=summarise,
    draw=_draw,
    prepare=_prepare,
    uses=("recipe", "catalogue", "distance", "frame", "selection", "substructure"),
)


def execute(
    design: Design, folder: Path, *, workers: int | None = None, on_event: OnEvent = lambda event: None
) -> dict[str, Any]:
    """Run an injection study into a folder, resume it, or read it back if it is finished.

    Parameters
    ----------
    design : Design
    folder : Path
    workers : int, optional
        Processes; default: one for each core, as `study.execute` says.
    on_event : callable
        Told of the progress.

    Returns
    -------
    dict
        As in injection_summary.json.

    Raises
    ------
    InputError
        The catalogue or the folder cannot be used, or the folder holds another study.
    """
    most = design.config.substructure.max_members
    if small := sorted({s.stars for s in design.structures if s.stars <= most}):
        sizes = ", ".join(str(size) for size in small)
        text = f"a structure of {sizes} stars makes no group of more than max_members = {most}, which alone are removed"
        on_event(Event("inject", text, "warning"))
    return studies.execute(INJECT, design, folder, catalogue=design.catalogue, workers=workers, on_event=on_event)
