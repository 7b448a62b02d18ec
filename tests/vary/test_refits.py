"""Refits: the run's own numbers where nothing changes, the same answer in any number of processes, the folder."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import haloscale as hs
from haloscale import api, cosmology, mock, tables
from haloscale.robustness import QUANTITIES
from haloscale.vary import Variation, add, refit_all, refits

pytestmark = pytest.mark.slow

FAST = {"sampler.n_steps": 400, "sampler.max_steps": 400, "sampler.n_walkers": 16}
WANTED = (
    Variation("anisotropy", "beta = 0.5", {"anisotropy.beta": 0.5}, "why"),
    Variation("radial bins", "two wide ones", {"dispersion.edges": [5.0, 20.0, 60.0]}, "why"),
    Variation("definition", "bn98", {"mass.halo.overdensity": 101.1}, "why", counted=False),
    Variation("tracer", "impossible", {"tracer.log_slope": 3.0}, "why"),
    Variation("nothing", "nothing", {"catalogue.v_offset": 0.0}, "why"),
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(3), n_stars=4000))
    return path


@pytest.fixture(scope="module")
def finished(catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "plain"
    asked = api.request(catalogue, "generic", settings=FAST)
    return asked, api.execute(asked, folder, pictures=False), folder


@pytest.fixture(scope="module")
def study(finished):
    asked, run, _ = finished
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refits, "plan", lambda config, edges: WANTED)
        return refit_all(asked, run)


def test_what_changes_nothing_gives_the_runs_own_numbers(study):
    same = study.refits[-1]
    assert same.values == study.base.values
    assert same.chi2 == study.base.chi2
    assert same.n_in_bins == study.base.n_in_bins


def test_radial_anisotropy_takes_mass_away(study):
    assert study.percent(study.refits[0], "m_within_100kpc") < -5


def test_bins_are_made_again_from_the_stars(study):
    assert study.refits[1].n_points == 2
    assert study.refits[1].n_in_bins < study.base.n_in_bins


def test_another_definition_moves_the_edge_and_not_the_halo(study):
    other = study.refits[2]
    halo = hs.mass.NFW(m_vir=study.base["m_vir"].median, c=study.base["c"].median)
    m, _, c = cosmology.convert(halo, 101.1 * cosmology.critical_density())
    assert other["m_vir"].median == pytest.approx(m, rel=0.05)
    assert other["c"].median == pytest.approx(c, rel=0.05)
    assert other["m_within_100kpc"].median == pytest.approx(study.base["m_within_100kpc"].median, rel=0.02)
    assert not other.counts


def test_what_cannot_be_fitted_says_why(study):
    failed = study.refits[3]
    assert failed.status == "failed"
    assert "tracer.log_slope = 3" in failed.note


def test_the_number_of_processes_does_not_matter(finished, study, monkeypatch):
    asked, run, _ = finished
    monkeypatch.setattr(refits, "plan", lambda config, edges: WANTED[:2])
    assert refit_all(asked, run, workers=2).refits == study.refits[:2]


def test_added_to_the_folder_it_stays_and_touches_nothing_else(finished, monkeypatch):
    asked, _, folder = finished

    def content() -> dict[str, str]:
        files = (p for p in folder.rglob("*") if p.is_file())
        return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    before = content()
    monkeypatch.setattr(refits, "plan", lambda config, edges: WANTED[:3])
    told: list[str] = []
    run = add(asked, folder, lambda event: told.append(event.message))
    assert told[-1].startswith("3 of 3: ")
    after = content()
    assert set(after) - set(before) == {"vary.csv", "figures/tornado.png", "figures/tornado.pdf", "report.html"}
    assert all(after[name] == known for name, known in before.items())
    assert "beta = 0.5" in (folder / "report.html").read_text()

    again = add(asked, folder, lambda event: told.append(event.message))
    assert "already" in told[-1]
    assert again.robustness == run.robustness
    assert content() == after


def test_python_and_the_command_line_ask_for_it(catalogue, tmp_path, monkeypatch, haloscale):
    monkeypatch.setattr(refits, "plan", lambda config, edges: WANTED[:1])
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    run = hs.weigh(catalogue, "generic", set=FAST, vary=True)
    assert set(run.robustness.base.values) == set(QUANTITIES)
    settings = [word for key, value in FAST.items() for word in ("--set", f"{key}={value}")]
    done = haloscale("weigh", catalogue, "--survey", "generic", *settings, "-o", tmp_path / "run", "--vary", "-q")
    assert "beta = 0.5" in done.out
    assert "(sys)" in done.out
    assert done.code in (0, 3)
    assert (tmp_path / "run" / "vary.csv").exists()


def test_the_route_of_eq_9_is_refitted_by_that_route(catalogue, tmp_path):
    asked = api.request(catalogue, "generic", settings={**FAST, "jeans.route": "v_circ"})
    run = api.execute(asked, tmp_path / "run", pictures=False)
    start = refits.Start(asked.loaded.config, tables_of(asked), False, run.sample, run.profile, run.cutflow)
    made = refits.refit(start, replace(WANTED[-1], settings={"anisotropy.beta": 0.0}))
    assert made["m_vir"].median == run.summary.parameters["m_vir"].median


def tables_of(asked):
    from haloscale.surveys.base import surveys

    return tables.read_catalogue(Path(asked.catalogue), surveys["generic"], {})
