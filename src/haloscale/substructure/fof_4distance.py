"""Friends of friends in 4distance with one linking length for all stars."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from haloscale.records import Grouping, Ints, StarTable
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.friends import group_ids
from haloscale.substructure.linking_length import largest_length
from haloscale.substructure.metric import D_MAX, FourDistance
from haloscale.substructure.notes import left_out, percolation
from haloscale.substructure.nulls import NullKind, null_catalogues
from haloscale.substructure.phase_space import PhaseSpace, phase_space

_MOST_FALSE: Final = 0.01
"""Share of a small sample that false members may be."""


@substructure_methods.register("fof_4distance")
def fof_4distance(
    table: StarTable,
    rng: np.random.Generator,
    *,
    max_members: int,
    linking_length: float | None = None,
    d_max: float = D_MAX,
    n_nulls: int = 50,
    null: NullKind = "like",
    max_false_members: float = 10.0,
) -> Grouping:
    """Groups of stars that chains of friends connect: pairs with a 4distance below the linking length.

    Parameters
    ----------
    table : StarTable
        Located.
    rng : numpy.random.Generator
    max_members : int
        Larger groups count as false members in the null catalogues.
    linking_length : float
        Friends are closer than this in 4distance; "off": the largest whose null catalogues put fewer than
        max_false_members stars, and fewer than 1 % of all, on average into groups of more than max_members
    d_max : float
        Scale of the distances in the metric [kpc]: 130 in Starkenburg et al. (2009), 100 in Janesh et al. (2016)
    n_nulls : int
        Null catalogues behind the false rate; as many others choose the linking length
    null : str
        How null catalogues are made: distances and velocities shuffled among all stars, among like ones, or drawn
        from a smooth model
    max_false_members : float
        Stars per null catalogue that a chosen linking length may put into groups of more than max_members

    Returns
    -------
    Grouping
        Its `null_sizes` come from nulls that took no part in the choice of the linking length. Where no length can be
        chosen, no star is in a group and `settings` has no linking length.

    Notes
    -----
    The metric is that of `FourDistance`, errors of zero or missing included. Stars without a velocity or a distance
    are in no group.
    """
    stars, searched = phase_space(table)
    metric = FourDistance(d_max)

    def nulls(generator: np.random.Generator) -> Iterator[PhaseSpace]:
        return null_catalogues(stars, generator, n_nulls, null)

    seed = int(rng.integers(2**63))
    settings = {"d_max": d_max, "n_nulls": float(n_nulls)}
    group_id = np.full(len(table), -1)
    notes = [*left_out(len(table) - len(stars)), *metric.among(stars).notes]
    length = linking_length
    if length is None and len(stars) > max_members:
        allowed = min(max_false_members, _MOST_FALSE * len(stars))
        length = largest_length(metric, lambda: nulls(np.random.default_rng(seed)), max_members, allowed)
    if length is None:
        why = f"no linking length could be chosen for {len(stars)} stars: none is in a group"
        return Grouping(group_id, settings, notes=(*notes, f"{why}; a length can be given as linking_length"))
    group_id[searched] = group_ids(metric.among(stars).components(length))
    sizes = tuple(_sizes(metric.among(one).components(length)) for one in nulls(rng))
    advice = f"a linking_length shorter than {length:.4g}"
    notes += percolation(group_id, len(stars), max_members, advice)
    return Grouping(group_id, {"linking_length": length, **settings}, sizes, tuple(notes))


def _sizes(labels: Ints) -> Ints:
    size = np.sort(np.bincount(labels))[::-1] if len(labels) else np.empty(0, dtype=np.intp)
    return np.asarray(size[size > 1])
