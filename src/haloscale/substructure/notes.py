"""Remarks that searches for substructure share."""

from typing import Final

import numpy as np

from haloscale.records import Ints

_MANY: Final = 0.1
"""Share of the removed stars that the null catalogues may lose as well."""

_PERCOLATED: Final = 0.2
"""Share of the stars in one group beyond which it is no stream but the halo itself."""


def left_out(n: int) -> list[str]:
    """What to say of n stars without a velocity or a distance."""
    return [f"{n} stars without a velocity or a distance are not searched for groups"] if n else []


def groups_by_chance(false_groups: float, false_members: float, removed: int) -> list[str]:
    """What to say where null catalogues have large groups as well: so many, with so many stars, on average."""
    if not removed or not (false_groups >= 1.0 or false_members > _MANY * removed):
        return []
    return [
        f"null catalogues, without structure, have {false_groups:.1f} such groups with {false_members:.0f} stars on "
        f"average, against {removed} stars removed here: groups may be there by chance"
    ]


def percolation(group_id: Ints, n_stars: int, max_members: int, advice: str) -> list[str]:
    """What to say where one group holds much of the halo.

    Parameters
    ----------
    group_id : int array (n,) []
        The largest group is 0.
    n_stars : int
        Stars searched.
    max_members : int
    advice : str
        What would make the groups smaller.
    """
    n = int(np.count_nonzero(group_id == 0))
    if n <= max(max_members, _PERCOLATED * n_stars):
        return []
    return [
        f"one group holds {n} of {n_stars} stars ({n / n_stars:.0%}): friends of friends span the whole halo, and what "
        f"is removed is no stream; try {advice}"
    ]
