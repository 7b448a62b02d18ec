"""Runs: the folder, the same seed, interruption at any moment, and refusal of another run."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import haloscale as hs
from haloscale import mock, tables
from haloscale.errors import RunFolderError

FAST = {"sampler.n_steps": 1500, "sampler.max_steps": 6000}
SETTINGS = [word for key, value in FAST.items() for word in ("--set", f"{key}={value}")]
CHANGES = {"provenance.json", "log.txt"}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "stars.parquet"
    stars = mock.simulate(mock.Truth(), np.random.default_rng(11), n_stars=6000)
    tables.write_star_table(path, stars)
    return path


@pytest.fixture(scope="module")
def finished(catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "first"
    return hs.weigh(catalogue, "generic", out=folder, set=FAST), folder


def content(folder: Path) -> dict[str, str]:
    """Checksum of every file that must not change from run to run."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in CHANGES)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_run_folder_holds_the_contract(finished, shared):
    _, folder = finished
    checker = shared("checks/check_run_folder.py")
    done = subprocess.run([sys.executable, str(checker), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_same_seed_same_files(catalogue, finished, tmp_path):
    hs.weigh(catalogue, "generic", out=tmp_path / "second", set=FAST)
    assert content(tmp_path / "second") == content(finished[1])


@pytest.mark.slow
def test_another_seed_gives_another_chain(catalogue, finished, tmp_path):
    other = hs.weigh(catalogue, "generic", set=FAST, seed=2)
    assert not np.array_equal(other.chain.values, finished[0].chain.values)
    assert other.sample.row.tolist() == finished[0].sample.row.tolist()


@pytest.mark.slow
def test_without_a_folder_the_result_is_the_same(catalogue, finished):
    result = hs.weigh(catalogue, "generic", set=FAST)
    assert result.summary.parameters["m_vir"] == finished[0].summary.parameters["m_vir"]
    assert np.array_equal(result.chain.values, finished[0].chain.values)


def test_records_read_back_are_the_records_written(finished):
    run, folder = finished
    again = hs.read_run(folder)
    assert again.summary == run.summary
    assert np.array_equal(again.mass_profile.sigma_r.median, run.mass_profile.sigma_r.median)
    assert again.config == run.config


@pytest.mark.slow
def test_resolved_configuration_repeats_the_run(catalogue, finished, tmp_path):
    again = hs.weigh(catalogue, "generic", recipe=finished[1] / "config.resolved.toml", out=tmp_path / "again")
    assert again.summary.parameters == finished[0].summary.parameters


def test_finished_folder_prints_the_result_again(haloscale, catalogue, finished):
    before = {p: p.stat().st_mtime_ns for p in finished[1].rglob("*")}
    done = haloscale("weigh", catalogue, "--survey", "generic", "-o", finished[1], *SETTINGS)
    assert done.code in (0, 3), done.err
    assert "m_vir" in done.out
    assert {p: p.stat().st_mtime_ns for p in finished[1].rglob("*")} == before


def test_finished_folder_refuses_another_configuration_and_names_the_key(haloscale, catalogue, finished):
    before = content(finished[1])
    done = haloscale(
        "weigh", catalogue, "--survey", "generic", "-o", finished[1], *SETTINGS, "--set", "anisotropy.beta=0.3"
    )
    assert done.code == 2
    assert "anisotropy.beta" in done.err
    done = haloscale("weigh", catalogue, "--survey", "generic", "-o", finished[1], *SETTINGS, "--seed", 5)
    assert done.code == 2
    assert "seed" in done.err
    assert content(finished[1]) == before


def test_finished_folder_refuses_another_catalogue(catalogue, finished, tmp_path):
    other = tmp_path / catalogue.name
    stars = mock.simulate(mock.Truth(), np.random.default_rng(12), n_stars=3000)
    tables.write_star_table(other, stars)
    with pytest.raises(RunFolderError, match="content of the catalogue"):
        hs.weigh(other, "generic", out=finished[1], set=FAST)


@pytest.mark.slow
def test_report_is_redrawn_to_the_same_bytes(haloscale, finished):
    before = content(finished[1])
    done = haloscale("report", finished[1])
    assert done.code == 0, done.err
    assert content(finished[1]) == before


def test_latex_row_and_citations(haloscale, finished):
    row = haloscale("report", finished[1], "--latex")
    assert row.code == 0
    assert row.out.count("&") >= 3
    cited = haloscale("cite", finished[1])
    assert cited.out == (finished[1] / "CITE.bib").read_text()
    assert "Zhai" in cited.out
    assert "emcee" in cited.out.lower()


def test_a_run_is_shown_in_one_line(finished):
    assert repr(finished[0]).startswith("Run(m_vir = ")
    assert repr(hs.read_run(str(finished[1]))) == repr(finished[0])


def test_the_same_file_under_another_name_is_the_same_run(catalogue, finished, tmp_path):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(catalogue.read_bytes())
    assert hs.weigh(copy, "generic", out=finished[1], set=FAST).summary == finished[0].summary


def test_report_of_a_folder_without_run(haloscale, tmp_path):
    done = haloscale("report", tmp_path)
    assert done.code == 2
    assert "no finished run" in done.err


def test_two_processes_do_not_share_a_folder(catalogue, tmp_path):
    from haloscale.folder import claimed

    identity = {"config": {}, "catalogue_sha256": ""}
    second = claimed(tmp_path / "run", identity)
    with claimed(tmp_path / "run", identity), pytest.raises(RunFolderError, match="another process"):
        second.__enter__()


def command(catalogue, folder):
    return [
        sys.executable,
        "-m",
        "haloscale.cli",
        "weigh",
        str(catalogue),
        "--survey",
        "generic",
        "-o",
        str(folder),
        *SETTINGS,
    ]


HEEDING = """
import signal
from haloscale.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # the children of a shell's background job ignore Ctrl-C
main()
"""


def test_interrupted_while_sampling_says_one_line(catalogue, tmp_path):
    python, _, _, *given = command(catalogue, tmp_path / "run")
    words = [python, "-c", HEEDING, *given, "--set", "sampler.n_steps=40000", "--set", "sampler.max_steps=40000"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not _dispersion_is_done(tmp_path / "run"):
        time.sleep(0.05)
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert err.strip().endswith("the same command resumes")


def _dispersion_is_done(folder):
    state = folder / ".work/state.json"
    return state.exists() and "dispersion" in json.loads(state.read_text())["stages"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_killed_at_any_moment_the_next_run_ends_the_same(catalogue, finished, tmp_path, seed):
    """Kill -9 after a random time; no half result shows; the same command then gives the same bytes."""
    folder = tmp_path / "killed"
    process = subprocess.Popen(command(catalogue, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(float(np.random.default_rng(seed).uniform(0.5, 7.0)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not (folder / "summary.json").exists():
        shown = {p.name for p in folder.iterdir()} if folder.exists() else set()
        assert shown <= {".work"}
    done = subprocess.run(command(catalogue, folder), capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    assert content(folder) == content(finished[1])


@pytest.mark.slow
def test_killed_between_any_two_stages(catalogue, finished, tmp_path, monkeypatch):
    """Interrupt after each stage in turn; the next run takes what is there, and ends at the same bytes."""
    from haloscale import folder as folders

    folder, save = tmp_path / "run", folders.Work.save

    def save_and_stop(self, *, finishing=False):
        save(self, finishing=finishing)
        if len(self.stages) > stages_before:
            raise KeyboardInterrupt

    for stages_before in range(6):  # noqa: B007 - read by save_and_stop
        monkeypatch.setattr(folders.Work, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            hs.weigh(catalogue, "generic", out=folder, set=FAST)
        assert {p.name for p in folder.iterdir()} == {".work"}
        monkeypatch.undo()
        with pytest.raises(RunFolderError, match=r"anisotropy\.beta"):
            hs.weigh(catalogue, "generic", out=folder, set={**FAST, "anisotropy.beta": 0.3})
    hs.weigh(catalogue, "generic", out=folder, set=FAST)
    assert content(folder) == content(finished[1])


@pytest.mark.slow
def test_killed_while_files_move_into_place(catalogue, finished, tmp_path, monkeypatch):
    folder, replace, moved = tmp_path / "run", os.replace, []

    def stop_after_three(source, target):
        if ".work/files/" in str(source) and ".work" not in str(target):
            if len(moved) == 3:
                raise KeyboardInterrupt
            moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", stop_after_three)
    with pytest.raises(KeyboardInterrupt):
        hs.weigh(catalogue, "generic", out=folder, set=FAST)
    monkeypatch.undo()
    assert not (folder / "summary.json").exists()
    hs.weigh(catalogue, "generic", out=folder, set=FAST)
    assert content(folder) == content(finished[1])


def test_provenance(finished):
    run, folder = finished
    said = json.loads((folder / "provenance.json").read_text())
    assert said["seed"] == 1
    assert set(said["stages"]) == {"sample", "dispersion", "fit", "circular_velocity", "mass", "predictive", "figures"}
    assert all(stage["seconds"] >= 0 and len(stage["hash"]) == 64 for stage in said["stages"].values())
    assert said["versions"]["numpy"] == np.__version__
    assert run.provenance == said
