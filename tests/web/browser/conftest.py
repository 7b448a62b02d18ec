"""A real Chromium before a real server; skipped, saying so, where the browser or what drives it is absent."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60_000
"""Milliseconds after which the page counts as stuck, on a loaded machine."""


@pytest.fixture(scope="session")
def chromium() -> Generator[Any, None, None]:
    """The browser, without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("HALOSCALE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("there is no chromium: set HALOSCALE_CHROMIUM to its path")
    for needed in ("starlette", "uvicorn", "websockets"):
        pytest.importorskip(needed, reason="the extra web is not installed")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated catalogue of 10,000 stars."""
    from haloscale import mock, tables

    path = tmp_path_factory.mktemp("stars") / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(1), n_stars=10_000))
    return path


@contextmanager
def serving(*words: object) -> Iterator[str]:
    """The address of `haloscale explore` with these words, while it runs."""
    command = [sys.executable, "-m", "haloscale.cli", "explore", *map(str, words), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    address = process.stdout.readline().strip()
    try:
        assert address.startswith("http://127.0.0.1:"), process.stderr.read()
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def served(stars: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[str, Path], None, None]:
    """Address of an explorer of the simulated stars, and the folder of its fits."""
    out = tmp_path_factory.mktemp("fits")
    with serving(stars, "--survey", "generic", "-o", out) as address:
        yield address, out


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    """`with serving(*words) as address`: another explorer."""
    return serving


@pytest.fixture
def open_page(chromium: Any) -> Generator[Callable[..., Any], None, None]:
    """`open_page(address, width=..., dark=...)`: a page that has drawn all; an error in its console fails the test."""
    contexts, wrong = [], []

    def show(address: str, width: int = 1440, height: int = 1000, dark: bool = False, wait: bool = True) -> Any:
        scheme = "dark" if dark else "light"
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = Screen(context.new_page())
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if is_refused(said) else None)
        page.goto(address)
        if wait:
            page.drawn()
        return page

    yield show
    for context in contexts:
        context.close()
    assert wrong == []


class Screen:
    """A page of Playwright with what the tests ask of it; all else is the page's own."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page, name)

    def drawn(self) -> None:
        """Wait for curves, stars and posterior."""
        self.settled()
        self.wait_for_function(
            "() => document.querySelector('[data-panel=plane] .plot').ariaLabel.includes('stars drawn')"
        )

    def settled(self) -> None:
        """Wait for the posterior of what is set."""
        self.wait_for_selector('[data-panel="posterior"][data-method] .plot[aria-busy="false"]')

    def control(self, key: str) -> Any:
        """The control of a key that is shown; its section is opened."""
        opened = "key => { document.querySelector(`.control[data-key='${key}']`).closest('details').open = true }"
        self.evaluate(opened, key)
        return self.locator(f'.control[data-key="{key}"]:not([hidden])')

    def fill(self, key: str, value: str) -> None:
        """Type a number into its field."""
        field = self.control(key).locator("input.number")
        field.fill(value)
        field.press("Enter")

    def said(self, panel: str) -> str:
        """What a screen reader is told of a panel."""
        return str(self.locator(f'[data-panel="{panel}"] .plot').get_attribute("aria-label"))

    def changes(self, panel: str, before: str) -> None:
        """Wait until a panel shows something else."""
        ask = "([panel, before]) => document.querySelector(`[data-panel=${panel}] .plot`).ariaLabel !== before"
        self.wait_for_function(ask, arg=[panel, before])

    def waits(self, condition: str) -> None:
        """Wait until an expression of the page holds."""
        self.wait_for_function(f"() => {condition}")

    def messages(self) -> list[tuple[str, Any]]:
        """What goes over sockets opened from now on, in order: ("sent" | "got", message)."""
        heard: list[tuple[str, Any]] = []

        def listen(socket: Any) -> None:
            socket.on("framesent", lambda text: heard.append(("sent", json.loads(text))))
            socket.on("framereceived", lambda text: heard.append(("got", json.loads(text))))

        self.on("websocket", listen)
        return heard

    def give(self, path: Path) -> None:
        """Choose a file in the dialog for catalogues."""
        self.get_by_role("button", name="Your catalogue").click()
        self.locator("#catalogue-file").set_input_files(path)


GOOD = ("l", "b", "distance", "distance_error", "v_helio", "v_helio_error")


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """`csv(name, extra=...)`: a file of 600 stars with the columns that are needed, and further ones full of ones."""

    def write(name: str = "mine.csv", extra: tuple[str, ...] = ()) -> Path:
        rng, n = np.random.default_rng(7), 600
        columns = [
            rng.uniform(0, 360, n), rng.uniform(25, 85, n), rng.uniform(15, 70, n), np.full(n, 2.0),
            rng.normal(0, 110, n), np.full(n, 5.0), *(np.ones(n) for _ in extra),
        ]  # fmt: skip
        quoted = (name.replace('"', '""') for name in (*GOOD, *extra))
        rows = (",".join(f"{value:.6g}" for value in row) for row in zip(*columns, strict=True))
        path = tmp_path / name
        path.write_text("\n".join([",".join(f'"{name}"' for name in quoted), *rows, ""]), encoding="utf-8")
        return path

    return write


FINE = ("status of 4", "WebSocket", "ERR_CONNECTION")
"""A refusal that the user is told of, and a server that has ended."""


def is_refused(said: Any) -> bool:
    """Whether the console says that something went wrong."""
    return said.type == "error" and not any(fine in said.text for fine in FINE)


@pytest.fixture
def page(open_page: Callable[..., Any], served: tuple[str, Path]) -> Any:
    """A page of the simulated stars."""
    return open_page(served[0])
