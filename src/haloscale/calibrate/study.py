"""The calibration study as a study in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from haloscale import study as studies
from haloscale.calibrate.catalogue import fit_catalogue, units
from haloscale.calibrate.design import Design
from haloscale.calibrate.summary import summarise
from haloscale.records import Floats
from haloscale.run import OnEvent


def _draw(design: Design, table: Mapping[str, Floats], summary: Mapping[str, Any]) -> Any:
    from haloscale.figures.calibrate import draw_calibration

    return draw_calibration(table, summary, {q.name: q.label for q in design.quantities})


CALIBRATE: Final = studies.Study(
    name="calibrate",
    pieces="catalogues",
    rows="calibration.ecsv",
    figure="calibration",
    last="calibration.json",
    row=fit_catalogue,
    summarise=summarise,
    draw=_draw,
    units=units,
    cites=("Talts2018",),
)


def execute(
    design: Design, folder: Path, *, workers: int | None = None, on_event: OnEvent = lambda event: None
) -> dict[str, Any]:
    """Run a calibration study into a folder, resume it, or read it back if it is finished.

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
        As in calibration.json.

    Raises
    ------
    InputError
        The folder cannot be used, or holds another study.
    """
    return studies.execute(CALIBRATE, design, folder, workers=workers, on_event=on_event)
