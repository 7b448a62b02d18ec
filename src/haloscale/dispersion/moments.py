"""Moments of the velocities in radial bins, of many data sets at once."""

from dataclasses import dataclass

import numpy as np

from haloscale.records import Floats, Ints


@dataclass(frozen=True)
class BinMoments:
    """Mean, spread and excess kurtosis in the bins; three arrays (n_sets, n_bins) [km/s, km/s, dimensionless]."""

    mean: Floats
    spread: Floats
    kurtosis: Floats


@dataclass(frozen=True)
class Binning:
    """Stars in order of their bins, and the conventions of the estimator of the dispersion.

    Parameters
    ----------
    start : int array (n_bins,)
        Position of the first star of each bin; none is empty.
    n : int array (n_bins,)
        Stars in the bin.
    v_error : array (n_stars,) [km/s]
    free_mean, deconvolve : bool
        As for `haloscale.dispersion.gaussian.Gaussian`.
    """

    start: Ints
    n: Ints
    v_error: Floats
    free_mean: bool = False
    deconvolve: bool = False

    def moments(self, v: Floats) -> BinMoments:
        """Moments of the velocities `v` : array (n_sets, n_stars) [km/s], stars in order of their bins."""
        squared = v * v
        first, second, third, fourth = (self.mean_of(x) for x in (v, squared, squared * v, squared * squared))
        variance = np.maximum(second - first**2, 0.0)
        central = fourth - 4.0 * first * third + 6.0 * first**2 * second - 3.0 * first**4
        with np.errstate(divide="ignore", invalid="ignore"):
            kurtosis = np.where(variance > 0, central / variance**2 - 3.0, 0.0)
        return BinMoments(first, self._spread(variance if self.free_mean else second), kurtosis)

    def expected(self, mean: Floats, square: Floats) -> tuple[Floats, Floats]:
        """Mean and spread in the bins that stars of given moments have on average.

        Parameters
        ----------
        mean, square : array (n_stars,) [km/s, km^2 / s^2]
            Of each star, velocity error included.

        Returns
        -------
        mean, spread : array (n_bins,) [km/s]
        """
        centre, second = self.mean_of(mean), self.mean_of(square)
        about_mean = (second - centre**2) * (1.0 - 1.0 / self.n)
        return centre, self._spread(about_mean if self.free_mean else second)

    def mean_of(self, values: Floats) -> Floats:
        """Mean in each bin, array (..., n_bins); `values` : array (..., n_stars) [any unit]."""
        return np.asarray(np.add.reduceat(values, self.start, axis=-1) / self.n)

    def _spread(self, square: Floats) -> Floats:
        """Root of a mean square, errors removed if asked; never quite zero, so that its logarithm exists."""
        less = self.mean_of(self.v_error**2) if self.deconvolve else 0.0
        return np.asarray(np.sqrt(np.maximum(square - less, 1e-3 * square + 1e-12)))
