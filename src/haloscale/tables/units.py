"""Units of the standard columns, and the only function that parses a unit."""

import re
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from haloscale.constants import DEG, KMS, KPC, MAG
from haloscale.records import MODULI

_KINDS = {
    DEG: ("ra", "dec", "l", "b"),
    KPC: ("distance", "distance_error", "catalogue_distance", "catalogue_distance_error", "x", "y", "z", "r"),
    KMS: ("v_helio", "v_helio_error", "v_gsr"),
    "dex": ("feh", "feh_error", "logg", "logg_error"),
    "K": ("teff", "teff_error"),
    MAG: (
        *("ebv", "gmag", "gmag_error", "rmag", "rmag_error", "imag", "imag_error"),
        *("gmag0", "gmag0_error", "rmag0", "rmag0_error", "gr0", "gr0_error", *MODULI, "m_r"),
    ),
    "": ("pmra_pmdec_corr",),
    "mas / yr": ("pmra", "pmra_error", "pmdec", "pmdec_error", "pm_l", "pm_l_error", "pm_b", "pm_b_error"),
}
STANDARD_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {name: unit for unit, names in _KINDS.items() for name in names}
)
"""Internal unit of every standard column."""

_COMPUTED = frozenset({"x", "y", "z", "r", "v_gsr", *MODULI, "m_r", "catalogue_distance", "catalogue_distance_error"})
INPUT_COLUMNS: Final = tuple(name for name in STANDARD_UNITS if name not in _COMPUTED)
"""The standard columns that a catalogue may fill, i.e. the names that ``--columns`` accepts on its left side."""

MAGNITUDES: Final = ("gmag", "rmag", "imag", "gmag0", "rmag0")
"""Apparent magnitudes: outside `BRIGHTEST` to `FAINTEST` a number stands for a missing one (99.99, 0, -1)."""
BRIGHTEST, FAINTEST = 0.0, 40.0

_NO_UNIT = frozenset({"", "-", "--", "---", "none", "null", "nan", "unitless", "dimensionless"})
_SPELLINGS = {
    "degrees": "deg", "degree": "deg", "decimal degrees": "deg", "parsec": "pc", "parsecs": "pc", "kiloparsec": "kpc",
    "km/sec": "km / s", "kms": "km / s", "kms-1": "km / s", "kms^-1": "km / s", "kelvin": "K",
    "mags": "mag", "magnitude": "mag", "magnitudes": "mag", "abmag": "mag", "ab mag": "mag", "mag(ab)": "mag",
    "mas/year": "mas / yr", "milliarcsec/year": "mas / yr",
}  # fmt: skip
_SAME = {"km/s": KMS, "km s-1": KMS, "km s^-1": KMS, "km.s**-1": KMS, "mas/yr": "mas / yr", "mas.yr**-1": "mas / yr"}
_ASTROPY_FORMATS = (None, "vounit", "cds", "fits")


class UnitMismatch(ValueError):
    """A unit cannot be understood or is of the wrong kind; the message says which."""


def states_unit(text: str | None) -> bool:
    """True if a file's unit string says anything at all."""
    return text is not None and text.strip().lower() not in _NO_UNIT


def conversion_factor(text: str, internal: str) -> float:
    """What a column in the unit `text` is multiplied by to come out in the unit `internal`.

    Parameters
    ----------
    text : str
        Unit as a file states it: FITS, VOUnit, CDS and the usual free spellings.
    internal : str
        One of the values of `STANDARD_UNITS`.

    Raises
    ------
    UnitMismatch
        The unit is unknown or of another kind (kpc for a velocity).
    """
    text = _SAME.get(text.strip(), text.strip())
    if text == internal or not states_unit(text):
        return 1.0
    unit = _parse(text)
    if internal == "dex":
        return _dex_factor(text, unit)
    from astropy import units as u

    if internal == MAG and unit == u.dex:
        raise UnitMismatch(f"the unit {text!r} is not that of a magnitude")
    try:
        return float(unit.to(u.Unit(internal)))
    except Exception as error:  # UnitConversionError, and what function units raise of their own
        raise UnitMismatch(f"the unit {text!r} is not convertible to {internal}") from error


def _parse(text: str) -> Any:
    """The astropy unit of a string; also of labels such as ``Angle[deg]`` that archives put around it."""
    from astropy import units as u

    labelled = re.fullmatch(r"[A-Z][A-Za-z ]+\[(.+)\]", text)
    plain = labelled.group(1) if labelled else text
    plain = _SPELLINGS.get(plain.lower(), plain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated spellings are fine in a file
        for style in _ASTROPY_FORMATS:
            try:
                return u.Unit(plain, format=style)
            except (ValueError, TypeError):
                continue
    if text.startswith(("[", "log")):
        return u.dex  # [Sun], log(cm.s**-2): the logarithm of something
    raise UnitMismatch(f"the unit {text!r} is not known")


def _dex_factor(text: str, unit: Any) -> float:
    """Logarithmic quantities are written with every sort of unit; only a plainly physical one is wrong."""
    from astropy import units as u

    if isinstance(unit, u.function.FunctionUnitBase) or unit == u.dex or unit == u.dimensionless_unscaled:
        return 1.0
    raise UnitMismatch(f"the unit {text!r} is not that of a logarithm (dex)")
