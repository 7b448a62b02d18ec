"""The search for substructure on the page, in the terminal and among the citations."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from haloscale.records import Run
from haloscale.report.citations import references
from haloscale.report.page import render_report
from haloscale.report.substructure import by_chance, change, section
from haloscale.report.terminal import substructure_line

MakeRun = Callable[..., Run]

SIZES = [60, 31, 14, 9, 4, 2]


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
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_has_the_section_only_where_something_was_searched(
    make_run: MakeRun, make_searched: MakeRun, drawn: Path
) -> None:
    assert section(make_run(n=60)) == {}
    assert 'id="substructure"' not in render_report(make_run(n=60), drawn)
    page = render_report(make_searched(SIZES), drawn)
    assert page.count('id="substructure"') == 1
    assert 'id="figure-substructure_sky"' in page
    text = words(page)
    assert "105 of 4,120 stars (2.5 %) are in 3 groups of more than 10 stars" in text
    assert "3 smaller groups of 2 to 10 stars (15 in all) were left in the bins." in text
    assert "finds 0.3 stars in such groups on average, 0.3 % of what was removed." in text
    assert "linking_length = 0.025, nu = 0.4." in text.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_the_tables_hold_the_removed_groups_every_bin_and_the_answers(make_searched: MakeRun) -> None:
    run = make_searched(SIZES)
    shown = section(run)
    assert [row.group_id for row in shown["groups"]] == [0, 1, 2]
    assert [row.structure for row in shown["groups"]] == ["Sagittarius", "unknown", "Virgo"]
    assert (shown["groups"][1].share, shown["groups"][1].random) == ("–", "–")
    assert shown["groups"][0].share == "80 %"
    assert len(shown["bins"]) == len(run.profile)
    assert run.all_stars is not None
    assert [row.n_before for row in shown["bins"]] == [f"{n:,}" for n in run.all_stars.profile.n]
    assert [row.name for row in shown["answers"]] == ["m_vir", "c", "m_within_100kpc"]
    assert shown["answers"][0].percent == "+8.0"


def test_a_change_is_told_in_the_error_of_the_answer_on_that_side(make_searched: MakeRun) -> None:
    after = replace(make_searched([30]).summary.parameters["m_vir"], median=1.0, lower=0.8, upper=1.1)
    assert change(after, replace(after, median=1.05)) == pytest.approx((5.0, 0.5))
    assert change(after, replace(after, median=0.9)) == pytest.approx((-10.0, -0.5))
    assert np.isnan(change(replace(after, lower=1.0, upper=1.0), replace(after, median=1.05))[1])


def test_what_is_expected_by_chance_is_said_in_every_case(make_searched: MakeRun) -> None:
    found = make_searched(SIZES).substructure
    assert found is not None
    assert "fewer than 0.15 are expected by chance" in by_chance(replace(found, false_groups=0, false_members=0), 105)
    assert "is not known" in by_chance(replace(found, n_nulls=0, false_groups=np.nan, false_members=np.nan), 105)
    assert by_chance(found, 0).endswith("0.3 stars in such groups on average.")


def test_edge_cases_make_a_page(make_searched: MakeRun, drawn: Path) -> None:
    nothing = words(render_report(make_searched([]), drawn))
    assert "No group of more than 10 stars was found among 4,000 stars; none was removed." in nothing
    assert "What the removal does" not in nothing
    fixed = make_searched([30], free=(), nulls=False, pairs=False)
    page = words(render_report(fixed, drawn))
    assert "is not known" in page
    assert not re.search(r"\bnan\b", page)
    many = words(render_report(make_searched([*range(90, 10, -2), *[5] * 20]), drawn))
    assert "in 40 groups" in many


def test_a_fit_that_has_not_converged_is_not_quoted(make_searched: MakeRun, drawn: Path) -> None:
    run = make_searched(SIZES)
    assert run.all_stars is not None
    rough = replace(run.all_stars, sampling=replace(run.all_stars.sampling, status="unusable"))
    page = words(render_report(replace(run, all_stars=rough), drawn))
    assert "has not converged: what the removal does to the mass is not known" in page
    assert "The chain of the fit to all stars is unusable." in page
    assert "the chain has not converged" in substructure_line(replace(run, all_stars=rough))


def test_markup_in_a_structure_is_shown_not_run(make_searched: MakeRun, drawn: Path) -> None:
    run = make_searched([30])
    assert run.substructure is not None
    evil = replace(run.substructure.groups, structure=("<script>x</script>",))
    page = render_report(replace(run, substructure=replace(run.substructure, groups=evil)), drawn)
    assert "<script" not in page


def test_the_line_of_the_terminal(make_run: MakeRun, make_searched: MakeRun) -> None:
    assert substructure_line(make_run(n=60)) == ""
    line = substructure_line(make_searched(SIZES))
    assert line.startswith("substructure: 105 stars in 3 groups removed (about 0 of them field stars); m_vir without")
    assert line.endswith("(+0.6 errors)")
    assert "in 1 group removed;" in substructure_line(make_searched([30], nulls=False))
    assert substructure_line(make_searched([4])) == "substructure: no group of more than 10 stars found"


def test_each_method_is_cited_by_its_own_literature(make_searched: MakeRun) -> None:
    config = make_searched([]).config

    def cited(method: str) -> set[str]:
        return {r.key for r in references({**config, "substructure": {"method": method}})}

    assert {"Starkenburg2009", "Janesh2016", "Xue2011"} <= cited("fof_4distance")
    assert {"Starkenburg2009", "Janesh2016"} <= cited("fof_adaptive")
    assert not {"Starkenburg2009", "Janesh2016", "Xue2011"} & cited("keep_all")
    entries = {r.key: r for r in references({**config, "substructure": {"method": "fof_4distance"}})}
    assert entries["Xue2011"].short().endswith("The Astrophysical Journal 738, 79.")
