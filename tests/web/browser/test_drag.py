"""Moving controls: the model follows the hand, the posterior follows the model, complaints stand beside their field."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

MASS = "mass.halo.m_vir"


def drag(page: Any, key: str, start: float, end: float, steps: int = 30) -> None:
    slider = page.control(key).locator("input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    places = [box["x"] + box["width"] * (start + (end - start) * i / steps) for i in range(steps + 1)]
    middle = box["y"] + box["height"] / 2
    page.mouse.move(places[0], middle)
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(place, middle)
        page.wait_for_timeout(20)
    page.mouse.up()


def test_dragging_draws_the_model_with_one_question_in_flight(page: Any) -> None:
    heard = page.messages()
    page.reload()
    page.drawn()
    page.wait_for_timeout(500)
    heard.clear()
    before = page.said("dispersion"), page.said("mass"), page.said("v_circ")
    drag(page, MASS, 0.3, 0.8)
    page.wait_for_timeout(1000)
    after = page.said("dispersion"), page.said("mass"), page.said("v_circ")
    assert not set(before) & set(after)
    flying, most, n_sent = set(), 0, 0
    for way, message in heard:
        if way == "sent" and "curves" in message.get("want", []):
            flying.add(message["id"])
            n_sent += 1
        elif way == "got" and message["kind"] == "curves":
            flying.discard(message["id"])
        most = max(most, len(flying))
    assert n_sent > 5
    assert most == 1
    assert flying == set()
    kinds = {message["kind"] for way, message in heard if way == "got"}
    assert kinds == {"curves"}, "stars or posterior came although only the point moved"


def test_each_movement_is_measured_until_it_is_drawn(page: Any) -> None:
    drag(page, MASS, 0.4, 0.6, steps=10)
    page.wait_for_timeout(1000)
    durations = page.evaluate("performance.getEntriesByName('slider-to-drawn').map(entry => entry.duration)")
    moved = page.evaluate("performance.getEntriesByType('mark').filter(mark => mark.name.startsWith('input-')).length")
    assert len(durations) >= 5
    assert moved == 0, "a movement was never drawn"
    assert all(0 < duration < 5000 for duration in durations)


def test_the_posterior_follows_a_setting_and_says_how_it_was_made(page: Any) -> None:
    before = page.said("posterior")
    beta = page.control("anisotropy.beta")
    beta.locator("input.number").fill("0.5")
    beta.locator("input.number").press("Enter")
    page.changes("posterior", before)
    page.settled()
    told = page.locator('[data-panel="posterior"] .said').inner_text()
    assert "grid" in told
    assert page.locator('[data-panel="posterior"]').get_attribute("data-method") == "grid"
    assert "68" in page.locator('[data-panel="numbers"] table').first.inner_text()


def test_the_keyboard_moves_a_slider(page: Any) -> None:
    before = page.said("mass")
    slider = page.control(MASS).locator("input[type=range]")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.changes("mass", before)
    assert "M☉" in slider.get_attribute("aria-valuetext")


def test_a_number_is_taken_exactly_and_nonsense_is_told_beside_it(page: Any) -> None:
    row = page.control(MASS)
    field = row.locator("input.number")
    field.fill("1.23456789e12")
    field.press("Enter")
    page.waits("location.hash.length > 4")
    page.wait_for_timeout(600)
    state = page.evaluate("import('./static/js/link.js').then(link => link.stateOfFragment(location.hash).state)")
    assert state["point"]["m_vir"] == 1.23456789e12
    field.fill("heavy")
    field.press("Enter")
    complaint = row.locator(".complaint")
    complaint.wait_for(state="visible")
    assert "no number" in complaint.inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == complaint.get_attribute("id")


def test_what_the_server_refuses_is_told_beside_its_field(page: Any) -> None:
    row = page.control("dispersion.edges")
    field = row.locator("textarea")
    field.fill("30, 20, 10")
    field.press("Tab")
    row.locator(".complaint").wait_for(state="visible")
    assert field.get_attribute("aria-describedby") == row.locator(".complaint").get_attribute("id")
    field.fill("5, 10, 20, 40, 80")
    field.press("Tab")
    row.locator(".complaint").wait_for(state="hidden")
    shown = "document.querySelector('[data-panel=dispersion] .plot').ariaLabel"
    page.waits(f"{shown}.startsWith('Velocity dispersion. 4 ')")


def test_a_parameter_can_be_fixed_and_freed(page: Any) -> None:
    before = page.said("posterior")
    switch = page.control("mass.halo.c").locator("input[type=checkbox]")
    switch.uncheck()
    page.changes("posterior", before)
    page.settled()
    assert page.locator('[data-panel="numbers"] table').first.locator("tbody tr").count() == 1
    before = page.said("posterior")
    switch.check()
    page.changes("posterior", before)
    page.settled()
    assert page.locator('[data-panel="numbers"] table').first.locator("tbody tr").count() == 2


def test_the_two_parameters_of_the_picture_are_chosen_by_keyboard_and_kept_in_the_link(
    open_page: Callable[..., Any], served: tuple[str, Path]
) -> None:
    page = open_page(served[0])
    along_y = page.get_by_label("Parameter along y")
    assert not along_y.is_visible(), "two parameters leave no choice"
    page.control("anisotropy.beta").locator("input[type=checkbox]").check()
    along_y.wait_for(state="visible")
    page.settled()
    assert along_y.input_value() == "c"
    along_y.focus()
    page.keyboard.press("ArrowDown")
    page.waits("document.querySelector('[data-panel=posterior] .axis-y').innerText.startsWith('\u03b2')")
    page.settled()
    assert along_y.input_value() == "beta"
    page.get_by_label("Parameter along x").select_option("beta")
    assert along_y.input_value() == "m_vir", "what stood in both was exchanged"
    page.wait_for_timeout(600)
    second = open_page(page.url)
    second.get_by_label("Parameter along x").wait_for(state="visible")
    assert second.get_by_label("Parameter along x").input_value() == "beta"
    assert second.get_by_label("Parameter along y").input_value() == "m_vir"


def test_the_legend_of_the_posterior_fits_what_is_drawn(page: Any) -> None:
    legend = page.locator('[data-panel="posterior"] .legend')
    before = page.said("posterior")
    page.control("mass.halo.c").locator("input[type=checkbox]").uncheck()
    page.changes("posterior", before)
    page.settled()
    assert legend.locator("li").all_inner_texts() == ["68 %", "95 %", "highest posterior", "where the model is drawn"]
    page.control(MASS).locator("input[type=checkbox]").uncheck()
    page.waits("document.querySelector('[data-panel=posterior]').dataset.method === 'none'")
    assert legend.locator("li").count() == 0


def test_another_profile_brings_its_own_controls(page: Any) -> None:
    assert page.control("mass.halo.alpha").count() == 0
    page.control("mass.halo.profile").locator("select").select_option("einasto")
    page.control("mass.halo.alpha").wait_for(state="visible")
    page.settled()


def test_the_link_brings_the_screen_back(open_page: Callable[..., Any], served: tuple[str, Path]) -> None:
    first = open_page(served[0])
    for key, value in ((MASS, "8.5e11"), ("anisotropy.beta", "0.25")):
        field = first.control(key).locator("input.number")
        field.fill(value)
        field.press("Enter")
    first.wait_for_timeout(1200)
    second = open_page(first.url)
    assert float(second.control(MASS).locator("input.number").input_value()) == 8.5e11
    assert float(second.control("anisotropy.beta").locator("input.number").input_value()) == 0.25
    assert second.said("dispersion") == first.said("dispersion")


def test_a_broken_link_is_told_and_the_page_still_works(
    open_page: Callable[..., Any], served: tuple[str, Path]
) -> None:
    page = open_page(f"{served[0]}#s=nonsense")
    assert "could not be read" in page.locator("#banner").inner_text()


@pytest.mark.parametrize("content", ['{"source": {"kind": "upload", "id": "../../etc/passwd"}}', '["no state"]'])
def test_a_link_to_what_cannot_be_shows_the_first_state(
    open_page: Callable[..., Any], served: tuple[str, Path], content: str
) -> None:
    text = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    page = open_page(f"{served[0]}#s={text}")
    assert "could not be read" in page.locator("#banner").inner_text()
    assert "for 12 bins" in page.locator("#strip").inner_text()


def test_what_is_fixed_stays_in_the_strip_and_the_rest_follows_the_best_fit(page: Any) -> None:
    assert "have not moved follow the best fit" in page.locator("aside").inner_text()
    page.control("mass.halo.c").locator("input[type=checkbox]").uncheck()
    page.fill("mass.halo.c", "6")
    page.waits(
        "[...document.querySelectorAll('#strip > div')].some(one => one.innerText.replace(/\\s+/g, ' ') === 'c 6')"
    )


def test_every_mark_has_its_entry_in_the_legend(page: Any) -> None:
    legends = {name: page.locator(f'[data-panel="{name}"] .legend').inner_text() for name in ("velocity", "plane")}
    assert "± model" in legends["velocity"]
    assert "Galactic centre" in legends["plane"]


def test_a_server_that_has_ended_is_told(open_page: Callable[..., Any], stars: Path, serving: Any) -> None:
    with serving(stars, "--survey", "generic") as address:
        page = open_page(address)
    page.waits("document.querySelector('#connection-text').textContent.startsWith('no server at this address')")


def test_a_range_of_radii_is_marked_in_every_panel(page: Any) -> None:
    page.get_by_label("Highlight from").fill("20")
    page.get_by_label("to", exact=True).fill("40")
    page.keyboard.press("Tab")
    page.waits("document.querySelectorAll('.band:not([hidden])').length === 3")
    page.get_by_role("button", name="Clear highlight").click()
    page.waits("document.querySelectorAll('.band:not([hidden])').length === 0")


def test_hovering_reads_the_curves_at_that_radius(page: Any) -> None:
    box = page.locator('[data-panel="v_circ"] .u-over').bounding_box()
    before = page.locator(".readout").inner_text()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.wait_for_function("before => document.querySelector('.readout').innerText !== before", arg=before)
    assert page.locator(".rule:not([hidden])").count() == 3


def test_a_term_tells_its_definition_on_focus(page: Any) -> None:
    page.locator('[data-panel="dispersion"] h3 button.term').focus()
    tip = page.get_by_role("tooltip")
    tip.wait_for(state="visible")
    assert len(tip.inner_text()) > 20
    page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
