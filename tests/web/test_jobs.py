"""Fits: found again, cancelled without a trace, and the same numbers from the downloaded settings."""

import json
import time
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from haloscale.errors import ConfigError
from haloscale.run import Event
from haloscale.web import jobs
from haloscale.web.state import encode, read_state

QUICK = {"sampler.name": "laplace"}


def test_a_cancelled_fit_leaves_nothing(served: Any, client: Any) -> None:
    client.send(do="fit", id=1, state={"settings": {"likelihood.kind": "stars"}})
    job = client.receive(lambda m: m["kind"] == "job")["job"]
    folder, end = served.desk.jobs.folder / job, time.monotonic() + 60
    while not (folder / ".work" / "files" / "sample.parquet").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert folder.exists()
    client.send(do="cancel", id=2, job=job)
    assert client.end_of(job)["status"] == "cancelled"
    client.receive(lambda m: m["id"] == 2)
    assert not folder.exists()
    assert served.ask(f"jobs/{job}/summary.json").status == 404


def test_a_fit_says_what_it_fits(client: Any) -> None:
    client.send(do="fit", id=1, state={"recipe": "modern", "settings": {"substructure.method": "keep_all"}})
    job = client.receive(lambda m: m["kind"] == "job")
    client.send(do="cancel", id=2, job=job["job"])
    client.receive(lambda m: m["id"] == 2)
    assert job["title"] == "stars.fits"
    assert job["state"]["recipe"] == "modern"
    assert job["state"]["settings"] == {"substructure.method": "keep_all"}


def test_a_warning_does_not_take_the_place_of_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []

    class There:
        def send(self, changed: dict[str, Any]) -> None:
            told.append(changed)

        def close(self) -> None:
            pass

    def execute(request: Any, folder: Path, tell: Any) -> None:
        tell(Event("config", "sampler.n_steps is dropped"))
        tell(Event("fit", "half of the draws", fraction=0.5))
        tell(Event("fit", "look at the priors", "warning"))
        raise ConfigError("enough", "nothing", "stop")

    monkeypatch.setattr(jobs, "bounded", lambda: None)
    monkeypatch.setattr(jobs.runs, "execute", execute)
    jobs._fit(There(), None, tmp_path / "fit")  # type: ignore[arg-type]
    assert told[:2] == [
        {"stage": "fit", "line": "half of the draws", "fraction": 0.5}, {"warnings": ("look at the priors",)},
    ]  # fmt: skip
    assert told[2]["status"] == "failed"


def test_a_fit_that_cannot_be_is_told_at_once(client: Any) -> None:
    client.send(do="fit", id=1, state={"settings": {"selection.r_min": 500.0, "selection.r_max": 600.0}})
    error = client.receive(lambda m: m["id"] == 1)
    assert error["kind"] == "error"
    assert "leaves no star" in error["complaint"]["found"]


def test_waiting_fits_are_limited_and_wait_their_turn(served: Any, client: Any) -> None:
    state = {"settings": {"likelihood.kind": "stars"}}
    for k in range(11):
        client.send(do="fit", id=k, state=state)
        answer = client.receive(lambda m, k=k: m["id"] == k)
        if answer["kind"] == "error":
            break
    else:
        pytest.fail("eleven fits were taken at once")
    assert "fits are waiting" in answer["complaint"]["found"]
    client.send(do="jobs", id=99)
    jobs = {m["job"]: m["status"] for m in served.desk.jobs.messages()}
    for job, status in reversed(jobs.items()):  # those that wait first: else each would begin
        if status in ("waiting", "running"):
            client.send(do="cancel", id=100, job=job)
            client.receive(lambda m: m["id"] == 100)
    end = time.monotonic() + 30
    while served.desk.jobs._processes and time.monotonic() < end:
        time.sleep(0.1)
    assert not [path for path in served.desk.jobs.folder.glob("fit-*") if not (path / "summary.json").exists()]


@pytest.mark.slow
def test_a_fit_goes_on_without_its_page_is_found_again_and_its_settings_give_the_same_numbers(
    served: Any, catalogue: Path, tmp_path: Path, haloscale: Any
) -> None:
    state = {
        "settings": {**QUICK, "anisotropy.beta": 0.25, "selection.r_min": 6.0},
        "point": {"m_vir": 1e12, "c": 11.0},
    }
    with served.page() as page:
        page.send(do="fit", id=1, state=state)
        job = page.receive(lambda m: m["kind"] == "job")["job"]
    with served.page() as page:  # the first page is gone
        page.send(do="jobs", id=2)
        known = page.receive(lambda m: m["id"] == 2 and m["job"] == job)
        assert known["state"]["settings"] == state["settings"]
        if known["status"] != "finished":
            known = page.end_of(job)
    assert known["status"] == "finished"
    assert known["fraction"] == 1.0
    report = served.ask(f"jobs/{job}/report.html")
    assert report.status == 200
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]
    summary = served.ask(f"jobs/{job}/summary.json")
    packed = zipfile.ZipFile(BytesIO(served.ask(f"jobs/{job}/run.zip").body))
    assert f"{job}/summary.json" in packed.namelist()
    assert packed.read(f"{job}/summary.json") == summary.body
    assert known["summary"]["parameters"]["m_vir"]["median"] == summary.json["parameters"]["m_vir"]["median"]

    link = quote(encode(read_state(state)))
    settings = served.ask(f"download/haloscale.toml?state={link}")
    assert "attachment" in settings.headers["content-disposition"]
    (tmp_path / "mine.toml").write_bytes(settings.body)
    words = settings.body.decode().splitlines()[0].removeprefix("# haloscale ").split()
    place = {"stars.fits": catalogue, "THIS_FILE.toml": tmp_path / "mine.toml", "DIR": tmp_path / "run"}
    assert haloscale(*(place.get(word, word) for word in words)).code == 0
    folder = served.desk.jobs.folder / job
    for name in known["files"]:
        if name not in ("provenance.json", "log.txt") and not name.startswith("config.input"):
            assert (tmp_path / "run" / name).read_bytes() == (folder / name).read_bytes(), name
    assert json.loads((tmp_path / "run" / "summary.json").read_text()) == summary.json
