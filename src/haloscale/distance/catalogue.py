"""Distances as the catalogue states them."""

import numpy as np

from haloscale.distance.base import distance_methods
from haloscale.errors import CatalogueError
from haloscale.records import StarTable


@distance_methods.register("catalogue")
def catalogue(table: StarTable) -> StarTable:
    """The catalogue's own ``distance`` and, where it has one, ``distance_error``.

    Raises
    ------
    CatalogueError
        The catalogue has no distances.
    """
    distance = table.columns.get("distance")
    if distance is None or not np.isfinite(np.asarray(distance, float)).any():
        state = "has no column of distances" if distance is None else "holds no value in its column of distances"
        raise CatalogueError(
            f"the catalogue (survey {table.survey!r}) {state}",
            "distance and distance_error in kpc: distance.method = 'catalogue' takes them from the catalogue",
            "name the column with --columns distance=COLUMN, join a table of distances and read it with --survey "
            "generic, or find distances from photometry with --set distance.method=... (see `haloscale list distance`)",
        )
    return table
