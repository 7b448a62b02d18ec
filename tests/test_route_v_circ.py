"""Runs by the derivative route: from a catalogue to an answer, its record and its figure."""

import numpy as np
import pytest

import haloscale as hs
from haloscale import mock, stages, tables
from haloscale.errors import ConfigError, InputError

pytestmark = pytest.mark.slow

FAST = {"sampler.n_steps": 1500, "sampler.max_steps": 6000}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(11), n_stars=9000))
    return path


@pytest.fixture(scope="module")
def runs(catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    made = {"sigma": FAST, "v_circ": {**FAST, "jeans.route": "v_circ"}}
    return {name: (hs.weigh(catalogue, "generic", out=folder / name, set=given), folder / name)
            for name, given in made.items()}  # fmt: skip


def test_the_answer_is_that_of_the_points(runs):
    run, _ = runs["v_circ"]
    points = run.circular_velocity
    assert run.summary.n_points == points.in_fit.sum()
    best = run.chain.values[np.argmax(run.chain.log_posterior)]
    config = hs.config.load(settings={**FAST, "jeans.route": "v_circ"}).config
    galaxy = stages.galaxy_model(config).build(best)
    residual = (galaxy.total.v_circ(points.r) - points.v_circ) / points.error
    assert run.summary.chi2 == pytest.approx(np.sum(residual[points.in_fit] ** 2))
    truth = mock.Truth().numbers["m_vir"]
    assert 0.6 < run.summary.parameters["m_vir"].median / truth < 1.6


def test_both_routes_write_their_points_and_share_them_where_nothing_is_free(runs):
    points = [tables.read_circular_velocity(folder / "circular_velocity.ecsv") for _, folder in runs.values()]
    assert np.array_equal(points[0].v_circ_squared, points[1].v_circ_squared)
    for run, folder in runs.values():
        assert np.array_equal(hs.read_run(folder).circular_velocity.v_circ, run.circular_velocity.v_circ)
        assert {p.name for p in (folder / "figures").iterdir()} >= {"v_circ.png", "v_circ.pdf"}
    assert runs["sigma"][0].summary.chi2 != runs["v_circ"][0].summary.chi2


def test_the_report_says_how(runs):
    assert "derivative by finite difference" in (runs["v_circ"][1] / "report.html").read_text()


def test_a_free_beta_makes_the_points_of_the_sigma_route_follow_its_posterior(catalogue):
    beta = {"anisotropy.beta": {"prior": "uniform", "low": 0.2, "high": 0.21}}
    fixed, free = (hs.weigh(catalogue, "generic", set={**FAST, **given}).circular_velocity for given in ({}, beta))
    expected = (-4 + 2 * 0.205 + 0.2) / (-4 + 0.2)  # for a dispersion slope near -0.2
    assert np.median(free.v_circ_squared / fixed.v_circ_squared) == pytest.approx(expected, abs=0.02)


def test_two_bins_are_refused_by_the_derivative_and_serve_the_integral(catalogue):
    two = {**FAST, "dispersion.edges": [5, 20, 120]}
    with pytest.raises(InputError, match="2 of the 2 radial bins hold a velocity dispersion, too few"):
        hs.weigh(catalogue, "generic", set={**two, "jeans.route": "v_circ"})
    run = hs.weigh(catalogue, "generic", set=two)
    assert not run.circular_velocity.in_fit.any()


@pytest.mark.parametrize(("key", "low", "high"), [("anisotropy.beta", -0.5, 0.5), ("tracer.log_slope", -5.0, -3.0)])
def test_what_makes_the_points_may_not_be_free(key, low, high):
    with pytest.raises(ConfigError, match=f"{key} is free"):
        hs.config.load(settings={"jeans.route": "v_circ", key: {"prior": "uniform", "low": low, "high": high}})


def test_the_points_are_needed():
    config = hs.config.load(settings={"jeans.route": "v_circ"}).config
    with pytest.raises(ValueError, match=r"stages\.circular_velocity"):
        stages.posterior(config, None, None)
