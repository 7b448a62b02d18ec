"""Names under which photometric tables keep their columns: not a survey to be weighed, so it is not registered."""

from typing import Final

from haloscale.surveys.base import PHOTOMETRY, Column, Survey

_NAMES: Final = {
    "ra": ("ra", "RAJ2000", "raMean", "RA_ICRS", "RAICRS"),
    "dec": ("dec", "DEJ2000", "decMean", "DE_ICRS", "DEICRS"),
    "l": ("l",),
    "b": ("b",),
    "pmra": ("pmra", "pmRA"),
    "pmra_error": ("pmra_error", "e_pmRA"),
    "pmdec": ("pmdec", "pmDE"),
    "pmdec_error": ("pmdec_error", "e_pmDE"),
    "gmag": ("gmag", "gMeanPSFMag"),
    "gmag_error": ("gmag_error", "e_gmag", "gMeanPSFMagErr"),
    "rmag": ("rmag", "rMeanPSFMag"),
    "rmag_error": ("rmag_error", "e_rmag", "rMeanPSFMagErr"),
    "imag": ("imag", "iMeanPSFMag"),
    "imag_error": ("imag_error", "e_imag", "iMeanPSFMagErr"),
}
"""Ours, and those of Pan-STARRS1 (VizieR II/349, MAST) and Gaia. The bands of other systems have to be named."""

_UNITS: Final = {"ra": "deg", "dec": "deg", "l": "deg", "b": "deg"}

PHOTOMETRIC: Final = Survey(
    name="photometric table",
    title="Positions, magnitudes and proper motions, to be joined to spectra",
    columns=dict(PHOTOMETRY)
    | {
        name: Column(names, _UNITS.get(name, "mas / yr" if name.startswith("pm") else "mag"))
        for name, names in _NAMES.items()
    },
    bibtex="",
    licence="that of the table",
    where="the user's own file, or a TAP service",
)
