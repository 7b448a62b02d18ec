"""The table of groups, and the one function that finds and describes them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale.records import Grouping, Groups, StarTable
from haloscale.substructure import groups
from haloscale.substructure.groups import describe, false_rates, find
from haloscale.substructure.phase_space import PhaseSpace


def stars_at(l: Any, b: Any, distance: Any = 20.0, v: Any = 0.0) -> PhaseSpace:
    l, b, distance, v = (np.array(x, dtype=float) for x in np.broadcast_arrays(l, b, distance, v))
    return PhaseSpace(l, b, distance, 0.1 * distance, v, np.full(len(l), 5.0))


def described(stars: PhaseSpace, group_id: Any, **nulls: Any) -> Groups:
    ids = np.asarray(group_id)
    return describe(stars, ids, Grouping(ids, **nulls), 10, np.random.default_rng(1))


def test_a_group_across_the_zero_of_longitude() -> None:
    found = described(stars_at([359.0, 1.0, 0.0], [0.0, 0.0, 0.0], [10.0, 20.0, 60.0], [5.0, 7.0, 12.0]), [0, 0, 0])
    assert min(found.l[0], 360.0 - found.l[0]) < 1e-9
    assert found.b[0] == pytest.approx(0.0, abs=1e-9)
    assert found.extent[0] == pytest.approx(np.sqrt(2.0 / 3.0))
    assert found.length[0] == pytest.approx(2.0)
    assert found.distance[0] == 20.0
    assert found.v_gsr[0] == 8.0
    assert found.v_gsr_spread[0] == pytest.approx(np.std([5.0, 7.0, 12.0]))
    assert found.distance_spread[0] == pytest.approx(np.std([10.0, 20.0, 60.0]))


def test_a_group_around_the_pole() -> None:
    found = described(stars_at([0.0, 90.0, 180.0, 270.0], 88.0), [0, 0, 0, 0])
    assert found.b[0] == pytest.approx(90.0)
    assert found.extent[0] == pytest.approx(2.0)
    assert found.length[0] == pytest.approx(4.0)


def test_a_group_without_a_mean_direction_does_not_fail() -> None:
    found = described(stars_at([0.0, 180.0], [0.0, 0.0]), [0, 0])
    assert found.length[0] == pytest.approx(180.0)
    assert (found.l[0], found.b[0]) == (0.0, 0.0)


def test_tiny_angles_keep_their_digits() -> None:
    found = described(stars_at([30.0, 30.0], [40.0, 40.0 + 1e-7]), [0, 0])
    assert found.length[0] == pytest.approx(1e-7, rel=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_numbers_a_group_are_those_of_its_members_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stars = stars_at(
        rng.uniform(0, 360, 40),
        np.degrees(np.arcsin(rng.uniform(-1, 1, 40))),
        rng.uniform(5, 90, 40),
        rng.normal(0, 100, 40),
    )
    group_id = rng.integers(-1, 3, 40)
    _, group_id = np.unique(np.append(group_id, -1), return_inverse=True)
    group_id = group_id[:-1] - 1
    found = described(stars, group_id)
    for k in range(len(found)):
        inside = stars.take(group_id == k)
        u = inside.directions()
        assert found.n_members[k] == len(inside)
        assert found.distance[k] == pytest.approx(np.median(inside.distance))
        assert found.v_gsr_spread[k] == pytest.approx(np.std(inside.v), abs=1e-9)
        assert found.length[k] == pytest.approx(np.degrees(np.arccos(np.clip(u @ u.T, -1, 1)).max()), abs=1e-5)
        alone = described(inside, np.zeros(len(inside), dtype=int))
        assert alone.extent[0] == pytest.approx(found.extent[k])


def test_the_length_of_a_large_group_is_exact() -> None:
    rng = np.random.default_rng(2)
    for spread in (0.5, 10.0, 80.0):
        stars = stars_at(rng.normal(120.0, spread, 1500), np.clip(rng.normal(-10.0, spread, 1500), -90.0, 90.0))
        u = stars.directions()
        expected = np.degrees(2.0 * np.arcsin(np.linalg.norm(u[:, None] - u[None], axis=2).max() / 2.0))
        assert described(stars, np.zeros(1500, dtype=int)).length[0] == pytest.approx(expected, rel=1e-9)


def test_chance_counts_null_groups_at_least_as_large() -> None:
    stars = stars_at(np.arange(9.0), 10.0)
    ids = [0, 0, 0, 0, 0, 1, 1, 2, 2]
    sizes = (np.array([5, 2]), np.array([7, 3, 2]), np.array([], dtype=int), np.array([2]))
    found = described(stars, ids, null_sizes=sizes)
    np.testing.assert_allclose(found.chance, [2 / 4, 6 / 4, 6 / 4])
    assert np.isnan(described(stars, ids).chance).all()


def test_removed_are_the_groups_of_more_than_max_members() -> None:
    stars = stars_at(np.arange(21.0), 10.0)
    found = described(stars, np.repeat([0, 1], [11, 10]))
    assert found.removed.tolist() == [True, False]


def test_false_rates() -> None:
    assert all(np.isnan(false_rates((), 10)))
    assert false_rates((np.array([11, 10]), np.array([30, 12, 2]), np.array([], dtype=int)), 10) == (1.0, 53 / 3)


def table(n: int, rng: np.random.Generator) -> StarTable:
    """A smooth halo with a clump of 30 and a few stars that cannot be searched."""
    distance, v = rng.lognormal(np.log(20.0), 0.4, n), rng.normal(0.0, 110.0, n)
    l, b = rng.uniform(0.0, 360.0, n), np.degrees(np.arcsin(rng.uniform(0.2, 1.0, n)))
    clump = slice(0, 30)
    l[clump], b[clump] = 100.0 + rng.normal(0, 0.5, 30), 50.0 + rng.normal(0, 0.5, 30)
    distance[clump], v[clump] = 30.0 + rng.normal(0, 0.5, 30), 40.0 + rng.normal(0, 3.0, 30)
    v[-2:] = np.nan
    columns = {"row": np.arange(n), "l": l, "b": b, "distance": distance, "distance_error": 0.1 * distance}
    return StarTable({**columns, "v_gsr": v, "v_helio_error": np.full(n, 5.0)}, "generic")


def first_thirty(
    table: StarTable, rng: np.random.Generator, *, max_members: int, null: str = "shuffle", d_max: float = 130.0
) -> Grouping:
    ids = np.where(np.arange(len(table)) < 30, 0, -1)
    return Grouping(ids, {"d_max": d_max}, (np.array([4, 2]), np.array([12])), ("a remark",))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(groups, "substructure_methods", {"toy": first_thirty})
    return "toy"


def test_find_describes_what_the_method_finds(toy: str) -> None:
    grouping, found = find(table(500, np.random.default_rng(1)), np.random.default_rng(2), toy, 10, d_max=100.0)
    assert (found.method, found.max_members, found.n_nulls) == ("toy", 10, 2)
    assert (found.false_groups, found.false_members) == (0.5, 6.0)
    assert found.settings == {"d_max": 100.0}
    assert found.groups.n_members.tolist() == [30]
    assert found.groups.removed.tolist() == [True]
    assert found.groups.chance.tolist() == [0.0]
    assert found.groups.distance[0] == pytest.approx(30.0, abs=0.5)
    assert grouping.notes[0] == "a remark"
    assert "0.5 such groups with 6 stars" in grouping.notes[1]  # a fifth of what is removed
    assert (grouping.group_id >= 0).sum() == 30
    assert found.pairs is not None
    assert found.pairs.excess[found.pairs.separation_high <= 0.02].max() > 5.0


def test_find_is_reproducible(toy: str) -> None:
    stars = table(300, np.random.default_rng(3))
    first, second = (find(stars, np.random.default_rng(4), toy, 10)[1] for _ in range(2))
    assert first.pairs is not None
    assert second.pairs is not None
    np.testing.assert_array_equal(first.pairs.n_null, second.pairs.n_null)
    np.testing.assert_array_equal(first.groups.structure_chance, second.groups.structure_chance)


def test_nothing_is_searched_for() -> None:
    stars = table(50, np.random.default_rng(5))
    grouping, found = find(stars, np.random.default_rng(6), "keep_all", 10)
    assert (grouping.group_id == -1).all()
    assert len(found.groups) == 0
    assert found.pairs is None
    assert found.n_nulls == 0
    assert np.isnan(found.false_groups)


def test_an_empty_table(toy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        groups.substructure_methods, "none", lambda t, rng, max_members: Grouping(np.full(len(t), -1), {"x": 1.0})
    )
    empty = table(50, np.random.default_rng(5)).take(np.zeros(50, dtype=bool))
    _, found = find(empty, np.random.default_rng(6), "none", 10)
    assert len(found.groups) == 0
    assert found.pairs is not None
    assert found.pairs.n_pairs.sum() == 0
