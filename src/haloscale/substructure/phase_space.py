"""What the search for substructure knows of each star: direction, distance, velocity along the sight line."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from haloscale.records import Bools, Floats, StarTable


@dataclass(frozen=True)
class PhaseSpace:
    """Stars with a direction, a distance and a velocity.

    Parameters
    ----------
    l, b : array (n,) [deg]
    distance, distance_error : array (n,) [kpc]
        Heliocentric; an error of 0 or NaN: not known.
    v, v_error : array (n,) [km/s]
        Line-of-sight velocity in the Galactic standard of rest; an error of 0 or NaN: not known.
    """

    l: Floats
    b: Floats
    distance: Floats
    distance_error: Floats
    v: Floats
    v_error: Floats

    def __len__(self) -> int:
        return len(self.l)

    def take(self, index: NDArray[np.generic]) -> "PhaseSpace":
        """Some of the stars.

        Parameters
        ----------
        index : bool array (n,) [] or int array (n_picked,) []
            A mask, or positions.
        """
        return PhaseSpace(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def with_motion(self, distance: Floats, distance_error: Floats, v: Floats, v_error: Floats) -> "PhaseSpace":
        """The same directions with other distances [kpc] and velocities [km/s], arrays (n,) each."""
        return replace(self, distance=distance, distance_error=distance_error, v=v, v_error=v_error)

    def directions(self) -> Floats:
        """Unit vectors towards the stars, array (n, 3)."""
        l, b = np.deg2rad(self.l), np.deg2rad(self.b)
        return np.stack([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)], axis=1)

    def distance_fraction(self) -> Floats:
        """distance_error / distance, array (n,); NaN where it is not known."""
        return _known(self.distance_error) / self.distance

    def velocity_error(self) -> Floats:
        """v_error, array (n,) [km/s]; NaN where it is not known."""
        return _known(self.v_error)


def phase_space(table: StarTable) -> tuple[PhaseSpace, Bools]:
    """The stars of a located table that have a distance and a velocity, and the mask (n,) that picks them.

    A table without errors has them all unknown.
    """
    missing = np.full(len(table), np.nan)
    columns = [table["l"], table["b"], table["distance"], table.columns.get("distance_error", missing)]
    columns += [table["v_gsr"], table.columns.get("v_helio_error", missing)]
    whole = PhaseSpace(*(np.asarray(column, dtype=float) for column in columns))
    usable = np.isfinite(whole.l) & np.isfinite(whole.b) & np.isfinite(whole.v) & (whole.distance > 0)
    usable &= np.isfinite(whole.distance)
    return whole.take(usable), usable


def _known(error: Floats) -> Floats:
    return np.where(error > 0, error, np.nan)
