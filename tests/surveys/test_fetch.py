"""Downloads from a real HTTP server on this machine: good, changed, broken off, refused, unreachable."""

import dataclasses
import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from haloscale.errors import ConfigError, FetchError
from haloscale.surveys import fetch, surveys

BODY = b"# obsid ra dec\n" + bytes(range(256)) * 2000


class Handler(BaseHTTPRequestHandler):
    """Serves BODY, BODY with one byte changed, or half of it."""

    def do_GET(self) -> None:
        """Answer by the path."""
        if self.path == "/gone.dat":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.path == "/changed.dat":
            self.wfile.write(b"X" + BODY[1:])
        elif self.path == "/half.dat":
            self.wfile.write(BODY[: len(BODY) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.wfile.write(BODY)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture(autouse=True)
def small_survey(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """The survey segue_bhb with the server's address and the checksum of BODY; no proxy in between."""
    entry = dataclasses.replace(
        surveys["segue_bhb"], address=f"{server}/bhb.csv", sha256=hashlib.sha256(BODY).hexdigest()
    )
    monkeypatch.setitem(surveys._entries, "segue_bhb", entry)
    monkeypatch.setenv("no_proxy", "*")


def refuse(folder: Path, address: str | None = None, survey: str = "segue_bhb") -> FetchError:
    with pytest.raises(FetchError) as raised:
        fetch(survey, folder, address)
    assert len(str(raised.value).splitlines()) == 3
    return raised.value


def test_downloads_verifies_and_finds_again(tmp_path: Path, server: str) -> None:
    path = fetch("segue_bhb", tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "bhb.csv"
    assert path.read_bytes() == BODY
    assert fetch("segue_bhb", path.parent, f"{server}/gone.dat") == path  # already there: nothing is asked for
    assert [p.name for p in path.parent.iterdir()] == ["bhb.csv"]


def test_a_mirror_must_serve_the_same_bytes(tmp_path: Path, server: str) -> None:
    assert fetch("segue_bhb", tmp_path, f"{server}/mirror/other-name.dat").read_bytes() == BODY
    assert "checksum differs" in refuse(tmp_path / "b", f"{server}/changed.dat").found


@pytest.mark.parametrize(
    ("file", "reason"),
    [("changed.dat", "checksum differs"), ("half.dat", "broke off"), ("gone.dat", "the server answered 404")],
)
def test_failures_leave_nothing_behind(tmp_path: Path, server: str, file: str, reason: str) -> None:
    assert reason in refuse(tmp_path / "folder", f"{server}/{file}").found
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "kept.txt").touch()
    refuse(tmp_path, f"{server}/{file}")
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_damaged_copy_is_replaced_only_by_a_good_one(tmp_path: Path, server: str) -> None:
    (tmp_path / "bhb.csv").write_bytes(b"damaged")
    refuse(tmp_path, f"{server}/half.dat")
    assert (tmp_path / "bhb.csv").read_bytes() == b"damaged"
    assert fetch("segue_bhb", tmp_path).read_bytes() == BODY


def test_unreachable_host(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        error = refuse(tmp_path / "a", f"http://127.0.0.1:{taken.getsockname()[1]}/bhb.csv")
    assert "cannot be reached" in error.found
    assert "github.com" in error.advice
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "bhb.csv", "ftp://127.0.0.1/bhb.csv"])
def test_not_a_web_address(tmp_path: Path, address: str) -> None:
    assert "no web address" in refuse(tmp_path, address).found


@pytest.mark.parametrize("name", ["generic", "lamost_dr5", "lamost_dr8_kgiants", "segue_kgiants"])
def test_surveys_without_an_address_say_where_the_file_is(tmp_path: Path, name: str) -> None:
    error = refuse(tmp_path, survey=name)
    assert surveys[name].where in error.advice
    assert "lamost_dr3_halo_rgb" in error.expected


def test_unknown_survey(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no survey is called 'segue_bbh'"):
        fetch("segue_bbh", tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made" in refuse(tmp_path / "file" / "folder").found


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch("segue_bhb", tmp_path, progress=lambda received, total: told.append((received, total)))
    assert told[-1] == (len(BODY), len(BODY))
    assert all(0 < received <= total for received, total in told)


def test_nothing_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG, logger="pooch"):
        fetch("segue_bhb", tmp_path)
    assert not [record for record in caplog.records if record.name == "pooch"]
    assert capfd.readouterr() == ("", "")


def test_the_default_folder_is_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = fetch("segue_bhb")
    assert tmp_path in path.parents
    assert path.read_bytes() == BODY
