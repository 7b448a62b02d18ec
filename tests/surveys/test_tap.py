"""What a TAP service should not do, done by a small server on this machine; a real service is asked in tests/tap."""

import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from haloscale.errors import FetchError, MissingExtraError, TruncatedAnswerError
from haloscale.surveys import tap

HEAD = (
    '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
)
TABLE = (
    '<TABLE><FIELD name="n" datatype="int"/><DATA><TABLEDATA>'
    + "".join(f"<TR><TD>{n}</TD></TR>" for n in range(500))
    + "</TABLEDATA></DATA></TABLE>"
)
TAIL = "</RESOURCE></VOTABLE>"


def info(value: str, text: str = "") -> str:
    return f'<INFO name="QUERY_STATUS" value="{value}">{text}</INFO>'


GOOD = (HEAD + info("OK") + TABLE + TAIL).encode()
PAGE = b"<html><head><style>p {color: red}</style></head><body><h1>Down for <b>maintenance</b></h1></body></html>"
ANSWERS = {
    "good": GOOD,
    "page": PAGE,
    "cut": GOOD[: len(GOOD) // 2],
    "silent": (HEAD + TABLE + TAIL).encode(),
    "refused": (HEAD + info("ERROR", "No column 'foo'\n here") + TAIL).encode(),
    "late": (HEAD + info("OK") + TABLE + info("ERROR", "The database broke off") + TAIL).encode(),
    "overflow": (HEAD + info("OK") + TABLE + info("OVERFLOW") + TAIL).encode(),
    "nothing": b"",
}


class Service(BaseHTTPRequestHandler):
    """Answers /NAME/sync with ANSWERS[NAME], and runs jobs at /NAME/async that go through `phases`."""

    phases: ClassVar[list[str]] = []
    result: ClassVar[str] = "good"
    running: ClassVar[bool] = False
    deleted: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Take a question."""
        self.rfile.read(int(self.headers["Content-Length"]))
        name, _, what = self.path.lstrip("/").partition("/")
        Service.running = what.endswith("/phase")
        if what == "sync":
            self.answer(name)
        else:
            self.send_response(303)
            self.send_header("Location", f"http://{self.headers['Host']}/{name}/async/1")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self) -> None:
        """Tell how a job stands, or give its result."""
        if self.path.endswith("/result"):
            self.answer(Service.result)
            return
        phase = "PENDING"
        if Service.running:
            phase = Service.phases[0] if len(Service.phases) == 1 else Service.phases.pop(0)
        if phase == "missing":
            self.send_error(503)
            return
        place = f"http://{self.headers['Host']}/r/result"
        results = f'<uws:results><uws:result id="result" xlink:href="{place}"/></uws:results>' if Service.result else ""
        job = (
            '<uws:job version="1.1" xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" '
            'xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<uws:jobId>1</uws:jobId><uws:phase>{phase}</uws:phase>{results}"
            '<uws:errorSummary type="fatal"><uws:message>out of memory</uws:message></uws:errorSummary>'
            "</uws:job>"
        )
        self.send(job.encode())

    def do_DELETE(self) -> None:
        """Forget a job."""
        Service.deleted.append(self.path)
        self.send(b"")

    def answer(self, name: str) -> None:
        """Good answers and bad ones."""
        if name == "drip":
            self.send_response(200)
            self.end_headers()
            try:
                for byte in GOOD[:200]:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    threading.Event().wait(0.05)
            except OSError:
                return
        elif name == "mute":
            threading.Event().wait(1.5)
        elif name == "half":
            self.send(GOOD, len(GOOD) // 2)
            self.connection.shutdown(socket.SHUT_RDWR)
        elif name in ("400", "500"):
            self.send(PAGE, status=int(name))
        else:
            self.send(ANSWERS[name])

    def send(self, body: bytes, keep: int | None = None, status: int = 200) -> None:
        """A body that is announced whole, and sent up to `keep` bytes."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:keep])
        self.wfile.flush()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy in between, no waiting between two looks at a job."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(tap, "_FIRST_WAIT", 0.001)
    monkeypatch.setattr(Service, "phases", ["QUEUED", "EXECUTING", "COMPLETED"])
    monkeypatch.setattr(Service, "result", "good")
    monkeypatch.setattr(Service, "deleted", [])


@pytest.fixture
def refuse(server: str, tmp_path: Path) -> Callable[..., str]:
    """Ask and be refused: the message; no file is left, an older answer stays."""

    def ask(name: str, kind: type[FetchError] = FetchError, **given: object) -> str:
        old = tmp_path / "answer.vot"
        old.write_bytes(b"older")
        address = name if "://" in name else f"{server}/{name}"
        with pytest.raises(kind) as raised:
            tap.query(address, "SELECT 1 FROM t", old, **given)  # type: ignore[arg-type]
        assert [p.name for p in tmp_path.iterdir()] == ["answer.vot"]
        assert old.read_bytes() == b"older"
        assert len(str(raised.value).splitlines()) == 3
        return raised.value.found

    return ask


@pytest.mark.parametrize("wait", [True, False])
def test_a_complete_answer_is_written(server: str, tmp_path: Path, wait: bool) -> None:
    uploads = {"stars": {"lon": np.array([1.0]), "lat": np.array([2.0])}}
    path = tap.query(f"{server}/good/", "SELECT n FROM t", tmp_path / "a.vot", uploads=uploads, wait=wait)
    assert path.read_bytes() == GOOD
    assert tap.count_rows(path) == 500
    assert [p.name for p in tmp_path.iterdir()] == ["a.vot"]
    assert Service.deleted == ([] if wait else ["/good/async/1"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("page", r"is no VOTable but 'html'; it begins: Down for maintenance$"),
        ("cut", r"is broken off or damaged"),
        ("half", r"failed: the transfer broke off"),
        ("nothing", r"is broken off or damaged"),
        ("silent", r"does not say whether it is complete"),
        ("refused", r"refused the query: No column 'foo' here$"),
        ("late", r"refused the query: The database broke off"),
        ("400", r"refused the query: it answered 400: Down for maintenance"),
        ("500", r"failed: it answered 500: Down for maintenance"),
        ("ftp://example.org/tap", r"is no web address"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(refuse: Callable[..., str], name: str, says: str) -> None:
    assert re.search(says, refuse(name, wait=True))


def test_the_row_limit_is_an_error_of_its_own(refuse: Callable[..., str]) -> None:
    assert "row limit (QUERY_STATUS = OVERFLOW)" in refuse("overflow", TruncatedAnswerError, wait=True)


def test_a_service_that_is_down(refuse: Callable[..., str]) -> None:
    with socket.socket() as taken:  # a port at which nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/tap"
        for wait in (True, False):
            assert "the server cannot be reached" in refuse(address, wait=wait)


def test_a_service_that_says_nothing(refuse: Callable[..., str]) -> None:
    assert "the server stopped sending" in refuse("mute", wait=True, timeout=0.2)


def test_a_service_that_sends_too_slowly(refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "_CHUNK", 1)
    begun = time.monotonic()
    assert "has not answered in 0.5 s" in refuse("drip", wait=True, timeout=0.5)
    assert time.monotonic() - begun < 3.0


def test_a_job_that_takes_too_long_is_given_up_and_deleted(refuse: Callable[..., str]) -> None:
    Service.phases[:] = ["EXECUTING"]
    assert "has not answered in 0.3 s" in refuse("good", timeout=0.3)
    assert Service.deleted == ["/good/async/1"]


def test_a_job_that_fails_says_why(refuse: Callable[..., str]) -> None:
    Service.phases[:] = ["EXECUTING", "ERROR"]
    assert refuse("good").endswith("refused the query: out of memory")
    assert Service.deleted == ["/good/async/1"]


def test_a_job_without_a_result(refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "result", "")
    assert "names no result" in refuse("good")


@pytest.mark.parametrize(("name", "kind"), [("cut", FetchError), ("overflow", TruncatedAnswerError)])
def test_the_result_of_a_job_is_checked_too(
    refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, kind: type[FetchError]
) -> None:
    monkeypatch.setattr(Service, "result", name)
    refuse("good", kind)
    assert Service.deleted == ["/good/async/1"]


def test_a_look_at_a_job_may_fail_a_few_times(server: str, tmp_path: Path, refuse: Callable[..., str]) -> None:
    Service.phases[:] = ["QUEUED", "missing", "missing", "missing", "EXECUTING", "missing", "COMPLETED"]
    assert tap.query(f"{server}/good", "SELECT 1 FROM t", tmp_path / "a.vot").read_bytes() == GOOD
    (tmp_path / "a.vot").unlink()
    Service.phases[:] = ["EXECUTING", "missing"]
    assert "503" in refuse("good")


def test_without_pyvo_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyvo", None)
    with pytest.raises(MissingExtraError, match=r"haloscale\[tap\]"):
        tap.query("http://127.0.0.1/tap", "SELECT 1 FROM t", tmp_path / "a.vot")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("gaiadr3.gaia_source", "gaiadr3.gaia_source"),
        ("II/349/ps1", '"II/349/ps1"'),
        ('"II/349/ps1"', '"II/349/ps1"'),
        ("a.b.c_1", "a.b.c_1"),
        ("e_B-V", '"e_B-V"'),
    ],
)
def test_names_that_are_no_plain_words_are_quoted(name: str, written: str) -> None:
    assert tap.quoted(name) == written
