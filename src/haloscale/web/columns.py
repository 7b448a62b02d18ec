"""Which columns of an unknown file may mean what: a best guess, with the reason for it."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final

from haloscale.surveys.base import Survey, surveys
from haloscale.tables.columns import choose_columns
from haloscale.tables.units import INPUT_COLUMNS, STANDARD_UNITS

_NEEDED: Final = ("v_helio", "distance")
_MEANING: Final[Mapping[str, tuple[str, str]]] = {
    "ra": ("right ascension", "position on the sky, ICRS; with dec, or instead l and b"),
    "dec": ("declination", "position on the sky, ICRS"),
    "l": ("Galactic longitude", "position on the sky; with b, or instead ra and dec"),
    "b": ("Galactic latitude", "position on the sky"),
    "distance": ("distance", "from the Sun, not from the Galactic centre"),
    "distance_error": ("error of the distance", "one standard deviation"),
    "v_helio": ("radial velocity", "heliocentric: not corrected for the motion of the Sun in the Galaxy"),
    "v_helio_error": ("error of the radial velocity", "one standard deviation"),
    "feh": ("metallicity [Fe/H]", "for the cut that keeps halo stars"),
    "teff": ("effective temperature", "for the cut that keeps giants"),
    "logg": ("surface gravity log g", "for the cut that keeps giants"),
    "pmra": ("proper motion in right ascension", "times cos(dec), as Gaia gives it"),
    "pmdec": ("proper motion in declination", ""),
}
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "ra": ("ra_icrs", "raj2000", "_ra", "alpha", "ra_deg", "radeg"),
    "dec": ("de_icrs", "dej2000", "_de", "delta", "dec_deg", "decdeg", "de"),
    "l": ("glon", "gal_l", "l_gal", "_glon", "lon", "l_deg"),
    "b": ("glat", "gal_b", "b_gal", "_glat", "lat", "b_deg"),
    "distance": (
        "dist",
        "d",
        "d_kpc",
        "dist_kpc",
        "rgeo",
        "dhelio",
        "d_helio",
        "heliocentric_distance",
        "distance_kpc",
        "helio_dist",
        "dist_helio",
    ),
    "distance_error": ("e_dist", "dist_err", "edist", "e_distance", "distance_err", "sigma_d", "err_dist", "d_err"),
    "v_helio": (
        "rv",
        "hrv",
        "vhelio",
        "v_hel",
        "radial_velocity",
        "vrad",
        "v_r",
        "v_los",
        "vlos",
        "vr",
        "rv_kms",
        "v_rad",
    ),
    "v_helio_error": (
        "e_rv",
        "rv_err",
        "e_hrv",
        "radial_velocity_error",
        "e_vrad",
        "vlos_err",
        "erv",
        "v_err",
        "rverr",
    ),
    "feh": ("[fe/h]", "fe_h", "fe/h", "metallicity", "m_h", "[m/h]", "m/h", "mh"),
    "teff": ("t_eff", "temperature"),
    "logg": ("log_g", "log(g)"),
    "pmra": ("pm_ra", "mu_ra", "pmra_gaia"),
    "pmdec": ("pm_dec", "mu_dec", "pmde", "pmdec_gaia"),
}
"""Names that catalogues use beside those of the surveys, in lower case."""
_ALIKE, _SHORT = 0.86, 3
"""How like a name has to be, and how long to be taken for what it is only like."""
_MOST_OF: Final = 0.6
"""Share of a survey's columns that a file has to have to be taken for it."""

ROLES: Final[list[dict[str, Any]]] = [
    {"role": name, "label": _MEANING.get(name, (name.replace("_", " "),))[0],
     "help": _MEANING.get(name, ("", ""))[1], "unit": STANDARD_UNITS[name], "required": name in _NEEDED}
    for name in (*_MEANING, *(n for n in INPUT_COLUMNS if n not in _MEANING))
]  # fmt: skip
"""Standard columns as the form shows them, those that most catalogues have first."""


def guess(names: Iterable[str], units: Mapping[str, str]) -> dict[str, Any]:
    """The survey that a file looks like, if any, and which of its columns fill which standard columns."""
    present = list(names)
    survey, share = max(
        ((s, _share(s, present)) for _, s in surveys.items() if s.name != "generic"), key=lambda e: e[1]
    )
    if share >= _MOST_OF:
        found = choose_columns("", present, survey, {}, needed=(), position=False)
        columns = {
            role: _guessed(filling.columns[0], units, f"as in {survey.name}", filling.unit)
            for role, filling in found.items()
            if role in INPUT_COLUMNS
        }
        return {"survey": survey.name, "columns": columns}
    return {"survey": None, "columns": _by_name(present, units)}


def _share(survey: Survey, present: list[str]) -> float:
    """Share of the columns of a survey that a file has, 0 where it lacks what is needed."""
    found = choose_columns("", present, survey, {}, needed=(), position=False)
    has_position = {"l", "b"} <= set(found) or {"ra", "dec"} <= set(found)
    return len(found) / len(survey.columns) if has_position and "v_helio" in found else 0.0


def _by_name(present: list[str], units: Mapping[str, str]) -> dict[str, Any]:
    """The same for a file of no known survey: by names in use, then by names that are nearly those."""
    lowered = {name.lower().strip().replace(" ", "_").replace("-", "_"): name for name in reversed(present)}
    made: dict[str, Any] = {}
    taken: set[str] = set()
    for share, role, low in sorted(_candidates(lowered), key=lambda one: -one[0]):
        column = lowered[low]
        if role not in made and column not in taken:
            why = f"the name {column!r} is {'used for it' if share == 1.0 else 'like one used for it'}"
            made[role] = _guessed(column, units, why, STANDARD_UNITS[role])
            taken.add(column)
    return {role: made[role] for role in dict.fromkeys((*_MEANING, *INPUT_COLUMNS)) if role in made}


def _candidates(lowered: Iterable[str]) -> Iterator[tuple[float, str, str]]:
    """(likeness, role, name) of all names, in lower case, that are like one in use for a role; 1 where they are one."""
    for role, names in known_names().items():
        for low in lowered:
            if low in names:
                yield 1.0, role, low
            elif role in _MEANING and len(low) > _SHORT:
                share = max(SequenceMatcher(None, known, low).ratio() for known in names)
                if share >= _ALIKE:
                    yield share, role, low


def _guessed(column: str, units: Mapping[str, str], why: str, default: str) -> dict[str, str]:
    stated = units.get(column, "")
    return {
        "name": column,
        "unit": stated or default,
        "why": why + ("" if stated or not default else f"; {default} assumed"),
    }


@cache
def known_names() -> Mapping[str, tuple[str, ...]]:
    """Standard column -> names in use for it, in lower case: its own, those of the surveys, further ones."""
    found: dict[str, list[str]] = {role: [role] for role in INPUT_COLUMNS}
    for _, survey in surveys.items():
        for role, column in survey.columns.items():
            if role in found and not column.average:
                found[role] += [name.lower() for name in column.names]
    return {role: tuple(dict.fromkeys((*names, *_ALSO.get(role, ())))) for role, names in found.items()}
