"""The search with a linking length for each star, on catalogues whose groups are known."""

import numpy as np
import pytest

from haloscale import mock
from haloscale.frames import ZHAI2018, locate
from haloscale.mock.streams import with_structures
from haloscale.records import StarTable
from haloscale.records.stars import in_large_groups
from haloscale.substructure import substructure_methods
from haloscale.substructure.fof_adaptive import fof_adaptive, points
from haloscale.substructure.friends import friends_of
from haloscale.substructure.phase_space import phase_space

CLUMP = {"n": 40, "width": 2.0, "distance": 30.0, "distance_spread": 1.0, "v_spread": 8.0}
STREAM = {"n": 150, "width": 2.0, "length": 120.0, "distance": 35.0, "v_spread": 12.0}


@pytest.fixture(scope="module")
def halo():
    """3,000 stars or so of a smooth halo, simulated in equilibrium."""
    rng = np.random.default_rng(11)
    table = mock.simulate_simple(mock.Truth(), rng, 12_000, distance_fractional_error=0.13, v_error=7.0)
    located = locate(table, ZHAI2018)
    return located.take(np.flatnonzero(np.abs(located["z"]) > 5.0)[:3000])


def find(table, seed=1, **options):
    return fof_adaptive(table, np.random.default_rng(seed), max_members=options.pop("max_members", 10), **options)


def removed(found):
    return in_large_groups(found.group_id, 10)


def test_it_is_registered():
    assert substructure_methods["fof_adaptive"] is fof_adaptive


def test_streams_and_clumps_are_found_in_a_halo(halo):
    table, label = with_structures(halo, np.random.default_rng(12), (STREAM, CLUMP))
    found = find(table)
    out = removed(found)
    assert out[label == 0].mean() > 0.6
    assert out[label == 1].mean() > 0.9
    assert (label[out] >= 0).mean() > 0.85
    assert np.mean([(size > 10).sum() for size in found.null_sizes]) < 1.0


def test_hardly_any_star_of_a_smooth_halo_is_removed(halo):
    found = find(halo)
    assert removed(found).mean() <= 0.005
    assert found.settings["chance_members"] <= 0.005 * len(halo)


def test_the_chance_members_are_about_those_that_do_not_belong(halo):
    table, label = with_structures(halo, np.random.default_rng(13), (STREAM, CLUMP, CLUMP, CLUMP))
    found = find(table)
    truth = np.count_nonzero(label[removed(found)] < 0)
    assert 0.4 * truth - 5 < found.settings["chance_members"] < 2.0 * truth + 5


@pytest.mark.slow
def test_every_star_expects_nu_friends_by_chance(halo):
    """In a null catalogue the mean number of stars within a star's own length is nu, in the dense parts and outside."""
    from haloscale.substructure.fof_adaptive import _Pool
    from haloscale.substructure.nulls import null_catalogues

    stars, _ = phase_space(halo)
    rng = np.random.default_rng(3)
    pool = _Pool(stars, rng, 30, "like")
    counts = []
    for null in null_catalogues(stars, rng, 5, "like"):
        (length,) = pool.lengths(null, [1.5])
        near = points(null)
        gap = np.linalg.norm(near[:, None] - near[None], axis=2)
        counts.append((gap < length[:, None]).sum(axis=1) - 1)
    mean = np.mean(counts, axis=0)
    inner, outer = stars.distance < np.quantile(stars.distance, 0.3), stars.distance > np.quantile(stars.distance, 0.7)
    assert mean.mean() == pytest.approx(1.5, rel=0.1)
    assert mean[inner].mean() == pytest.approx(mean[outer].mean(), rel=0.25)


def test_friends_are_closer_than_both_their_lengths():
    rng = np.random.default_rng(5)
    where, reach = rng.normal(size=(300, 5)), rng.uniform(0.4, 1.6, 300)
    i, j = friends_of(where, reach, block=100)
    gap = np.linalg.norm(where[:, None] - where[None], axis=2)
    want = np.argwhere(np.triu(gap < np.minimum(reach[:, None], reach[None]), 1))
    assert len(want) > 100
    assert {tuple(pair) for pair in want} == set(zip(i.tolist(), j.tolist(), strict=True))
    assert len(i) == len(want)


