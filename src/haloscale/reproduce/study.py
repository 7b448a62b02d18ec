"""A reproduction in its folder: the runs below ``runs``, figures, numbers.csv and the report; resumable.

While it is under way everything lies below ``.work``, as in a run folder, and moves to its place when all is done. The
runs are ordinary run folders, each resumed by itself.
"""

import csv
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from haloscale import folder as folders
from haloscale import tables
from haloscale.figures.base import save
from haloscale.provenance import checksum, software
from haloscale.records import Run
from haloscale.report import reproduction as page
from haloscale.report.citations import joined_bibtex
from haloscale.reproduce.catalogue import simulate
from haloscale.reproduce.design import Design
from haloscale.reproduce.facts import Facts, facts
from haloscale.reproduce.findings import findings
from haloscale.reproduce.numbers import ComparedNumber, compared_numbers, to_csv
from haloscale.reproduce.pictures import Picture, pictures
from haloscale.reproduce.shown import number_sections, run_rows
from haloscale.run import Event, OnEvent
from haloscale.run import execute as execute_run
from haloscale.tables.atomic import reading

LAST: Final = "numbers.csv"
"""A folder that holds it holds a whole reproduction."""

RUNS: Final = "runs"
_ABOUT: Final = "provenance.json"


@dataclass(frozen=True)
class Reproduction:
    """A finished reproduction: its folder and its runs by name."""

    folder: Path
    runs: Mapping[str, Run]

    @property
    def is_reliable(self) -> bool:
        """Whether every chain is long enough to be quoted."""
        return all(run.summary.sampling.status == "reliable" for run in self.runs.values())


def execute(design: Design, folder: Path, on_event: OnEvent = lambda event: None) -> Reproduction:
    """Reproduce the paper in a folder, resume it, or read it back if it is finished.

    Parameters
    ----------
    design : Design
    folder : Path
    on_event : callable
        Told of every step.

    Returns
    -------
    Reproduction

    Raises
    ------
    InputError
        A catalogue or the folder cannot be used, or the folder holds something else.
    """
    with _catalogue(design, folder, on_event):
        identity = _identity(design)
        if folders.is_finished(folder, LAST):
            held = json.loads((folder / _ABOUT).read_text())
            known = {"config": held["asked"], "catalogue_sha256": held["catalogue"]["sha256"]}
            folders.refuse_other(folder, known, identity, "a finished reproduction")
            on_event(Event("reproduce", f"{folder} holds this reproduction already; showing its result"))
        else:
            with folders.claimed(folder, identity, LAST) as work:
                _make(design, work, identity, on_event)
                work.finish()
    runs = {name: folders.read_run(folder / RUNS / name) for name in design.requests}
    return Reproduction(folder, runs)


def _catalogue(design: Design, folder: Path, on_event: OnEvent) -> AbstractContextManager[None]:
    if design.catalogue is not None:
        return nullcontext()
    path = folder / folders.SIMULATED_CATALOGUE

    def make() -> None:
        on_event(Event("reproduce", "simulating the paper's stars from its best fit"))
        tables.write_star_table(path, simulate(design.seed))

    return folders.catalogue_beside(path, make, LAST)


def _identity(design: Design) -> dict[str, Any]:
    """What makes two reproductions the same: settings, catalogue, further catalogues, bias study."""
    request = design.requests["beta0_sigma"]
    also = [f"{name.removeprefix('also_')} {checksum(design.requests[name].catalogue)}" for name in design.also]
    bias = checksum(design.bias / "bias_summary.json") if design.bias else ""
    asked = {**request.loaded.config.to_mapping(), "--also": also, "--bias": bias}
    return {"config": json.loads(json.dumps(asked)), "catalogue_sha256": checksum(request.catalogue)}


