"""The classic search on catalogues whose groups are known."""

import numpy as np
import pytest

from haloscale.records import StarTable
from haloscale.substructure import substructure_methods
from haloscale.substructure.fof_4distance import fof_4distance
from haloscale.substructure.friends import group_ids
from haloscale.substructure.linking_length import largest_length, members_beyond
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.phase_space import phase_space


def smooth(n, seed=1):
    """A halo without structure."""
    rng = np.random.default_rng(seed)
    distance = np.exp(rng.normal(3.0, 0.5, n))
    return StarTable(
        {
            "row": np.arange(n),
            "l": rng.uniform(0.0, 360.0, n),
            "b": np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, n))),
            "distance": distance,
            "distance_error": distance * rng.uniform(0.08, 0.2, n),
            "v_gsr": rng.normal(0.0, 110.0, n),
            "v_helio_error": rng.uniform(2.0, 10.0, n),
        },
        "generic",
    )


def with_clump(n, n_clump, seed=1):
    """The same with its first stars in one place, moving together."""
    table, rng = smooth(n, seed), np.random.default_rng(seed + 1)
    columns = {name: table[name].copy() for name in ("l", "b", "distance", "v_gsr")}
    for column, centre, width in zip(columns.values(), (120.0, 50.0, 40.0, 80.0), (0.5, 0.5, 0.5, 4.0), strict=True):
        column[:n_clump] = rng.normal(centre, width, n_clump)
    return table.with_columns(**columns)


def find(table, seed=1, **options):
    return fof_4distance(table, np.random.default_rng(seed), max_members=options.pop("max_members", 10), **options)


def test_a_clump_is_found_and_little_else():
    found = find(with_clump(2000, 40), n_nulls=10)
    size = np.bincount(found.group_id[found.group_id >= 0])
    members = np.flatnonzero(found.group_id == 0)
    assert (members < 40).mean() > 0.9
    assert (members < 40).sum() >= 35
    assert (size[1:] <= 10).all()


def test_it_is_registered():
    assert substructure_methods["fof_4distance"] is fof_4distance


def test_groups_are_the_components_of_the_metric():
    table = smooth(400)
    found = find(table, linking_length=0.08, d_max=100.0, n_nulls=2)
    stars, _ = phase_space(table)
    np.testing.assert_array_equal(found.group_id, group_ids(FourDistance(100.0).among(stars).components(0.08)))
    assert found.settings == {"linking_length": 0.08, "d_max": 100.0, "n_nulls": 2.0}
    assert len(found.null_sizes) == 2
    assert all((sizes > 1).all() and (np.diff(sizes) <= 0).all() for sizes in found.null_sizes)


def test_the_chosen_length_is_the_largest_that_the_nulls_allow():
    """Just below the answer the mean of the false members is allowed, a little beyond it no more."""
    stars, _ = phase_space(smooth(1500))
    rng, metric = np.random.default_rng(3), FourDistance()
    orders = [(rng.permutation(1500), rng.permutation(1500)) for _ in range(6)]

    def nulls():
        for d, v in orders:
            yield stars.with_motion(stars.distance[d], stars.distance_error[d], stars.v[v], stars.v_error[v])

    def false_members(length, max_members):
        return np.mean([members_beyond(metric.among(one).components(length), max_members) for one in nulls()])

    for max_members, allowed in ((10, 10.0), (4, 1.0), (10, 400.0)):
        length = largest_length(metric, nulls, max_members, allowed)
        assert length == float(f"{length:.4g}")
        assert false_members(length, max_members) < allowed <= false_members(1.003 * length, max_members)


def test_the_false_rate_comes_from_other_nulls_and_is_about_as_asked():
    table = smooth(1500)
    found = find(table, n_nulls=30, max_false_members=20.0)
    members = [sizes[sizes > 10].sum() for sizes in found.null_sizes]
    assert len(members) == 30
    # 20 on average up to scatter; were these the nulls of the choice, it would be below 20 by construction.
    assert np.mean(members) == pytest.approx(20.0, abs=4.0 * np.std(members) * np.sqrt(2.0 / 30.0))


