"""One linking length for all stars, chosen from catalogues without structure."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np

from haloscale.records import Floats, Ints
from haloscale.substructure.friends import joined
from haloscale.substructure.metric import FourDistance, Separations
from haloscale.substructure.phase_space import PhaseSpace

Pairs: TypeAlias = tuple[Ints, Ints, Floats]

_FIRST_GUESS: Final = 0.02
_STEP: Final = 1.3
_SHORTEST: Final = 1e-6
"""Below it only stars with the same position and velocity are friends."""

_PRECISION: Final = 1e-3
"""Relative width at which the search for the length ends."""


def largest_length(
    metric: FourDistance, nulls: Callable[[], Iterable[PhaseSpace]], max_members: int, max_false_members: float
) -> float | None:
    """The largest linking length at which the nulls have fewer false members than allowed, on average.

    Parameters
    ----------
    metric : FourDistance
    nulls : callable
        Gives the same null catalogues at every call.
    max_members : int
        False members are the stars of a null in groups of more stars than this.
    max_false_members : float
        Mean number of them per null that is not to be reached.

    Returns
    -------
    float or None
        To four digits, rounded down; None where every length or no length will do, as among few stars or equal ones.
    """
    upper = _upper(metric.among(next(iter(nulls()))), max_members, max_false_members)
    while upper is not None:
        # Up to a length at which hardly any star is in a group the pairs are few, and can be kept.
        catalogues = [(len(stars), _sorted_pairs(metric.among(stars), upper)) for stars in nulls()]
        if _false_members(catalogues, upper, max_members) >= max_false_members:
            return _bisect(catalogues, upper, max_members, max_false_members)
        upper = upper * _STEP if upper < 1.0 else None
    return None


def members_beyond(labels: Ints, max_members: int) -> int:
    """Stars in components of more than `max_members`.

    Parameters
    ----------
    labels : int array (n,) [-]
        Component of each star.
    max_members : int
    """
    size = np.bincount(labels)
    return int(size[size > max_members].sum())


def _upper(null: Separations, max_members: int, max_false_members: float) -> float | None:
    """A length somewhat beyond that at which one null reaches the allowed number; None where there is none."""

    def too_long(length: float) -> bool:
        return members_beyond(null.components(length), max_members) >= max_false_members

    length = _FIRST_GUESS
    while too_long(length):
        length /= _STEP
        if length < _SHORTEST:
            return None
    # Beyond 2 whatever differs in direction alone is linked.
    while not too_long(length):
        length *= _STEP
        if length > 2.0:
            return None
    return length


def _sorted_pairs(separations: Separations, upper: float) -> Pairs:
    blocks = list(separations.close_pairs(upper))
    if not blocks:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0)
    i, j, delta = (np.concatenate(part) for part in zip(*blocks, strict=True))
    order = np.argsort(delta)
    return i[order], j[order], delta[order]


def _false_members(catalogues: Sequence[tuple[int, Pairs]], length: float, max_members: int) -> float:
    found = []
    for n, (i, j, delta) in catalogues:
        k = int(np.searchsorted(delta, length))
        found.append(members_beyond(joined(np.arange(n), [(i[:k], j[:k])]), max_members))
    return float(np.mean(found))


def _bisect(
    catalogues: Sequence[tuple[int, Pairs]], upper: float, max_members: int, max_false_members: float
) -> float | None:
    lower = 0.0
    while upper - lower > _PRECISION * upper:
        middle = 0.5 * (lower + upper)
        if _false_members(catalogues, middle, max_members) < max_false_members:
            lower = middle
        else:
            upper = middle
        if upper < _SHORTEST:
            return None
    decimals = 3 - math.floor(math.log10(lower))
    return round(math.floor(lower * 10.0**decimals) / 10.0**decimals, decimals)
