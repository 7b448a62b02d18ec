"""The explorer as a person feels it, in a real Chromium: first page, slider to drawn curves, setting to posterior.

The times are the page's own marks: from the movement of a control until the frame with its curves was painted. A
movement that is overtaken counts until the frame that showed a newer one. Skipped without playwright and chromium.
"""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

STEPS, PAUSE = 120, 40
"""Movements of a drag, and milliseconds between them."""


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("HALOSCALE_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("there is no chromium: set HALOSCALE_CHROMIUM to its path")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """An explorer of 10,000 simulated stars."""
    from haloscale import mock, tables

    folder = tmp_path_factory.mktemp("explore")
    stars = mock.simulate(mock.Truth(), np.random.default_rng(1), n_stars=10_000)
    tables.write_star_table(folder / "stars.parquet", stars)
    words = [str(folder / "stars.parquet"), "--survey", "generic", "-o", str(folder), "--port", "0", "--no-browser"]
    command = [sys.executable, "-m", "haloscale.cli", "explore", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip()
    process.terminate()
    process.communicate(timeout=20)


def opened(chromium, address):
    page = chromium.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(address)
    page.wait_for_selector('[data-panel="posterior"][data-method] .plot[aria-busy="false"]')
    page.wait_for_timeout(1000)
    return page


def durations(page, name):
    return page.evaluate("name => performance.getEntriesByName(name).map(entry => entry.duration)", name)


def drag(page, key):
    """Move a slider from a third to four fifths of its length."""
    page.evaluate(
        "key => { document.querySelector(`.control[data-key='${key}']`).closest('details').open = true }", key
    )
    slider = page.locator(f'.control[data-key="{key}"]:not([hidden]) input[type=range]')
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 3, middle)
    page.mouse.down()
    for place in np.linspace(1 / 3, 0.8, STEPS):
        page.mouse.move(box["x"] + box["width"] * place, middle)
        page.wait_for_timeout(PAUSE)
    page.mouse.up()
    page.wait_for_timeout(1500)


def test_first_page(benchmark, chromium, address):
    opened(chromium, address).close()  # the server has read the catalogue, as when a person reloads

    def first():
        page = opened(chromium, address)
        times.extend(durations(page, "first-page"))
        page.close()

    times = []
    benchmark.pedantic(first, rounds=5)
    benchmark.extra_info["first_page_ms"] = float(np.median(times))


@pytest.mark.parametrize("key", ["mass.halo.m_vir", "anisotropy.beta"])
def test_slider_to_drawn(benchmark, chromium, address, key):
    page = opened(chromium, address)
    benchmark.pedantic(drag, args=(page, key), rounds=1)
    times = durations(page, "slider-to-drawn")
    assert len(times) > STEPS / 2
    median, high = np.percentile(times, [50, 95])
    benchmark.extra_info |= {"median_ms": float(median), "p95_ms": float(high), "movements": len(times)}
    page.close()


def test_setting_to_posterior(benchmark, chromium, address):
    page = opened(chromium, address)
    field = page.locator('.control[data-key="anisotropy.beta"]:not([hidden]) input.number')
    values = iter(np.linspace(0.05, 0.6, 12))

    def change():
        field.fill(f"{next(values):.4g}")
        field.press("Enter")
        page.wait_for_selector('[data-panel="posterior"] .plot[aria-busy="true"]')
        page.wait_for_selector('[data-panel="posterior"] .plot[aria-busy="false"]')

    benchmark.pedantic(change, rounds=10)
    page.close()
