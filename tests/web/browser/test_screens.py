"""How the page looks at three widths, light and dark, and whether axe-core finds what shuts people out.

The pictures are kept where HALOSCALE_SCREENS says, to be looked at.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

WIDTHS = (375, 1024, 1920)

CLIPPED = """() => [...document.querySelectorAll(
    "button, label, h1, h2, h3, dt, dd, th, td, summary, .axis-x, .axis-y, .legend li")]
  .filter(node => node.offsetParent !== null && !node.closest(".sr") && !node.closest(".table-scroll"))
  .filter(node => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
  .map(node => `${node.tagName} ${node.textContent}`)"""

FIELDS = """() => [...document.querySelectorAll("input.number")]
  .filter(node => node.offsetParent !== null && node.scrollWidth > node.clientWidth + 1).map(node => node.value)"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_clipped(
    open_page: Callable[..., Any], served: tuple[str, Path], tmp_path: Path, width: int, dark: bool
) -> None:
    page = open_page(served[0], width=width, height=900, dark=dark)
    folder = Path(os.environ.get("HALOSCALE_SCREENS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.wait_for_timeout(700)
    page.screenshot(path=folder / f"{width}-{'dark' if dark else 'light'}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.querySelectorAll('aside details').forEach(node => { node.open = true })")
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(FIELDS) == []


def violations(page: Any) -> list[str]:
    """What axe-core calls serious or critical, as text."""
    path = os.environ.get("HALOSCALE_AXE")
    if not path:
        pytest.skip("axe-core is absent: set HALOSCALE_AXE to its axe.min.js (npm package axe-core)")
    page.evaluate(Path(path).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document).then(result => result.violations)")
    grave = [entry for entry in found if entry["impact"] in ("serious", "critical")]
    return [
        f"{entry['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for entry in grave
        for node in entry["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [375, 1440])
def test_axe_finds_nothing_serious(
    open_page: Callable[..., Any], served: tuple[str, Path], width: int, dark: bool
) -> None:
    page = open_page(served[0], width=width, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true })")
    page.wait_for_timeout(300)
    assert violations(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_menu_and_dialog(
    open_page: Callable[..., Any], served: tuple[str, Path], csv: Callable[..., Path], dark: bool
) -> None:
    page = open_page(served[0], dark=dark)
    page.get_by_role("button", name="Download").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.give(csv())
    page.wait_for_selector("dialog .flow")
    page.evaluate("document.querySelectorAll('dialog details').forEach(node => { node.open = true })")
    page.locator('.role[data-role="feh"] select').select_option("l")
    page.wait_for_selector('.preview[aria-busy="false"]')
    assert violations(page) == []


def test_the_switch_changes_the_theme_and_is_kept(open_page: Callable[..., Any], served: tuple[str, Path]) -> None:
    page = open_page(served[0])
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(ground) != before
    page.reload()
    assert page.evaluate(ground) != before
