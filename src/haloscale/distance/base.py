"""The registry of distance methods."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from haloscale.records import Cut, StarTable
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


def flag_counts(table: StarTable) -> dict[str, int]:
    """How many stars a method left without a distance, by flag, the most frequent first; empty where it flags none.

    Parameters
    ----------
    table : StarTable
        As a method returns it: with a column ``flag`` ("ok", or a word why not) where the method has flags.
    """
    if "flag" not in table:
        return {}
    words, counts = np.unique(table["flag"][table["flag"] != "ok"], return_counts=True)
    return dict(sorted(zip(words.tolist(), counts.tolist(), strict=True), key=lambda item: (-item[1], item[0])))


def flag_note(table: StarTable) -> str | None:
    """How many stars a method left without a distance and why, for the log; None where it flags none."""
    counts = flag_counts(table)
    return f"no distance for {sum(counts.values())} of {len(table)} stars: {_told(counts)}" if counts else None


def drop_flagged(table: StarTable) -> tuple[StarTable, Cut | None]:
    """The stars that a method could place, and the line of the cut flow; no line where the method has no flags."""
    if "flag" not in table:
        return table, None
    placed = np.asarray(table["flag"] == "ok")
    cut = Cut("distance found", len(table), int(placed.sum()), note=_told(flag_counts(table)))
    return table.take(placed), cut


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {word}" for word, n in counts.items())
