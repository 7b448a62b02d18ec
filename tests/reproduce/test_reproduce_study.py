"""The whole reproduction: folder, figures, numbers, page; the same bytes after an interruption; what it refuses."""

import csv
import functools
import hashlib
import json
import math
import re
import shutil
from pathlib import Path

import pytest

from haloscale.reproduce import design, execute, lines, study
from haloscale.reproduce.design import RECIPES
from haloscale.reproduce.printed import printed_numbers

pytestmark = pytest.mark.slow

FAST = {"sampler.n_steps": 300, "sampler.max_steps": 300}
SETTINGS = [word for key, value in FAST.items() for word in ("--set", f"{key}={value}")]
CHANGES = {"provenance.json", "log.txt"}


@pytest.fixture(scope="module", autouse=True)
def runs_without_pictures():
    """The pictures of the four runs are the matter of other tests, and most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "execute_run", functools.partial(study.execute_run, pictures=False))
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reproduce") / "paper"
    return execute(design("zhai2018", folder, settings=FAST), folder)


@pytest.fixture(scope="module")
def numbers(finished):
    with (finished.folder / "numbers.csv").open(newline="", encoding="utf-8") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def content(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in CHANGES)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_four_runs_are_ordinary_run_folders(finished) -> None:
    assert set(finished.runs) == set(RECIPES) == {p.name for p in (finished.folder / "runs").iterdir()}
    for name, run in finished.runs.items():
        assert run.config["anisotropy"]["beta"] == (0.3 if "0.3" in name else 0.0)
        assert run.config["jeans"]["route"] == ("v_circ" if "v_circ" in name else "sigma")
        assert run.summary.n_in_bins == 9627
        assert run.summary.truth["m_vir"] == 1.08e12
        assert (finished.folder / "runs" / name / "summary.json").exists()


def test_fourteen_figures_numbered_as_in_the_paper(finished) -> None:
    files = {p.name for p in (finished.folder / "figures").iterdir()}
    stems = sorted({Path(name).stem for name in files})
    assert [int(stem.split("_")[1]) for stem in stems] == list(range(1, 15))
    assert files == {f"{stem}.{kind}" for stem in stems for kind in ("png", "pdf")}


def test_every_printed_number_has_its_row_and_a_reason(numbers) -> None:
    assert list(numbers) == [entry.key for entry in printed_numbers()]
    assert all(row["reason"] for row in numbers.values())


def test_numbers_are_those_of_the_summaries(finished, numbers) -> None:
    for key, name in (("m_vir_sigma", "beta0_sigma"), ("c_beta03", "beta0.3_v_circ")):
        estimate = finished.runs[name].summary.parameters["c" if key.startswith("c_") else "m_vir"]
        assert float(numbers[key]["ours"]) == pytest.approx(estimate.median, rel=1e-5)
    m_vir = {name: run.summary.parameters["m_vir"].median for name, run in finished.runs.items()}
    excess = 100 * (m_vir["beta0_v_circ"] / m_vir["beta0_sigma"] - 1)
    assert float(numbers["overestimate"]["ours"]) == pytest.approx(excess, abs=1e-3)
    assert numbers["n_beyond_40"]["ours"] == "486"


def test_the_recipe_has_the_papers_settings(numbers) -> None:
    settings = {key: row for key, row in numbers.items() if row["kind"] == "setting"}
    differing = {key for key, row in settings.items() if row["reason"] != "the same"}
    assert differing == {"log_g", "teff_min", "teff_max", "members", "eq1"}


def test_the_page_is_whole_and_needs_nothing_from_outside(finished) -> None:
    text = (finished.folder / "report.html").read_text(encoding="utf-8")
    assert text.count("<img ") == 14
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", text)
    assert "<script" not in text
    assert str(finished.folder) not in text
    assert text.count("Simulated stars.") == 14
    for words in ("219", "Red flag", "haloscale reproduce zhai2018 --seed 1 -o DIR", "not to be quoted"):
        assert words in text, words
    assert re.search(
        r"1\.08<span class=\"pm\"><span>\+0\.17</span><span>−0\.14</span></span> × 10<sup>12</sup> M☉", text
    )


def test_bibtex_holds_each_entry_once(finished) -> None:
    keys = re.findall(r"^@\w+\{([^,]+),", (finished.folder / "CITE.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert "Zhai2018" in keys
    assert len(keys) == len(set(keys))


def test_provenance_tells_the_runs(finished) -> None:
    said = json.loads((finished.folder / "provenance.json").read_text(encoding="utf-8"))
    assert said["seed"] == 1
    assert set(said["runs"]) == set(RECIPES)
    assert said["catalogue"]["simulated"] is True


def test_shown_again_refused_with_other_settings_and_exit_3_for_a_short_chain(haloscale, finished) -> None:
    before = content(finished.folder)
    done = haloscale("reproduce", "zhai2018", "-o", finished.folder, *SETTINGS)
    assert done.code == 3, done.err
    assert "1.080 +0.170 -0.140" in done.out
    other = haloscale("reproduce", "zhai2018", "-o", finished.folder, *SETTINGS, "--seed", 2)
    assert other.code == 2
    assert "seed" in other.err
    assert content(finished.folder) == before
    assert lines(finished)[-1].startswith("report: ")


def test_interrupted_it_ends_at_the_same_bytes(finished, tmp_path, monkeypatch) -> None:
    folder, made = tmp_path / "paper", study.execute_run
    folder.mkdir()
    shutil.copy(finished.folder / "simulated_catalogue.fits", folder)

    def stop_at_the_third(request, place, on_event):
        if place.name == "beta0.3_v_circ":
            raise KeyboardInterrupt
        return made(request, place, on_event)

    monkeypatch.setattr(study, "execute_run", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        execute(design("zhai2018", folder, settings=FAST), folder)
    assert {p.name for p in folder.iterdir()} == {".work", "simulated_catalogue.fits"}
    monkeypatch.undo()
    said: list[str] = []
    execute(design("zhai2018", folder, settings=FAST), folder, lambda event: said.append(event.message))
    assert sum("holds this run already" in line for line in said) == 2
    assert content(folder) == content(finished.folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("zhai2019",), "zhai2018"),
        (("zhai2018", "--survey", "segue_kgiants"), "--catalogue"),
        (("zhai2018", "--set", "anisotropy.beta=0.5"), "the reproduction sets it"),
        (("zhai2018", "--set", "jeans.route=v_circ"), "the reproduction sets it"),
        (("zhai2018", "--also", "stars.csv"), "--also-survey"),
        (("zhai2018", "--catalogue", "stars.csv"), "--survey"),
        (("zhai2018", "--bias", "nowhere"), "haloscale bias"),
    ],
)
def test_bad_input_leaves_nothing_behind(haloscale, tmp_path, words, told) -> None:
    done = haloscale("reproduce", *words, *SETTINGS, "-o", tmp_path / "out")
    assert done.code == 2
    assert told in done.err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_refused(haloscale, tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = haloscale("reproduce", "zhai2018", "-o", tmp_path)
    assert done.code == 2
    assert "mine.txt" in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_real_catalogue_with_others_beside_it(haloscale, shared, tmp_path) -> None:
    giants, bhb = shared("data/segue-kgiants/segue_kgiants.csv"), shared("data/bhb-barbosa2022/bhb_final_pm.csv")
    words = ("--catalogue", giants, "--survey", "segue_kgiants", "--also", bhb, "--also-survey", "segue_bhb")
    done = haloscale("reproduce", "zhai2018", *words, *SETTINGS, "-o", tmp_path / "out")
    assert done.code == 3, done.err
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "imulated stars." not in text
    with (tmp_path / "out" / "numbers.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    assert "segue_bhb: sigma_los" in rows["bhb_radius"]["reason"]
    assert "Other stars" in rows["m_vir_sigma"]["reason"]
    assert not math.isnan(float(rows["mean_v"]["ours"]))
