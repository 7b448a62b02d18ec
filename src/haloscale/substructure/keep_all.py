"""No search for substructure."""

import numpy as np

from haloscale.records import Grouping, StarTable
from haloscale.substructure.base import KEEP_ALL, substructure_methods


@substructure_methods.register(KEEP_ALL)
def keep_all(table: StarTable, rng: np.random.Generator, *, max_members: int) -> Grouping:
    """Every star is a field star."""
    return Grouping(np.full(len(table), -1))
