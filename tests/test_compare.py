"""Runs side by side: one definition for all, what differs is told, and what cannot be compared is refused."""

import csv

import numpy as np
import pytest

from haloscale import api, cosmology, mock, tables
from haloscale import compare as study
from haloscale.errors import RunFolderError

pytestmark = pytest.mark.slow

FAST = {"sampler.n_steps": 2500, "sampler.max_steps": 2500, "sampler.n_walkers": 16}
NUISANCES = {
    "likelihood.kind": "stars",
    "anisotropy.beta": {"prior": "uniform", "low": -0.5, "high": 0.8},
    "catalogue.v_offset": {"prior": "normal", "mean": 0.0, "sd": 5.0},
}


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


def test_every_free_parameter_has_a_row_and_a_dash_where_a_run_has_none(weighed, tmp_path):
    comparison = study.compare([weighed / "stars", weighed / "nuisances"])
    known = comparison.runs[1].run.summary.parameters
    rows = {line.split()[0]: line.split()[1:] for line in study.lines(comparison) if line}
    beta = known["beta"]
    up, down = beta.upper - beta.median, beta.median - beta.lower
    assert rows["beta"] == ["-", f"{beta.median:.3f}", f"+{up:.3f}", f"-{down:.3f}"]
    assert rows["catalogue_v_offset"][3:5] == ["-", f"{known['catalogue_v_offset'].median:.3f}"]
    study.write(comparison, tmp_path)
    with (tmp_path / "compare.csv").open() as file:
        fixed, free = csv.DictReader(file)
    assert fixed["catalogue_v_offset"] == ""
    assert float(free["beta_lower"]) == pytest.approx(beta.lower, rel=1e-5)
    assert fixed["beta"] == ""


def test_options_that_another_choice_lacks_are_counted_and_not_listed(weighed):
    said = study.lines(study.compare([weighed / "plain", weighed / "stars"]))
    assert any(line.startswith("likelihood.kind ") for line in said)
    assert not any(line.startswith("likelihood.n_nodes") for line in said)
    assert any("options that come with these choices)" in line for line in said)


def test_one_model_by_two_samplers_is_no_rivalry(weighed):
    lines = study.lines(study.compare([weighed / "plain", weighed / "again"]))
    assert not any("posterior odds" in line for line in lines)
    assert "one model in all runs, which should agree in ln Z" in lines[-1]


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


@pytest.fixture(scope="module")
def weighed(tmp_path_factory):
    """Folders of runs with an evidence: two models of the same bins, another seed's stars, and star by star."""
    home = tmp_path_factory.mktemp("weighed")
    path, other = home / "stars.parquet", home / "other.parquet"
    for seed, name in ((3, path), (4, other)):
        tables.write_star_table(name, mock.simulate(mock.Truth(), np.random.default_rng(seed), n_stars=1500))
    fast = {"sampler.name": "laplace", "catalogue.simulated": True}
    changes = {
        "plain": (path, {}),
        "cored": (path, {"mass.halo.profile": "cored_isothermal"}),
        "few": (path, {"sampler.max_draws": 100}),
        "others": (other, {}),
        "stars": (path, {"likelihood.kind": "stars"}),
        "nuisances": (path, NUISANCES),
        "again": (path, {"seed": 2, "sampler.n_draws": 2000}),
        "emcee": (path, FAST | {"sampler.name": "emcee"}),
    }
    for name, (catalogue, change) in changes.items():
        asked = api.request(catalogue, "generic", settings={**fast, **change})
        api.execute(asked, home / name, pictures=False)
    return home


def test_models_of_the_same_data_are_compared_by_their_evidence(weighed):
    comparison = study.compare([weighed / "plain", weighed / "cored"])
    found = {c.name: c.run.summary.sampling for c in comparison.runs}
    said = study.lines(comparison)
    at = next(k for k, line in enumerate(said) if line.startswith("model comparison"))
    assert "posterior odds" in said[at]
    best = max(found, key=lambda name: found[name].log_evidence)
    other = next(name for name in found if name != best)
    rows = {line.split()[0]: line for line in said[at + 1 : at + 3]}
    assert f"{found[best].log_evidence:.2f} ± {max(found[best].log_evidence_error, 0.005):.2f}" in rows[best]
    assert rows[best].endswith("1")
    below = found[other].log_evidence - found[best].log_evidence
    assert f"{below:+.2f} ± " in rows[other]
    assert rows[other].endswith(f"1 : {np.exp(-below):.3g}")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("plain", "stars"), "likelihood.kind differs (plain: bins, stars: stars)"),
        (("stars", "nuisances"), "proper motions are used in nuisances and not in stars"),
        (("plain", "others"), "others was fitted to other bins than plain"),
        (("plain", "emcee"), "no ln Z in emcee: sampler.name = laplace or nested gives it"),
        (("plain", "few"), "the draws of few are unusable"),
    ],
)
def test_evidences_of_other_data_are_not_compared(weighed, names, said):
    lines = study.lines(study.compare([weighed / name for name in names]))
    assert not any(line.startswith("model comparison") for line in lines)
    assert any(line.startswith("models not compared: ") and said in line for line in lines)


def test_runs_without_any_evidence_say_nothing_of_it(runs):
    assert not any(
        "compare" in line or "model" in line for line in study.lines(study.compare([runs / "plain", runs / "beta"]))
    )
