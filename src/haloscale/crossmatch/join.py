"""Stars and sources are paired, and the columns of the sources put beside those of the stars."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.crossmatch.epochs import Epochs, at_one_epoch, epoch_note
from haloscale.crossmatch.sky import Sky, near_pairs
from haloscale.errors import CatalogueError, ConfigError
from haloscale.records import Bools, Floats, Ints, Matches, StarTable
from haloscale.surveys.base import PHOTOMETRY

RADIUS: Final = 1.0
"""Default radius [arcsec]."""
WIDEST: Final = 60.0
"""Largest radius [arcsec]: beyond it neighbours are matched, not stars."""

PERCENTILES: Final = (5, 16, 50, 84, 95)
_MOTIONS: Final = ("pmra", "pmra_error", "pmdec", "pmdec_error")
JOINED: Final = (*PHOTOMETRY, *_MOTIONS)
"""Standard columns that a photometric table may give."""


def crossmatch(
    stars: StarTable,
    sources: StarTable,
    radius: float = RADIUS,
    epochs: Epochs = Epochs(),  # noqa: B008 - a frozen value
    *,
    one_to_one: bool = False,
) -> tuple[StarTable, Matches]:
    """Give each star the photometry of the nearest source within a radius.

    Parameters
    ----------
    stars : StarTable
        Spectroscopic table, with ``ra, dec`` or ``l, b`` [deg].
    sources : StarTable
        Photometric table, likewise, with columns of `JOINED`.
    radius : float [arcsec]
        Largest separation.
    epochs : Epochs
        When the positions of either table hold.
    one_to_one : bool
        A source serves its nearest star only (of equally near ones the first row); the other stars to which it is the
        nearest are left unmatched, even where a farther source is within the radius: that is another object. By
        default it serves every star that it is the nearest to, since the visits of one star are several rows of a
        spectroscopic table.

    Returns
    -------
    joined : StarTable
        Every row of `stars`, in order. Standard columns of the photometry are NaN where a star has no counterpart,
        and so is the error of a value that is missing; magnitudes that the spectroscopic table had go to raw columns
        NAME_spectra, so that no star mixes two systems; proper motions come over only where the spectroscopic table
        has none. Raw columns of the photometry follow under their own names (NAME_photometry where taken; whole
        numbers are -1 where missing). Three raw columns tell of the match: ``match_separation`` [arcsec],
        ``match_candidates`` (sources within the radius) and ``match_spectra`` (stars that have the same source).
    matches : Matches

    Raises
    ------
    ConfigError
        The radius is not between 0 and 60 arcsec.
    CatalogueError
        No star has a counterpart, or the photometric table has nothing to give.
    """
    if not 0.0 < radius <= WIDEST:
        found = f"the radius of the cross-match is {radius:g} arcsec"
        raise ConfigError(found, f"above 0 and at most {WIDEST:g} arcsec", "give about 1")
    if not any(name in sources for name in JOINED):
        raise CatalogueError(
            "the photometric table has no column of magnitudes, reddening or proper motions",
            f"at least one of: {', '.join(PHOTOMETRY)}",
            "name its columns with --photometry-columns gmag=COLUMN",
        )
    here, there = at_one_epoch(stars, sources, epochs)
    pairing = _paired(here, there, radius, one_to_one)
    if not len(pairing.star):
        raise _none_found(here, there, radius)
    joined, replaced = _joined(stars, sources, pairing)
    moved = int(here.moved.sum() + there.moved.sum())
    notes = (epoch_note(stars, sources, epochs, radius, moved), *replaced)
    return joined, _account(here, there, pairing, radius, moved, notes)


@dataclass(frozen=True)
class _Pairing:
    """Pairs, int arrays (n_matched,) and separations [arcsec]; and per star the sources within the radius."""

    star: Ints
    source: Ints
    separation: Floats
    candidates: Ints
    n_shared: int
    n_given_up: int


def _paired(stars: Sky, sources: Sky, radius: float, one_to_one: bool) -> _Pairing:
    star, source, separation = near_pairs(stars, sources, radius)
    candidates = np.bincount(star, minlength=len(stars.ra))
    nearest = np.flatnonzero(np.r_[True, star[1:] != star[:-1]][: len(star)])
    claims = np.bincount(source[nearest], minlength=len(sources.ra))
    kept = nearest[_closest(source[nearest], separation[nearest])] if one_to_one else nearest
    given_up = len(nearest) - len(kept)
    return _Pairing(star[kept], source[kept], separation[kept], candidates, int((claims > 1).sum()), given_up)


def _closest(source: Ints, separation: Floats) -> Ints:
    """Of pairs in the order of their stars, int array (n_pairs,) and [arcsec], the closest of each source."""
    order = np.lexsort((separation, source))  # stable: of equal ones the first star
    _, first = np.unique(source[order], return_index=True)
    return np.sort(order[first])


def _joined(stars: StarTable, sources: StarTable, pairing: _Pairing) -> tuple[StarTable, tuple[str, ...]]:
    """The joined table, and notes on the columns that were replaced."""
    own_motions = "pmra" in stars or "pm_l" in stars
    brought = [n for n in JOINED if n in sources and not (own_motions and n in _MOTIONS)]
    magnitudes = set(PHOTOMETRY) - {"ebv"}
    clashing = magnitudes if magnitudes & set(brought) else set()
    replaced = [n for n in stars.columns if n in clashing or n in brought]
    columns = {n: v for n, v in stars.columns.items() if n not in replaced}
    columns |= {n: _beside(_believed(sources, n), pairing, len(stars)) for n in brought}
    raw = dict(stars.raw) | {f"{n}_spectra": stars.columns[n] for n in replaced}
    units = dict(stars.units)
    for name, values in sources.raw.items():
        free = name if name not in raw and name not in columns else f"{name}_photometry"
        raw[free] = _beside(values, pairing, len(stars))
        if name in sources.units:
            units[free] = sources.units[name]
    raw |= _match_columns(pairing, len(stars))
    notes = (f"replaced by the photometric table's: {', '.join(replaced)}",) if replaced else ()
    return StarTable(columns, stars.survey, raw, {**units, "match_separation": "arcsec"}), notes


def _believed(sources: StarTable, name: str) -> NDArray[Any]:
    """A standard column, array (n_sources,), in its own unit; an error is NaN where its value is."""
    value = name.removesuffix("_error")
    if value == name or value not in sources:
        return sources[name]
    return np.where(np.isnan(sources[value]), np.nan, sources[name])


def _match_columns(pairing: _Pairing, n: int) -> dict[str, NDArray[Any]]:
    separation = np.full(n, np.nan)
    separation[pairing.star] = pairing.separation
    spectra = np.zeros(n, np.int64)
    spectra[pairing.star] = np.bincount(pairing.source)[pairing.source] if len(pairing.source) else 0
    return {"match_separation": separation, "match_candidates": pairing.candidates, "match_spectra": spectra}


def _beside(values: NDArray[Any], pairing: _Pairing, n: int) -> NDArray[Any]:
    """A column of the sources, array (n_sources,), as a column of the stars, in its own unit."""
    kind = values.dtype.kind
    blank: Any = {"f": np.nan, "i": -1, "u": -1, "b": -1}.get(kind, "")
    dtype = values.dtype if kind in "fi" else np.int64 if kind in "ub" else object
    column: NDArray[Any] = np.full(n, blank, dtype=dtype)
    column[pairing.star] = values[pairing.source]
    return column


def _account(stars: Sky, sources: Sky, pairing: _Pairing, radius: float, moved: int, notes: tuple[str, ...]) -> Matches:
    n = len(stars.ra)
    dec = np.radians(stars.dec[pairing.star])
    d_ra = (sources.ra[pairing.source] - stars.ra[pairing.star] + 180.0) % 360.0 - 180.0
    unmatched = np.ones(n, bool)
    unmatched[pairing.star] = False
    return Matches(
        n_stars=n,
        n_sources=len(sources.ra),
        n_matched=len(pairing.star),
        n_unmatched=n - len(pairing.star),
        n_no_position=n - len(stars.known),
        n_ambiguous=int((pairing.candidates > 1).sum()),
        n_shared=pairing.n_shared,
        n_given_up=pairing.n_given_up,
        n_moved=moved,
        radius=radius,
        separation=dict(zip(PERCENTILES, np.percentile(pairing.separation, PERCENTILES).tolist(), strict=True)),
        offset_ra=float(np.median(3600.0 * d_ra * np.cos(dec))),
        offset_dec=float(np.median(3600.0 * (sources.dec[pairing.source] - stars.dec[pairing.star]))),
        unmatched=np.flatnonzero(unmatched),
        notes=notes,
    )


def _none_found(stars: Sky, sources: Sky, radius: float) -> CatalogueError:
    a, b = stars.known, sources.known
    among, near = (
        f"{len(stars.ra)} stars has a counterpart within {radius:g} arcsec among {len(sources.ra)} sources",
        "",
    )
    if len(a) and len(b):
        _, separation, _ = stars.coordinates(a).match_to_catalog_sky(sources.coordinates(b))
        near = f"; the closest pair is {float(separation.to_value('arcsec').min()):.3g} arcsec apart"
    return CatalogueError(
        f"none of {among}{near}",
        "two tables of the same part of the sky, positions in degrees",
        "check the position columns of both tables, their epochs, and the radius",
    )


def matched(stars: StarTable) -> Bools:
    """Which rows of a joined table have a counterpart, bool array (n,)."""
    found: Bools = np.isfinite(stars.raw["match_separation"])
    return found
