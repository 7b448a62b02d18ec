"""A finished run folder, opened read-only."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haloscale import api
from haloscale.errors import RunFolderError
from haloscale.web.desk import Start
from haloscale.web.held import Held
from haloscale.web.start import first
from haloscale.web.state import State

SETTINGS = {"sampler.name": "laplace", "anisotropy.beta": 0.25, "selection.r_min": 6.0}


@pytest.fixture(scope="module")
def run_folder(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "r"
    api.execute(api.request(catalogue, "generic", settings=SETTINGS), folder, pictures=False)
    return folder


@pytest.fixture(scope="module")
def opened(serve: Any, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serve(Start(tmp_path_factory.mktemp("fits"), folder=run_folder)) as running:
        yield running


@pytest.fixture
def reader(opened: Any) -> Iterator[Any]:
    with opened.page() as page:
        yield page


def test_a_run_shows_what_it_holds(opened: Any, reader: Any, run_folder: Path) -> None:
    run = api.read_run(run_folder)
    told = opened.ask("controls").json
    assert told["read_only"] is True
    assert told["start"]["settings"]["anisotropy.beta"] == 0.25
    assert told["start"]["settings"]["selection.r_min"] == 6.0
    assert told["summary"]["parameters"]["m_vir"]["median"] == run.summary.parameters["m_vir"].median
    shown = reader.show("sample", "profile", "curves", "posterior")
    assert shown["sample"]["n_total"] == len(run.sample)
    assert shown["profile"]["n"] == run.profile.n.tolist()
    assert shown["posterior"]["method"] == "chain"
    summary = shown["posterior"]["summary"]["m_vir"]
    assert summary["median"] == pytest.approx(run.summary.parameters["m_vir"].median, rel=1e-3)
    best = run.chain.values[np.argmax(run.chain.log_posterior)]
    assert shown["curves"]["point"] == pytest.approx(dict(zip(run.chain.names, best, strict=True)))
    assert shown["curves"]["bands"]["sigma_los"]["lower"] == pytest.approx(run.mass_profile.sigma_los.lower, rel=1e-5)
    away = reader.show("curves", point={"m_vir": 5e12, "c": 5.0})["curves"]
    assert away["chi2"] > shown["curves"]["chi2"]


def test_a_run_cannot_be_changed(opened: Any, reader: Any) -> None:
    reader.send(do="fit", id=1, state={})
    assert "read-only" in reader.receive()["complaint"]["found"]
    assert opened.ask("upload?name=a.csv", b"l,b\n1,2\n").status == 403


def test_the_files_of_a_run_are_those_of_its_listing(opened: Any, run_folder: Path) -> None:
    assert opened.ask("run/summary.json").body == (run_folder / "summary.json").read_bytes()
    assert opened.ask("run/run.zip").headers["content-type"] == "application/zip"
    (run_folder / "later.html").write_text("<script>alert(1)</script>")
    assert opened.ask("run/later.html").status == 404
    settings = opened.ask("download/haloscale.toml")
    assert settings.body == (run_folder / "config.input.toml").read_bytes()


def test_a_run_of_another_version_is_told(run_folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(run_folder, tmp_path / "other")
    told = json.loads((other / "summary.json").read_text())
    (other / "summary.json").write_text(json.dumps({**told, "version": "99.0", "parameters": "new layout"}))
    with pytest.raises(RunFolderError) as refused:
        Held(other)
    assert "made by haloscale 99.0" in refused.value.found
    assert "weigh the catalogue again" in refused.value.advice


@pytest.mark.parametrize(("file", "key"), [("provenance.json", "haloscale"), ("summary.json", "version")])
def test_a_run_of_another_version_that_can_be_read_says_so(
    run_folder: Path, tmp_path: Path, file: str, key: str
) -> None:
    other = shutil.copytree(run_folder, tmp_path / "other")
    (other / file).write_text(json.dumps({**json.loads((other / file).read_text()), key: "99.0"}))
    held = Held(other)
    for message in (held.sample(State()), held.curves(State())):
        assert any("made by haloscale 99.0" in note for note in message["notes"])
    assert not any("made by" in note for note in Held(run_folder).curves(State())["notes"])


def test_a_run_of_an_unknown_setting_is_told(run_folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(run_folder, tmp_path / "other")
    text = (other / "config.resolved.toml").read_text()
    (other / "config.resolved.toml").write_text(text.replace("[anisotropy]", "[anisotropy]\nwarp = 9"))
    with pytest.raises(RunFolderError, match="cannot be read by"):
        Held(other)


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no finished run"):
        Held(first(tmp_path, "", "zhai2018", {}, {}, tmp_path).folder or tmp_path)
