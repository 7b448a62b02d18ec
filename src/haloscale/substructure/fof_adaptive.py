"""Friends of friends with a linking length for each star, from the density of null catalogues around it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from haloscale.errors import ConfigError
from haloscale.records import Bools, Floats, Grouping, Ints, StarTable
from haloscale.records.stars import in_large_groups
from haloscale.records.substructure import CHANCE_MEMBERS
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.friends import components, friends_of, group_ids
from haloscale.substructure.notes import left_out, percolation
from haloscale.substructure.nulls import NullKind, null_catalogues
from haloscale.substructure.phase_space import PhaseSpace, phase_space

_LN_DISTANCE: Final = 0.16
"""Weight of ln d: distances 13 % apart are as far as directions 3.6 deg or velocities 10 km/s apart."""

_VELOCITY: Final = 500.0
"""Velocity scale [km/s], as in Starkenburg et al. (2009)."""

_NU: Final = (1.3, 1.2, 1.1, 0.95, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""Numbers of chance friends that are tried where none is given. Beyond the first the nulls may still be empty, but real
groups take ever more of the field around them: more than 7 % of their stars in simulated halos with planted streams."""

_NU_SHARE: Final = 0.02
_NU_ALWAYS: Final = 5.0
"""Share of all stars that may be given to each as friends by chance, and a number that is allowed among few stars."""

_COUNTED: Final = 10
"""Null catalogues that are searched, beside those pooled: so many to choose nu, others to count false groups, and
others again to count chance members."""


@substructure_methods.register("fof_adaptive")
def fof_adaptive(
    table: StarTable,
    rng: np.random.Generator,
    *,
    max_members: int,
    nu: float | None = None,
    min_friends: int = 6,
    min_core_friends: int = 2,
    n_nulls: int = 30,
    null: NullKind = "like",
    max_false_groups: float = 1.0,
) -> Grouping:
    """Groups of stars with more friends than chance gives them, wherever in the halo they are.

    Parameters
    ----------
    table : StarTable
        Located.
    rng : numpy.random.Generator
    max_members : int
        Larger groups count as false groups in the null catalogues.
    nu : float
        Friends that chance gives a star; "off": the largest up to 1.3 whose null catalogues hold, on average, fewer
        false groups than max_false_groups
    min_friends : int
        A core star has at least as many friends; chains of core stars make a group
    min_core_friends : int
        A star that is no core star belongs to the group in which it has at least as many core stars for friends
    n_nulls : int
        Null catalogues pooled for the local density around each star
    null : str
        Kind of the null catalogues: like, shuffle or smooth
    max_false_groups : float
        Groups of more than max_members in a null catalogue that a chosen nu has to stay below

    Returns
    -------
    Grouping
        With ``nu`` and ``chance_members`` among the settings: the stars in groups of more than max_members that are
        likely to be there by chance, from nulls of the stars outside those groups. `null_sizes` are those of null
        catalogues that were neither pooled nor used to choose nu.

    Raises
    ------
    ConfigError
        A nu that is not small beside the number of stars.

    Notes
    -----
    Stars are points (n / pi, 0.16 ln d, v_GSR / 500 km/s), n the unit vector of the direction. The linking length of a
    star is the distance to its k-th neighbour among the points of all pooled nulls, k = nu n_nulls, so that it expects
    nu friends by chance; two stars are friends when they are closer than the smaller of their lengths. Groups are those
    of DBSCAN (Ester et al. 1996) in place of plain friends of friends: with a length that gives every star a friend
    or two, those with six are not there by chance, and a wide stream stands out that single links would miss.
    """
    stars, searched = phase_space(table)
    notes = left_out(len(table) - len(stars))
    group_id = np.full(len(table), -1)
    if len(stars) <= min_friends:
        why = f"{len(stars)} stars are too few for groups in which each has {min_friends} friends"
        return Grouping(group_id, {}, notes=(*notes, why))
    most = max(_NU_ALWAYS, _NU_SHARE * len(stars))
    if nu is not None and nu > most:
        raise ConfigError(
            f"substructure.nu = {nu:g} with {len(stars)} stars to search",
            f"a number of chance friends that is small beside them: at most {most:g}",
            'give a smaller one, or "off" to have it chosen',
        )
    pool = _Pool(stars, rng, n_nulls, null)
    rule = (min_friends, min_core_friends)
    if nu is None:
        drawn = list(null_catalogues(stars, rng, _COUNTED, null))
        nu, note = _chosen(pool, drawn, rule, max_members, max_false_groups)
        notes += note
    length = pool.lengths(stars, [nu])[0]
    found, core = _search(points(stars), length, *rule)
    group_id[searched] = found
    sizes = tuple(_sizes(pool, one, nu, rule) for one in null_catalogues(stars, rng, _COUNTED, null))
    in_groups = in_large_groups(found, max_members)
    settings = {
        "nu": nu,
        "min_friends": float(min_friends),
        "min_core_friends": float(min_core_friends),
        "n_nulls": float(n_nulls),
    }
    if not in_groups.all():
        field = null_catalogues(stars.take(~in_groups), rng, _COUNTED, null)
        core &= in_groups
        settings[CHANCE_MEMBERS] = _joining(pool, field, nu, points(stars)[core], length[core], min_core_friends)
    notes += percolation(group_id, len(stars), max_members, "a smaller nu")
    return Grouping(group_id, settings, sizes, tuple(notes))


