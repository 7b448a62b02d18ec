"""E(B-V) from the maps of Schlegel, Finkbeiner & Davis (1998) on disk, read by the package dustmaps (extra `dust`)."""

import contextlib
import io
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale.errors import ConfigError, MissingExtraError
from haloscale.records import Floats

SFD_FILES: Final = ("SFD_dust_4096_ngp.fits", "SFD_dust_4096_sgp.fits")
"""North and south Galactic half of the map."""

_SOURCE: Final = "doi.org/10.7910/DVN/EWCNL5 (Harvard Dataverse)"


def sfd_ebv(l: Floats, b: Floats, folder: str | Path) -> Floats:
    """E(B-V) on the scale of the SFD map, as printed there: the coefficients of the bands contain its recalibration.

    Parameters
    ----------
    l, b : array (n,) [deg]
        Galactic; NaN where unknown.
    folder : str or Path
        Folder with the two files `SFD_FILES`.

    Returns
    -------
    array (n,) [mag]
        Linear interpolation; NaN where a coordinate is NaN.

    Raises
    ------
    ConfigError
        The folder lacks the files, or they cannot be read; the message names them and where to get them.
    MissingExtraError
        dustmaps is not installed.
    """
    from astropy import units as u
    from astropy.coordinates import SkyCoord

    place = Path(folder).expanduser()
    _check_folder(place, str(folder))
    longitude, latitude = np.asarray(l, float), np.asarray(b, float)
    known = np.isfinite(longitude) & np.isfinite(latitude)
    ebv = np.full(len(longitude), np.nan)
    query = _maps(str(place.resolve()))
    if known.any():
        ebv[known] = query(SkyCoord(longitude[known] * u.deg, latitude[known] * u.deg, frame="galactic"))
    return ebv


def _check_folder(place: Path, given: str) -> None:
    lacking = [name for name in SFD_FILES if not (place / name).is_file()]
    if lacking:
        state = f"lacks {' and '.join(lacking)}" if place.is_dir() else "is no folder"
        raise ConfigError(
            f"distance.ebv is {given!r}, which {state}",
            f'"column" (the column ebv), "none" (corrected magnitudes), or a folder with {" and ".join(SFD_FILES)}',
            f"put both files there from {_SOURCE}, or give the catalogue a column ebv",
        )


@lru_cache(maxsize=1)
def _maps(folder: str) -> Any:
    """The query object of a folder; kept, for a catalogue may come in blocks and the maps are 128 MB."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # dustmaps wants a configuration file that is not needed here
        try:
            from dustmaps.sfd import SFDQuery
        except ImportError as error:
            raise MissingExtraError(
                "reading SFD maps needs the package dustmaps, which is not installed",
                "the extra `dust` of haloscale, or a column ebv in the catalogue",
                'pip install "haloscale[dust]"',
            ) from error
        try:
            return SFDQuery(map_dir=folder)
        except Exception as error:  # astropy and numpy have many for a damaged file
            raise ConfigError(
                f"the maps in {folder} cannot be read ({type(error).__name__}: {error})",
                f"the FITS files {' and '.join(SFD_FILES)}",
                f"fetch them again from {_SOURCE}",
            ) from error
