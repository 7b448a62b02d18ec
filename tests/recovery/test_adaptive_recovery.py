"""Substructure of the simulated catalogues of known truth: how much is found, how much of it is true."""

import numpy as np
import pytest

from haloscale.frames import ZHAI2018, locate
from haloscale.records.stars import in_large_groups
from haloscale.substructure import find
from haloscale.surveys.base import surveys
from haloscale.tables import read_catalogue

pytestmark = pytest.mark.slow


def searched(path, method="fof_adaptive", seed=1, **options):
    table = locate(read_catalogue(path, surveys["generic"], {}), ZHAI2018)
    grouping, found = find(table, np.random.default_rng(seed), method, 10, **options)
    return table, in_large_groups(grouping.group_id, 10), found


@pytest.mark.parametrize("seed", [1, 2])
def test_streams_and_clumps_come_out(shared, seed):
    table, out, found = searched(shared("data/equilibrium-mocks/v4-streams.fits"), seed=seed)
    label = np.asarray(table.raw["group"], dtype=int)
    assert out[label == 0].mean() >= 0.80
    assert out[label > 0].mean() >= 0.90
    assert (label[out] >= 0).mean() >= 0.92
    assert found.false_groups < 1.0
    # what the nulls say of the field stars among the removed, against the truth
    assert found.settings["chance_members"] == pytest.approx((label[out] < 0).sum(), rel=0.5)


@pytest.mark.parametrize("name", ["v1-isotropic", "v2-beta04", "v3-beta06-steep"])
def test_a_smooth_halo_is_left_alone(shared, name):
    _, out, found = searched(shared(f"data/equilibrium-mocks/{name}.fits"))
    assert out.mean() <= 0.005
    assert found.false_groups < 1.0


def test_the_classic_search_misses_the_stream(shared):
    """One linking length for all stars, chosen as in the literature: the clumps, but hardly any of the stream."""
    table, out, _ = searched(
        shared("data/equilibrium-mocks/v4-streams.fits"), "fof_4distance", n_nulls=20, null="shuffle"
    )
    label = np.asarray(table.raw["group"], dtype=int)
    assert out[label > 0].mean() > 0.5
    assert out[label == 0].mean() < 0.3
