"""The bias study: the same result whatever the processes and interruptions, and what it says of a known halo."""

import json
import multiprocessing

import numpy as np
import pytest

from haloscale import bias, study, tables
from haloscale.bias import catalogue
from haloscale.bias.design import TRUTH
from haloscale.errors import ConfigError, RunFolderError

pytestmark = pytest.mark.slow

SMALL = {"n": 4, "sample": "demo"}
MADE = ("bias.csv", "bias_summary.json", "figures/bias.png", "figures/bias.pdf", "config.resolved.toml", "CITE.bib")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bias") / "one"
    return bias.execute(bias.design(**SMALL), folder, workers=1), folder


def content(folder):
    return {name: (folder / name).read_bytes() for name in MADE}


def test_two_processes_give_the_same_bytes(finished, tmp_path):
    bias.execute(bias.design(**SMALL), tmp_path / "two", workers=2)
    assert content(tmp_path / "two") == content(finished[1])
    assert multiprocessing.active_children() == []


def test_a_catalogue_depends_on_its_index_and_the_seed_alone(finished):
    known = tables.read_study(finished[1] / "bias.csv")
    alone = catalogue.fit_catalogue(bias.design(n=9), 3)
    assert alone == {name: column[3] for name, column in known.items()}
    other = catalogue.fit_catalogue(bias.design(n=9, seed=2), 3)
    assert other["m_vir_sigma"] != alone["m_vir_sigma"]


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupted_it_resumes_to_the_same_bytes(finished, tmp_path, monkeypatch, workers):
    monkeypatch.setattr(study, "_STEP", 2)
    told = []

    def stop_after_two(event):
        told.append(event.message)
        if event.fraction is not None:
            raise KeyboardInterrupt

    folder, design = tmp_path / "study", bias.design(**SMALL)
    with pytest.raises(KeyboardInterrupt):
        bias.execute(design, folder, workers=workers, on_event=stop_after_two)
    assert {p.name for p in folder.iterdir()} == {".work"}
    rows = folder / ".work" / "rows.jsonl"
    assert len(rows.read_text().splitlines()) == 2
    with pytest.raises(RunFolderError, match=r"--truth beta changed"):
        bias.execute(bias.design(**SMALL, truth={"beta": 0.3}), folder)
    rows.write_text(rows.read_text() + '{"index": 3, "m_vir_si')  # what a killed process leaves
    told.clear()
    bias.execute(design, folder, workers=1, on_event=lambda event: told.append(event.message))
    assert "2 of them known" in told[0]
    assert content(folder) == content(finished[1])


def test_finished_it_is_shown_again_and_refuses_another(finished):
    summary, folder = finished
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    assert bias.execute(bias.design(**SMALL), folder, workers=2) == summary
    for changed, key in (
        ({"n": 5}, "--n"),
        ({"seed": 2}, "seed"),
        ({"settings": {"tracer.log_slope": -4.5}}, "tracer"),
    ):
        with pytest.raises(RunFolderError, match=key):
            bias.execute(bias.design(**{**SMALL, **changed}), folder)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before


def test_the_summary_is_that_of_the_rows(finished):
    summary, folder = finished
    table = tables.read_study(folder / "bias.csv")
    ratio = table["m_vir_spline"] / table["m_vir_sigma"]
    told = summary["ratios"]["m_vir / m_vir of route sigma"]["spline"]
    assert told["mean"] == pytest.approx(ratio.mean())
    assert told["standard_error"] == pytest.approx(ratio.std(ddof=1) / 2)
    assert told["fraction_above"] == np.mean(ratio > 1.15)
    assert told["n"] == 4
    assert summary["failed"] == dict.fromkeys(bias.ROUTES, 0)
    assert "not the median of a chain" in summary["estimate"]
    json.dumps(summary, allow_nan=False)


def test_the_fits_are_near_the_truth_and_each_other(finished):
    """Catalogues of 9,700 stars scatter by 9 %; the routes, which share the stars, agree better than that."""
    table, truth = tables.read_study(finished[1] / "bias.csv"), finished[0]["truth"]
    for route in bias.ROUTES:
        assert table[f"m_vir_{route}"].mean() / truth["m_vir"] == pytest.approx(1.03, abs=4 * 0.09 / 2)
        assert table[f"m_within_100kpc_{route}"] / truth["m_within_100kpc"] == pytest.approx(1.0, abs=0.25)
        assert table[f"m_vir_{route}"] / table["m_vir_sigma"] == pytest.approx(0.97, abs=0.16)
    for route in bias.ROUTES[1:]:
        assert table[f"v_circ_ratio_{route}"] == pytest.approx(1.0, abs=0.05)


