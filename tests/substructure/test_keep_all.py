"""No search: no groups, and nothing said of them."""

import numpy as np

from haloscale.records import StarTable
from haloscale.substructure import substructure_methods
from haloscale.substructure.base import KEEP_ALL


def test_every_star_is_a_field_star() -> None:
    stars = StarTable({"row": np.arange(4)}, "generic")
    found = substructure_methods[KEEP_ALL](stars, np.random.default_rng(1), max_members=10)
    assert found.group_id.tolist() == [-1, -1, -1, -1]
    assert found.group_id.dtype.kind == "i"
    assert (found.null_sizes, found.notes, dict(found.settings)) == ((), (), {})