def points(stars: PhaseSpace) -> Floats:
    """The stars in the space of the search, array (n, 5) []."""
    embedded = np.empty((len(stars), 5))
    embedded[:, :3] = stars.directions() / np.pi
    embedded[:, 3] = _LN_DISTANCE * np.log(stars.distance)
    embedded[:, 4] = stars.v / _VELOCITY
    return embedded


class _Pool:
    """The points of pooled null catalogues: the density that chance has around a star."""

    def __init__(self, stars: PhaseSpace, rng: np.random.Generator, n_nulls: int, null: NullKind) -> None:
        from scipy.spatial import cKDTree

        nulls = np.concatenate([points(one) for one in null_catalogues(stars, rng, n_nulls, null)])
        self._tree: Any = cKDTree(nulls, leafsize=64, balanced_tree=False)
        self._n_nulls = n_nulls

    def lengths(self, stars: PhaseSpace, nus: Sequence[float]) -> list[Floats]:
        """The linking length of each star, array (n,), for each number of chance friends."""
        from scipy.spatial import cKDTree

        k = [min(max(1, round(nu * self._n_nulls)), self._tree.n) for nu in nus]
        where = points(stars)
        order = cKDTree(where, balanced_tree=False).indices  # neighbours one after the other, three times as fast
        found = np.empty((len(where), len(k)))
        found[order] = self._tree.query(where[order], k=k, workers=-1)[0]
        return [np.ascontiguousarray(column) for column in found.T]


def _search(stars: Floats, length: Floats, min_friends: int, min_core_friends: int) -> tuple[Ints, Bools]:
    """Group of each point (n, 5) with its linking length (n,), the largest first; and whether it is a core star."""
    i, j = friends_of(stars, length)
    core = np.bincount(np.concatenate([i, j]), minlength=len(stars)) >= min_friends
    both = core[i] & core[j]
    labels = components(len(stars), [(i[both], j[both])])
    one, other = core[i] & ~core[j], core[j] & ~core[i]
    inner, outer = np.concatenate([i[one], j[other]]), np.concatenate([j[one], i[other]])
    star, group = _joined(outer, labels[inner], min_core_friends)
    labels[star] = group
    return group_ids(labels), core


def _joined(stars: Ints, groups: Ints, min_core_friends: int) -> tuple[Ints, Ints]:
    """The stars that are named often enough beside one group, and the group beside which each is named most often."""
    pairs, times = np.unique(np.stack([stars, groups]), axis=1, return_counts=True)
    enough = times >= min_core_friends
    (star, group), times = pairs[:, enough], times[enough]
    order = np.lexsort((-times, star))
    first = order[np.unique(star[order], return_index=True)[1]]
    return star[first], group[first]


def _sizes(pool: _Pool, null: PhaseSpace, nu: float, rule: tuple[int, int]) -> Ints:
    """Members of each group of two or more stars in a null catalogue."""
    found, _ = _search(points(null), pool.lengths(null, [nu])[0], *rule)
    return np.bincount(found[found >= 0])


def _chosen(
    pool: _Pool, nulls: Sequence[PhaseSpace], rule: tuple[int, int], max_members: int, max_false_groups: float
) -> tuple[float, list[str]]:
    """The largest nu of `_NU` at which the nulls hold fewer false groups than allowed, or else the smallest."""
    lengths = [pool.lengths(one, _NU) for one in nulls]
    for k, nu in enumerate(_NU):
        found = [_search(points(one), length[k], *rule)[0] for one, length in zip(nulls, lengths, strict=True)]
        if np.mean([_n_large(groups, max_members) for groups in found]) < max_false_groups:
            return nu, []
    return _NU[-1], [
        f"even at nu = {_NU[-1]:g} the null catalogues hold {max_false_groups:g} false groups or more: groups may be "
        "there by chance"
    ]


def _n_large(groups: Ints, max_members: int) -> int:
    return int(np.count_nonzero(np.bincount(groups[groups >= 0]) > max_members))


def _joining(
    pool: _Pool, nulls: Iterator[PhaseSpace], nu: float, core: Floats, length: Floats, min_core_friends: int
) -> float:
    """Stars of an average null that would belong to groups with these core stars, points (n, 5) with lengths (n,)."""
    from scipy.spatial import cKDTree

    if not len(core):
        return 0.0
    tree, joining = cKDTree(core), []
    for null in nulls:
        own, near = pool.lengths(null, [nu])[0], points(null)
        lists = tree.query_ball_point(near, own, workers=-1)
        i = np.repeat(np.arange(len(near)), [len(one) for one in lists])
        j = np.fromiter((k for one in lists for k in one), np.intp, len(i))
        friends = np.linalg.norm(near[i] - core[j], axis=1) < length[j]
        joining.append(np.count_nonzero(np.bincount(i[friends]) >= min_core_friends))
    return float(np.mean(joining))