def test_the_truth_is_converted_to_the_definition_of_the_fit():
    plain = catalogue.true_values(bias.design(n=2))
    assert plain["m_vir"] == pytest.approx(TRUTH["m_vir"])
    assert plain["c"] == pytest.approx(TRUTH["c"])
    wide = catalogue.true_values(bias.design(n=2, settings={"mass.halo.overdensity": 100.0}))
    assert wide["m_vir"] > 1.1 * plain["m_vir"]
    assert wide["c"] > plain["c"]
    assert wide["m_within_100kpc"] == plain["m_within_100kpc"]


def test_radial_orbits_make_the_paper_s_method_heavy_and_the_right_beta_heals_it():
    truth = {"beta": 0.3, "distance_error": 0.0}
    wrong, right = (
        bias.design(n=2, sample="complete", truth=truth, settings=given)
        for given in ({}, {"anisotropy.beta": 0.3, "jeans.projection": "per_star"})
    )
    rows = {name: [catalogue.fit_catalogue(d, i) for i in (0, 1)] for name, d in (("wrong", wrong), ("right", right))}
    for route in bias.ROUTES:
        ratio = {k: np.mean([r[f"m_vir_{route}"] for r in v]) / TRUTH["m_vir"] for k, v in rows.items()}
        assert ratio["wrong"] > 1.15
        assert ratio["right"] == pytest.approx(1.0, abs=0.15)


def test_a_catalogue_that_cannot_be_fitted_is_counted(tmp_path):
    """Two bins of three that hold stars do for the route sigma, and leave nothing to differentiate."""
    design = bias.design(n=2, settings={"dispersion.edges": [1, 4, 20, 120]})
    summary = bias.execute(design, tmp_path / "few", workers=1)
    assert summary["failed"] == {"sigma": 0, "finite_difference": 2, "spline": 2, "polynomial": 2}
    assert summary["ratios"]["m_vir / truth"]["spline"]["mean"] is None
    assert any("fits failed: 2 (finite_difference)" in line for line in bias.lines(summary))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 1}, "at least 2 catalogues"),
        ({"sample": "complet"}, "did you mean 'complete'"),
        ({"truth": {"betta": 0.1}}, "did you mean 'beta'"),
        ({"truth": {"beta": "x"}}, "write it like --truth beta=0"),
        ({"truth": {"beta": 1.2}}, "beta = 1.2"),
        ({"truth": {"distance_error": 0.5}}, "from 0 to 0.39"),
        ({"settings": {"jeans.route": "v_circ"}}, "a bias study runs every route"),
        ({"settings": {"anisotropy.beta": {"prior": "uniform", "low": 0.0, "high": 0.5}}}, "anisotropy.beta is free"),
        ({"settings": {"dispersion.edges": [5, 20, 120]}}, "2 radial bins"),
    ],
)
def test_wrong_input_is_told_before_anything_runs(given, words):
    with pytest.raises(ConfigError) as caught:
        bias.design(**given)
    assert words in str(caught.value)


def test_the_command(haloscale, tmp_path, finished):
    folder = finished[1]
    done = haloscale("bias", "--n", 4, "-o", folder)
    assert done.code == 0, done.err
    assert "m_vir / m_vir of route sigma" in done.out
    assert "> 1.15" in done.out
    assert "holds this study already" in done.err
    assert haloscale("bias", "--n", 4, "--truth", "beta=0.3", "-o", folder).code == 2
    assert haloscale("bias", "--workers", 0, "-o", tmp_path / "none").code == 2
    assert not (tmp_path / "none").exists()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.txt").write_text("mine")
    refused = haloscale("bias", "--n", 2, "-o", tmp_path / "own")
    assert refused.code == 2
    assert "notes.txt" in refused.err


def test_what_the_fit_assumes_stands_beside_the_truth():
    wrong = bias.design(n=2, truth={"beta": 0.3})
    assert wrong.assumed() == {"beta": 0.0, "log_slope": -4.0}
    assert wrong.truth["beta"] == 0.3
    right = bias.design(n=2, truth={"beta": 0.3}, settings={"anisotropy.beta": 0.3})
    assert right.assumed()["beta"] == 0.3
