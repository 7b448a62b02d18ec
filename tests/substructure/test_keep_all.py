"""Keeping every star."""

import numpy as np

from haloscale.records import StarTable
from haloscale.substructure import substructure_methods


def test_every_star_is_a_field_star() -> None:
    group = substructure_methods["keep_all"](StarTable({"row": np.arange(4)}, "generic"), np.random.default_rng(1))
    np.testing.assert_array_equal(group, [-1, -1, -1, -1])
    assert group.dtype.kind == "i"
