"""Runs side by side: one definition for all, what differs is told, and what cannot be compared is refused."""

import csv

import numpy as np
import pytest

from haloscale import api, cosmology, mock, tables
from haloscale import compare as study
from haloscale.errors import RunFolderError

FAST = {"sampler.n_steps": 2500, "sampler.max_steps": 2500, "sampler.n_walkers": 16}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of three runs on the same stars: as configured, beta = 0.3, and Bryan & Norman's edge with H0 = 67."""
    home = tmp_path_factory.mktemp("runs")
    path = home / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(3), n_stars=3000))
    changes = {
        "plain": {},
        "beta": {"anisotropy.beta": 0.3},
        "bn98": {"mass.halo.overdensity": 101.1, "mass.halo.h0": 67.0},
    }
    for name, change in changes.items():
        asked = api.request(path, "generic", settings={**FAST, "catalogue.simulated": True, **change})
        api.execute(asked, home / name, pictures=False)
    return home


def test_the_same_definition_gives_the_numbers_of_the_summaries(runs):
    comparison = study.compare([runs / "plain", runs / "beta"])
    for compared in comparison.runs:
        assert compared.m_vir == compared.run.summary.parameters["m_vir"]
        assert not compared.was_converted
    assert comparison.differences == {"anisotropy.beta": (0.0, 0.3)}


def test_another_definition_is_converted_draw_by_draw_and_said(runs):
    comparison = study.compare([runs / "plain", runs / "bn98"])
    plain, other = comparison.runs
    assert other.was_converted
    assert other.m_vir.median == pytest.approx(plain.m_vir.median, rel=0.03)
    assert other.c.median == pytest.approx(plain.c.median, rel=0.05)
    assert other.m_vir.median < 0.95 * other.run.summary.parameters["m_vir"].median
    assert any("converted" in line and "bn98" in line for line in study.lines(comparison))


def test_the_conversion_is_that_of_every_summary(runs):
    # H0 is 67 in that run, and so in its m_200c
    run = study.compare([runs / "bn98"], alone=True).runs[0].run
    converted, c, r_vir = study._at_edge(run, cosmology.density_threshold("200c", 67.0))
    for ours, name in ((converted, "m_200c"), (c, "c_200c")):
        known = run.summary.derived[name]
        assert (ours.median, ours.lower, ours.upper) == pytest.approx((known.median, known.lower, known.upper))
    assert r_vir.median == pytest.approx(cosmology.virial_radius(converted.median, 200.0, 67.0), rel=1e-6)


def test_the_first_run_sets_the_definition(runs):
    assert "101.1 × critical, H0 = 67" in study.compare([runs / "bn98", runs / "plain"]).edge


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["plain"], "one run is given"),
        ([], "no run is given"),
        (["plain", "plain"], "is given twice"),
        (["plain", "."], "holds no finished run"),
        (["plain", "nowhere"], "holds no finished run"),
    ],
)
def test_what_cannot_be_compared_is_refused(runs, names, said):
    with pytest.raises(RunFolderError, match=said):
        study.compare([runs / name for name in names])


def test_names_are_as_long_as_they_must_be(runs, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "plain").symlink_to(runs / "plain", target_is_directory=True)
    with pytest.raises(RunFolderError, match="twice"):
        study.compare([runs / "plain", tmp_path / "x" / "plain"])
    assert [c.name for c in study.compare([runs / "plain", runs / "beta"]).runs] == ["plain", "beta"]
    assert study._names([runs / "a" / "run", runs / "b" / "run"]) == ["a/run", "b/run"]


def test_command_line(runs, tmp_path, haloscale):
    done = haloscale("compare", runs / "plain", runs / "beta", runs / "bn98", "-o", tmp_path / "out", "--literature")
    assert done.code == 0, done.err
    assert "anisotropy.beta" in done.out
    assert "definition not stated" in done.out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    figures = ("dispersion_comparison", "mass_comparison", "literature_mass_profile", "literature_virial_mass")
    assert written == {"compare.csv", *(f"{name}.{kind}" for name in figures for kind in ("png", "pdf"))}
    with (tmp_path / "out" / "compare.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["run"] for row in rows] == ["plain", "beta", "bn98"]
    assert [row["anisotropy.beta"] for row in rows] == ["0.0", "0.3", "0.0"]
    assert float(rows[0]["m_vir_lower"]) < float(rows[0]["m_vir"]) < float(rows[0]["m_vir_upper"])


def test_one_run_against_the_literature(runs, tmp_path, haloscale):
    done = haloscale("compare", runs / "plain", "--literature", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert not (tmp_path / "out" / "mass_comparison.png").exists()
    assert (tmp_path / "out" / "literature_virial_mass.png").exists()


def test_bad_input_is_one_message(runs, tmp_path, haloscale):
    (tmp_path / "file").write_text("")
    for words in (
        [runs / "plain"],
        [runs / "plain", tmp_path],
        [runs / "plain", runs / "beta", "-o", tmp_path / "file"],
    ):
        done = haloscale("compare", *words)
        assert done.code == 2
        assert "what to do" in done.err
