"""The observed magnitudes of the stars, their errors and E(B-V), and which stars lack one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError
from haloscale.frames import icrs_to_galactic
from haloscale.photometry.coefficients import Transform, extinction_coefficients
from haloscale.photometry.dust import sfd_ebv
from haloscale.records import Bools, Floats, StarTable
from haloscale.tables.units import BRIGHTEST, FAINTEST

FLAGS: Final[Mapping[str, str]] = {
    "missing_band": "lack a magnitude",
    "missing_error": "lack the error of a magnitude, or have one of zero or above 1 mag",
    "bad_ebv": "have no E(B-V), a negative one, or one above ebv_max",
    "outside_transform": "have a colour outside the transformation to SDSS",
}
"""Why a star has no dereddened photometry: value of the column ``photometry_flag`` -> in words."""

_LARGEST_ERROR: Final = 1.0
"""A magnitude with a larger error [mag] is no measurement (99.99 stands for a missing one)."""

Bands = Mapping[str, Floats]


@dataclass(frozen=True)
class Observed:
    """Magnitudes, their variances and E(B-V) of n stars, flags so far, and what one magnitude of E(B-V) does."""

    mag: Bands
    variance: Bands
    ebv: Floats
    flag: NDArray[np.str_]
    extinction: Mapping[str, float]


def photometry_note(flag: NDArray[np.str_]) -> str | None:
    """How many stars have no photometry and why, for the log; None where all have. `flag`: str array (n,)."""
    counts = {name: int(np.count_nonzero(flag == name)) for name in FLAGS}
    told = [f"{n} {FLAGS[name]} ({name})" for name, n in counts.items() if n]
    return f"no photometry for {sum(counts.values())} of {len(flag)} stars: {', '.join(told)}" if told else None


def band_errors(table: StarTable, name: str, floor: float) -> Floats:
    """Errors of a column, array (n,) [mag]: NaN where it is not positive; zero if a floor stands in for the column.

    Raises
    ------
    CatalogueError
        The catalogue has none, and the floor is zero.
    """
    if f"{name}_error" in table:
        stated = np.asarray(table[f"{name}_error"], float)
        return np.where(stated > 0.0, stated, np.nan)
    if floor > 0.0:
        return np.zeros(len(table))
    raise CatalogueError(
        f"the catalogue (survey {table.survey!r}) has no column {name}_error",
        f"the error of {name} in mag",
        f"name it with --columns {name}_error=COLUMN, or set distance.error_floor, which then holds for every star",
    )


def reddening(table: StarTable, source: str, ebv_max: float) -> Floats:
    """E(B-V) of every star, array (n,) [mag], from the source named; see `photometry.deredden`.

    Raises
    ------
    CatalogueError
        There is no column ebv, or most of its values cannot be a reddening; no position for the map.
    ConfigError
        The folder holds no maps.
    MissingExtraError
        dustmaps is not installed.
    """
    if source == "none":
        return np.zeros(len(table))
    if source != "column":
        in_galactic = "l" in table and "b" in table
        if not in_galactic and not ("ra" in table and "dec" in table):
            raise CatalogueError(
                f"the catalogue (survey {table.survey!r}) has no positions to read the SFD map at",
                "l and b, or ra and dec [deg]: distance.ebv names a folder with the map",
                'name them with --columns, or set distance.ebv to "column" or "none"',
            )
        l, b = (table["l"], table["b"]) if in_galactic else icrs_to_galactic(table["ra"], table["dec"])
        return sfd_ebv(l, b, source)
    if "ebv" not in table:
        raise CatalogueError(
            f"the catalogue (survey {table.survey!r}) has no column ebv",
            "E(B-V) in mag on the scale of the SFD map, for dereddening",
            "name it with --columns ebv=COLUMN, set distance.ebv to a folder with the SFD maps, or to "
            '"none" where the magnitudes are corrected already',
        )
    values = np.asarray(table["ebv"], float)
    known = values[np.isfinite(values)]
    bad = (known < 0.0) | (known > ebv_max)
    if 2 * np.count_nonzero(bad) > len(known):
        raise CatalogueError(
            f"the column ebv runs from {known.min():g} to {known.max():g}: {np.count_nonzero(bad)} of {len(known)} "
            f"values are negative or above {ebv_max:g}",
            f"E(B-V) in mag, from 0 to distance.ebv_max = {ebv_max:g}",
            "check that the column is E(B-V) in mag and not an extinction, and name another with --columns ebv=COLUMN",
        )
    return values


def observe(
    table: StarTable, system: str, chosen: Transform | None, source: str, floor: float, ebv_max: float
) -> Observed:
    """The magnitudes that dereddening takes, and which stars lack one, its error or E(B-V).

    Parameters
    ----------
    table : StarTable
    system : str
        "sdss" or "ps1".
    chosen : Transform or None
        What the magnitudes are then transformed with; its bands are needed.
    source : str
        Of E(B-V), as of `reddening`.
    floor, ebv_max : float [mag]
        See `photometry.deredden`.

    Raises
    ------
    CatalogueError
        A band is absent, or the errors of a band while there is no floor; then as `reddening`.
    """
    bands = tuple(dict.fromkeys(("g", "r", *((chosen.blue, chosen.red) if chosen else ()))))
    absent = [f"{band}mag" for band in bands if f"{band}mag" not in table]
    if absent:
        raise CatalogueError(
            f"the catalogue (survey {table.survey!r}) has no column {', '.join(absent)}",
            f"{', '.join(f'{band}mag' for band in bands)} in mag, or gr0 and rmag0 (dereddened SDSS)"
            + (f"; distance.transform = {chosen.name!r} takes {chosen.blue} - {chosen.red}" if chosen else ""),
            f"name it with --columns {absent[0]}=COLUMN"
            + (', or set distance.transform = "tonry2012", which takes g and r' if absent == ["imag"] else ""),
        )
    mag = {band: np.asarray(table[f"{band}mag"], float) for band in bands}
    error = {band: band_errors(table, f"{band}mag", floor) for band in bands}
    ebv = reddening(table, source, ebv_max)
    flag = np.full(len(table), "ok", "<U17")
    flag[~((ebv >= 0.0) & (ebv <= ebv_max))] = "bad_ebv"
    flag[~np.all([good_error(e) for e in error.values()], axis=0)] = "missing_error"
    flag[~np.all([plausible(m) for m in mag.values()], axis=0)] = "missing_band"
    variance = {band: e**2 + floor**2 for band, e in error.items()}
    return Observed(mag, variance, ebv, flag, extinction_coefficients(system))


def plausible(mag: Floats) -> Bools:
    """Whether a number can be a star's magnitude, bool array (n,), for `mag` : array (n,) [mag]."""
    return np.asarray((mag > BRIGHTEST) & (mag < FAINTEST))


def good_error(error: Floats) -> Bools:
    """Whether a number can be an error, bool array (n,), for `error` : array (n,) [mag]."""
    return np.asarray((error >= 0.0) & (error <= _LARGEST_ERROR))
