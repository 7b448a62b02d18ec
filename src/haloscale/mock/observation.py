"""Measured columns: every visit of a star gets its own noise, photometry is shared between the visits."""

from dataclasses import dataclass

import numpy as np

from haloscale.frames import galactic_to_icrs, icrs_to_galactic
from haloscale.mock.footprint import apparent_magnitude
from haloscale.mock.population import FEH_HALO, Population
from haloscale.mock.sight import Sight
from haloscale.records import Floats, Ints


@dataclass(frozen=True)
class Errors:
    """Sizes of the measurement errors.

    Parameters
    ----------
    distance_fractional : float
        Median over the stars of the standard deviation of ln distance.
    distance_spread : float
        Standard deviation over the stars of its logarithm; the published SEGUE giants have 0.31.
    distance_visit_share : float
        Part of the variance of ln distance drawn anew at every visit (through [Fe/H]); the rest, photometric, is
        common. 0.27 makes two visits differ as those of the LAMOST DR3 giants do.
    v : float [km/s]
        Median error of the radial velocity; its logarithm spreads by `v_spread`.
    v_spread : float
    teff, logg, feh : float [K, dex, dex]
        As LAMOST quotes them (Zhai et al. 2018, section 2).
    jitter : float [arcsec]
        Of the position of a visit, in each coordinate.
    """

    distance_fractional: float = 0.13
    distance_spread: float = 0.35
    distance_visit_share: float = 0.27
    v: float = 7.0
    v_spread: float = 0.35
    teff: float = 167.0
    logg: float = 0.34
    feh: float = 0.16
    jitter: float = 0.15


def distances(truth: Floats, star: Ints, errors: Errors, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Measured distances with log-normal errors, and the errors as a catalogue reports them.

    Parameters
    ----------
    truth : array (n_stars,) [kpc]
        True heliocentric distances.
    star : int array (n_rows,)
        Which star each row observes.
    errors : Errors
    rng : numpy Generator

    Returns
    -------
    distance, distance_error : array (n_rows,) [kpc]
        The error is the star's fractional error times the measured distance.
    """
    fraction = errors.distance_fractional * np.exp(errors.distance_spread * rng.standard_normal(len(truth)))
    common, own = rng.standard_normal(len(truth)), rng.standard_normal(len(star))
    share = errors.distance_visit_share
    offset = np.sqrt(1 - share) * common[star] + np.sqrt(share) * own
    distance = truth[star] * np.exp(fraction[star] * offset)
    return distance, fraction[star] * distance


def velocities(v_helio: Floats, errors: Errors, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Measured radial velocities and their errors.

    Parameters
    ----------
    v_helio : array (n,) [km/s]
    errors : Errors
    rng : numpy Generator

    Returns
    -------
    v_helio, v_helio_error : array (n,) [km/s]
    """
    error = errors.v * np.exp(errors.v_spread * rng.standard_normal(len(v_helio)))
    return v_helio + error * rng.standard_normal(len(v_helio)), error


def sky(sight: Sight, star: Ints, errors: Errors, rng: np.random.Generator) -> dict[str, Floats]:
    """Columns ra, dec, l, b [deg] and proper motions with errors [mas/yr]; arrays (n_rows,)."""
    ra, dec = galactic_to_icrs(sight.l[star], sight.b[star])
    east, north = rng.normal(0, errors.jitter / 3600, (2, len(star)))
    dec = np.clip(dec + north, -90.0, 90.0)
    ra = (ra + east / np.cos(np.radians(dec))) % 360.0
    l, b = icrs_to_galactic(ra, dec)
    return {"ra": ra, "dec": dec, "l": l, "b": b}


def proper_motions(sight: Sight, r_mag: Floats, star: Ints, rng: np.random.Generator) -> dict[str, Floats]:
    """Columns pmra, pmdec and errors [mas/yr], arrays (n_rows,): one measurement a star, as one Gaia release gives it.

    Parameters
    ----------
    sight : Sight
    r_mag : array (n_stars,) [mag]
        The error rises from 0.03 mas/yr at magnitude 13 to 0.15 near 17.8, as for Gaia.
    star : int array (n_rows,)
    rng : numpy Generator

    Returns
    -------
    dict of str to array (n_rows,)
    """
    error = np.clip(0.03 * 10 ** (0.145 * (r_mag - 13.0)), 0.03, 0.5)
    noise = rng.standard_normal((2, len(r_mag)))
    pmra, pmdec = sight.pmra + error * noise[0], sight.pmdec + error * noise[1]
    return {"pmra": pmra[star], "pmra_error": error[star], "pmdec": pmdec[star], "pmdec_error": error[star]}


def spectra(stars: Population, star: Ints, errors: Errors, rng: np.random.Generator) -> dict[str, Floats]:
    """Columns teff [K], logg, feh, feh_error [dex], arrays (n_rows,): a giant branch, measured anew at every visit.

    Parameters
    ----------
    stars : Population
    star : int array (n_rows,)
    errors : Errors
    rng : numpy Generator

    Returns
    -------
    dict of str to array (n_rows,)
    """
    n = len(star)
    abs_mag, feh = stars.abs_mag[star], stars.feh[star]
    teff = 4900 + 190 * abs_mag - 150 * (feh - FEH_HALO[0])
    feh_error = errors.feh * np.exp(0.2 * rng.standard_normal(n))
    return {
        "teff": teff + errors.teff * rng.standard_normal(n),
        "logg": 2.1 + 0.42 * abs_mag + errors.logg * rng.standard_normal(n),
        "feh": feh + feh_error * rng.standard_normal(n),
        "feh_error": feh_error,
    }


def r_magnitudes(stars: Population, sight: Sight) -> Floats:
    """Apparent r magnitudes, array (n,) [mag]."""
    return apparent_magnitude(stars.abs_mag, sight.distance)
