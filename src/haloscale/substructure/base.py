"""The registry of substructure finders."""

from collections.abc import Callable
from typing import Final, TypeAlias

from haloscale.records import Grouping
from haloscale.registry import Registry

SubstructureMethod: TypeAlias = Callable[..., Grouping]
"""``find_groups(table, rng, *, max_members, **options)``: the group of each star of a located table, with what the
search finds in null catalogues. The keyword arguments of the function, `max_members` aside, are the further keys of
``[substructure]``."""

KEEP_ALL: Final = "keep_all"
"""The method that searches for nothing."""

substructure_methods: Registry[SubstructureMethod] = Registry("substructure method", "haloscale.substructure")
