"""Advice of the code in the words of the page."""

import re

import pytest

from haloscale.web.advice import labels, on_page


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("correct mass.halo.c in the file, or with --set mass.halo.c=...", "correct <mass.halo.c>"),
        ("--set tracer.log_slope=NUMBER; the route sigma can free it",
         "give <tracer.log_slope> a number; the route sigma can free it"),
        ("choose wider bins with --set dispersion.edges=[...] or relax the selection",
         "choose wider bins under <dispersion.edges> or relax the selection"),
        ("stars in known globular clusters: 17 (selection.known_objects = true cuts them)",
         "stars in known globular clusters: 17 (the control <selection.known_objects> takes them out)"),
        ("source.upload is None", "the link names no upload"),
        ("did you mean 'my rv'? then add --columns v_helio=my rv", "did you mean 'my rv'? then choose it in the form"),
        ("name the column with --columns v_helio=COLUMN; the file has: ra, dec",
         "choose the column in the form; the file has: ra, dec"),
        ("name the right column with --columns l=COLUMN", "choose another column"),
        ("point.m_vir is 3, weigh 0.5 of Eq. 9", "point.m_vir is 3, weigh 0.5 of Eq. 9"),
    ],
)  # fmt: skip
def test_controls_are_called_by_their_label_and_no_option_is_named(said: str, shown: str) -> None:
    quoted = "\N{LEFT DOUBLE QUOTATION MARK}{}\N{RIGHT DOUBLE QUOTATION MARK}"
    assert on_page(said) == re.sub("<(.+?)>", lambda key: quoted.format(labels()[key[1]]), shown)
