"""The Gaussian of Eq. 17: the exact posterior of its dispersion, no chain needed."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from haloscale.dispersion.base import Estimator, binned_profile, estimators
from haloscale.dispersion.paper_mcmc import ChainGaussian
from haloscale.dispersion.posterior import log_posterior
from haloscale.errors import ConfigError, nearest
from haloscale.records import DispersionProfile, Floats

_QUANTILES: Final = (0.5, 0.1586552539314571, 0.8413447460685429)


@estimators.register("gaussian")
def gaussian(
    v_gsr: Floats,
    v_helio_error: Floats,
    r: Floats,
    sin2_psi: Floats,
    edges: ArrayLike,
    *,
    mean: Literal["zero", "free"] = "zero",
    deconvolve: bool = False,
    method: Literal["exact", "emcee"] = "exact",
    rng: np.random.Generator | None = None,
) -> DispersionProfile:
    """Velocities drawn from one Gaussian a bin, with a flat prior on its dispersion.

    Parameters
    ----------
    v_gsr, v_helio_error : array (n,) [km/s]
    r : array (n,) [kpc]
    sin2_psi : array (n,) dimensionless
    edges : array (n_bins + 1,) [kpc]
    mean : str
        "zero": the mean is 0, as in the paper; "free": flat prior on the mean, integrated out.
    deconvolve : bool
        Remove each star's velocity error.
    method : str
        "exact", or "emcee": emcee, as the paper does it; the answers agree within the noise of the chain.
    rng : numpy.random.Generator, optional
        For "emcee".

    Returns
    -------
    DispersionProfile

    Raises
    ------
    ConfigError
        An unknown `mean` or `method`; edges that do not increase.

    Notes
    -----
    Zhai et al. (2018), Eq. 17.
    """
    free_mean = _choice("mean", mean, ("zero", "free")) == "free"
    estimator: Estimator = Gaussian(free_mean, deconvolve)
    if _choice("method", method, ("exact", "emcee")) == "emcee":
        estimator = ChainGaussian(rng if rng is not None else np.random.default_rng(1), free_mean, deconvolve)
    return binned_profile(v_gsr, v_helio_error, r, sin2_psi, edges, estimator)


@dataclass(frozen=True)
class Gaussian:
    """The exact posterior of one set of stars.

    Parameters
    ----------
    free_mean : bool
        False: the mean is 0.
    deconvolve : bool
        Star i has variance sigma^2 + error_i^2; False: its velocity error is left in sigma.

    Notes
    -----
    Zhai et al. (2018), Eq. 17: p(sigma | V) ~ sigma^-N exp(-S / 2 sigma^2), S = sum V^2, so 1 / sigma^2 follows a
    Gamma distribution of shape (N - 1) / 2 and rate S / 2. With a free mean N falls by one and S is taken about the
    mean of the stars. With errors removed the posterior is integrated on a grid.
    """

    free_mean: bool = False
    deconvolve: bool = False

    @property
    def min_stars(self) -> int:
        """Stars below which the posterior cannot be normalised: 2, or 3 with a free mean."""
        return 3 if self.free_mean else 2

    def estimate(self, v: Floats, v_error: Floats) -> tuple[float, float, float]:
        """Median, 16 and 84 % of the posterior of sigma.

        Parameters
        ----------
        v, v_error : array (n,) [km/s]

        Returns
        -------
        median, lower, upper : float [km/s]
            NaN for too few stars, and where all velocities are the same.
        """
        centred = v - v.mean() if self.free_mean and len(v) else v
        if len(v) < self.min_stars or not np.any(centred):
            return np.nan, np.nan, np.nan
        if self.deconvolve and np.any(v_error > 0):
            return _grid_quantiles(centred, v_error, self.free_mean)
        from scipy.special import gammainccinv

        shape, rate = self._gamma(centred)
        median, lower, upper = (float(gammainccinv(shape, q) / rate) ** -0.5 for q in _QUANTILES)
        return median, lower, upper

    def sample_sigma(self, v: Floats, rng: np.random.Generator, n_draws: int) -> Floats:
        """Independent draws from the posterior of sigma, velocity errors left in.

        Parameters
        ----------
        v : array (n,) [km/s]
        rng : numpy.random.Generator
        n_draws : int

        Returns
        -------
        array (n_draws,) [km/s]
        """
        shape, rate = self._gamma(v - v.mean() if self.free_mean else v)
        return np.asarray(rng.gamma(shape, 1.0 / rate, n_draws) ** -0.5)

    def _gamma(self, v: Floats) -> tuple[float, float]:
        """Shape and rate of the posterior of 1 / sigma^2."""
        return (len(v) - self.min_stars + 1) / 2, float(v @ v) / 2


def _grid_quantiles(v: Floats, v_error: Floats, free_mean: bool) -> tuple[float, float, float]:
    """Quantiles of sigma with the errors removed, on a grid that zooms in on the posterior.

    The grid runs in t = sigma / (sigma + s), s the rms velocity, which maps the whole half-line to 0 < t < 1.
    """
    density, scale = log_posterior(v, v_error, free_mean), float(np.sqrt(np.mean(v * v)))
    low, high = 0.0, 1.0
    for n in (33, 33, 33, 33, 257):
        step = (high - low) / n
        t = low + step * (np.arange(n) + 0.5)
        log_p = density(scale * t / (1.0 - t)) - 2.0 * np.log1p(-t)
        if n == 33:
            heavy = np.flatnonzero(log_p > log_p.max() - 35.0)
            low, high = low + step * max(heavy[0] - 0.5, 0.0), low + step * min(heavy[-1] + 1.5, float(n))
    cumulative = np.append(0.0, np.cumsum(np.exp(log_p - log_p.max())))
    found = np.interp(np.array(_QUANTILES) * cumulative[-1], cumulative, low + step * np.arange(n + 1))
    median, lower, upper = (float(x) for x in scale * found / (1.0 - found))
    return median, lower, upper


def _choice(key: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ConfigError(
            f"dispersion.{key} is {value!r}", f"one of: {', '.join(choices)}", nearest(str(value), choices)
        )
    return value