def test_equal_seeds_give_equal_answers():
    first, second = (find(with_clump(600, 20), n_nulls=5) for _ in range(2))
    assert first.settings == second.settings
    np.testing.assert_array_equal(first.group_id, second.group_id)


def test_the_order_of_the_stars_does_not_matter():
    table = with_clump(500, 20)
    order = np.random.default_rng(9).permutation(500)
    here = find(table, linking_length=0.06, n_nulls=1).group_id
    there = find(table.take(order), linking_length=0.06, n_nulls=1).group_id
    for k in range(here.max() + 1):
        assert len(np.unique(there[here[order] == k])) == 1
    np.testing.assert_array_equal(np.bincount(here[here >= 0]), np.bincount(there[there >= 0]))


def test_stars_without_a_velocity_are_in_no_group():
    table = with_clump(300, 30)
    v = table["v_gsr"].copy()
    v[:5] = np.nan
    found = find(table.with_columns(v_gsr=v), linking_length=0.06, n_nulls=1)
    assert (found.group_id[:5] == -1).all()
    assert (found.group_id[5:30] >= 0).any()
    assert any(note.startswith("5 stars without a velocity or a distance") for note in found.notes)


def test_percolation_is_told_with_its_fraction():
    found = find(smooth(200), linking_length=0.5, n_nulls=1)
    n = np.count_nonzero(found.group_id == 0)
    assert n > 100
    (note,) = found.notes
    assert f"one group holds {n} of 200 stars ({n / 200:.0%})" in note
    assert "try a linking_length shorter than 0.5" in note


def test_errors_that_are_missing_are_told():
    table = smooth(100)
    found = find(table.with_columns(v_helio_error=np.zeros(100)), linking_length=0.05, n_nulls=1)
    assert any("no star has a velocity error" in note for note in found.notes)


@pytest.mark.parametrize("n", [0, 1, 2, 10])
@pytest.mark.parametrize("length", [None, 0.05])
def test_few_stars(n, length):
    found = find(smooth(20).take(np.arange(n)), linking_length=length, n_nulls=2)
    assert found.group_id.shape == (n,)
    if length is None:
        assert (found.group_id == -1).all()
        assert "linking_length" not in found.settings
        assert any("no linking length could be chosen" in note for note in found.notes)


@pytest.mark.parametrize("length", [None, 0.05])
def test_no_star_with_a_velocity(length):
    table = smooth(30)
    found = find(table.with_columns(v_gsr=np.full(30, np.nan)), linking_length=length, n_nulls=2)
    assert (found.group_id == -1).all()


def test_all_stars_at_one_point():
    table = smooth(50).take(np.zeros(50, dtype=int))
    assert (find(table, linking_length=0.01, n_nulls=2).group_id == 0).all()
    chosen = find(table, n_nulls=2)
    assert (chosen.group_id == -1).all()
    assert any("no linking length could be chosen for 50 stars" in note for note in chosen.notes)


@pytest.fixture(scope="module")
def segue(shared):
    from haloscale import api

    sample = api.check(api.request(shared("data/segue-kgiants/segue_kgiants.csv"), "segue_kgiants")).sample
    columns = ("row", "l", "b", "distance", "distance_error", "v_gsr", "v_helio_error")
    return StarTable({name: getattr(sample, name) for name in columns}, "segue_kgiants")


@pytest.mark.parametrize(
    ("length", "n_members", "n_groups"),
    [(0.020, 132, 6), (0.025, 342, 13), (0.030, 504, 15), (0.03005, 504, 14), (0.035, 857, 24)],
)
def test_segue_giants(segue, length, n_members, n_groups):
    """As another implementation found them; it had 14 groups at 0.030, where one pair of stars decides."""
    found = find(segue, linking_length=length, n_nulls=1)
    size = np.bincount(found.group_id[found.group_id >= 0])
    assert (size[size > 10].sum(), np.count_nonzero(size > 10)) == (n_members, n_groups)
