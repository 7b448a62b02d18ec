"""The report of a run: one self-contained HTML page, made from the records and the pictures of the run folder."""

import base64
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from haloscale.figures import base as drawing
from haloscale.figures.style import is_simulated
from haloscale.mock.bias import MEASURED
from haloscale.records import Run
from haloscale.report import content
from haloscale.report.citations import bibtex, references
from haloscale.report.distances import section as distances
from haloscale.report.latex import latex_row
from haloscale.report.robustness import section
from haloscale.report.substructure import section as search
from haloscale.report.velocities import section as velocities
from haloscale.tables import atomic_write

STATUS: Final[Mapping[str, str]] = {
    "reliable": "The chain is long enough for the medians and the 68 % intervals to be quoted.",
    "tentative": "The chain is short: medians and intervals are rough. Let it run longer before quoting them.",
    "unusable": "The chain has not converged, or a prior excludes the data: these numbers must not be quoted.",
}


def write_report(run: Run, figures_folder: Path, path: Path) -> None:
    """Write the report of a run.

    Parameters
    ----------
    run : Run
    figures_folder : Path
        Holds the pictures NAME.png; one that is absent is drawn for the page.
    path : Path
        The HTML file. Equal input gives equal bytes; it appears whole or not at all.
    """
    atomic_write(path, render_report(run, figures_folder))


def render_report(run: Run, figures_folder: Path) -> str:
    """The report as HTML text; see `write_report`."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    package = files("haloscale.report")
    template = environment.from_string(package.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    return template.render(
        style=package.joinpath("page.css").read_text(encoding="utf-8"),
        figures=[_figure(spec, run, figures_folder) for spec in drawing.in_order(run)],
        **_sections(run),
    )


def _sections(run: Run) -> dict[str, Any]:
    """What the template shows, by name."""
    summary = run.summary
    return {
        "summary": summary,
        "simulated": is_simulated(run),
        "status_sentence": STATUS.get(summary.sampling.status, ""),
        "headline": content.headline(run),
        "convention": content.virial_convention(run.config),
        "catalogues": content.catalogue_rows(run),
        "cuts": run.cutflow,
        "substructure": content.substructure(run),
        "distances": _of_each(run, distances),
        "search": _of_each(run, search),
        "checks": _of_each(run, lambda one: content.predictive(one.predictive)),
        "velocities": _of_each(run, lambda one: velocities(one.velocities)),
        "warnings": content.warnings(run),
        "conventions": content.conventions(run),
        "profile": content.profile_rows(run.profile),
        "profiles": {name: content.profile_rows(part) for name, part in run.profile.catalogues.items()},
        "parameters": content.estimate_rows(summary.parameters),
        "derived": content.estimate_rows(summary.derived),
        "priors": {p.name: content.prior_text(p.prior, p.unit) for p in run.chain.parameters},
        "masses": content.mass_rows(run.mass_profile),
        "cost": [(known.condition, known.percent, known.text) for known in MEASURED],
        "diagnostics": content.diagnostics(run),
        "robustness": section(run.robustness),
        "truth": content.truth_rows(summary),
        "truth_note": summary.truth_note or run.config.get("truth_note", ""),
        "settings": content.flatten(run.config),
        "rerun": content.rerun(run),
        "references": references(run.config, run.sample.extra),
        "bibtex": bibtex(run.config, run.sample.extra),
        "latex": latex_row(summary),
    }


def _of_each(run: Run, section: Callable[[Run], dict[str, Any]]) -> list[dict[str, Any]]:
    """A section of the page, if the run has one; of several catalogues that of each, with its name."""
    found = [{"catalogue": name, **section(run.of(name) if name else run)} for name in run.catalogues or ("",)]
    return [one for one in found if len(one) > 1]


def _figure(spec: drawing.FigureSpec, run: Run, folder: Path) -> dict[str, Any]:
    path = folder / f"{spec.name}.png"
    picture = path.read_bytes() if path.exists() else drawing.render(drawing.draw(spec.name, run), "png")
    encoded = base64.b64encode(picture).decode()
    return {"spec": spec, "source": f"data:image/png;base64,{encoded}", "width": image_width(picture)}


def image_width(png: bytes) -> int:
    """Width of the figure in CSS pixels at its printed size: the header of a PNG holds its pixels."""
    from haloscale.figures.style import DPI

    return round(int.from_bytes(png[16:20], "big") / DPI * 96 * 1.3)
