"""The report as a reader, a browser and an attacker see it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from haloscale.figures.base import in_order
from haloscale.records import Cut, Run
from haloscale.report.page import render_report, write_report

MakeRun = Callable[..., Run]

OUTSIDE = re.compile(
    r"""(?:src|srcset)\s*=\s*["'](?!data:)([^"']+)|<link[^>]+href\s*=\s*["'](?!data:)([^"']+)|url\(\s*["']?(https?:[^)"']+)"""
)
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Collects tags and text, and checks that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words += data + " "


def page(run: Run, pictures: Path) -> Page:
    parsed = Page(render_report(run, pictures))
    assert parsed.open == []
    return parsed


def test_the_page_is_whole_and_needs_nothing_from_outside(make_run: MakeRun, pictures: Path) -> None:
    text = render_report(make_run(), pictures)
    parsed = page(make_run(), pictures)
    assert OUTSIDE.findall(text) == []
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in parsed.tags}
    images = [attributes for tag, attributes in parsed.tags if tag == "img"]
    assert len(images) == len(in_order(make_run()))
    assert all((i["src"] or "").startswith("data:image/png;base64,") and i["alt"] for i in images)
    identifiers = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = [str(a["href"]) for tag, a in parsed.tags if tag == "a"]
    assert {t.removeprefix("#") for t in targets} <= set(identifiers)


def test_the_sections_a_referee_wants_are_there(make_run: MakeRun, pictures: Path) -> None:
    parsed = page(make_run(), pictures)
    headings = {"sample", "conventions", "profile", "posterior", "mass", "figures", "diagnostics", "cite", "rerun"}
    assert headings <= {str(a.get("id")) for tag, a in parsed.tags if tag == "section"}
    for words in (
        "halo only, mean density 200 × critical, H₀ = 70 km/s/Mpc",
        "log-uniform from 1e11 to 1e13 M☉",
        "x = +8 kpc",
        "power_law; log_slope = −4",
        "constant; beta = 0",
        "Worst split R-hat",
        "haloscale weigh stars.csv --survey generic --recipe config.resolved.toml --seed 1 -o DIR",
        "one bin is left out of the fit: it holds 1 star",
        "not applied: no column feh",
    ):
        assert words in parsed.words, words


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("reliable", "long enough"), ("tentative", "Let it run longer"), ("unusable", "must not be quoted")],
)
def test_the_status_is_never_hidden(status: str, sentence: str, make_run: MakeRun, pictures: Path) -> None:
    words = page(make_run(n=100, status=status), pictures).words
    assert f"Sampling: {status}." in words
    assert sentence in words


def test_the_truth_stands_beside_the_answer_only_where_it_is_known(make_run: MakeRun, pictures: Path) -> None:
    run = make_run(n=100, truth={"m_vir": 1.0e12, "beta": 0.3})
    run = replace(run, summary=replace(run.summary, truth_note="The paper's method is expected 3 % high here."))
    words = page(run, pictures).words
    assert "Truth and answer" in words
    assert "expected 3 % high" in words
    assert "The stars of this run are simulated." in words
    plain = page(make_run(n=100), pictures).words
    assert "Truth" not in plain
    assert "are simulated" not in plain


def test_markup_in_names_is_shown_not_run(make_run: MakeRun, pictures: Path) -> None:
    evil = '<script>alert("x")</script><img src="http://x/y.png">'
    run = make_run(n=100)
    run = replace(
        run,
        cutflow=run.cutflow.then(Cut(f"columns.{evil}", 10, 9, note=evil)),
        summary=replace(run.summary, warnings=(evil,), recipe=evil, truth_note=evil, truth={"m_vir": 1.0}),
        config={**run.config, "selection": {evil: {"min": evil}}, "catalogue": {"path": f"a/{evil}", "survey": evil}},
    )
    text = render_report(run, pictures)
    assert "<script" not in text
    assert OUTSIDE.findall(text) == []
    assert sum(tag == "img" for tag, _ in Page(text).tags) == len(in_order(run))


def test_neither_clock_nor_machine_is_in_the_page(make_run: MakeRun, pictures: Path, tmp_path: Path) -> None:
    run = make_run(n=100)
    run = replace(
        run, config={**run.config, "catalogue": {"path": "/somebody/at/home/data/stars.csv", "survey": "generic"}}
    )
    write_report(run, pictures, tmp_path / "report.html")
    first = (tmp_path / "report.html").read_bytes()
    write_report(run, pictures, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert b"/somebody/at/home" not in first
    assert str(tmp_path).encode() not in first


def test_pictures_that_are_absent_are_drawn(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(n=60)
    assert sum(tag == "img" for tag, _ in page(run, tmp_path).tags) == len(in_order(run))


def test_edge_cases_make_a_page(make_run: MakeRun, pictures: Path) -> None:
    page(make_run(n=23, status="unusable"), pictures)
    page(make_run(n=300, free=(), edges=(5.0, 60.0)), pictures)
    joint = make_run(n=100)
    tables = [
        {"name": "a", "path": "a.csv", "survey": "generic"},
        {"name": "b", "path": "b.csv", "survey": "segue_bhb"},
    ]
    words = page(replace(joint, config={**joint.config, "catalogue": tables}), pictures).words
    assert "catalogue[2].survey" in words


def test_a_mass_component_that_is_off_is_said_to_be_left_out(make_run: MakeRun, pictures: Path) -> None:
    run = make_run(n=100)
    masses = {**run.config["mass"], "disk": "off"}
    catalogue = {**run.config["catalogue"], "path": "off"}
    words = page(replace(run, config={**run.config, "mass": masses, "catalogue": catalogue}), pictures).words
    assert re.search(r"Mass: disk\s+left out", words)
    assert "haloscale weigh CATALOGUE " in words


def test_a_sampler_without_tau_and_rhat_is_shown(make_run: MakeRun, pictures: Path) -> None:
    run = make_run(n=100)
    sampling = replace(run.summary.sampling, tau=None, rhat=None)
    page(replace(run, summary=replace(run.summary, sampling=sampling)), pictures)


@pytest.mark.slow
def test_the_page_of_an_ordinary_run_is_small(make_run: MakeRun, tmp_path: Path) -> None:
    assert len(render_report(make_run(n=9600), tmp_path)) < 1_500_000
