"""Sphinx configuration. Pages about what is registered are written from the registries when the site is built, and the
numbers of `theory`, `how-to-choose`, `substructure` and `distances` are computed then (`generate`): none is typed, so
that none can be stale."""

import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

from sphinx.util import logging

import haloscale
from haloscale._version import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "haloscale"
author = "haloscale developers"
project_copyright = "2026, haloscale developers"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "substitution"]
html_math_renderer = "mathml"
html_static_path, html_css_files = ["style"], ["equations.css"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"haloscale {release}"

default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False
suppress_warnings = ["ref.python"]  # a type name in a docstring is a word: two classes may share it

GENERATED = Path(__file__).parent / "_build" / "generated"
KINDS = ("surveys", "mass", "tracer", "anisotropy", "distance", "substructure", "dispersion")
KINDS += ("likelihood", "samplers", "figures", "recipes")
LOG = logging.getLogger(__name__)
PRIVATE = ("haloscale._version", "haloscale.cli", "haloscale.cli_options", "haloscale.cli_studies")


def registered() -> str:
    """One table a registry: the name for the configuration and what it is."""
    from haloscale.listing import describe

    parts = []
    for kind in KINDS:
        rows = "\n".join(f"| `{name}` | {text} |" for name, text in describe(kind))
        parts.append(f"## {kind}\n\n| name | |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def surveys() -> str:
    """A section a survey: what it is, where it comes from, what to know."""
    from haloscale.surveys.base import surveys

    parts = []
    for name, survey in surveys.items():
        source = f"`haloscale fetch {name}`" if survey.address else survey.where
        lines = [f"Source: {source}. Licence: {survey.licence}.", "", *(f"- {note}" for note in survey.notes)]
        parts.append(f"## {name}\n\n{survey.title}.\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def biases() -> str:
    """The measured biases of the paper's method, as a table."""
    from haloscale.mock.bias import MEASURED

    rows = [f"| {b.condition} | {b.low:+.0%} ... {b.high:+.0%} | {b.text} | {b.source} |" for b in MEASURED]
    return "| the truth | bias of m_vir | why | measured on |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def api() -> str:
    """An automodule entry for every public module."""
    names = [m.name for m in pkgutil.walk_packages(haloscale.__path__, "haloscale.") if m.name not in PRIVATE]
    entries = [
        f".. automodule:: {name}\n   :members:\n   :ignore-module-all:\n   :show-inheritance:\n"
        for name in sorted(names)
    ]
    return "\n".join(f"## {n}\n\n```{{eval-rst}}\n{e}```\n" for n, e in zip(sorted(names), entries, strict=True))


def write_pages(app: object, config: Any) -> None:
    """Write the generated pages, which the sources of the site include, and name the numbers in their text."""
    from generate import choice, distances, groups, theory

    from haloscale.config import annotated

    GENERATED.mkdir(parents=True, exist_ok=True)
    pages = {
        "registered.md": registered(),
        "surveys.md": surveys(),
        "biases.md": biases(),
        "api.md": api(),
        "zhai2018.toml": annotated("zhai2018"),
    }
    for name, text in pages.items():
        (GENERATED / name).write_text(text, encoding="utf-8")
    for page in (theory, choice, groups, distances):
        config.myst_substitutions |= page.numbers()
        for name, text in page.tables().items():
            (GENERATED / f"{name}.md").write_text(text, encoding="utf-8")


def escape_marks(app: object, what: str, name: str, item: object, options: object, lines: list[str]) -> None:
    """Docstrings write |Z| and r_-2, which reStructuredText would take for a substitution and for a link."""
    lines[:] = [re.sub(r"(?<=\w)_(?!\w)", r"\\_", line.replace("|", r"\|")) for line in lines]


def refuse_dead_names(app: object, env: object, node: Any, content: object) -> None:
    """A page that names a function which does not exist is an error; docstrings may name what they like."""
    if node.get("refdomain") == "py" and node.get("refdoc") != "api":
        LOG.warning("nothing in haloscale is called %s", node.get("reftarget"), location=node)


def setup(app: Any) -> None:
    """Connect the hooks and the renderer of the equations."""
    from generate.layout import mathml, mathml_block

    app.add_html_math_renderer("mathml", (mathml, None), (mathml_block, None))
    app.connect("config-inited", write_pages)
    app.connect("autodoc-process-docstring", escape_marks)
    app.connect("missing-reference", refuse_dead_names)
