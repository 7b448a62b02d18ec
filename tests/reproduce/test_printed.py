"""The paper's numbers as carried over: what they are, and that the text of the paper prints them."""

import re

import pytest

from haloscale.reproduce.design import RECIPES
from haloscale.reproduce.printed import KINDS, Printed, printed, printed_numbers


def test_every_entry_is_whole() -> None:
    entries = printed_numbers()
    keys = [entry.key for entry in entries]
    assert len(keys) == len(set(keys)) > 70
    for entry in entries:
        assert entry.kind in KINDS
        assert entry.quantity
        assert entry.where
        assert entry.values
        assert (entry.plus > 0) == (entry.minus > 0)
        assert entry.run in (*RECIPES, "")
        assert (entry.kind == "quoted") == (not entry.run)


@pytest.mark.parametrize("entry", printed_numbers(), ids=lambda entry: entry.key)
def test_the_text_of_the_paper_prints_it(entry: Printed, shared) -> None:
    text = shared("paper/zhai2018.txt").read_text(encoding="utf-8").replace("\u2212", "-").replace("−", "-")
    unspaced = re.sub(r"\s+", "", text.replace(",", "").replace("\N{EN DASH}", "-"))
    for word in entry.text.split():
        mantissa = word.partition("e")[0].lstrip("-")
        forms = {mantissa, mantissa.removesuffix(".0"), mantissa.rstrip("0").rstrip(".") or "0"}
        forms |= {_WRITTEN[word]} if word in _WRITTEN else set()
        forms |= {f"{100 * float(mantissa):g}%"} if entry.key == "distance_error_max" else set()
        assert any(form in unspaced for form in forms), word
    for error in (entry.plus, entry.minus):
        if error == error:
            size = error / 1e12 if error > 1e9 else error
            assert re.search(rf"[+-]{size:.2f}|[+-]{size:.1f}|[+-]{size:g}(?!\d)", unspaced)


_WRITTEN = {"9e6": "9million"}


@pytest.mark.parametrize(
    ("text", "half"), [("0.8e12", 0.05e12), ("205", 0.5), ("15", 0.5), ("1.08e12", 0.005e12), ("7.17", 0.005)]
)
def test_rounding_is_half_the_last_digit(text: str, half: float) -> None:
    entry = Printed("k", "result", "q", "", "", text, float("nan"), float("nan"), "", "1")
    assert entry.rounding == pytest.approx(half)


def test_several_numbers_have_no_single_value() -> None:
    assert len(printed("edges").values) == 13
    assert printed("edges").value != printed("edges").value
