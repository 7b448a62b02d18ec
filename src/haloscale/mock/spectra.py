"""Simulated spectroscopic catalogues joined with photometry: what a user has who has no distances.

Every star lies on the sequences of the clusters at its own [Fe/H] and absolute magnitude, so that its magnitudes follow
from its true place. Which stars are observed is decided by true place and magnitude and by measured colour alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from haloscale.distance.fiducials import M_R_BRIGHT, M_R_FAINT
from haloscale.errors import ConfigError
from haloscale.frames import SolarFrame
from haloscale.mock.catalogue import RAW_UNITS, draw_stars, true_columns
from haloscale.mock.footprint import Footprint
from haloscale.mock.magnitudes import Photometry, magnitudes
from haloscale.mock.motions import Velocities
from haloscale.mock.observation import Errors, proper_motions, r_magnitudes, sky, spectra
from haloscale.mock.observation import velocities as measured_velocities
from haloscale.mock.population import Population, join
from haloscale.mock.sight import observe
from haloscale.mock.truth import Truth
from haloscale.photometry import deredden
from haloscale.records import Bools, Floats, StarTable

SEGUE_LIKE: Final = Footprint(
    dec_low=-15.0,
    dec_high=75.0,
    b_low=20.0,
    r_mag_low=14.0,
    r_mag_high=18.5,
    abs_mag_low=M_R_BRIGHT,
    abs_mag_high=M_R_FAINT,
)
"""High latitudes, and the depth of the SEGUE K giants; the whole giant branch, from its tip to the subgiants."""

BLUEST: Final = 0.5
"""Bluest (g-r)0 of a target [mag], as measured: that of the K giants of SEGUE."""

_CHUNK: Final = 20_000
"""Stars drawn at a time; their number does not depend on what is asked for, so that longer catalogues begin alike."""


def simulate_spectra(
    truth: Truth,
    rng: np.random.Generator,
    *,
    n_stars: int = 20_000,
    footprint: Footprint = SEGUE_LIKE,
    photometry: Photometry | None = None,
    contamination: float = 0.1,
    repeat_fraction: float = 0.1,
    missing_fraction: float = 0.005,
    errors: Errors | None = None,
    velocities: Velocities = "gaussian",
) -> StarTable:
    """A spectroscopic catalogue with photometry and without distances; the default is as deep as SEGUE.

    Parameters
    ----------
    truth : Truth
    rng : numpy Generator
    n_stars : int
        Rows of the catalogue.
    footprint : Footprint
    photometry : Photometry, optional
        System of the magnitudes, and errors; default Pan-STARRS1.
    contamination : float
        Fraction of the stars that belong to the disk, before the cut in colour.
    repeat_fraction : float
        Fraction of the rows that are second visits of a star.
    missing_fraction : float
        Fraction of the rows that lack each of [Fe/H], the g magnitude and E(B-V).
    errors : Errors, optional
        Of velocities and spectra; what it says of distances is not used.
    velocities : str
        How the true ones of the halo are drawn, as of `simulate`.

    Returns
    -------
    StarTable
        ``row, ra, dec, l, b, v_helio, teff, logg, feh``, proper motions, ``gmag, rmag, imag`` with extinction, their
        errors, and ``ebv``. `raw` as of `simulate`, and ``true_m_r, true_ebv`` [mag].

    Raises
    ------
    ConfigError
        Fewer than one star.
    SelectionError
        The footprint holds no star.
    """
    if n_stars < 1:
        raise ConfigError(f"the number of simulated stars is {n_stars}", "at least one", "ask for about 20000")
    errors, made = errors or Errors(), photometry or Photometry()
    n_repeats = round(n_stars * repeat_fraction)
    draw = partial(draw_stars, truth, footprint, contamination=contamination, velocities=velocities)
    stars, bands = _targets(draw, rng, n_stars - n_repeats, truth.frame, made)
    sight = observe(stars.position, stars.velocity, truth.frame)
    again = rng.choice(len(stars), n_repeats, replace=False)
    star = rng.permutation(np.concatenate([np.arange(len(stars)), again]))
    v_helio, v_helio_error = measured_velocities(sight.v_helio[star], errors, rng)
    true_ebv = bands.pop("true_ebv")
    columns: dict[str, np.ndarray[Any, Any]] = {
        "row": np.arange(n_stars),
        **sky(sight, star, errors, rng),
        "v_helio": v_helio,
        "v_helio_error": v_helio_error,
        **spectra(stars, star, errors, rng),
        **proper_motions(sight, r_magnitudes(stars, sight), star, rng),
        **{name: values[star] for name, values in bands.items()},
    }
    for names in (("feh", "feh_error"), ("gmag", "gmag_error"), ("ebv",)):
        lost = rng.random(n_stars) < missing_fraction
        columns |= {name: np.where(lost, np.nan, columns[name]) for name in names}
    raw = true_columns(stars, sight, star) | {"true_m_r": stars.abs_mag[star], "true_ebv": true_ebv[star]}
    return StarTable(columns, "generic", raw, {**RAW_UNITS, "true_m_r": "mag", "true_ebv": "mag"})


def _targets(
    draw: Callable[..., Population], rng: np.random.Generator, n: int, frame: SolarFrame, made: Photometry
) -> tuple[Population, dict[str, Floats]]:
    """The first n stars that are red enough to be observed, and their photometry."""
    parts: list[tuple[Population, dict[str, Floats]]] = []
    while sum(len(stars) for stars, _ in parts) < n:
        stars = draw(rng, n=_CHUNK)
        stars = stars.take(rng.permutation(len(stars)))
        bands = magnitudes(stars, observe(stars.position, stars.velocity, frame), made, rng)
        red = _is_red(bands, made)
        parts.append((stars.take(red), {name: values[red] for name, values in bands.items()}))
    first = np.arange(n)
    joined = {name: np.concatenate([bands[name] for _, bands in parts])[first] for name in parts[0][1]}
    return join(*(stars for stars, _ in parts)).take(first), joined


def _is_red(bands: dict[str, Floats], made: Photometry) -> Bools:
    """Stars whose measured dereddened colour makes them targets."""
    table = StarTable({"row": np.arange(len(bands["ebv"])), **bands}, "generic")
    colour = deredden(table, system=made.system, transform=made.transform)["gr0"]  # type: ignore[arg-type]
    return np.asarray(colour >= BLUEST)
