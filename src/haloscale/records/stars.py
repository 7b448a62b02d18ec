"""Stars on their way from the catalogue to the sample, and the cuts that led there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class StarTable:
    """A catalogue in standard names and internal units; a missing number is NaN.

    Parameters
    ----------
    columns : mapping of str to array (n,)
        Standard columns: ``row`` (0-based row in the input), ``ra, dec, l, b`` [deg],
        ``distance, distance_error`` [kpc], ``v_helio, v_helio_error`` [km/s], and where known ``feh, feh_error`` [dex],
        ``teff`` [K], ``logg`` [dex], photometry (``gmag, rmag, imag, ebv``, free of dust ``gmag0, rmag0, gr0``) [mag]
        and errors, ``pmra, pmra_error, pmdec, pmdec_error, pmra_pmdec_corr`` or the Galactic ``pm_l, pm_l_error, pm_b,
        pm_b_error`` [mas/yr] (towards ra and l times the cosine of the latitude). `frames.locate` adds
        ``x, y, z, r`` [kpc], ``v_gsr`` [km/s] and ``sin2_psi``.
    survey : str
        Registered name of the survey.
    raw : mapping of str to array (n,)
        Every other column of the input under its own name, for `selection.columns`.
    units : mapping of str to str
        Units of the raw columns, where the file states them.
    """

    columns: Mapping[str, NDArray[Any]]
    survey: str
    raw: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["row"])

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def take(self, index: NDArray[Any]) -> "StarTable":
        """The rows picked by `index` : bool array (n,), or int array (n_taken,) of positions."""
        return replace(
            self,
            columns={k: v[index] for k, v in self.columns.items()},
            raw={k: v[index] for k, v in self.raw.items()},
        )

    def with_columns(self, **columns: NDArray[Any]) -> "StarTable":
        """The same table with columns added or replaced; each is an array (n,)."""
        return replace(self, columns={**self.columns, **columns})


@dataclass(frozen=True)
class Cut:
    """One line of the cut flow: what was done, stars before and after, and a remark (why it was not applied).

    `catalogue` says of which of several.
    """

    name: str
    n_before: int
    n_after: int
    applied: bool = True
    note: str = ""
    catalogue: str = ""


@dataclass(frozen=True)
class CutFlow:
    """The cuts in the order in which they were made, of one catalogue after another."""

    cuts: tuple[Cut, ...] = ()

    def __iter__(self) -> Iterator[Cut]:
        return iter(self.cuts)

    def __len__(self) -> int:
        return len(self.cuts)

    def then(self, *cuts: Cut) -> "CutFlow":
        """A cut flow with further lines."""
        return CutFlow(self.cuts + cuts)

    @property
    def n_read(self) -> int:
        """Rows before the first cut, of all catalogues."""
        first = {cut.catalogue: cut.n_before for cut in reversed(self.cuts)}
        return sum(first.values())

    def of(self, catalogue: str) -> "CutFlow":
        """The cuts of one catalogue."""
        return CutFlow(tuple(cut for cut in self.cuts if cut.catalogue == catalogue))


@dataclass(frozen=True)
class Sample:
    """The stars that passed the selection, those later removed as substructure included.

    Parameters
    ----------
    row : int array (n,)
        0-based row in the input; for merged visits the first one's.
    l, b : array (n,) [deg]
    distance, distance_error : array (n,) [kpc]
        Heliocentric.
    x, y, z, r : array (n,) [kpc]
        Galactocentric, in the frame of the run.
    v_helio, v_helio_error, v_gsr : array (n,) [km/s]
    sin2_psi : array (n,)
        Squared sine of the angle between the sight line and the Galactocentric radius vector.
    group_id : int array (n,)
        Substructure the star belongs to; -1: none.
    bin : int array (n,)
        Radial bin; -1: in no bin, as is every star removed as substructure.
    extra : mapping of str to array (n,)
        Further standard columns the catalogue has (feh, teff, logg, proper motions, ra, dec) and flags
        (``known_object``, ``n_visits``, ``velocity_variable``); where there are several catalogues, ``catalogue``, the
        name of the star's.
    """

    row: Ints
    l: Floats
    b: Floats
    distance: Floats
    distance_error: Floats
    x: Floats
    y: Floats
    z: Floats
    r: Floats
    v_helio: Floats
    v_helio_error: Floats
    v_gsr: Floats
    sin2_psi: Floats
    group_id: Ints
    bin: Ints
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    def of(self, catalogue: str) -> "Sample":
        """The stars of one of several catalogues."""
        index = np.flatnonzero(np.asarray(self.extra["catalogue"], dtype=str) == catalogue)
        named = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "extra"}
        extra = {name: values[index] for name, values in self.extra.items()}
        # a column of other catalogues alone stands here as NaN, and is none of this one
        known = {name: x for name, x in extra.items() if x.dtype.kind != "f" or not np.isnan(x).all()}
        return Sample(**named, extra=known)

    def removed(self, max_members: int) -> Bools:
        """Stars in groups of more than `max_members`: in the sample, but in no bin; mask (n,)."""
        return in_large_groups(self.group_id, max_members)


def in_large_groups(group_id: Ints, max_members: int) -> Bools:
    """Stars whose group has more than `max_members` members, mask (n,); `group_id` : int array (n,), -1 for none."""
    sizes = np.bincount(group_id[group_id >= 0], minlength=1)
    return (group_id >= 0) & (sizes[group_id] > max_members)
