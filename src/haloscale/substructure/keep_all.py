"""No search for substructure."""

import numpy as np

from haloscale.records import Ints, StarTable
from haloscale.substructure.base import substructure_methods


@substructure_methods.register("keep_all")
def keep_all(table: StarTable, rng: np.random.Generator) -> Ints:
    """Every star is a field star: -1 throughout, int array (n,)."""
    return np.full(len(table), -1)
