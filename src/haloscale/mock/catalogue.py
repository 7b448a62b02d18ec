"""Simulated catalogues: true stars, visits, measured columns, in the standard names of the survey ``generic``."""

from typing import Any

import numpy as np

from haloscale.errors import ConfigError
from haloscale.frames import SolarFrame
from haloscale.mock.footprint import ALL_SKY, LAMOST_LIKE, Footprint
from haloscale.mock.motions import Velocities, to_spherical
from haloscale.mock.observation import Errors, distances, proper_motions, r_magnitudes, sky, spectra, velocities
from haloscale.mock.population import THICK, THIN, Population, disk_population, halo_population, join
from haloscale.mock.sight import Sight, observe
from haloscale.mock.truth import Truth
from haloscale.records import Floats, Ints, StarTable

RAW_UNITS = {
    "r_mag": "mag",
    "true_distance": "kpc",
    "true_r": "kpc",
    "true_v_helio": "km / s",
    "true_v_r": "km / s",
    "true_v_theta": "km / s",
    "true_v_phi": "km / s",
}
"""Units of the raw columns of a simulated catalogue; the others have none."""


def simulate(
    truth: Truth,
    rng: np.random.Generator,
    *,
    n_stars: int = 34_000,
    footprint: Footprint = LAMOST_LIKE,
    distance_fractional_error: float = 0.13,
    v_error: float = 7.0,
    contamination: float = 0.2,
    repeat_fraction: float = 0.13,
    missing_fraction: float = 0.005,
    errors: Errors | None = None,
    velocities: Velocities = "gaussian",
) -> StarTable:
    """A catalogue of giants as a survey would publish it; the default resembles the LAMOST sample before its cuts.

    Nothing depends on the method that will be applied to it. Stars are placed by the tracer density, observed through
    a footprint and a magnitude limit that know nothing of velocities, and scattered by log-normal distance errors
    before any cut. The same generator state gives the same bytes.

    Parameters
    ----------
    truth : Truth
    rng : numpy Generator
    n_stars : int
        Rows of the catalogue.
    footprint : Footprint
    distance_fractional_error, v_error : float [-, km/s]
        Medians over the stars.
    contamination : float
        Fraction of the stars that belong to the disk (four fifths thin, one fifth thick).
    repeat_fraction : float
        Fraction of the rows that are second visits of a star.
    missing_fraction : float
        Fraction of the rows that lack each of teff, logg, feh, and (as one) the proper motions.
    errors : Errors, optional
        All the errors, in place of the two medians.
    velocities : str
        Of the halo stars: "gaussian", with the dispersions of the Jeans equation, or "exact", from the distribution
        function.

    Returns
    -------
    StarTable
        `raw` holds ``simulated`` (True), ``true_star``, ``true_disk``, ``true_distance``, ``true_r`` [kpc],
        ``true_v_helio, true_v_r, true_v_theta, true_v_phi`` [km/s], ``true_feh`` [dex] and ``r_mag`` [mag].

    Raises
    ------
    ConfigError
        A fraction outside its range, or fewer than one star.
    SelectionError
        The footprint holds no star.
    """
    _check(n_stars, contamination, repeat_fraction, missing_fraction)
    errors = errors or Errors(distance_fractional=distance_fractional_error, v=v_error)
    n_repeats = round(n_stars * repeat_fraction)
    stars = draw_stars(truth, footprint, rng, n_stars - n_repeats, contamination, velocities)
    return measured(stars, truth.frame, rng, errors, n_repeats=n_repeats, missing_fraction=missing_fraction)


def measured(
    stars: Population,
    frame: SolarFrame,
    rng: np.random.Generator,
    errors: Errors,
    *,
    n_repeats: int = 0,
    missing_fraction: float = 0.0,
) -> StarTable:
    """True stars as a survey would publish them, in random order.

    Parameters
    ----------
    stars : Population
    frame : SolarFrame
        From where, and moving how, the Sun observes.
    rng : numpy Generator
    errors : Errors
    n_repeats : int
        Stars that are visited twice.
    missing_fraction : float
        As of `simulate`.

    Returns
    -------
    StarTable
        As of `simulate`.
    """
    sight = observe(stars.position, stars.velocity, frame)
    again = rng.choice(len(stars), n_repeats, replace=False)
    star = rng.permutation(np.concatenate([np.arange(len(stars)), again]))
    columns = _measure(stars, sight, star, errors, rng)
    _lose(columns, missing_fraction, rng)
    return StarTable(columns, "generic", true_columns(stars, sight, star), RAW_UNITS)


