"""The calibration study: the same result whatever the processes and interruptions, and the command."""

import json

import numpy as np
import pytest
from scipy.special import ndtr

from haloscale import calibrate, study, tables
from haloscale.calibrate.catalogue import DRAWS, failure, fit_catalogue
from haloscale.errors import ConfigError, RunFolderError

STARS = {"likelihood.kind": "stars", "sampler.name": "laplace", "selection.z_min": "off", "selection.r_min": 10.0}
BINS = {"sampler.name": "laplace"}
SMALL = {"n": 4, "stars": 400, "settings": BINS}
MADE = (
    *("calibration.ecsv", "calibration.json", "figures/calibration.png", "figures/calibration.pdf"),
    *("config.input.toml", "config.resolved.toml", "CITE.bib"),
)
FREE = {
    "anisotropy.beta": {"prior": "normal", "mean": 0.2, "sd": 0.1},
    "catalogue.v_offset": {"prior": "normal", "mean": 0.0, "sd": 5.0},
    "catalogue.distance_scale": {"prior": "log_normal", "mean": 0.0, "sd": 0.05},
    "likelihood.outlier_fraction": {"prior": "uniform", "low": 0.0, "high": 0.2},
}
JOINT = """
likelihood.kind = "stars"
sampler.name = "laplace"
selection.z_min = "off"
[[catalogue]]
name = "giants"
path = "absent.fits"
survey = "segue_kgiants"
[[catalogue]]
name = "bhb"
path = "absent_too.fits"
survey = "segue_bhb"
v_offset = { prior = "normal", mean = 0.0, sd = 60.0 }
[catalogue.tracer]
log_slope = { prior = "uniform", low = -4.0, high = -3.0 }
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate") / "one"
    return calibrate.execute(calibrate.design(**SMALL), folder, workers=1), folder


def content(folder):
    return {name: (folder / name).read_bytes() for name in MADE}


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(finished, tmp_path):
    calibrate.execute(calibrate.design(**SMALL), tmp_path / "two", workers=2)
    assert content(tmp_path / "two") == content(finished[1])


def test_a_catalogue_depends_on_its_index_and_the_seed_alone(finished):
    known = tables.read_study(finished[1] / "calibration.ecsv")
    alone = fit_catalogue(calibrate.design(**{**SMALL, "n": 9}), 3)
    assert alone == {name: column[3] for name, column in known.items()}
    other = fit_catalogue(calibrate.design(**SMALL, seed=2), 3)
    assert other["m_vir_truth"] != alone["m_vir_truth"]


def test_interrupted_it_resumes_to_the_same_bytes(finished, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "_STEP", 2)
    told = []

    def stop_after_two(event):
        if event.fraction is not None:
            raise KeyboardInterrupt

    folder, design = tmp_path / "study", calibrate.design(**SMALL)
    with pytest.raises(KeyboardInterrupt):
        calibrate.execute(design, folder, workers=1, on_event=stop_after_two)
    assert {p.name for p in folder.iterdir()} == {".work"}
    with pytest.raises(RunFolderError, match=r"--stars changed"):
        calibrate.execute(calibrate.design(**{**SMALL, "stars": 500}), folder)
    calibrate.execute(design, folder, workers=1, on_event=lambda event: told.append(event.message))
    assert "2 of them known" in told[0]
    assert content(folder) == content(finished[1])


def test_finished_it_is_shown_again_and_refuses_another(finished):
    summary, folder = finished
    assert calibrate.execute(calibrate.design(**SMALL), folder) == summary
    for changed, key in (({"n": 5}, "--n"), ({"distance_error": 0.1}, "--distance-error"), ({"seed": 2}, "seed")):
        with pytest.raises(RunFolderError, match=key):
            calibrate.execute(calibrate.design(**{**SMALL, **changed}), folder)


def test_a_row_is_that_of_the_posterior_and_its_prior(finished):
    summary, folder = finished
    table = tables.read_study(folder / "calibration.ecsv")
    assert set(summary["quantities"]) == {"m_vir", "c", "m_within_100kpc"}
    for name in summary["quantities"]:
        low, high, rank = (table[f"{name}_{what}"] for what in ("low_95", "high_95", "rank"))
        assert np.all(low < table[f"{name}_lower"])
        assert np.all(table[f"{name}_lower"] < table[f"{name}_median"])
        assert np.all(table[f"{name}_upper"] < high)
        assert np.all((rank >= 0) & (rank <= DRAWS))
        assert rank / DRAWS == pytest.approx(ndtr(-table[f"{name}_pull"]), abs=0.25)  # near normal posteriors
    assert np.all((table["m_vir_truth"] > 1e11) & (table["m_vir_truth"] < 1e13))
    assert "solMass" in (folder / "calibration.ecsv").read_text()
    assert "Talts2018" in (folder / "CITE.bib").read_text()
    json.dumps(summary, allow_nan=False)


def test_several_catalogues_are_simulated_of_one_halo_and_fitted_together(tmp_path, haloscale):
    """Each has its own tracer and zero point; the files that it names need not exist."""
    (tmp_path / "joint.toml").write_text(JOINT)
    design = calibrate.design(n=2, stars=400, recipe=tmp_path / "joint.toml")
    row = fit_catalogue(design, 0)
    assert row["status"] > 0, failure(design, 0)
    names = [name.removesuffix("_truth") for name in row if name.endswith("_truth")]
    assert names == ["m_vir", "c", "bhb_log_slope", "bhb_v_offset", "m_within_100kpc"]
    assert all(row[f"{name}_low_95"] < row[f"{name}_high_95"] for name in names)
    assert 200 < row["n_in_bins"] < 800
    assert abs(row["bhb_v_offset_median"] - row["bhb_v_offset_truth"]) < 40.0  # its prior is 60 km/s wide

    few = ("--n", 2, "--stars", 400, "--workers", 1)
    done = haloscale("calibrate", tmp_path / "joint.toml", *few, "-o", tmp_path / "out")
    assert done.code in (0, 3), done.err
    assert "400 stars each of giants, bhb" in done.out
    assert tables.read_study(tmp_path / "out" / "calibration.ecsv")["m_vir_median"][0] == row["m_vir_median"]


@pytest.mark.slow
def test_star_by_star_with_every_nuisance_free():
    design = calibrate.design(n=2, stars=300, settings=STARS | FREE | {"sampler.max_draws": 1024})
    row = fit_catalogue(design, 0)
    assert row["status"] > 0, failure(design, 0)
    assert row["n_in_bins"] > 20
    for name in ("beta", "catalogue_v_offset", "catalogue_distance_scale", "likelihood_outlier_fraction"):
        assert np.isfinite(row[f"{name}_pull"])
        assert row[f"{name}_low_95"] < row[f"{name}_high_95"]


def test_a_catalogue_that_cannot_be_fitted_is_counted(haloscale, tmp_path):
    """No star of 60 lies in the only bin."""
    settings = [f"--set={key}={value}" for key, value in {**BINS, "dispersion.edges": "[115,118]"}.items()]
    done = haloscale("calibrate", "--n", 2, "--stars", 60, "--workers", 1, *settings, "-o", tmp_path / "none")
    assert done.code == 3, done.err
    assert "2 failed" in done.out
    assert "none of the 1 radial bins holds enough stars" in done.out
    summary = json.loads((tmp_path / "none" / "calibration.json").read_text())
    assert summary["verdict"] == "no fit"
    assert np.isnan(tables.read_study(tmp_path / "none" / "calibration.ecsv")["m_vir_rank"]).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 0}, "at least 2 catalogues"),
        ({"stars": 10}, "at least 50 halo stars"),
        ({"sample": "lamots"}, "did you mean 'lamost'"),
        ({"distance_error": 0.5}, "from 0 to 0.39"),
        ({"settings": {"mass.halo.m_vir": 1e12, "mass.halo.c": 12.0}}, "no parameter is free"),
        ({"settings": {"distance.method": "giant_branch"}}, "distance.method=catalogue"),
        ({"recipe": "absent.toml"}, "there is no file absent.toml"),
    ],
)
def test_wrong_input_is_told_before_anything_runs(given, words):
    with pytest.raises(ConfigError) as caught:
        calibrate.design(**given)
    assert words in str(caught.value)


def test_the_command(haloscale, tmp_path, finished):
    folder = finished[1]
    given = ("calibrate", "--n", 4, "--stars", 400, "--set", "sampler.name=laplace", "-o", folder)
    done = haloscale(*given)
    assert done.code == (0 if calibrate.is_calibrated(finished[0]) else 3), done.err
    assert "verdict:" in done.out
    assert "of which" in done.out
    assert "holds this study already" in done.err
    assert haloscale("calibrate", "--n", 0, "-o", tmp_path / "none").code == 2
    assert haloscale("calibrate", folder / "config.input.toml", "--recipe=modern", "-o", tmp_path / "none").code == 2
    assert not (tmp_path / "none").exists()
