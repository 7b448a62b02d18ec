"""What haloscale knows of a survey's catalogue, and the registry of surveys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haloscale.registry import Registry


@dataclass(frozen=True)
class Column:
    """Which columns of a survey's file fill one standard column.

    Parameters
    ----------
    names : tuple of str
        Candidates, the preferred first; the first that the file has is used.
    unit : str
        What the file means where it states no unit.
    average : bool
        Use the mean of all `names` instead (the two one-sided errors of a distance).
    """

    names: tuple[str, ...]
    unit: str = ""
    average: bool = False


@dataclass(frozen=True)
class Survey:
    """One catalogue of stars.

    Parameters
    ----------
    name : str
        Registered name, e.g. "segue_bhb".
    title : str
        One line for lists.
    columns : mapping of str to Column
        Standard column -> columns of the file.
    bibtex : str
        Entries of the papers to cite when the catalogue is used.
    licence : str
        Terms under which the file is given away, or "none stated".
    where : str
        Where a user gets the file.
    address, sha256 : str, optional
        Public address that serves exactly the bytes with this checksum; None if there is none.
    v_helio_error_typical : float, optional
        Velocity error where a star has none [km/s]; None if the survey states all errors, or nothing is known.
    notes : tuple of str
        What a user should know of the data.
    """

    name: str
    title: str
    columns: Mapping[str, Column]
    bibtex: str
    licence: str
    where: str
    address: str | None = None
    sha256: str | None = None
    v_helio_error_typical: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_distances(self) -> bool:
        """True if the catalogue comes with distances."""
        return "distance" in self.columns


PHOTOMETRY: Final[Mapping[str, Column]] = {
    name: Column((name,), "mag")
    for name in (
        *("ebv", "gmag", "gmag_error", "rmag", "rmag_error", "imag", "imag_error"),
        *("gmag0", "gmag0_error", "rmag0", "rmag0_error", "gr0", "gr0_error"),
    )
}
"""Columns of photometry under their standard names, as in a file joined with haloscale's own names."""

surveys: Final[Registry[Survey]] = Registry("survey", "haloscale.surveys")


def register(survey: Survey) -> Survey:
    """Enter a survey into the registry under its own name."""
    return surveys.register(survey.name)(survey)
