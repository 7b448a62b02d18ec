"""Groups of stars: finding them, and what each of them looks like."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.records import Floats, Grouping, Groups, Ints, StarTable, Substructure
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.metric import D_MAX, FourDistance
from haloscale.substructure.naming import name_groups, name_objects
from haloscale.substructure.notes import groups_by_chance
from haloscale.substructure.pairs import pair_excess
from haloscale.substructure.phase_space import PhaseSpace, phase_space

_SMALL: Final = 300
"""Members up to which every pair is looked at for the length of a group."""


def find(
    table: StarTable, rng: np.random.Generator, method: str, max_members: int, **options: Any
) -> tuple[Grouping, Substructure]:
    """Search a located table for streams and clumps, and describe what is found.

    Parameters
    ----------
    table : StarTable
        With ``l, b`` [deg], ``distance`` [kpc] and ``v_gsr`` [km/s]; ``distance_error`` and ``v_helio_error`` are used
        where present.
    rng : numpy.random.Generator
    method : str
        Registered name.
    max_members : int
        Groups of more members count as removed.
    **options
        Further keys of ``[substructure]``.

    Returns
    -------
    Grouping
        A group for each row of the table, with the remarks of the search.
    Substructure

    Raises
    ------
    InputError
        An option that the method cannot use.

    Notes
    -----
    The pair excess is measured with the metric of Starkenburg et al. (2009), whatever the method. A method that
    searches for nothing (no groups, no settings, no nulls) has none.
    """
    grouping = substructure_methods[method](table, rng, max_members=max_members, **options)
    stars, usable = phase_space(table)
    objects = table.columns.get("known_object", np.full(len(table), ""))[usable]
    groups = describe(stars, grouping.group_id[usable], grouping, max_members, rng, objects)
    pairs = None
    if grouping.settings or grouping.null_sizes or len(groups):
        metric = FourDistance(d_max=grouping.settings.get("d_max", D_MAX))
        pairs = pair_excess(stars, rng, metric, null=options.get("null", "like"))
    false_groups, false_members = false_rates(grouping.null_sizes, max_members)
    removed = int(groups.n_members[groups.removed].sum())
    notes = (*grouping.notes, *groups_by_chance(false_groups, false_members, removed))
    n_nulls = len(grouping.null_sizes)
    about = (method, max_members, dict(grouping.settings))
    found = Substructure(*about, n_nulls, false_groups, false_members, groups, pairs)
    return replace(grouping, notes=notes), found


def false_rates(null_sizes: tuple[Ints, ...], max_members: int) -> tuple[float, float]:
    """Groups of more than `max_members`, and stars in them, in the average null catalogue; NaN without nulls.

    Parameters
    ----------
    null_sizes : tuple of int array (n_groups,)
        As in `records.Grouping`.
    max_members : int
    """
    if not null_sizes:
        return np.nan, np.nan
    sizes = np.concatenate(null_sizes)
    large = sizes[sizes > max_members]
    return len(large) / len(null_sizes), float(large.sum()) / len(null_sizes)


def describe(
    stars: PhaseSpace,
    group_id: Ints,
    grouping: Grouping,
    max_members: int,
    rng: np.random.Generator,
    known_object: NDArray[np.str_] | None = None,
) -> Groups:
    """The table of groups: size, place, extent, motion, significance against the nulls, likely known structure.

    Parameters
    ----------
    stars : PhaseSpace
    group_id : int array (n,)
        Group of each of these stars, the largest first from 0; -1: none.
    grouping : Grouping
        The answer of the method, for its null catalogues.
    max_members : int
        Groups of more members count as removed.
    rng : numpy.random.Generator
        For the random groups behind `structure_chance`.
    known_object : str array (n,) [], optional
        Globular cluster or dwarf galaxy each star lies in; "": none. A group most of whose stars lie in one has its
        name in place of a stream's, and no `structure_chance`.

    Returns
    -------
    Groups
    """
    members = np.flatnonzero(group_id >= 0)
    members = members[np.argsort(group_id[members], kind="stable")]
    ids, size = np.unique(group_id[members], return_counts=True)
    of_group = np.repeat(np.arange(len(ids)), size)
    inside = stars.take(members)
    directions = inside.directions()
    centre = _centres(directions, of_group, size)
    v, v_spread = _mean_and_spread(inside.v, of_group, size)
    dense = np.full(len(stars), -1)
    dense[members] = of_group
    names = name_groups(stars, dense, rng)
    if known_object is not None:
        names = name_objects(names, known_object[members], of_group)
    return Groups(
        group_id=ids,
        n_members=size,
        removed=size > max_members,
        l=_longitudes(centre),
        b=np.degrees(np.arctan2(centre[:, 2], np.hypot(centre[:, 0], centre[:, 1]))),
        extent=_extents(directions, centre, of_group, size),
        length=_lengths(directions, size),
        distance=_medians(inside.distance, of_group, size),
        distance_spread=_mean_and_spread(inside.distance, of_group, size)[1],
        v_gsr=v,
        v_gsr_spread=v_spread,
        chance=_chances(size, grouping.null_sizes),
        structure=names.structure,
        structure_fraction=names.fraction,
        structure_chance=names.chance,
    )


def _sums(values: Floats, of_group: Ints, size: Ints) -> Floats:
    return np.asarray(np.bincount(of_group, weights=values, minlength=len(size)), dtype=float)


def _centres(directions: Floats, of_group: Ints, size: Ints) -> Floats:
    """Unit vectors of the mean directions, array (n_groups, 3); that of the first member where the mean vanishes."""
    mean = np.stack([_sums(column, of_group, size) for column in directions.T], axis=1) / size[:, None]
    length = np.linalg.norm(mean, axis=1)[:, None]
    first = directions[np.cumsum(size) - size]
    return np.asarray(np.where(length > 1e-9, mean / np.maximum(length, 1e-9), first))


def _longitudes(directions: Floats) -> Floats:
    l = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) % 360.0
    return np.where(l < 360.0, l, 0.0)  # the remainder of a tiny negative angle is 360


def _extents(directions: Floats, centre: Floats, of_group: Ints, size: Ints) -> Floats:
    angle = _angles(directions, centre[of_group])
    return np.sqrt(_sums(angle**2, of_group, size) / size)


def _mean_and_spread(values: Floats, of_group: Ints, size: Ints) -> tuple[Floats, Floats]:
    mean = _sums(values, of_group, size) / size
    return mean, np.sqrt(_sums((values - mean[of_group]) ** 2, of_group, size) / size)


def _medians(values: Floats, of_group: Ints, size: Ints) -> Floats:
    ordered = values[np.lexsort((values, of_group))]
    start = np.cumsum(size) - size
    return np.asarray(0.5 * (ordered[start + (size - 1) // 2] + ordered[start + size // 2]))


def _lengths(directions: Floats, size: Ints) -> Floats:
    """Largest angle between two members of each group, array (n_groups,) [deg]."""
    start = np.cumsum(size) - size
    return np.array([_length(directions[i : i + n]) for i, n in zip(start, size, strict=True)], dtype=float)


def _length(directions: Floats) -> float:
    if len(directions) <= _SMALL:
        first, second = np.triu_indices(len(directions), 1)
    else:
        from scipy.spatial import cKDTree

        # The member farthest from a star is the one nearest to its antipode: no matrix of all pairs.
        second = cKDTree(directions).query(-directions)[1]
        first = np.arange(len(directions))
    return float(_angles(directions[first], directions[second]).max(initial=0.0))


def _angles(first: Floats, second: Floats) -> Floats:
    """Between unit vectors, array (n,) [deg]; the chord keeps the digits of small angles."""
    chord = np.linalg.norm(first - second, axis=1)
    return np.asarray(np.degrees(2.0 * np.arcsin(np.minimum(0.5 * chord, 1.0))))


def _chances(size: Ints, null_sizes: tuple[Ints, ...]) -> Floats:
    """Mean number of groups with at least as many members in a null catalogue, array (n_groups,)."""
    if not null_sizes:
        return np.full(len(size), np.nan)
    sizes = np.sort(np.concatenate(null_sizes))
    return np.asarray((len(sizes) - np.searchsorted(sizes, size, side="left")) / len(null_sizes))
