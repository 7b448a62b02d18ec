"""Simulated photometry of giants: true magnitudes on the sequences of the clusters, dust, errors."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from haloscale.distance.fiducials import fiducials
from haloscale.errors import ConfigError, nearest
from haloscale.mock.population import Population
from haloscale.mock.sight import Sight
from haloscale.photometry import extinction_coefficients, transforms
from haloscale.records import Floats

BANDS: Final = ("g", "r", "i")

_R_MINUS_I: Final = (0.01, 0.37)
"""r - i = a + b (g - r) of every simulated giant: near the observed locus, and Pan-STARRS1 to SDSS reads g - i."""

_COLOURS: Final = np.linspace(0.0, 2.5, 2501)
"""Pan-STARRS1 g - r of the table in which the transformation is inverted [mag]."""

_DUST_AT_POLE, _DUST_SCATTER = 0.02, 0.4
"""E(B-V) towards the poles [mag]; standard deviation of its natural log from sight line to sight line."""


@dataclass(frozen=True)
class PhotometricErrors:
    """Errors of simulated photometry.

    Parameters
    ----------
    gmag, rmag, imag : float [mag]
        Medians over the stars.
    spread : float
        Standard deviation of the natural log of the errors; all bands of a star go together.
    ebv : float [mag]
        Of the E(B-V) of the catalogue, in every direction.
    """

    gmag: float = 0.020
    rmag: float = 0.015
    imag: float = 0.015
    spread: float = 0.3
    ebv: float = 0.016


@dataclass(frozen=True)
class Photometry:
    """The system of simulated magnitudes, and their errors.

    Parameters
    ----------
    system : str
        "sdss" or "ps1".
    transform : str
        By which Pan-STARRS1 magnitudes are made of SDSS ones.
    errors : PhotometricErrors

    Raises
    ------
    ConfigError
        Neither system nor transformation is known.
    """

    system: str = "ps1"
    transform: str = "finkbeiner2016"
    errors: PhotometricErrors = PhotometricErrors()

    def __post_init__(self) -> None:
        for name, known in (("system", ("sdss", "ps1")), ("transform", tuple(transforms()))):
            given = getattr(self, name)
            if given not in known:
                raise ConfigError(f"{name} is {given!r}", f"one of: {', '.join(known)}", nearest(given, known))


def magnitudes(stars: Population, sight: Sight, made: Photometry, rng: np.random.Generator) -> dict[str, Floats]:
    """Columns gmag, rmag, imag with extinction, their errors, and ebv; also true_ebv [mag]: arrays (n_stars,).

    Parameters
    ----------
    stars : Population
    sight : Sight
    made : Photometry
    rng : numpy Generator

    Returns
    -------
    dict of str to array (n_stars,)
    """
    n, errors = len(stars), made.errors
    size = np.exp(errors.spread * rng.standard_normal(n))
    on_map = _DUST_AT_POLE / np.abs(np.sin(np.radians(sight.b))) * np.exp(_DUST_SCATTER * rng.standard_normal(n))
    true_ebv = np.abs(on_map + errors.ebv * rng.standard_normal(n))
    r0 = stars.abs_mag + 5.0 * np.log10(sight.distance) + 10.0
    true = intrinsic_magnitudes(r0, fiducials().colour(stars.abs_mag, stars.feh), made)
    coefficients = extinction_coefficients(made.system)
    columns = {"ebv": on_map, "true_ebv": true_ebv}
    for band in BANDS:
        error = getattr(errors, f"{band}mag") * size
        noise = error * rng.standard_normal(n)
        columns |= {f"{band}mag": true[band] + coefficients[band] * true_ebv + noise, f"{band}mag_error": error}
    return columns


def intrinsic_magnitudes(rmag0: Floats, gr0: Floats, made: Photometry) -> dict[str, Floats]:
    """Magnitudes without extinction in a photometric system, array (n,) [mag] by band.

    Parameters
    ----------
    rmag0 : array (n,) [mag]
        SDSS r.
    gr0 : array (n,) [mag]
        SDSS g - r.
    made : Photometry

    Returns
    -------
    dict of str to array (n,)
    """
    constant, slope = _R_MINUS_I
    if made.system == "sdss":
        return {"g": rmag0 + gr0, "r": rmag0, "i": rmag0 - constant - slope * gr0}
    transform = transforms()[made.transform]
    places = {"g": _COLOURS, "r": np.zeros_like(_COLOURS), "i": -constant - slope * _COLOURS}
    x = places[transform.blue] - places[transform.red]
    in_sdss = _COLOURS + transform.offset("g", x) - transform.offset("r", x)
    colour = np.interp(gr0, in_sdss, _COLOURS)
    r = rmag0 - np.interp(colour, _COLOURS, transform.offset("r", x))
    return {"g": r + colour, "r": r, "i": r - constant - slope * colour}
