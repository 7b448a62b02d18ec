"""Numbers as the terminal shows them."""

import pytest

from haloscale.report.terminal import decimals


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [(0.08, 0.07, 3), (4.8, 3.6, 3), (0.0015, 0.0012, 4), (0.00009, 0.2, 6), (0.0, 0.0004, 5), (0.0, 0.0, 3)],
)
def test_errors_show_two_figures_and_three_decimals_at_least(up, down, expected):
    assert decimals(up, down) == expected


def test_large_numbers_keep_fewer_decimals_unless_their_errors_need_them():
    assert decimals(5.7, 5.4, 1) == 1
    assert decimals(0.05, 0.04, 1) == 3
