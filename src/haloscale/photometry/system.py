"""Which photometric system magnitudes are in: what the user said, and what the names of the columns say."""

import re
from collections.abc import Mapping
from typing import Any, Final

from haloscale.errors import ConfigError

_PAN_STARRS: Final = re.compile(r"^[grizy](mean|f)?(psf|kron|ap)mag|ps1|pan[-_ ]?starrs", re.IGNORECASE)
_BANDS: Final = ("gmag", "rmag", "imag")
_OF_MAGNITUDES: Final = ("system", "transform", "ebv", "ebv_error", "ebv_max")


def from_magnitudes(dereddened: Mapping[str, Any]) -> bool:
    """Whether `deredden` made the photometry of these columns from magnitudes, not from the catalogue's gr0, rmag0."""
    return "ebv" in dereddened


def options_used(options: Mapping[str, Any], dereddened: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a method that say how its distances were made; those that did not count are left out.

    Parameters
    ----------
    options : mapping
        Keys of ``[distance]``.
    dereddened : mapping
        The columns of the stars, as the method returned them.
    """
    idle: set[str] = set()
    if not from_magnitudes(dereddened):
        idle |= set(_OF_MAGNITUDES)
    if options.get("system") == "sdss":
        idle.add("transform")
    if options.get("ebv") == "none":
        idle |= {"ebv_error", "ebv_max"}
    return {key: value for key, value in options.items() if key not in idle}


def system_note(dereddened: Mapping[str, Any], options: Mapping[str, Any], stated: bool) -> str | None:
    """What the user must know where the system is the default: the magnitudes may be in another one.

    Parameters
    ----------
    dereddened : mapping
        The columns of the stars, as the method returned them.
    options : mapping
        Keys of ``[distance]``.
    stated : bool
        Whether the user set the system.
    """
    if stated or options.get("system") != "sdss" or not from_magnitudes(dereddened):
        return None
    return "magnitudes taken as SDSS (distance.system); PS1 magnitudes need --set distance.system=ps1"


def check_names(columns: Mapping[str, str], options: Mapping[str, Any], stated: bool) -> None:
    """Refuse columns with names of Pan-STARRS1 where the user did not say what system they are in.

    Parameters
    ----------
    columns : mapping of str to str
        Standard name -> column of the file.
    options : mapping
        Keys of ``[distance]``.
    stated : bool
        Whether the user set the system.

    Raises
    ------
    ConfigError
        They would be taken as SDSS.
    """
    if stated or options.get("system") != "sdss":
        return
    for name in _BANDS:
        if _PAN_STARRS.search(columns.get(name, "")):
            raise ConfigError(
                f"{name} is read from {columns[name]!r}, a name of Pan-STARRS1, and distance.system is not set",
                'distance.system: "ps1", or "sdss" which is the default',
                "add --set distance.system=ps1, or =sdss if they are SDSS magnitudes after all",
            )
