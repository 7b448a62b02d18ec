"""The strip of a fit: in sight, short where there is no room, and about what is on the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

TOP = "document.querySelector('#job').getBoundingClientRect()"


def fit(page: Any) -> None:
    page.control("sampler.name").locator("select").select_option("laplace")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Fit", exact=True).click()
    page.wait_for_selector('#job[data-status="finished"]', timeout=180_000)


def test_a_fit_that_is_started_far_down_is_in_sight(page: Any) -> None:
    page.control("mass.halo.c").locator("input[type=checkbox]").uncheck()
    page.evaluate("scrollTo(0, 700)")
    fit(page)
    assert page.evaluate("scrollY") > 300
    assert page.evaluate(f"{TOP}.top >= 40 && {TOP}.bottom < 140")
    page.locator(".job-result summary").click()
    page.waits("scrollY === 0")
    assert page.locator('#job tr[data-name="m_vir"]').is_visible()
    assert "fixed" in page.locator('#job tr[data-name="c"]').inner_text()


def test_a_small_screen_has_one_line_of_it(open_page: Callable[..., Any], served: tuple[str, Path]) -> None:
    page = open_page(served[0], width=375, height=800)
    page.locator(".controls-fold > summary").click()
    page.control("sampler.name").locator("select").select_option("laplace")
    page.locator(".controls-fold > summary").click()
    page.get_by_role("button", name="Fit", exact=True).click()
    page.wait_for_selector('#job[data-status="finished"]', timeout=180_000)
    page.evaluate("scrollTo(0, 900)")
    page.wait_for_timeout(200)
    assert page.evaluate(f"{TOP}.top === 0 && {TOP}.height < 64")


def test_a_new_page_shows_the_newest_fit_of_its_screen_and_nothing_of_another(
    open_page: Callable[..., Any], served: tuple[str, Path], csv: Callable[..., Path]
) -> None:
    first = open_page(served[0])
    first.fill("anisotropy.beta", "0.41")
    fit(first)
    other = open_page(served[0])
    other.fill("anisotropy.beta", "0.42")
    other.wait_for_timeout(800)
    other.reload()
    other.drawn()
    assert other.locator("#job").is_hidden()
    first.reload()
    first.drawn()
    first.wait_for_selector('#job[data-status="finished"]')
    assert "0.41" in first.locator(".job-about").inner_text()
    first.give(csv())
    first.waits("!document.querySelector('.dialog-end .primary').disabled")
    first.get_by_role("button", name="Use this catalogue").click()
    first.wait_for_selector("#job", state="hidden")
