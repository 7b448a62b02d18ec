"""Distances of 42 LAMOST giants against those of Zhang et al. (2023), from the published inputs."""

import csv

import numpy as np
import pytest

from haloscale.distance.giant_distances import giant_distances
from haloscale.distance.giant_flags import horizontal_branch_colour
from haloscale.distance.magnitudes import Giants

INPUTS = ("rmag", "e_rmag", "gr", "e_gr", "feh", "e_feh")


@pytest.fixture(scope="module")
def published(shared):
    lines = shared("data/giant-distances/zhang2023_validation_rows.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@pytest.fixture(scope="module")
def ours(published):
    return giant_distances(Giants(*(published[name] for name in INPUTS)))


def test_every_star_is_a_giant_and_has_a_distance(published, ours):
    assert ours.flag.tolist() == ["ok"] * 42
    assert (published["gr"] > horizontal_branch_colour(published["feh"])).all()


def test_distance_moduli_agree(published, ours):
    difference = ours.dm_p50 - published["DM50"]
    assert abs(np.median(difference)) <= 0.10
    assert np.sqrt(np.mean(difference**2)) <= 0.15


def test_errors_agree(published, ours):
    ratio = (ours.dm_p84 - ours.dm_p16) / 2 / published["e_DM50"]
    assert 0.9 <= np.median(ratio) <= 1.2


def test_percentiles_increase(ours):
    dm = np.stack([ours.dm_p05, ours.dm_p16, ours.dm_p50, ours.dm_p84, ours.dm_p95])
    assert (np.diff(dm, axis=0) > 0).all()


def test_the_read_off_is_that_of_the_catalogue(published):
    """Applied to the published percentiles it gives the published numbers."""
    near, far = (10 ** (published[name] / 5 - 2) for name in ("DM16", "DM84"))
    np.testing.assert_allclose((far - near) / 2, published["e_D"], atol=1e-3)
    np.testing.assert_allclose(10 ** ((published["rmag"] - published["Mr"]) / 5 - 2), published["D"], rtol=2e-4)
