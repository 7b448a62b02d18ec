"""Friends of friends: pairs within a radius, and the groups they chain together, in bounded memory.

The search asks each point for its nearest neighbours first. Where a point has fewer of them within the radius than were
asked for, these are all; only points in crowded places are listed in full, and `chained` spares those of which every
neighbour is known to be in the same group already.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

import numpy as np

from haloscale.records import Bools, Floats, Ints

PAIRS_AT_ONCE: Final = 2_000_000
"""Pairs held in memory at a time: some 50 MB, and a few times as much while they are looked at."""

_NEAREST: Final = 12
"""Neighbours every point is asked for first, itself included."""

_RUN: Final = 32
"""Neighbouring points of one group whose surroundings are looked through for strangers together."""


def pairs_within(
    points: Floats, radius: float, block: int = PAIRS_AT_ONCE, rows: Ints | None = None
) -> Iterator[tuple[Ints, Ints]]:
    """Every pair of points at most a radius apart, block by block.

    Parameters
    ----------
    points : array (n, k) [-]
    radius : float
        In the unit of the points.
    block : int
        Pairs a block holds at most, give or take the neighbours of one point.
    rows : int array (n_rows,) [-], optional
        Only pairs with at least one of these points; default: all points.

    Yields
    ------
    i, j : int array (n_pairs,) [-]
        Rows of the points, i < j, each pair once over all blocks.
    """
    if len(points) < 2:
        return
    tree, asked, crowded = _tree(points), _mask(len(points), rows), np.zeros(len(points), dtype=bool)
    for i, j in _nearest(tree, points, _ordered(tree, asked), radius, crowded, block):
        yield from _once(i, j, asked, ~crowded[i])
    for i, j in _neighbours(tree, points, _ordered(tree, crowded), radius, block):
        yield from _once(i, j, asked, True)


def components(n: int, pair_blocks: Iterable[tuple[Ints, Ints]]) -> Ints:
    """The connected component of each of n points, as numbers from 0 on.

    Never more than one block of pairs, or n of them, are held at a time.

    Parameters
    ----------
    n : int
    pair_blocks : iterable of (i, j)
        Linked points: arrays (n_pairs,) [-] of rows.

    Returns
    -------
    int array (n,) [-]
    """
    labels = joined(np.arange(n), pair_blocks)
    return np.unique(labels, return_inverse=True)[1].reshape(n)


def joined(labels: Ints, pair_blocks: Iterable[tuple[Ints, Ints]]) -> Ints:
    """The components after further points have been linked.

    Parameters
    ----------
    labels : int array (n,) [-]
        Component of each point so far, at least 0 and below n.
    pair_blocks : iterable of (i, j)
        Linked points: arrays (n_pairs,) [-] of rows.

    Returns
    -------
    int array (n,) [-]
    """
    held, n_held = list[tuple[Ints, Ints]](), 0
    for block in pair_blocks:
        held.append(block)
        n_held += len(block[0])
        if n_held > len(labels):  # a merge costs as much as the points are many, so it waits for as many pairs
            labels, held, n_held = _merged(labels, held), [], 0
    return _merged(labels, held) if n_held else labels


def chained(
    labels: Ints,
    points: Floats,
    radius: float,
    friends: Callable[[Ints, Ints], Bools],
    rows: Ints | None = None,
    block: int = PAIRS_AT_ONCE,
) -> Ints:
    """The components after all friends among the points have been linked.

    It is `joined` over those pairs of `pairs_within` that are friends; but where friends of friends chain most points
    together, or where many points crowd within the radius, it lists only a small part of the pairs.

    Parameters
    ----------
    labels : int array (n,) [-]
        Component of each point so far, at least 0 and below n.
    points : array (n, k) [-]
    radius : float
        No two friends are further apart.
    friends : callable
        Which of the pairs i, j, int arrays (n_pairs,) [-], are friends.
    rows : int array (n_rows,) [-], optional
        Only pairs with at least one of these points; default: all points.
    block : int
        Pairs held in memory at a time.

    Returns
    -------
    int array (n,) [-]
    """
    if len(points) < 2:
        return labels
    tree, asked, crowded = _tree(points), _mask(len(points), rows), np.zeros(len(points), dtype=bool)
    near = _nearest(tree, points, _ordered(tree, asked), radius, crowded, block)
    labels = joined(labels, _filtered(near, friends))
    # Of a pair that still joins two components at least one point lies outside the largest.
    outside = labels != np.bincount(labels).argmax()
    further = _strangers(tree, points, _ordered(tree, crowded & outside), radius, labels, block)
    labels = joined(labels, _filtered(further, friends))
    within, others = np.flatnonzero(crowded & ~outside), np.flatnonzero(outside & ~asked)
    if len(within) and len(others):  # not asked themselves, so met from the side of the largest component
        pairs = _neighbours(_tree(points[others]), points, within, radius, block)
        labels = joined(labels, _filtered(((i, others[j]) for i, j in pairs), friends))
    return labels


def friends_of(points: Floats, reach: Floats, block: int = PAIRS_AT_ONCE) -> tuple[Ints, Ints]:
    """Every pair of points closer than the smaller of their own two reaches.

    Parameters
    ----------
    points : array (n, k) [-]
    reach : array (n,) [-]
        In the unit of the points.
    block : int
        Pairs looked at at a time.

    Returns
    -------
    i, j : int array (n_pairs,) [-]
        Rows of the points, i < j, each pair once.
    """
    if len(points) < 2:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    tree, found = _tree(points), []
    rows = _ordered(tree, np.ones(len(points), dtype=bool))
    counts = tree.query_ball_point(points[rows], reach[rows], return_length=True, workers=-1)
    for part in _parts(rows, counts, block):
        lists = tree.query_ball_point(points[part], reach[part], workers=-1)
        i = np.repeat(part, [len(one) for one in lists])
        j = np.fromiter(chain.from_iterable(lists), np.intp, len(i))
        i, j = i[i < j], j[i < j]
        near = np.linalg.norm(points[i] - points[j], axis=1) < np.minimum(reach[i], reach[j])
        found.append((i[near], j[near]))
    first, second = (np.concatenate(side) for side in zip(*found, strict=True))
    return first, second


def group_ids(labels: Ints, minimum: int = 2) -> Ints:
    """Groups numbered by size: 0 for the largest, -1 for what has fewer members than the minimum.

    Parameters
    ----------
    labels : int array (n,) [-]
        Component of each point.
    minimum : int

    Returns
    -------
    int array (n,) [-]
        Of groups equally large the one whose first point stands first comes first.
    """
    _, first, inverse, size = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    number = np.empty(len(size), dtype=np.intp)
    number[order] = np.where(size[order] >= minimum, np.arange(len(size)), -1)
    return number[inverse.reshape(len(labels))]


def _merged(labels: Ints, blocks: list[tuple[Ints, Ints]]) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = (labels[np.concatenate(side)] for side in zip(*blocks, strict=True))
    new = first != second
    links = (np.ones(np.count_nonzero(new), dtype=np.int8), (first[new], second[new]))
    graph = coo_array(links, shape=(len(labels), len(labels)))
    return np.asarray(connected_components(graph, directed=False)[1][labels], dtype=np.intp)


def _tree(points: Floats) -> Any:
    from scipy.spatial import cKDTree

    # Many equal points cannot be halved at their median: the sliding midpoint copes with them.
    return cKDTree(points, balanced_tree=False)


def _mask(n: int, rows: Ints | None) -> Bools:
    mask = np.full(n, rows is None)
    if rows is not None:
        mask[rows] = True
    return mask


def _ordered(tree: Any, mask: Bools) -> Ints:
    """The rows of a mask in the order of the tree, in which neighbours in space stand together."""
    return np.asarray(tree.indices[mask[tree.indices]], dtype=np.intp)


def _nearest(
    tree: Any, points: Floats, rows: Ints, radius: float, crowded: Bools, block: int
) -> Iterator[tuple[Ints, Ints]]:
    """The nearest neighbours (i: of the rows, j) within the radius; rows that may have more are marked in `crowded`."""
    bound = np.nextafter(radius, np.inf)  # scipy leaves out what lies on the bound
    for part in np.array_split(rows, 1 + len(rows) * _NEAREST // block):
        j = tree.query(points[part], k=_NEAREST, distance_upper_bound=bound, workers=-1)[1]
        found = j < len(points)
        crowded[part] = found.all(axis=1)
        found &= j != part[:, None]
        yield np.repeat(part, found.sum(axis=1)), j[found]


def _neighbours(tree: Any, points: Floats, rows: Ints, radius: float, block: int) -> Iterator[tuple[Ints, Ints]]:
    """All neighbours (i: of the rows, j: in the tree) within the radius, a point itself included."""
    for part in _parts(rows, tree.query_ball_point(points[rows], radius, return_length=True, workers=-1), block):
        found = _tree(points[part]).sparse_distance_matrix(tree, radius, output_type="ndarray")
        yield part[found["i"]], found["j"]


def _strangers(
    tree: Any, points: Floats, rows: Ints, radius: float, labels: Ints, block: int
) -> Iterator[tuple[Ints, Ints]]:
    """All neighbours (i: of the rows, j) within the radius that are of another component, and some other pairs."""
    if not len(rows):
        return
    start = np.arange(0, len(rows), _RUN)
    size = np.diff(start, append=len(rows))
    centre = np.add.reduceat(points[rows], start) / size[:, None]
    offset = np.linalg.norm(points[rows] - np.repeat(centre, size, axis=0), axis=1)
    reach = np.maximum.reduceat(offset, start) * (1.0 + 1e-9) + radius
    own = labels[rows[start]]
    # Where the run is wide the ball around it holds far more than the neighbours of its points.
    alike = np.logical_and.reduceat(labels[rows] == np.repeat(own, size), start) & (reach < 2.0 * radius)
    looked = np.flatnonzero(alike)
    n_around = tree.query_ball_point(centre[looked], reach[looked], return_length=True, workers=-1)
    for part in _parts(looked, n_around, block // _RUN):
        lists = tree.query_ball_point(centre[part], reach[part], workers=-1)
        run = np.repeat(part, [len(one) for one in lists])
        j = np.fromiter(chain.from_iterable(lists), np.intp, len(run))
        strange = labels[j] != own[run]
        j, run = j[strange], run[strange]
        first = np.cumsum(size[run]) - size[run]
        i = np.arange(size[run].sum()) + np.repeat(start[run] - first, size[run])
        yield rows[i], np.repeat(j, size[run])
    yield from _neighbours(tree, points, rows[~np.repeat(alike, size)], radius, block)


def _parts(rows: Ints, counts: Ints, block: int) -> list[Ints]:
    """Runs of rows whose counts add up to about a block."""
    if not len(rows):
        return []
    return list(np.split(rows, np.flatnonzero(np.diff(np.cumsum(counts) // block)) + 1))


def _once(i: Ints, j: Ints, asked: Bools, keep: Bools | bool) -> Iterator[tuple[Ints, Ints]]:
    """Each pair from one of its sides: the lower row's, or that of the one that is asked."""
    keep = keep & ((i < j) | ~asked[j])
    if keep.any():
        yield np.minimum(i[keep], j[keep]), np.maximum(i[keep], j[keep])


def _filtered(
    pairs: Iterable[tuple[Ints, Ints]], friends: Callable[[Ints, Ints], Bools]
) -> Iterator[tuple[Ints, Ints]]:
    for i, j in pairs:
        good = friends(i, j)
        yield i[good], j[good]
