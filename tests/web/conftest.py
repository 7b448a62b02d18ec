"""A real server on a free port of this machine, and a real client of it."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haloscale import mock, tables

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import uvicorn
from websockets.sync.client import ClientConnection, connect

from haloscale.web.access import Access
from haloscale.web.desk import Desk, Start
from haloscale.web.patience import Patience, PatientSocket
from haloscale.web.scene import Stars
from haloscale.web.server import application
from haloscale.web.start import SETTINGS, bound

PATIENCE = 120.0
"""Seconds for an answer: a loaded machine is slow, not wrong."""


@dataclass
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """One page, as its socket sees it; messages that nobody waited for are kept."""

    socket: ClientConnection
    aside: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def receive(self, where: Callable[[dict[str, Any]], bool] = lambda message: True) -> dict[str, Any]:
        """The next message that fits."""
        end = time.monotonic() + PATIENCE
        while True:
            message = json.loads(self.socket.recv(timeout=end - time.monotonic()))
            if where(message):
                return dict(message)
            self.aside.append(message)

    def show(self, *want: str, **state: Any) -> dict[str, Any]:
        """The answers to one request by kind; one that cannot be answered is "error"."""
        self.send(do="show", id=7, state=state, want=list(want))
        answers = [self.receive(lambda m: m["id"] == 7) for _ in want]
        return {answer["kind"]: answer for answer in answers}

    def end_of(self, job: str) -> dict[str, Any]:
        """The last message of a fit."""
        ended = ("finished", "failed", "cancelled")
        return self.receive(lambda m: m.get("job") == job and m["status"] in ended)


@dataclass
class Served:
    """A server that runs."""

    access: Access
    desk: Desk

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.access.port}"

    def ask(self, path: str, data: Any = None, *, whole: bool = False, **headers: str) -> Reply:
        """GET, or POST where there is data; `whole` takes the path without the token."""
        address = f"{self.origin}/{path}" if whole else f"{self.access.address}{path}"
        sent = {"Origin": self.origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(address, data=data, headers={k: v for k, v in sent.items() if v})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Reply(answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()})
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read(), {k.lower(): v for k, v in error.headers.items()})

    @contextmanager
    def page(self, **options: Any) -> Iterator[Client]:
        """A connected page."""
        address = f"{self.access.address.replace('http', 'ws', 1)}socket"
        with connect(
            address, **{"origin": self.origin, "max_size": None, "open_timeout": PATIENCE, **options}
        ) as socket:
            yield Client(socket)


@contextmanager
def serving(start: Start) -> Iterator[Served]:
    """A server in a thread of this process, ended with the block."""
    listening = bound("127.0.0.1", 0)
    access, desk = Access("127.0.0.1", listening.getsockname()[1]), Desk(start)
    app = application(desk, access)
    server = uvicorn.Server(uvicorn.Config(app, http=Patience, ws=PatientSocket, **SETTINGS))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    try:
        yield Served(access, desk)
    finally:
        server.should_exit = True
        thread.join(30.0)
        listening.close()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated catalogue in standard columns."""
    path = tmp_path_factory.mktemp("stars") / "stars.fits"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(3)))
    return path


@pytest.fixture(scope="session")
def served(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that was started with the simulated catalogue."""
    with serving(Start(tmp_path_factory.mktemp("fits"), Stars(catalogue, "generic", {}))) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with served.page() as page:
        yield page


@pytest.fixture(scope="session")
def serve() -> Callable[[Start], Any]:
    """Serve what is asked for, for the time of a `with` block."""
    return serving
