"""What a search for streams and clumps found, and what it finds where there is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from haloscale.records.stars import Bools, Floats, Ints

CHANCE_MEMBERS: Final = "chance_members"
"""Setting under which a method tells how many stars of the field belong to the large groups, where it can."""


@dataclass(frozen=True)
class Grouping:
    """The answer of a substructure method.

    Parameters
    ----------
    group_id : int array (n,)
        Group of each star, the largest group first from 0; -1: none.
    settings : mapping of str to float
        What the search used and may have chosen itself: linking_length, nu, ...
    null_sizes : tuple of int array (n_groups,)
        For each independent null catalogue (none of those the search was tuned on) the members of each group of two or
        more; empty where the method has no nulls.
    notes : tuple of str
        Remarks for the user: fallbacks taken, percolation, stars left out.
    """

    group_id: Ints
    settings: Mapping[str, float] = field(default_factory=dict)
    null_sizes: tuple[Ints, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Groups:
    """One row a group of two or more stars, in the order of `group_id`.

    Parameters
    ----------
    group_id, n_members : int array (n_groups,)
    removed : bool array (n_groups,)
        More members than `max_members`.
    l, b : array (n_groups,) [deg]
        Mean direction of the members.
    extent : array (n_groups,) [deg]
        Root mean square angle of the members from the mean direction.
    length : array (n_groups,) [deg]
        Largest angle between two members.
    distance, distance_spread : array (n_groups,) [kpc]
        Heliocentric, median and standard deviation of the members.
    v_gsr, v_gsr_spread : array (n_groups,) [km/s]
        Mean and standard deviation of the members.
    chance : array (n_groups,)
        Mean number of groups with at least as many members in a null catalogue.
    structure : tuple of str (n_groups,)
        The likely known structure, or the cluster or dwarf galaxy that most members lie in, or "unknown".
    structure_fraction : array (n_groups,)
        Share of the members that lie on or in it; NaN where it is unknown.
    structure_chance : array (n_groups,)
        Rate at which random groups of the same size match a known structure as well; NaN where none is named.
    """

    group_id: Ints
    n_members: Ints
    removed: Bools
    l: Floats
    b: Floats
    extent: Floats
    length: Floats
    distance: Floats
    distance_spread: Floats
    v_gsr: Floats
    v_gsr_spread: Floats
    chance: Floats
    structure: tuple[str, ...]
    structure_fraction: Floats
    structure_chance: Floats

    def __len__(self) -> int:
        return len(self.group_id)


@dataclass(frozen=True)
class PairExcess:
    """Pairs of stars against their separation in 4distance, in the catalogue and in the nulls.

    Parameters
    ----------
    separation_low, separation_high : array (n_bins,)
        Edges of the bins in 4distance, dimensionless.
    n_pairs : array (n_bins,)
    n_null, n_null_sd : array (n_bins,)
        Mean and standard deviation over the null catalogues.
    """

    separation_low: Floats
    separation_high: Floats
    n_pairs: Floats
    n_null: Floats
    n_null_sd: Floats

    @property
    def excess(self) -> Floats:
        """n_pairs / n_null - 1, array (n_bins,); NaN where the nulls have no pair."""
        safe = np.where(self.n_null > 0, self.n_null, np.nan)
        return np.asarray(self.n_pairs / safe - 1.0)


@dataclass(frozen=True)
class Substructure:
    """Groups, pairs and false rates of one sample.

    Parameters
    ----------
    method : str
    max_members : int
        Groups of more members are removed.
    settings : mapping of str to float
        As in `Grouping`.
    n_nulls : int
        Independent null catalogues behind the rates.
    false_groups, false_members : float
        Groups of more than `max_members`, and stars in them, expected in a null catalogue; NaN without nulls.
    groups : Groups
    pairs : PairExcess or None
    """

    method: str
    max_members: int
    settings: Mapping[str, float]
    n_nulls: int
    false_groups: float
    false_members: float
    groups: Groups
    pairs: PairExcess | None = None

    @property
    def field_members(self) -> float:
        """Stars of the field to be expected in groups of more than `max_members`; NaN where nothing tells.

        The larger of what the method finds at the groups themselves, where it tells, and of what null catalogues have
        in groups of their own.
        """
        return float(np.fmax(self.settings.get(CHANCE_MEMBERS, np.nan), self.false_members))
