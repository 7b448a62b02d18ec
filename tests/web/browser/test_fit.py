"""The real fit: to its end, cancelled, found again; and what is downloaded gives the same numbers."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.browser


def choose(page: Any, key: str, name: str) -> None:
    page.control(key).locator("select").select_option(name)


def fit(page: Any) -> None:
    page.get_by_role("button", name="Fit", exact=True).click()


def ends(page: Any, status: str) -> None:
    page.wait_for_selector(f'#job[data-status="{status}"]', timeout=180_000)


def long_fit(page: Any) -> None:
    """One that would go on for minutes."""
    choose(page, "sampler.name", "emcee")
    page.fill("sampler.n_steps", "60000")
    page.fill("sampler.max_steps", "90000")
    page.wait_for_timeout(500)
    fit(page)
    page.wait_for_selector('#job[data-status="running"]')


def cancel(page: Any) -> None:
    page.get_by_role("button", name="Cancel the fit").click()
    ends(page, "cancelled")


def numbers(folder: Path) -> Any:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))["parameters"]


def save(page: Any, name: str, path: Path) -> Path:
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as started:
        page.get_by_role("link", name=name).first.click()
    started.value.save_as(path)
    assert page.locator("#download-menu").is_visible(), "another one may be wanted"
    page.keyboard.press("Escape")
    return path


def test_what_is_downloaded_gives_the_same_numbers(
    page: Any, served: tuple[str, Path], stars: Path, tmp_path: Path
) -> None:
    choose(page, "sampler.name", "laplace")
    page.fill("anisotropy.beta", "0.3")
    page.wait_for_timeout(1000)
    fit(page)
    ends(page, "finished")
    folder = Path(page.locator("#job .job-links .about").inner_text().removeprefix("Kept in "))
    assert folder.is_relative_to(served[1])
    assert page.locator('#job tr[data-name="m_vir"]').count() == 1

    settings = save(page, "TOML for haloscale weigh", tmp_path / "haloscale.toml")
    again = [sys.executable, "-m", "haloscale.cli", "weigh", str(stars), "--survey", "generic"]
    words = [*again, "--recipe", str(settings), "-o", str(tmp_path / "run"), "-q"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert numbers(tmp_path / "run") == numbers(folder)


def test_the_report_opens(page: Any) -> None:
    choose(page, "sampler.name", "laplace")
    page.wait_for_timeout(500)
    fit(page)
    ends(page, "finished")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the report").click()
    report = opened.value
    report.wait_for_load_state()
    assert "halo" in report.locator("body").inner_text().lower()


@pytest.mark.parametrize(("kind", "start"), [("PDF", b"%PDF"), ("SVG", b"<?xml")])
def test_figures_are_downloaded(page: Any, tmp_path: Path, kind: str, start: bytes) -> None:
    path = save(page, f" as {kind}", tmp_path / f"figure.{kind.lower()}")
    assert path.read_bytes().startswith(start)
    assert path.stat().st_size > 2000


def test_a_fit_is_cancelled(page: Any) -> None:
    long_fit(page)
    cancel(page)
    assert page.get_by_role("button", name="Fit", exact=True).is_enabled()
    page.get_by_role("button", name="Close", exact=True).click()
    assert page.locator("#job").is_hidden()


def test_a_fit_is_found_again_after_the_connection_was_lost(page: Any) -> None:
    long_fit(page)
    page.evaluate("window.early.socket.close()")
    page.wait_for_selector('#connection[data-open="false"]')
    page.wait_for_selector('#connection[data-open="true"]')
    page.wait_for_selector('#job[data-status="running"]')
    cancel(page)


def test_a_fit_is_found_again_by_a_new_page(open_page: Callable[..., Any], served: tuple[str, Path]) -> None:
    first = open_page(served[0])
    long_fit(first)
    first.reload()
    first.drawn()
    first.wait_for_selector('#job[data-status="running"]')
    second = open_page(served[0])
    second.wait_for_selector('#job[data-status="running"]')
    cancel(second)
    ends(first, "cancelled")


def test_the_page_draws_again_after_the_connection_was_lost(page: Any) -> None:
    page.evaluate("window.early.socket.close()")
    page.wait_for_selector('#connection[data-open="false"]')
    before = page.said("mass")
    page.fill("mass.halo.m_vir", "3e12")
    page.wait_for_selector('#connection[data-open="true"]')
    page.changes("mass", before)


def test_a_finished_run_opens_for_reading(
    open_page: Callable[..., Any], stars: Path, serving: Any, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    weigh = [sys.executable, "-m", "haloscale.cli", "weigh", str(stars), "--survey", "generic"]
    command = [*weigh, "--set", "sampler.name=laplace"]
    subprocess.run([*command, "-o", str(run), "-q"], check=True, capture_output=True)
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    with serving(run) as address:
        page = open_page(address)
        assert page.locator("#read-only").is_visible()
        assert page.get_by_role("button", name="Fit", exact=True).is_hidden()
        assert page.control("anisotropy.beta").locator("input.number").is_disabled()
        was = page.said("mass")
        page.fill("mass.halo.m_vir", "3e12")
        page.changes("mass", was)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


OF_BOTH = """
sampler.name = "laplace"
anisotropy.beta = { prior = "uniform", low = -0.5, high = 0.8 }
"""


def test_a_run_of_several_catalogues_shows_its_answer_and_whose_the_points_are(
    open_page: Callable[..., Any], stars: Path, serving: Any, tmp_path: Path, joint_text: Callable[..., str]
) -> None:
    from haloscale import mock, tables

    file, run = tmp_path / "joint.toml", tmp_path / "run"
    file.write_text(joint_text(OF_BOTH, stars, "bhb.parquet"))
    others = mock.simulate_simple(mock.Truth(), np.random.default_rng(2), 1500, v_error=5.0)
    tables.write_star_table(tmp_path / "bhb.parquet", others)
    weigh = [sys.executable, "-m", "haloscale.cli", "weigh", str(file), "-o", str(run), "-q"]
    subprocess.run(weigh, check=True, capture_output=True)
    found = numbers(run)["m_vir"]["median"]
    with serving(run) as address:
        page = open_page(address)
        assert "nothing can be moved" in page.locator("#read-only").inner_text()
        assert page.locator("aside").is_hidden()
        assert f"{found / 1e12:.2f}"[:3] in page.locator("#strip").inner_text()
        legend = page.locator('[data-panel="dispersion"] .legend').inner_text()
        assert "giants" in legend
        assert "bhb" in legend
        assert "of giants" in legend
        assert "of all stars together" in legend
        table = page.locator('[data-panel="numbers"] table').first.inner_text()
        assert "giants: β" in table
        assert "bhb: β" in table
        assert page.locator(".flow th.catalogue").all_inner_texts() == ["giants", "bhb"]
        assert "where the model is drawn" not in page.locator('[data-panel="posterior"]').inner_text()


def test_the_job_says_what_it_fitted_and_that_the_screen_moved_on(page: Any) -> None:
    choose(page, "sampler.name", "laplace")
    page.fill("anisotropy.beta", "0.3")
    page.wait_for_timeout(500)
    fit(page)
    ends(page, "finished")
    about = page.locator(".job-about")
    assert "0.3" in about.inner_text()
    assert page.get_by_role("button", name="Show its settings").count() == 0
    page.fill("anisotropy.beta", "-0.2")
    page.get_by_role("button", name="Show its settings").click()
    page.waits("document.querySelector(\".control[data-key='anisotropy.beta'] input.number\").value === '0.3'")


def test_the_menu_offers_only_figures_that_can_be_made(page: Any, served: tuple[str, Path]) -> None:
    page.get_by_role("button", name="Download").click()
    names = page.locator(".figure-links span").all_inner_texts()
    assert names
    for link in page.locator(".figure-links a").all():
        answer = page.request.get(page.evaluate("(href) => new URL(href, location).href", link.get_attribute("href")))
        assert answer.status == 200, link.get_attribute("href")
