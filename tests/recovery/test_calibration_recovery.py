"""Intervals of truths drawn from the prior: right where the likelihood is that of the stars, wrong where it is not."""

import numpy as np
import pytest

from haloscale import calibrate
from haloscale.calibrate.catalogue import fit_catalogue

pytestmark = pytest.mark.slow

STARS = {
    "likelihood.kind": "stars",
    "sampler.name": "laplace",
    "mass.halo.m_vir": {"prior": "log_normal", "mean": 27.63, "sd": 0.4},
    "mass.halo.c": {"prior": "log_normal", "mean": 2.5, "sd": 0.3},
}


def studied(n, **given):
    design = calibrate.design(n, **given)
    rows = [fit_catalogue(design, index) for index in range(n)]
    return calibrate.summarise(design, {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"likelihood.true_selection": {"r_min": 6.0, "r_max": 60.0}, "selection.z_min": "off"},
        {"frame.r0": 8.2, "catalogue.v_offset": 6.0, "likelihood.outlier_fraction": 0.05},
    ],
)
def test_star_by_star_the_intervals_hold_the_truth(settings):
    summary = studied(40, stars=1500, settings=STARS | settings)
    assert summary["fits"]["failed"] == 0
    assert summary["problems"] == []
    assert calibrate.is_calibrated(summary)


def test_bins_that_ignore_large_distance_errors_are_called_biased():
    settings = {**STARS, "likelihood.kind": "bins"}
    summary = studied(40, stars=20_000, distance_error=0.3, settings=settings)
    assert summary["verdict"] == "not calibrated"
    assert any("biased by +" in problem for problem in summary["quantities"]["m_within_100kpc"]["problems"])
    assert not calibrate.is_calibrated(summary)