def simulate_simple(
    truth: Truth,
    rng: np.random.Generator,
    n: int,
    *,
    footprint: Footprint = ALL_SKY,
    distance_fractional_error: float = 0.0,
    v_error: float = 0.0,
    velocities: Velocities = "gaussian",
) -> StarTable:
    """The tracer alone, for recovery tests: no disk, no repeats, nothing missing, one distance error for all stars.

    Parameters
    ----------
    truth : Truth
    rng : numpy Generator
    n : int
    footprint : Footprint
    distance_fractional_error : float
    v_error : float [km/s]
    velocities : str
        As of `simulate`.

    Returns
    -------
    StarTable
        As of `simulate`.
    """
    errors = same_errors(distance_fractional_error, v_error)
    none: dict[str, Any] = {"contamination": 0.0, "repeat_fraction": 0.0, "missing_fraction": 0.0}
    return simulate(truth, rng, n_stars=n, footprint=footprint, errors=errors, velocities=velocities, **none)


def same_errors(distance_fractional: float, v: float) -> Errors:
    """One error of the distances [-] and one of the velocities [km/s] for all stars; positions are exact."""
    return Errors(distance_fractional, distance_spread=0.0, v=v, v_spread=0.0, jitter=0.0)


def _check(n_stars: int, contamination: float, repeat_fraction: float, missing_fraction: float) -> None:
    if n_stars < 1:
        raise ConfigError(f"n_stars is {n_stars}", "at least one star", "ask for about 34000")
    limits = {"contamination": (contamination, 1.0), "repeat_fraction": (repeat_fraction, 0.5)}
    for name, (value, high) in {**limits, "missing_fraction": (missing_fraction, 1.0)}.items():
        if not 0 <= value <= high:
            raise ConfigError(f"{name} is {value:g}", f"a fraction from 0 to {high:g}", "correct the number")


def draw_stars(
    truth: Truth,
    footprint: Footprint,
    rng: np.random.Generator,
    n: int,
    contamination: float,
    velocities: Velocities = "gaussian",
) -> Population:
    """The true stars of a footprint, halo before disk; of the disk is the fraction `contamination`."""
    n_disk = round(n * contamination)
    n_thick = round(n_disk * THICK.share)
    parts = [halo_population(truth, footprint, rng, n - n_disk, velocities)]
    for layer, size in ((THIN, n_disk - n_thick), (THICK, n_thick)):
        parts.append(disk_population(truth, footprint, rng, size, layer))
    return join(*parts)


def _measure(
    stars: Population, sight: Sight, star: Ints, errors: Errors, rng: np.random.Generator
) -> dict[str, np.ndarray[Any, Any]]:
    distance, distance_error = distances(sight.distance, star, errors, rng)
    v_helio, v_helio_error = velocities(sight.v_helio[star], errors, rng)
    return {
        "row": np.arange(len(star)),
        **sky(sight, star, errors, rng),
        "distance": distance,
        "distance_error": distance_error,
        "v_helio": v_helio,
        "v_helio_error": v_helio_error,
        **spectra(stars, star, errors, rng),
        **proper_motions(sight, r_magnitudes(stars, sight), star, rng),
    }


def _lose(columns: dict[str, np.ndarray[Any, Any]], fraction: float, rng: np.random.Generator) -> None:
    """Replace values by NaN in the columns just made."""
    for names in (("teff",), ("logg",), ("feh", "feh_error"), ("pmra", "pmra_error", "pmdec", "pmdec_error")):
        lost = rng.random(len(columns["row"])) < fraction
        for name in names:
            columns[name][lost] = np.nan


def true_columns(stars: Population, sight: Sight, star: Ints) -> dict[str, np.ndarray[Any, Any]]:
    """What is true of the star behind each row, for `raw`, and the label "simulated".

    Parameters
    ----------
    stars : Population
    sight : Sight
    star : int array (n_rows,)
        Which star each row observes.

    Returns
    -------
    dict of str to array (n_rows,)
    """
    v_r, v_theta, v_phi = to_spherical(stars.position, stars.velocity).T
    r: Floats = np.sqrt(np.einsum("ij,ij->i", stars.position, stars.position))
    per_star: dict[str, np.ndarray[Any, Any]] = {
        "true_star": np.arange(len(stars)),
        "true_disk": stars.disk,
        "true_distance": sight.distance,
        "true_r": r,
        "true_v_helio": sight.v_helio,
        "true_v_r": v_r,
        "true_v_theta": v_theta,
        "true_v_phi": v_phi,
        "true_feh": stars.feh,
        "r_mag": r_magnitudes(stars, sight),
    }
    return {"simulated": np.ones(len(star), dtype=bool), **{k: v[star] for k, v in per_star.items()}}
