"""Any catalogue with haloscale's own column names; `--columns` maps others."""

from haloscale.surveys.base import PHOTOMETRY, Column, Survey, register
from haloscale.tables import STANDARD_UNITS

_NAMES = (
    "ra", "dec", "l", "b", "distance", "distance_error", "v_helio", "v_helio_error", "feh", "feh_error",
    "teff", "teff_error", "logg", "logg_error", "pmra", "pmra_error", "pmdec", "pmdec_error", "pmra_pmdec_corr",
    "pm_l", "pm_l_error", "pm_b", "pm_b_error",
)  # fmt: skip

GENERIC = register(
    Survey(
        name="generic",
        title="Any catalogue with columns named l, b (or ra, dec), distance, distance_error, v_helio, v_helio_error",
        columns={name: Column((name,), STANDARD_UNITS[name]) for name in _NAMES} | dict(PHOTOMETRY),
        bibtex="",
        licence="that of your catalogue",
        where="your own file",
        notes=(
            "Without units in the file: degrees, kpc, km/s, dex, K, mas/yr, mag.",
            "For photometric distances: gmag, rmag, imag and errors, ebv; or dereddened SDSS gr0, rmag0 and errors.",
        ),
    )
)
