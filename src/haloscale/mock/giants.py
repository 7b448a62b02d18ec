"""Simulated red giants with photometry and metallicities, drawn from the very priors of their distances.

Nothing but a sample of this kind can tell whether the stated intervals hold the truth as often as they say.
"""

from dataclasses import dataclass

import numpy as np

from haloscale.distance.fiducials import M_R_BRIGHT, M_R_FAINT, Fiducials, fiducials
from haloscale.errors import ConfigError
from haloscale.records import Floats, StarTable


@dataclass(frozen=True)
class GiantErrors:
    """Medians over the stars of the measurement errors, each log-normally spread; as those of LAMOST giants.

    Parameters
    ----------
    rmag0, gr0 : float [mag]
    feh : float [dex]
    spread : float
        Standard deviation of the natural log of each error.
    """

    rmag0: float = 0.04
    gr0: float = 0.025
    feh: float = 0.12
    spread: float = 0.3


def simulate_giants(
    rng: np.random.Generator,
    n: int,
    *,
    luminosity_slope: float = 0.32,
    feh: tuple[float, float] | None = None,
    rmag0_range: tuple[float, float] = (13.0, 18.0),
    errors: GiantErrors | None = None,
    sequences: Fiducials | None = None,
) -> StarTable:
    """Giants on the sequences of the clusters, flat in distance modulus at given magnitude.

    Parameters
    ----------
    rng : numpy Generator
    n : int
    luminosity_slope : float
        log10 of the number of giants per magnitude rises by this much a magnitude.
    feh : tuple of 2 floats, optional [dex]
        Mean and standard deviation of [Fe/H]. Default: evenly from the poorest cluster to the richest.
    rmag0_range : tuple of 2 floats [mag]
        Between which the true apparent magnitudes are even.
    errors : GiantErrors, optional
    sequences : Fiducials, optional
        Default: those of the distances.

    Returns
    -------
    StarTable
        ``row, rmag0, gr0, feh`` and their errors. `raw` holds ``simulated`` (True) and ``true_m_r, true_dm`` [mag],
        ``true_feh`` [dex], ``true_distance`` [kpc].

    Raises
    ------
    ConfigError
        Fewer than one star.
    """
    if n < 1:
        raise ConfigError(f"the number of simulated giants is {n}", "at least one", "ask for about 10000")
    errors, sequences = errors or GiantErrors(), sequences or fiducials()
    m_r = _magnitudes(rng, n, luminosity_slope)
    true_feh = rng.uniform(sequences.feh[0], sequences.feh[-1], n) if feh is None else rng.normal(*feh, n)
    dm = rng.uniform(*rmag0_range, n) - m_r
    truth = {"rmag0": dm + m_r, "gr0": sequences.colour(m_r, true_feh), "feh": true_feh}
    columns = {"row": np.arange(n)}
    for name, true in truth.items():
        error = getattr(errors, name) * np.exp(errors.spread * rng.standard_normal(n))
        columns |= {name: true + error * rng.standard_normal(n), f"{name}_error": error}
    raw = {
        "simulated": np.ones(n, bool),
        "true_m_r": m_r,
        "true_dm": dm,
        "true_feh": true_feh,
        "true_distance": 10.0 ** (dm / 5.0 - 2.0),
    }
    return StarTable(columns, "generic", raw, {"true_m_r": "mag", "true_dm": "mag", "true_distance": "kpc"})


def _magnitudes(rng: np.random.Generator, n: int, slope: float) -> Floats:
    """Absolute magnitudes along the sequences, array (n,) [mag]."""
    even = rng.uniform(0.0, 1.0, n)
    k = slope * np.log(10.0) * (M_R_FAINT - M_R_BRIGHT)
    if k == 0.0:
        return M_R_BRIGHT + (M_R_FAINT - M_R_BRIGHT) * even
    drawn: Floats = M_R_BRIGHT + (M_R_FAINT - M_R_BRIGHT) * np.log1p(even * np.expm1(k)) / k
    return drawn
