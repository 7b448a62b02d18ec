"""Dereddened SDSS magnitudes and colour of the stars, with errors, and a flag where that is not possible."""

from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from haloscale.errors import CatalogueError, ConfigError
from haloscale.photometry.coefficients import Transform, transforms
from haloscale.photometry.observed import (
    Bands,
    Observed,
    band_errors,
    good_error,
    observe,
    photometry_note,
    plausible,
)
from haloscale.records import Floats, StarTable

System = Literal["sdss", "ps1"]
TransformName = Literal["finkbeiner2016", "tonry2012"]

_GIVEN: Final = ("gr0", "rmag0")


def deredden(
    table: StarTable,
    *,
    system: System = "sdss",
    transform: TransformName = "finkbeiner2016",
    ebv: str = "column",
    ebv_error: float = 0.016,
    ebv_max: float = 1.0,
    error_floor: float = 0.0,
) -> StarTable:
    """Dereddened SDSS photometry of the stars.

    Parameters
    ----------
    table : StarTable
        With ``gmag, rmag`` (and ``imag`` where the transformation takes it) and their errors [mag] and, depending on
        `ebv`, ``ebv`` [mag] or positions. A catalogue that brings ``gr0, rmag0`` and their errors is taken at its
        word: of the options only `error_floor` then applies.
    system : str
        Photometric system of the magnitudes: "sdss" or "ps1" (Pan-STARRS1).
    transform : str
        Pan-STARRS1 to SDSS: "finkbeiner2016" takes g - i, "tonry2012" takes g - r and makes giants 0.03 mag brighter
        in r and 0.01-0.04 mag redder; for blue stars, which finkbeiner2016 does not cover, take tonry2012.
    ebv : str
        "column": the column ebv, on the scale of the SFD map; "none": the magnitudes are corrected already; anything
        else: the folder with the two files of the SFD map.
    ebv_error : float
        Error of E(B-V) [mag], common to the bands; 0.016 is what the smallest errors of Zhang et al. (2023) imply.
    ebv_max : float
        Stars with a larger E(B-V) [mag] are flagged: there neither map nor coefficients can be trusted.
    error_floor : float
        Added in quadrature to the error of each band [mag]: calibration and transformation.

    Returns
    -------
    StarTable
        With ``gmag0, rmag0, gr0`` and ``gmag0_error, rmag0_error, gr0_error`` [mag], NaN where a star is flagged;
        ``ebv`` [mag] as used, absent where none was; ``photometry_flag`` (str: a key of `FLAGS`, "ok" for none).

    Raises
    ------
    CatalogueError
        A column is absent, E(B-V) is plainly no reddening, or no star is left without a flag.
    ConfigError
        An option is out of range, or the folder holds no map.
    MissingExtraError
        Maps are asked for and dustmaps is not installed.

    Notes
    -----
    Magnitudes are dereddened in their own system and then transformed, since the transformations were made for stars
    of intrinsic colours. Errors are propagated to first order, that of E(B-V) coherently through all bands.
    """
    _check_options(ebv_error=ebv_error, error_floor=error_floor, ebv_max=ebv_max)
    if all(name in table for name in _GIVEN):
        return _as_given(table, error_floor)
    chosen = transforms()[transform] if system == "ps1" else None
    observed = observe(table, system, chosen, ebv, error_floor, ebv_max)
    columns, flag = _intrinsic(observed, chosen, ebv_error if ebv != "none" else 0.0)
    _require_some(flag, chosen)
    return table.with_columns(**columns, photometry_flag=flag)


def _check_options(**options: float) -> None:
    for name, value in options.items():
        if not 0.0 <= value < np.inf:
            raise ConfigError(f"distance.{name} is {value:g}", "a number in mag, 0 or more", "correct it")