@pytest.mark.slow
def test_a_larger_nu_finds_more_and_the_chosen_one_is_told(halo):
    table, _ = with_structures(halo, np.random.default_rng(12), (STREAM, CLUMP))
    sizes = [removed(find(table, nu=nu)).sum() for nu in (0.5, 1.0, 2.0)]
    assert sizes[0] < sizes[1] < sizes[2]
    chosen = find(table).settings["nu"]
    assert 0.0 < chosen <= 1.3
    assert find(table, nu=0.7).settings["nu"] == 0.7


@pytest.mark.slow
def test_nu_is_lowered_until_the_nulls_are_clean(halo):
    strict = find(halo, min_friends=2, min_core_friends=1, max_false_groups=0.5)
    assert strict.settings["nu"] < 1.3
    assert np.mean([(size > 10).sum() for size in strict.null_sizes]) < 2.0


def test_plain_friends_of_friends_are_the_case_of_one_friend(halo):
    """With one friend the groups are the connected components of the friends."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from haloscale.substructure.fof_adaptive import _Pool, _search

    stars, _ = phase_space(halo)
    pool = _Pool(stars, np.random.default_rng(3), 10, "shuffle")
    (length,) = pool.lengths(stars, [0.5])
    found, _ = _search(points(stars), length, 1, 1)
    i, j = friends_of(points(stars), length)
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(stars), len(stars)))
    labels = connected_components(graph, directed=False)[1]
    size = np.bincount(labels)
    np.testing.assert_array_equal(found >= 0, size[labels] > 1)
    assert len(np.unique(found[found >= 0])) == (size > 1).sum()
    assert len({(a, b) for a, b in zip(found[found >= 0], labels[found >= 0], strict=True)}) == (size > 1).sum()


def test_a_star_without_a_velocity_is_left_alone_and_counted(halo):
    v = halo["v_gsr"].copy()
    v[:7] = np.nan
    found = find(halo.with_columns(v_gsr=v), n_nulls=5)
    assert (found.group_id[:7] == -1).all()
    assert "7 stars without a velocity or a distance are not searched for groups" in found.notes


def test_errors_are_not_needed(halo):
    bare = halo.with_columns(distance_error=np.full(len(halo), np.nan), v_helio_error=np.zeros(len(halo)))
    found = find(bare, n_nulls=5)
    assert len(found.group_id) == len(halo)
    assert found.notes == ()


@pytest.mark.parametrize("n", [0, 1, 2, 6])
def test_few_stars_are_in_no_group(halo, n):
    found = find(halo.take(np.arange(n)))
    assert (found.group_id == -1).all()
    assert "too few" in found.notes[-1]


def test_stars_at_one_point_do_not_crash(halo):
    one = halo.take(np.zeros(200, dtype=int))
    found = find(one, n_nulls=5)
    assert len(found.group_id) == 200


def test_exact_duplicates_do_not_crash(halo):
    twice = halo.take(np.concatenate([np.arange(500), np.arange(500)]))
    assert len(find(twice, n_nulls=5).group_id) == 1000


@pytest.mark.slow
def test_a_group_that_is_the_halo_is_told_with_its_fraction(halo):
    found = find(halo, nu=40.0, n_nulls=5, min_friends=20)
    share = (found.group_id == 0).mean()
    assert share > 0.5
    assert any(f"{share:.0%}" in note and "smaller nu" in note for note in found.notes)


def test_the_same_seed_gives_the_same_groups(halo):
    first, second = find(halo, seed=4, n_nulls=6, nu=1.5), find(halo, seed=4, n_nulls=6, nu=1.5)
    np.testing.assert_array_equal(first.group_id, second.group_id)
    assert first.settings == second.settings


def test_all_settings_reach_the_record():
    table = StarTable({"row": np.arange(0), **{k: np.zeros(0) for k in ("l", "b", "distance", "v_gsr")}}, "generic")
    assert len(find(table).group_id) == 0
