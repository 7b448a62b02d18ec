"""Bring your own catalogue: good, wrong, huge and hostile files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HOSTILE = "<script>window.hit = 1</script>"
IMAGE = '"><img src=x onerror="window.hit = 2">'


def complaint(page: Any) -> str:
    found = page.locator("#catalogue-complaint")
    found.wait_for(state="visible")
    return str(found.inner_text())


def test_a_good_file_is_guessed_previewed_and_used(page: Any, csv: Callable[..., Path]) -> None:
    page.give(csv())
    use = page.get_by_role("button", name="Use this catalogue")
    page.wait_for_selector("dialog .flow")
    assert page.locator('.role[data-role="distance"] select').input_value() == "distance"
    assert page.get_by_role("region", name="First rows").locator("tbody tr").count() == 20
    page.waits("!document.querySelector('.dialog-end .primary').disabled")
    left = page.locator("dialog .flow tbody tr").last.locator("td").last.inner_text()
    assert f"{left} stars would be used" in page.locator("dialog").inner_text()
    error = page.locator('.role[data-role="v_helio_error"]')
    assert error.locator(".needed").is_visible()
    use.click()
    page.wait_for_function(
        "() => document.querySelector('[data-panel=plane] .plot').ariaLabel.includes('of 600 stars')"
    )
    page.settled()
    page.waits("atob(location.hash.slice(3).replaceAll('-', '+').replaceAll('_', '/')).includes('upload')")


def test_a_dropped_file_opens_the_form(page: Any, csv: Callable[..., Path]) -> None:
    text = csv().read_text(encoding="utf-8")
    page.evaluate(
        """text => {
          const given = new DataTransfer();
          given.items.add(new File([text], "dropped.csv"));
          for (const type of ["dragenter", "dragover", "drop"]) {
            document.body.dispatchEvent(new DragEvent(type, { dataTransfer: given, bubbles: true, cancelable: true }));
          }
        }""",
        text,
    )
    page.wait_for_selector("dialog .flow")
    assert "dropped.csv: 600 rows, 6 columns" in page.locator("dialog").inner_text()


def test_a_wrong_unit_of_a_column_is_told_beside_it(page: Any, csv: Callable[..., Path], tmp_path: Path) -> None:
    units = {"l": "deg", "b": "deg", "distance": "km / s", "distance_error": "kpc"}
    told = [f"# - {{name: {name}, unit: {unit}, datatype: float64}}" for name, unit in units.items()]
    told += [f"# - {{name: {name}, unit: km / s, datatype: float64}}" for name in ("v_helio", "v_helio_error")]
    head = ["# %ECSV 1.0", "# ---", "# delimiter: ','", "# datatype:", *told, ""]
    path = tmp_path / "mine.ecsv"
    path.write_text("\n".join(head) + csv().read_text(encoding="utf-8"), encoding="utf-8")
    page.give(path)
    row = page.locator('.role[data-role="distance"]')
    row.locator(".complaint").wait_for(state="visible")
    assert "in km s⁻¹, as the file says" in row.inner_text()
    assert row.locator("select").get_attribute("aria-describedby") == row.locator(".complaint").get_attribute("id")
    assert page.get_by_role("button", name="Use this catalogue").is_disabled()


def test_a_missing_column_is_told_beside_its_field(page: Any, csv: Callable[..., Path]) -> None:
    path = csv()
    path.write_text(path.read_text(encoding="utf-8").replace('"v_helio"', '"speed"', 1), encoding="utf-8")
    page.give(path)
    row = page.locator('.role[data-role="v_helio"]')
    row.locator(".complaint").wait_for(state="visible")
    assert row.locator("select").get_attribute("aria-describedby") == row.locator(".complaint").get_attribute("id")
    assert page.get_by_role("button", name="Use this catalogue").is_disabled()
    assert "would be used" not in page.locator("dialog").inner_text()
    assert "--columns" not in row.inner_text()
    row.locator("select").select_option("speed")
    row.locator(".complaint").wait_for(state="hidden")
    page.waits("!document.querySelector('.dialog-end .primary').disabled")


def test_what_is_no_table_is_told(page: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "picture.fits"
    wrong.write_bytes(bytes(range(256)) * 20)
    page.give(wrong)
    assert len(complaint(page)) > 20
    assert page.locator(".mapping").count() == 0


def test_too_many_rows_are_told(page: Any, tmp_path: Path) -> None:
    from haloscale.web.scene import MOST_ROWS

    long = tmp_path / "long.csv"
    long.write_text("l,b\n" + "1,2\n" * (MOST_ROWS + 1), encoding="utf-8")
    page.give(long)
    assert "rows" in complaint(page)


def test_a_huge_file_is_told_before_it_is_sent(page: Any, tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(201 * 1024**2)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "upload" in request.url else None)
    page.give(huge)
    assert "at most 200 MB" in complaint(page)
    assert sent == []


def test_hostile_names_are_only_text(page: Any, csv: Callable[..., Path]) -> None:
    scripts = page.locator("script").count()
    page.give(csv(extra=(HOSTILE, IMAGE)))
    page.wait_for_selector("dialog .flow")
    options = page.locator('.role[data-role="feh"] select option').all_text_contents()
    assert HOSTILE in options
    assert IMAGE in options
    page.evaluate("document.querySelector('.mapping details').open = true")
    page.locator('.role[data-role="feh"] select').select_option(HOSTILE)
    page.wait_for_selector('.preview[aria-busy="false"]')
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert page.locator("script").count() == scripts
    assert page.locator("img[src=x]").count() == 0


def test_a_hostile_file_name_is_only_text(page: Any, csv: Callable[..., Path]) -> None:
    page.give(csv("<img src=x onerror=window.hit=3>.csv"))
    page.wait_for_selector("dialog .flow")
    assert "<img src=x onerror=window.hit=3>.csv: 600 rows" in page.locator("dialog").inner_text()
    assert page.evaluate("window.hit") is None
