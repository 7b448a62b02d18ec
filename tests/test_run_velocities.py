"""The check of the velocities in space as a stage of a run: its files, its warning, read back, of each catalogue."""

import json
import subprocess
import sys

import numpy as np
import pytest

from haloscale import api, mock, tables

FIXED = {
    "likelihood.kind": "df", "likelihood.n_samples": 4, "sampler.name": "laplace", "sampler.n_draws": 64,
    "sampler.max_draws": 64, "mass.halo.c": 15.0, "anisotropy.beta": 0.0,
}  # fmt: skip
FILES = {"velocities.ecsv", "velocity_histograms.ecsv"}

JOINT = """
recipe = "zhai2018"
[likelihood]
kind = "df"
n_samples = 4
[sampler]
name = "laplace"
n_draws = 64
max_draws = 64
[mass.halo]
c = 15.0
[[catalogue]]
name = "giants"
path = "stars.parquet"
survey = "generic"
[[catalogue]]
name = "bare"
path = "bare.parquet"
survey = "generic"
[catalogue.tracer]
log_slope = -3.9
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("stars")
    stars = mock.simulate_simple(
        mock.Truth(), np.random.default_rng(1), 2400, distance_fractional_error=0.1, v_error=5.0, velocities="exact"
    )
    tables.write_star_table(made / "stars.parquet", stars)
    without = {name: column for name, column in stars.columns.items() if not name.startswith("pm")}
    tables.write_star_table(made / "bare.parquet", type(stars)(without, "generic"))
    (made / "joint.toml").write_text(JOINT)
    return made


def names_in(folder):
    return {path.name for path in folder.iterdir()}


def test_a_run_holds_it_and_gives_it_back(folder, tmp_path):
    nothing_free = FIXED | {"mass.halo.m_vir": 1.1e12}
    asked = api.request(folder / "stars.parquet", "generic", settings=nothing_free)
    run = api.execute(asked, tmp_path / "run", pictures=False)
    assert names_in(tmp_path / "run") >= FILES
    assert "velocities" in json.loads((tmp_path / "run" / "provenance.json").read_text())["stages"]
    assert run.velocities.n_replicas == 200
    assert (run.velocities.verdict in run.summary.warnings) == (not run.velocities.fits)
    assert run.velocities.components["v_gsr"].n.sum() == run.summary.n_in_bins
    for name in FILES:
        (tmp_path / "run" / name).unlink()
    assert api.read_run(tmp_path / "run").velocities is None


@pytest.mark.slow
def test_of_several_catalogues_those_with_motions_have_one(folder, tmp_path):
    run = api.execute(api.request(folder / "joint.toml", ""), tmp_path / "run", pictures=False)
    assert list(run.velocity_checks) == ["giants"]
    assert run.velocities is None
    assert run.of("giants").velocities is run.velocity_checks["giants"]
    assert run.of("bare").velocities is None
    assert {"velocities_giants.ecsv", "velocity_histograms_giants.ecsv"} <= names_in(tmp_path / "run")


@pytest.mark.slow
def test_the_folder_holds_the_contract_and_the_terminal_says_it(folder, tmp_path, haloscale, shared):
    settings = [word for key, value in FIXED.items() for word in ("--set", f"{key}={value}")]
    done = haloscale("weigh", folder / "stars.parquet", "--survey", "generic", "-o", tmp_path / "run", *settings)
    assert done.code in (0, 3), done.err
    assert "\nvelocities: " in done.out
    assert {"velocities.png", "velocity_ellipsoid.pdf"} <= names_in(tmp_path / "run" / "figures")
    checker = shared("checks/check_run_folder.py")
    checks = subprocess.run([sys.executable, str(checker), str(tmp_path / "run")], capture_output=True, text=True)
    assert checks.returncode == 0, checks.stdout