def _make(design: Design, work: folders.Work, identity: Mapping[str, Any], on_event: OnEvent) -> None:
    place = work.files / RUNS
    runs = {}
    for name, request in design.requests.items():
        runs[name] = execute_run(request, place / name, _naming(name, on_event))
    known = facts(runs, design.bias)
    rows = compared_numbers(runs, known)
    tables.atomic_write(work.files / LAST, to_csv(rows))
    drawn = pictures(design, runs, place, known)
    (work.files / "figures").mkdir(exist_ok=True)
    for picture in drawn:
        on_event(Event("figures", f"Fig. {picture.number}", "detail"))
        save(picture.draw(), work.files / "figures" / picture.name)
    configs = [run.config for run in runs.values()]
    tables.atomic_write(work.files / "CITE.bib", joined_bibtex(configs))
    _write_page(design, runs, known, rows, drawn, work.files)
    about = {
        **software(),
        "asked": identity["config"],
        "catalogue": {"sha256": identity["catalogue_sha256"], "simulated": design.catalogue is None},
        "seed": design.seed,
        "finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "runs": {name: {k: run.provenance[k] for k in ("catalogue", "stages")} for name, run in runs.items()},
    }
    tables.atomic_write(work.files / _ABOUT, json.dumps(about, indent=1) + "\n")


def _naming(name: str, on_event: OnEvent) -> OnEvent:
    """Tell of the steps of a run under its name."""
    return lambda event: on_event(replace(event, stage=f"{name} {event.stage}"))


def _write_page(
    design: Design,
    runs: Mapping[str, Run],
    known: Facts,
    rows: tuple[ComparedNumber, ...],
    drawn: list[Picture],
    files: Path,
) -> None:
    base = runs["beta0_sigma"]
    content = page.Page(
        simulated=design.catalogue is None,
        catalogue=str(base.config["catalogue"]["path"]),
        survey=str(base.config["catalogue"]["survey"]),
        n_stars=base.summary.n_in_bins,
        seed=design.seed,
        version=base.summary.version,
        runs=run_rows(runs),
        findings=tuple(findings(known)),
        numbers=number_sections(rows),
        pictures=tuple(page.Picture(p.number, p.title, p.caption, files / "figures" / f"{p.name}.png") for p in drawn),
        configs=tuple(run.config for run in runs.values()),
        command=command(design),
    )
    page.write_reproduction(content, files / "report.html")


def command(design: Design) -> str:
    """The command line that gives the reproduction again, folders left out."""
    base = design.requests["beta0_sigma"]
    words = ["haloscale reproduce zhai2018"]
    if design.catalogue is not None:
        words.append(f"--catalogue {design.catalogue.name} --survey {base.loaded.config.catalogue.survey}")
    for name in design.also:
        request = design.requests[name]
        words.append(f"--also {request.catalogue.name} --also-survey {request.loaded.config.catalogue.survey}")
    return " ".join([*words, *(["--bias BIAS_DIR"] if design.bias else []), f"--seed {design.seed} -o DIR"])


def lines(made: Reproduction) -> list[str]:
    """The results of the paper beside ours as lines of text, and the state of the chains."""
    with reading(made.folder / LAST) as path, path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "result" and row["ours"]]
    table = [("", "paper", "ours", "sigma")]
    table += [(row["quantity"], _both(row, "paper"), _both(row, "ours"), row["difference_sigma"]) for row in rows]
    widths = [max(len(cells[k]) for cells in table) for k in range(4)]
    said = ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in table]
    states = ", ".join(f"{name} {run.summary.sampling.status}" for name, run in made.runs.items())
    return [*said, f"status: {states}", f"report: {made.folder / 'report.html'}"]


def _both(row: Mapping[str, str], whose: str) -> str:
    scale = 1e12 if row["unit"] == "solMass" else 1.0
    value, plus, minus = (float(row[f"{whose}{end}"] or "nan") / scale for end in ("", "_plus", "_minus"))
    digits = 3 if scale > 1 else 1
    errors = f" +{plus:.{digits}f} -{minus:.{digits}f}" if plus == plus else ""
    unit = {"solMass": " e12 solMass", "": ""}.get(row["unit"], f" {row['unit']}")
    return f"{value:.{digits}f}{errors}{unit}"
