"""The page of a reproduction: the paper's numbers beside ours and its figures, in one self-contained HTML file."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from haloscale.report.citations import Reference, references
from haloscale.report.content import Quantity
from haloscale.report.page import image_width
from haloscale.tables import atomic_write


@dataclass(frozen=True)
class RunRow:
    """One fit; `numbers`: m_vir, c, r_vir, M(<100 kpc), V_circ at the Sun; `fit`: chi2 over points."""

    name: str
    n_stars: int
    numbers: tuple[Quantity, ...]
    fit: str
    status: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class NumberRow:
    """One number of the paper beside ours; `difference` in combined errors, empty where there are none."""

    quantity: str
    where: str
    run: str
    paper: Quantity
    ours: Quantity
    difference: str
    reason: str


@dataclass(frozen=True)
class Section:
    """The numbers of one kind."""

    kind: str
    title: str
    about: str
    rows: tuple[NumberRow, ...]


@dataclass(frozen=True)
class Picture:
    """One figure: its number in the paper, title, caption, and the PNG file."""

    number: int
    title: str
    caption: str
    path: Path


@dataclass(frozen=True)
class Page:
    """Everything the page shows."""

    simulated: bool
    catalogue: str
    survey: str
    n_stars: int
    seed: int
    version: str
    runs: tuple[RunRow, ...]
    findings: tuple[tuple[str, str], ...]
    numbers: tuple[Section, ...]
    pictures: tuple[Picture, ...]
    configs: tuple[Mapping[str, Any], ...]
    command: str

    @property
    def references(self) -> list[Reference]:
        """What the runs used, each once."""
        found = [reference for config in self.configs for reference in references(config)]
        return list({reference.key: reference for reference in found}.values())


def write_reproduction(page: Page, path: Path) -> None:
    """Write the page; equal input gives equal bytes, and the file appears whole or not at all."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    package = files("haloscale.report")
    template = environment.from_string(package.joinpath("reproduction.html.jinja").read_text(encoding="utf-8"))
    style = package.joinpath("page.css").read_text(encoding="utf-8")
    pictures = [_embedded(picture) for picture in page.pictures]
    atomic_write(path, template.render(page=page, style=style, pictures=pictures))


def _embedded(picture: Picture) -> dict[str, Any]:
    png = picture.path.read_bytes()
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return {"picture": picture, "source": source, "width": image_width(png)}
