"""How the explorer is started, and how it refuses to be."""

import importlib.util
import socket
from pathlib import Path
from typing import Any

import pytest

from haloscale.errors import InputError
from haloscale.web import start
from haloscale.web.access import Access


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be served: serving itself is left out."""
    found: list[Any] = []

    def serve(desk: Any, access: Access, listening: socket.socket) -> None:
        listening.close()
        desk.close()
        found.append((desk, access))

    monkeypatch.setattr(start, "serve", serve)
    return found


def test_a_catalogue_and_settings_are_shown_first(
    begun: list[Any], catalogue: Path, haloscale: Any, tmp_path: Path
) -> None:
    told = haloscale(
        "explore", catalogue, "--survey", "generic", "--set", "anisotropy.beta=0.3", "--port", "0", "--no-browser",
        "-o", tmp_path,
    )  # fmt: skip
    assert told.code == 0
    desk, access = begun[0]
    assert told.out.strip() == access.address
    assert desk.first.settings == {"anisotropy.beta": 0.3}
    assert desk.controls()["title"] == "stars.fits"


def test_nothing_at_all_begins_with_an_upload(begun: list[Any], haloscale: Any, tmp_path: Path) -> None:
    assert haloscale("explore", "--port", "0", "--no-browser", "-o", tmp_path).code == 0
    assert begun[0][0].controls()["has_start"] is False


def test_no_browser_is_told_and_the_address_with_it(
    begun: list[Any], haloscale: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    told = haloscale("explore", "--port", "0", "-o", tmp_path)
    assert told.code == 0
    assert "no browser could be opened" in told.err
    assert told.out.startswith("http://127.0.0.1:")


def test_a_port_in_use_is_told(haloscale: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = haloscale("explore", "--port", taken.getsockname()[1], "--no-browser")
    assert told.code == 2
    assert "cannot be used" in told.err
    assert "--port 0" in told.err


def test_the_missing_extra_is_told_with_the_one_command(haloscale: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "uvicorn" else found(name, *a))
    told = haloscale("explore", "--no-browser")
    assert told.code == 2
    assert 'pip install "haloscale[web]"' in told.err


def test_another_host_needs_the_flag_and_is_warned_of(begun: list[Any], haloscale: Any, tmp_path: Path) -> None:
    refused = haloscale("explore", "--host", "0.0.0.0", "--port", "0", "--no-browser", "-o", tmp_path)
    assert refused.code == 2
    assert "--expose" in refused.err
    told = haloscale("explore", "--host", "0.0.0.0", "--expose", "--port", "0", "--no-browser", "-o", tmp_path)
    assert told.code == 0
    assert "warning: 0.0.0.0 can be reached from other machines" in told.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing.csv", "--survey", "generic"), "there is no file or folder nothing.csv"),
        (("nothing",), "there is no file or folder nothing"),
        ((__file__,), "no survey is named"),
        ((__file__, "--survey", "generic", "--set", "anisotropy.bet=1"), "anisotropy.bet is not a key"),
    ],
)
def test_what_cannot_be_shown_is_told(haloscale: Any, words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    outcome = haloscale("explore", *words, "--port", "0", "--no-browser", "-o", tmp_path)
    assert outcome.code == 2
    assert told in outcome.err


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        start.bound("192.0.2.1", 0)
