"""The bias study as a study in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from haloscale import study as studies
from haloscale.bias.catalogue import fit_catalogue, true_values
from haloscale.bias.design import Design
from haloscale.bias.summary import summarise
from haloscale.records import Floats
from haloscale.run import OnEvent


def _draw(design: Design, table: Mapping[str, Floats], summary: Mapping[str, Any]) -> Any:
    from haloscale.figures.bias import draw_bias

    return draw_bias(table, true_values(design), summary)


BIAS: Final = studies.Study(
    name="bias",
    pieces="catalogues",
    rows="bias.csv",
    figure="bias",
    last="bias_summary.json",
    row=fit_catalogue,
    summarise=summarise,
    draw=_draw,
)


def execute(
    design: Design, folder: Path, *, workers: int | None = None, on_event: OnEvent = lambda event: None
) -> dict[str, Any]:
    """Run a bias study into a folder, resume it, or read it back if it is finished.

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
        As in bias_summary.json.

    Raises
    ------
    InputError
        The folder cannot be used, or holds another study.
    """
    return studies.execute(BIAS, design, folder, workers=workers, on_event=on_event)
