"""The registry of distance methods."""

from collections.abc import Callable
from typing import Any, TypeAlias

from haloscale.records import StarTable
from haloscale.registry import Registry

DistanceMethod: TypeAlias = Callable[..., StarTable]
"""``method(table, **options)``: the table with ``distance, distance_error`` [kpc], NaN where a star has none.
The keyword arguments of the function are the further keys of ``[distance]``."""

distance_methods: Registry[DistanceMethod] = Registry("distance method", "haloscale.distance")


def find_distances(table: StarTable, method: str = "catalogue", **options: Any) -> StarTable:
    """The table with ``distance, distance_error`` [kpc] from a registered method.

    Raises
    ------
    ConfigError
        No method of that name.
    CatalogueError
        The catalogue lacks what the method needs.
    """
    return distance_methods[method](table, **options)
