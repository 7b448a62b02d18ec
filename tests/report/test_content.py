"""What the page says of the assumptions of a run."""

from dataclasses import replace

import pytest

from haloscale.config import load
from haloscale.report.content import conventions


def said(make_run, recipe="zhai2018", **settings):
    config = load(recipe, settings, {"survey": "generic"}).config.to_mapping()
    return dict(conventions(replace(make_run(), config=config)))


def test_bins_are_fitted_by_the_route_and_projection_of_the_configuration(make_run):
    rows = said(make_run)
    assert "Eq. 7" in rows["Jeans equation"]
    assert rows["Projection"].startswith("none: the line-of-sight dispersion is taken for the radial one")


@pytest.mark.parametrize("kind", ["stars", "df"])
def test_star_by_star_no_bin_is_said_to_be_fitted(make_run, kind):
    rows = said(make_run, **{"likelihood.kind": kind})
    assert "no bins are fitted" in rows["Jeans equation"]
    assert rows["Projection"].startswith("each star along its own sight line")
    assert rows["Likelihood"].startswith(f"{kind}; ")
    assert "proper_motions = " in rows["Likelihood"]


def test_a_free_sun_is_a_value_with_its_error(make_run):
    rows = said(make_run, "modern")
    assert rows["Position of the Sun"] == "x = \N{MINUS SIGN}8.178 ± 0.026 (free) kpc, z = 0.0208 kpc"
    assert "(U, V, W) = (11.1 ± 1.2 (free), 12.24, 7.25 ± 0.6 (free)) km/s" in rows["Motion of the Sun"]
