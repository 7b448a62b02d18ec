"""The line of the cut flow for the groups that are removed."""

import numpy as np

from haloscale.errors import SelectionError
from haloscale.records import Bools, Cut, Substructure


def removal(found: Substructure, removed: Bools) -> Cut:
    """How many stars a search for substructure takes out of the bins, and how many of them by chance.

    Parameters
    ----------
    found : Substructure
    removed : bool array (n,)
        Stars in groups of more than `found.max_members`.

    Returns
    -------
    Cut

    Raises
    ------
    SelectionError
        Every star is removed.
    """
    if removed.all():
        raise SelectionError(
            f"the search for substructure ({found.method}) puts all {len(removed)} stars into groups of more than "
            f"{found.max_members}, and leaves none to weigh the halo with",
            "a search that leaves most stars alone",
            "make it link fewer stars (its keys under [substructure] are explained by `haloscale new`), or keep every "
            "star: --set substructure.method=keep_all",
        )
    n_groups = int(np.count_nonzero(found.groups.removed))
    note = f"{n_groups} {'group' if n_groups == 1 else 'groups'} removed"
    if found.n_nulls:
        note += f"; stars in such groups of a null catalogue: {found.false_members:.1f} (mean of {found.n_nulls})"
    if n_groups and np.isfinite(found.field_members):
        note += f"; of the removed stars about {found.field_members:.0f} are field stars"
    name = f"substructure: no group of more than {found.max_members} stars ({found.method})"
    return Cut(name, len(removed), int(np.count_nonzero(~removed)), note=note)
