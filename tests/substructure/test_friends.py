"""Pairs and components against every pair looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.substructure.friends import chained, components, group_ids, joined, pairs_within

RNG = np.random.default_rng


def brute_force(points, radius):
    i, j = np.triu_indices(len(points), 1)
    near = np.linalg.norm(points[i] - points[j], axis=1) <= radius
    return i[near], j[near]


def as_set(blocks):
    pairs = [(int(a), int(b)) for i, j in blocks for a, b in zip(i, j, strict=True)]
    assert len(pairs) == len(set(pairs)), "a pair came twice"
    return set(pairs)


def places(n, seed):
    """Points of which some crowd together and some are equal."""
    rng = RNG(seed)
    points = rng.normal(size=(n, 3))
    points[: n // 3] *= 0.02
    points[n // 3 : n // 2] = rng.integers(0, 2, (n // 2 - n // 3, 3))
    return points


@pytest.mark.parametrize("radius", [0.01, 0.1, 0.5, 10.0])
@pytest.mark.parametrize("block", [1, 100, 10**7])
def test_pairs_are_all_there_once_whatever_the_block(radius, block):
    points = places(150, 1)
    assert as_set(pairs_within(points, radius, block)) == as_set([brute_force(points, radius)])


def test_pairs_of_some_rows():
    points, rows = places(150, 2), np.array([0, 3, 60, 149])
    i, j = brute_force(points, 0.3)
    touched = np.isin(i, rows) | np.isin(j, rows)
    assert as_set(pairs_within(points, 0.3, rows=rows)) == as_set([(i[touched], j[touched])])


def test_a_block_is_bounded():
    points = 1e-3 * RNG(3).normal(size=(400, 2))
    sizes = [len(i) for i, _ in pairs_within(points, 1.0, block=2000)]
    assert sum(sizes) == 400 * 399 // 2
    assert max(sizes) <= 2000 + 400


@pytest.mark.parametrize("n", [0, 1])
def test_no_pair(n):
    assert list(pairs_within(np.zeros((n, 5)), 1.0)) == []
    np.testing.assert_array_equal(components(n, []), np.zeros(n))


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), n=st.integers(2, 200), radius=st.sampled_from([0.005, 0.05, 0.3, 1.0, 5.0]))
def test_chained_is_joined_over_all_pairs(seed, n, radius):
    points, rng = places(n, seed), RNG(seed)
    likes = rng.random((n, n)) < 0.7
    likes |= likes.T
    i, j = brute_force(points, radius)
    expected = components(n, [(i[likes[i, j]], j[likes[i, j]])])

    def friends(i, j):
        return likes[i, j] & (np.linalg.norm(points[i] - points[j], axis=1) <= radius)

    for block in (50, 10**6):
        labels = chained(np.arange(n), points, radius, friends, block=block)
        np.testing.assert_array_equal(group_ids(labels, 1), group_ids(expected, 1))
    rows = np.flatnonzero(rng.random(n) < 0.3)
    asked = np.isin(i, rows) | np.isin(j, rows)
    some = components(n, [(i[asked & likes[i, j]], j[asked & likes[i, j]])])
    found = chained(np.arange(n), points, radius, friends, rows)
    # Pairs beyond those asked for may come along, but only true friends.
    assert as_components(some) <= as_components(joined(some, [(np.arange(n), first_of(found))]))
    assert len(np.unique(found)) <= len(np.unique(some))
    assert len(np.unique(joined(found, [(np.arange(n), first_of(expected))]))) == len(np.unique(expected))


def first_of(labels):
    """A member of each point's component."""
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    return first[which]


def as_components(labels):
    return {tuple(np.flatnonzero(labels == one)) for one in np.unique(labels)}


def test_the_pairs_of_dense_clumps_are_not_listed():
    """Four clumps of 500: 500,000 pairs, of which far fewer are looked at."""
    points = np.repeat(10.0 * np.eye(4), 500, axis=0) + 1e-3 * RNG(4).normal(size=(2000, 4))
    looked = []

    def friends(i, j):
        looked.append(len(i))
        return np.ones(len(i), dtype=bool)

    labels = chained(np.arange(2000), points, 1.0, friends)
    np.testing.assert_array_equal(np.bincount(group_ids(labels)), [500, 500, 500, 500])
    assert sum(looked) < 100_000


def test_components_over_many_blocks():
    n = 500
    order = RNG(5).permutation(n)
    chain = [(order[[k]], order[[k + 1]]) for k in range(n - 1) if k % 100 != 99]
    labels = components(n, iter(chain))
    np.testing.assert_array_equal(np.bincount(labels), np.full(5, 100))
    assert all(len(np.unique(labels[order[k : k + 100]])) == 1 for k in range(0, n, 100))


def test_groups_are_numbered_by_size_then_by_first_row():
    labels = np.array([7, 3, 3, 5, 5, 5, 9, 9])
    np.testing.assert_array_equal(group_ids(labels), [-1, 1, 1, 0, 0, 0, 2, 2])
    np.testing.assert_array_equal(group_ids(labels, 3), [-1, -1, -1, 0, 0, 0, -1, -1])
    np.testing.assert_array_equal(group_ids(labels, 1), [3, 1, 1, 0, 0, 0, 2, 2])
    assert group_ids(np.empty(0, dtype=int)).shape == (0,)
