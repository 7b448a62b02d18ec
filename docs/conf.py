"""Sphinx configuration. Pages about what is registered are written from the registries when the site is built, and the
numbers of `theory`, `how-to-choose`, `substructure` and `distances` are computed then (`generate`); the first page, the
tutorials and the gallery are notebooks that are run then. None is typed, so that none can be stale."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from sphinx.util import logging

from haloscale._version import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "haloscale"
author = "haloscale developers"
project_copyright = "2026, haloscale developers"
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
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

# Notebooks are run at every build, in a folder of their own; a cell that fails fails the build.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 1200  # a cell [s]: fifteen times what the slowest takes on an idle core
nb_merge_streams = True

GENERATED = Path(__file__).parent / "_build" / "generated"
KINDS = ("surveys", "mass", "tracer", "anisotropy", "distance", "substructure", "dispersion")
KINDS += ("likelihood", "samplers", "figures", "recipes")
LOG = logging.getLogger(__name__)


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


def built() -> dict[str, str]:
    """What the site was built from."""
    from haloscale.provenance import software

    commit = software()["commit"]
    return {"version": release, "commit": f"`{commit[:7]}`" if commit else "unknown (not a checkout)"}


def api() -> str:
    """An automodule entry for every public module."""
    from generate.reference import modules

    asked = "   :members:\n   :ignore-module-all:\n   :show-inheritance:\n"
    return "\n".join(f"## {n}\n\n```{{eval-rst}}\n.. automodule:: {n}\n{asked}```\n" for n in modules())


def write_pages(app: object, config: Any) -> None:
    """Write the generated pages, which the sources of the site include, and name the numbers in their text."""
    from generate import pages, reference

    from haloscale.config import annotated

    GENERATED.mkdir(parents=True, exist_ok=True)
    written = {
        "registered.md": registered(),
        "surveys.md": surveys(),
        "biases.md": biases(),
        "api.md": api(),
        "names.md": reference.exported(),
        "commands.md": reference.commands(),
        "zhai2018.toml": annotated("zhai2018"),
    }
    numbers, tables = pages.computed()
    config.myst_substitutions |= numbers | built()
    for name, text in (written | {f"{name}.md": text for name, text in tables.items()}).items():
        (GENERATED / name).write_text(text, encoding="utf-8")


def escape_marks(app: object, what: str, name: str, item: object, options: object, lines: list[str]) -> None:
    """Docstrings write |Z| and r_-2, which reStructuredText would take for a substitution and for a link."""
    lines[:] = [re.sub(r"(?<=\w)_(?!\w)", r"\\_", line.replace("|", r"\|")) for line in lines]


def refuse_dead_names(app: object, env: object, node: Any, content: object) -> None:
    """A page that names a function which does not exist is an error; docstrings may name what they like."""
    if node.get("refdomain") == "py" and node.get("refdoc") != "api":
        LOG.warning("nothing in haloscale is called %s", node.get("reftarget"), location=node)


def refuse_gaps(app: object, env: Any) -> None:
    """A public function, class, method or property that the reference lacks has no docstring: an error."""
    from generate.reference import expected

    if "api" in env.found_docs:
        for name in sorted(expected() - set(env.domaindata["py"]["objects"])):
            LOG.warning("%s is public and has no docstring: it is missing in the reference", name, location="api")


def settle_notebooks(folder: Path) -> None:
    """Let the notebooks find the command line of this environment, and no setting of whoever builds the site."""
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_config.py").write_text('c.InlineBackend.figure_formats = ["svg"]\n', encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def setup(app: Any) -> None:
    """Connect the hooks and the renderer of the equations."""
    from generate.layout import mathml, mathml_block

    settle_notebooks(GENERATED.parent / "ipython")
    app.add_html_math_renderer("mathml", (mathml, None), (mathml_block, None))
    app.connect("config-inited", write_pages)
    app.connect("autodoc-process-docstring", escape_marks)
    app.connect("missing-reference", refuse_dead_names)
    app.connect("env-check-consistency", refuse_gaps)
