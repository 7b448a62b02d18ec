"""The likely known structure of a group, and how often a random group would be named as well."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from haloscale.records import Floats, Ints
from haloscale.substructure.known import held_by_structures, known_structures, on_known_structures
from haloscale.substructure.phase_space import PhaseSpace

UNKNOWN: Final = "unknown"

N_RANDOM: Final = 200
"""Random groups behind each rate."""

_LEAST_SHARE: Final = 0.5

_MOST_CHANCE: Final = 0.2
"""Rate of random matches beyond which a name says nothing."""

_LARGEST: Final = 50
"""Stars of a random group: a larger group is represented by that many of its members."""

_AT_ONCE: Final = 200_000
"""Stars of random groups looked at together."""


@dataclass(frozen=True)
class Names:
    """One row a group.

    Parameters
    ----------
    structure : tuple of str (n_groups,)
        Name of a known structure, or "unknown".
    fraction : array (n_groups,)
        Share of the members that lie on it; NaN where it is unknown.
    chance : array (n_groups,)
        Rate at which random groups lie on some known structure with at least that share; NaN where it is unknown.
    """

    structure: tuple[str, ...]
    fraction: Floats
    chance: Floats


def name_groups(stars: PhaseSpace, group_id: Ints, rng: np.random.Generator) -> Names:
    """The known structure on which most members of each group lie, if at least half do and random groups seldom would.

    Parameters
    ----------
    stars : PhaseSpace
    group_id : int array (n,)
        From 0 on; -1: in no group.
    rng : numpy.random.Generator

    Returns
    -------
    Names

    Notes
    -----
    A random group is the group itself, moved as one piece: turned on the sky to a random star of the sample (so that
    the footprint is kept) and by a random angle about it, its distances scaled to the distance of another star and its
    velocities shifted to the velocity of a third. The rate says how often a group of this size and shape that has
    nothing to do with a structure would be taken for one. The sample holds the true structures too, so that it errs on
    the high side. Of structures that hold the same share of the members, the one that random groups fall on less often
    is named.
    """
    n_groups = int(group_id.max(initial=-1)) + 1
    members = np.flatnonzero(group_id >= 0)
    on = on_known_structures(stars.take(members))
    size = np.bincount(group_id[members], minlength=n_groups)
    count = np.stack([np.bincount(group_id[members], weights=column, minlength=n_groups) for column in on.T], axis=1)
    shares = count / np.maximum(size, 1)[:, None]
    names = [UNKNOWN] * n_groups
    fraction, chance = np.full(n_groups, np.nan), np.full(n_groups, np.nan)
    by_group = np.split(members[np.argsort(group_id[members], kind="stable")], np.cumsum(size)[:-1])
    likely = np.flatnonzero(shares.max(axis=1, initial=0.0) >= _LEAST_SHARE)
    moves = _Moves.draw(stars, rng)
    for g, random in zip(likely, moves.shares(stars, [by_group[g] for g in likely]), strict=True):
        best = shares[g].max()
        rates = np.mean(random >= best, axis=0)
        k = min(np.flatnonzero(shares[g] == best), key=lambda k: rates[k])
        rate = np.mean((random >= best).any(axis=1))
        if rate <= _MOST_CHANCE:
            names[g], fraction[g], chance[g] = known_structures()[k], best, rate
    return Names(tuple(names), fraction, chance)


def name_objects(names: Names, known_object: NDArray[np.str_], of_group: Ints) -> Names:
    """The names with those of clusters and dwarf galaxies in their place, where most members of a group lie in one.

    Parameters
    ----------
    names : Names
    known_object : str array (n_members,) []
        Object each member lies in; "": none.
    of_group : int array (n_members,) []
        Its group.

    Returns
    -------
    Names
        Without a rate of random matches where a cluster or dwarf galaxy is named.
    """
    structure, fraction, chance = list(names.structure), names.fraction.copy(), names.chance.copy()
    for g in np.unique(of_group[known_object != ""]):
        objects, count = np.unique(known_object[of_group == g], return_counts=True)
        best = int(np.argmax(np.where(objects != "", count, 0)))
        share = count[best] / count.sum()
        if share >= _LEAST_SHARE:
            structure[g], fraction[g], chance[g] = str(objects[best]), share, np.nan
    return Names(tuple(structure), fraction, chance)


@dataclass(frozen=True)
class _Moves:
    """Where random groups go: the same for all groups of a sample, so that their number does not matter.

    Parameters
    ----------
    to : array (n_random, 3, 3)
        Rows: the new direction of the centre, and two axes across it.
    distance : array (n_random,) [kpc]
    v : array (n_random,) [km/s]
    """

    to: Floats
    distance: Floats
    v: Floats

    @classmethod
    def draw(cls, stars: PhaseSpace, rng: np.random.Generator) -> "_Moves":
        if not len(stars):
            return cls(np.empty((0, 3, 3)), np.empty(0), np.empty(0))
        where, how_far, how_fast = rng.integers(len(stars), size=(3, N_RANDOM))
        axes = _axes(stars.take(where).directions())
        turn = rng.uniform(0.0, 2.0 * np.pi, N_RANDOM)[:, None]
        across = np.cos(turn) * axes[:, 1] + np.sin(turn) * axes[:, 2]
        third = np.cos(turn) * axes[:, 2] - np.sin(turn) * axes[:, 1]
        return cls(np.stack([axes[:, 0], across, third], axis=1), stars.distance[how_far], stars.v[how_fast])

    def shares(self, stars: PhaseSpace, groups: list[Ints]) -> Iterator[Floats]:
        """For each group, the share of stars of its random groups on a structure, array (n_random, n_structures)."""
        for together in _batches([_represented(members) for members in groups]):
            moved = [self._moved(stars.take(members)) for members in together]
            on = held_by_structures(*(np.concatenate(column) for column in zip(*moved, strict=True)))
            ends = np.cumsum([len(members) * N_RANDOM for members in together])
            for members, held in zip(together, np.split(on, ends[:-1]), strict=True):
                yield held.reshape(N_RANDOM, len(members), -1).mean(axis=1)

    def _moved(self, group: PhaseSpace) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """The stars of all random groups of a group, as `held_by_structures` asks for them."""
        shape = group.directions() @ _axes(_mean_direction(group)[None])[0].T
        scale = self.distance[:, None] / np.median(group.distance)
        v = self.v[:, None] + (group.v - group.v.mean())
        return (
            (shape @ self.to).reshape(-1, 3),
            (scale * group.distance).ravel(),
            (scale * np.nan_to_num(group.distance_error)).ravel(),
            v.ravel(),
            np.broadcast_to(np.nan_to_num(group.v_error), v.shape).ravel(),
        )


def _represented(members: Ints) -> Ints:
    if len(members) <= _LARGEST:
        return members
    return np.asarray(members[np.linspace(0, len(members) - 1, _LARGEST).astype(int)])


def _batches(groups: list[Ints]) -> Iterator[list[Ints]]:
    """Groups together that have about `_AT_ONCE` stars in their random groups."""
    batch: list[Ints] = []
    for members in groups:
        batch.append(members)
        if N_RANDOM * sum(map(len, batch)) >= _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _mean_direction(stars: PhaseSpace) -> Floats:
    directions = stars.directions()
    total = directions.sum(axis=0)
    length = np.linalg.norm(total)
    mean: Floats = total / length if length > 1e-9 else directions[0]
    return mean


def _axes(directions: Floats) -> Floats:
    """A right-handed triad for each unit vector, which is its first row, array (n, 3, 3)."""
    # The axis with the smallest component is never parallel to the vector.
    helper = np.eye(3)[np.argmin(np.abs(directions), axis=1)]
    second = np.cross(directions, helper)
    second /= np.linalg.norm(second, axis=1)[:, None]
    return np.stack([directions, second, np.cross(directions, second)], axis=1)
