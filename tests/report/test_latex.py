"""Rounding of the answer for a table."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.records import Estimate, Run
from haloscale.report.latex import latex_row, latex_value, rounded


@pytest.mark.parametrize(
    ("median", "lower", "upper", "text"),
    [
        (1.08e12, 0.94e12, 1.25e12, "$1.08^{+0.17}_{-0.14}$"),
        (1.0e12, 0.9004e12, 1.0996e12, "$1.00^{+0.10}_{-0.10}$"),
        (1.0e12, 0.5e12, 3.4e12, "$1.0^{+2.4}_{-0.5}$"),
    ],
)
def test_masses_are_rounded_by_their_errors(median: float, lower: float, upper: float, text: str) -> None:
    assert latex_value(Estimate(median, lower, upper, "solMass", "mass"), 1e12) == text


def test_the_papers_answer_is_written_as_in_the_paper() -> None:
    assert rounded(18.5, 15.6, 22.1) == ("18.5", "3.6", "2.9")
    assert rounded(205.0, 196.0, 215.0) == ("205", "10", "9")
    assert rounded(1234.0, 1000.0, 1500.0) == ("1230", "270", "230")
    assert rounded(-4.0, -4.06, -3.95) == ("-4.000", "0.050", "0.060")


def test_a_fixed_parameter_has_no_errors() -> None:
    assert latex_value(Estimate(18.5, 18.5, 18.5, "", "c", fixed=True)) == "$18.5$"


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e5), st.floats(1e-3, 1e5))
def test_rounding_moves_nothing_by_more_than_a_twentieth_of_the_larger_error(
    median: float, up: float, down: float
) -> None:
    texts = rounded(median, median - down, median + up)
    largest = max(up, down)
    for text, value in zip(texts, (median, up, down), strict=True):
        assert abs(float(text) - value) <= 0.0501 * largest + 1e-9 * abs(median)


def test_a_row_has_a_comment_and_as_many_cells_as_columns(make_run: Callable[..., Run]) -> None:
    run = make_run(n=50)
    comment, row = latex_row(run.summary).splitlines()
    assert comment.startswith("% M_vir [1e12 Msun] & c & r_vir [kpc] & M(<100 kpc) [1e12 Msun];")
    assert row.count("&") == 3
    assert row.endswith(r"\\")
    assert r"\ldots" in latex_row(replace(run.summary, derived={}))