def _as_given(table: StarTable, floor: float) -> StarTable:
    """The catalogue's own dereddened colour and magnitude, errors widened by the floor."""
    colour, r = (np.asarray(table[name], float) for name in _GIVEN)
    colour_error, r_error = (band_errors(table, name, floor) for name in _GIVEN)
    flag = np.where(plausible(r) & np.isfinite(colour), "ok", "missing_band").astype("<U17")
    flag[(flag == "ok") & ~(good_error(colour_error) & good_error(r_error))] = "missing_error"
    colour_error, r_error = np.hypot(colour_error, np.sqrt(2.0) * floor), np.hypot(r_error, floor)
    independent = np.sqrt(np.maximum(colour_error**2 - r_error**2, 0.0))  # g and r independent: their errors add
    g, g_error = r + colour, independent
    if "gmag0" in table:
        stated = np.asarray(table["gmag0"], float)
        g = np.where(plausible(stated), stated, g)
    if "gmag0" in table and "gmag0_error" in table:
        error = band_errors(table, "gmag0", floor)
        g_error = np.where(plausible(stated) & good_error(error), np.hypot(error, floor), independent)
    columns = {
        "gmag0": g,
        "rmag0": r,
        "gr0": colour,
        "gmag0_error": g_error,
        "rmag0_error": r_error,
        "gr0_error": colour_error,
    }
    _require_some(flag, None)
    kept = {name: values for name, values in table.columns.items() if name != "ebv"}
    return replace(table, columns={**kept, **_blanked(columns, flag), "photometry_flag": flag})


def _intrinsic(
    observed: Observed, chosen: Transform | None, ebv_error: float
) -> tuple[dict[str, Floats], NDArray[np.str_]]:
    """Dereddened SDSS magnitudes and colour, their errors and E(B-V); the flags."""
    k = observed.extinction
    mag = {band: m - k[band] * observed.ebv for band, m in observed.mag.items()}
    flag, x = observed.flag.copy(), np.zeros(len(observed.ebv))
    if chosen is not None:
        x = mag[chosen.blue] - mag[chosen.red]
        flag[(flag == "ok") & ~chosen.covers(x)] = "outside_transform"
    slopes = {band: _slopes(band, x, mag, chosen) for band in ("g", "r")}
    slopes["gr"] = {band: slopes["g"][band] - slopes["r"][band] for band in mag}
    sdss = {band: mag[band] + (chosen.offset(band, x) if chosen else 0.0) for band in ("g", "r")}
    columns = {"gmag0": sdss["g"], "rmag0": sdss["r"], "gr0": sdss["g"] - sdss["r"]}
    for name, key in (("gmag0", "g"), ("rmag0", "r"), ("gr0", "gr")):
        along = slopes[key]
        common = ebv_error * np.sum([k[band] * along[band] for band in mag], axis=0)
        variance = np.sum([along[band] ** 2 * observed.variance[band] for band in mag], axis=0)
        columns[f"{name}_error"] = np.sqrt(variance + common**2)
    return {**_blanked(columns, flag), "ebv": observed.ebv}, flag


def _slopes(band: str, x: Floats, bands: Bands, chosen: Transform | None) -> dict[str, Floats]:
    """Derivatives of the SDSS magnitude of a band with respect to every observed magnitude."""
    slope = chosen.slope(band, x) if chosen else np.zeros_like(x)
    ends = (chosen.blue, chosen.red) if chosen else ("", "")
    return {other: (other == band) + slope * ((other == ends[0]) - float(other == ends[1])) for other in bands}


def _blanked(columns: Bands, flag: NDArray[np.str_]) -> dict[str, Floats]:
    return {name: np.where(flag == "ok", values, np.nan) for name, values in columns.items()}


def _require_some(flag: NDArray[np.str_], chosen: Transform | None) -> None:
    if len(flag) and not (flag == "ok").any():
        covered = f"{chosen.blue} - {chosen.red} between {chosen.x_min:g} and {chosen.x_max:g}" if chosen else ""
        raise CatalogueError(
            str(photometry_note(flag)),
            "at least one star with magnitudes, their errors and E(B-V)"
            + (f", and its colour {covered} ({chosen.name})" if chosen else ""),
            "check which columns the catalogue was read from (--columns), distance.system and distance.transform",
        )
