"""The registry of substructure finders."""

from collections.abc import Callable
from typing import TypeAlias

from haloscale.records import Ints
from haloscale.registry import Registry

SubstructureMethod: TypeAlias = Callable[..., Ints]
"""``find_groups(table, rng, **options)``: the group of each star, int array (n,); -1 for a field star. The keyword
arguments of the function are the further keys of ``[substructure]``."""

substructure_methods: Registry[SubstructureMethod] = Registry("substructure method", "haloscale.substructure")
