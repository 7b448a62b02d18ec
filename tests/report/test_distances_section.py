"""Distances from photometry on the page."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from haloscale.figures.distance_comparison import Agreement
from haloscale.records import Run
from haloscale.report.distances import section, sentences
from haloscale.report.page import render_report

MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a picture of every name: what is on them is the matter of the figure tests."""
    from PIL import Image

    from haloscale.figures.base import in_order

    folder = tmp_path_factory.mktemp("pictures")
    for spec in in_order():
        Image.new("RGB", (8, 8)).save(folder / f"{spec.name}.png")
    return folder


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&nbsp;", " ")


def test_the_page_has_the_section_only_where_distances_were_found(
    make_run: MakeRun, make_placed: MakeRun, drawn: Path
) -> None:
    assert section(make_run(n=60)) == {}
    assert 'id="distances"' not in render_report(make_run(n=60), drawn)
    page = render_report(make_placed(80, own=1.0), drawn)
    assert page.count('id="distances"') == 1
    assert 'id="figure-distance_posterior"' in page
    text = words(page)
    assert "Distances from photometry: 80 stars. Red giants: Bayesian distances" in text
    assert "Of 240 stars 160 were given none and are left out (40 horizontal_branch, 3 missing_feh)." in text
    assert "luminosity_slope = 0.32; clusters = [M92, M13, M71, NGC6791]." in text
    assert not re.search(r"\bnan\b", text)


def test_where_the_maps_lie_on_this_machine_is_not_told(make_placed: MakeRun, drawn: Path, tmp_path: Path) -> None:
    run = make_placed(40)
    given = {**run.config["distance"], "ebv": str(tmp_path / "sfd")}
    dusty = replace(run.sample, extra={**run.sample.extra, "ebv": np.full(len(run.sample), 0.02)})
    page = render_report(replace(run, sample=dusty, config={**run.config, "distance": given}), drawn)
    assert str(tmp_path) not in page
    assert "ebv = sfd" in words(page)


def test_every_star_is_in_one_row_of_the_table(make_placed: MakeRun) -> None:
    run = make_placed(300, own=1.0)
    found = section(run)["rows"]
    assert sum(int(row.n) for row in found) == 300
    assert found[0].bounds == "0–10"
    near = run.sample.distance < 10
    error = 100 * np.median(run.sample.distance_error[near] / run.sample.distance[near])
    assert found[0].error == f"{error:.1f}"
    width = (run.sample.extra["dm_p84"] - run.sample.extra["dm_p16"])[near] / 2
    assert found[0].modulus_error == f"{np.median(width):.2f}"


def test_the_comparison_is_there_where_the_catalogue_has_distances(make_placed: MakeRun, drawn: Path) -> None:
    run = make_placed(200, own=0.5)
    assert re.search(r"a median ratio of (1\.9\d|2\.0\d)\d ± 0\.\d+ and a scatter of", " ".join(sentences(run)))
    without = make_placed(200)
    assert "catalogue itself" not in words(render_report(without, drawn))
    assert not section(without)["has_own"]
    some = np.where(np.arange(200) < 3, 10.0, np.nan)
    few = replace(run, sample=replace(run.sample, extra={**run.sample.extra, "catalogue_distance": some}))
    assert "(3 stars)" in " ".join(sentences(few))
    assert {row.ratio for row in section(few)["rows"]} >= {"–"}


def test_a_single_star_makes_a_page(make_placed: MakeRun, drawn: Path) -> None:
    page = words(render_report(make_placed(1, own=1.0), drawn))
    assert "(1 star)" in page
    assert not re.search(r"\bnan\b", page)


def test_only_settings_that_counted_are_told(make_placed: MakeRun) -> None:
    run = make_placed(40)
    extra = {name: values for name, values in run.sample.extra.items() if name != "ebv"}
    used = {"luminosity_slope": 0.32, "error_floor": 0.01}
    idle = {"system": "sdss", "transform": "finkbeiner2016", "ebv": "column", "ebv_error": 0.016, "ebv_max": 1.0}
    given = {"method": "giant_branch", **used, **idle}
    own = replace(run, sample=replace(run.sample, extra=extra), config={**run.config, "distance": given})
    assert {key for key, _ in section(own)["settings"]} == set(used)
    magnitudes = replace(own, sample=replace(run.sample, extra={**extra, "ebv": np.full(len(run.sample), 0.02)}))
    assert {key for key, _ in section(magnitudes)["settings"]} == {*used, *idle} - {"transform"}


def test_the_error_of_a_ratio_is_never_rounded_away() -> None:
    assert Agreement(10**6, 0.98123, 0.05, 0.0003).text == "0.9812 ± 0.0003"
    assert Agreement(100, 0.967, 0.1, 0.0101).text == "0.967 ± 0.010"
    assert Agreement(1, 0.967, 0.0, float("nan")).text == "0.967"
