"""`haloscale weigh` with tracers and anisotropies that vary with radius, on one small simulated catalogue."""

import json

import numpy as np
import pytest

from haloscale import mock, tables

pytestmark = pytest.mark.slow

FAST = ("sampler.n_steps=300", "sampler.max_steps=300", "sampler.n_walkers=16")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(12), n_stars=1500))
    return path


@pytest.fixture
def weigh(haloscale, catalogue, tmp_path):
    def run(*settings):
        words = [word for setting in (*FAST, *settings) for word in ("--set", setting)]
        done = haloscale("weigh", catalogue, "--survey", "generic", "-o", tmp_path / "run", *words)
        # 3: the chain, this short, is called unusable
        assert done.code in (0, 3), done.err
        return json.loads((tmp_path / "run" / "summary.json").read_text()), tmp_path / "run"

    return run


def test_fixed_models(weigh):
    summary, folder = weigh("anisotropy.model=osipkov_merritt", "anisotropy.r_a=20", "tracer.profile=einasto")
    assert list(summary["parameters"]) == ["m_vir", "c"]
    assert 1e11 < summary["parameters"]["m_vir"]["median"] < 1e13
    assert 'model = "osipkov_merritt"' in (folder / "config.resolved.toml").read_text()
    cited = next(folder.rglob("CITE.bib")).read_text()
    assert all(key in cited for key in ("Osipkov1979", "Merritt1985", "Xue2015"))


def test_free_parameters_of_tracer_and_anisotropy(weigh):
    prior = '{ prior = "uniform", low = 10, high = 40 }'
    summary, _ = weigh("anisotropy.model=tiret", "tracer.profile=broken_power_law", f"tracer.r_break={prior}")
    assert list(summary["parameters"]) == ["m_vir", "c", "r_break", "beta_0", "beta_inf", "r_beta"]
    for name, (low, high) in {"r_break": (10, 40), "beta_0": (-0.5, 0.95), "r_beta": (1, 200)}.items():
        assert low < summary["parameters"][name]["median"] < high


def test_a_table(weigh):
    summary, _ = weigh("tracer.profile=table", "tracer.r=[5, 20, 80]", "tracer.density=[1.0, 4e-3, 1.6e-5]")
    assert 1e11 < summary["parameters"]["m_vir"]["median"] < 1e13


def test_a_divergent_pair_is_named(haloscale, catalogue, tmp_path):
    words = ("tracer.profile=table", "tracer.r=[5, 20]", "tracer.density=[1, 1]", "anisotropy.beta=0.9")
    settings = [word for setting in (*FAST, *words) for word in ("--set", setting)]
    done = haloscale("weigh", catalogue, "--survey", "generic", "-o", tmp_path / "run", *settings)
    assert done.code != 0
    assert "far out -log_slope - 2 beta = -1.8 must exceed -1" in done.err
    assert "Traceback" not in done.err
