"""How the velocities of stars are distributed at the places where they may be, and their average over those places."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from haloscale.arrays import Array, join, namespace
from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.inference.likelihood import gaussian, kurtosis
from haloscale.inference.likelihood.block import Block
from haloscale.records import Floats

_LN_SQRT_2PI: Final = 0.5 * np.log(2.0 * np.pi)
_LEAST: Final = 1e-300
"""Stands for a fraction or a density of zero where its logarithm is taken."""
_STREAMING_AT: Final = 20.0
"""Radius [kpc] at which `rotation` is stated."""


@dataclass(frozen=True)
class Law:
    """How velocities are distributed at a place: models and numbers of some parameter sets."""

    tracer: Any
    anisotropy: Any
    beside: Mapping[str, Array]
    outlier_sigma: float

    def ln_p(self, block: Block, sigma2: Array) -> Array:
        """ln of the density of what was measured of each star, array (n_sets, n_stars).

        Parameters
        ----------
        block : Block
        sigma2 : array (n_sets, n_nodes, n_stars) [km^2 / s^2]
            sigma_r^2 at the nodes.
        """
        weight = block.weights(self.tracer)
        ln_p = _ln_average(*self._terms(block, sigma2), weight, block)
        fraction = self.beside["outlier_fraction"]
        if not is_zero(fraction):
            ln_p = self._with_outliers(ln_p, block, weight, fraction)
        return ln_p + ln_constant(block)

    def _terms(self, block: Block, sigma2: Array) -> tuple[Array, Array]:
        """Exponent and determinant at the nodes, array (n_sets, n_nodes, n_stars)."""
        beta = block.anisotropy(self.anisotropy)
        mean = self._mean(block)
        if len(block.seen) > 1:
            excess = beta * sigma2
            ellipsoid = block.v, block.along, block.error_squared, sigma2 - excess, excess
            return gaussian.streaming(*ellipsoid, mean) if mean else gaussian.in_space(*ellipsoid)
        variance = sigma2 * (1.0 - beta * block.sin2_psi)
        v = block.v[0]
        if mean:
            v, variance = v - mean[0], _not_below(variance - mean[0] ** 2)
        if not is_zero(self.beside["kurtosis"]):
            shape = _column_of(self.beside["kurtosis"])
            return -kurtosis.ln_density(v, variance, block.error_squared[0], shape), 1.0
        return gaussian.along_sight(v, variance + block.error_squared[0])

    def _mean(self, block: Block) -> tuple[Array, ...]:
        """Mean velocity at the nodes along each component [km/s]; none where nothing streams."""
        speed, gradient = self.beside["rotation"], self.beside["rotation_gradient"]
        if is_zero(speed) and is_zero(gradient):
            return ()
        ln_r = np.log(block.r) + block.ln_ratio
        speeds = _column_of(speed) + _column_of(gradient) * (ln_r - np.log(_STREAMING_AT)) / np.log(10.0)
        return tuple(speeds * direction for direction in block.streaming())

    def _with_outliers(self, ln_p: Array, block: Block, weight: Array, fraction: Array) -> Array:
        return mixed(ln_p, ln_outlier(block, weight, self.outlier_sigma), fraction)

    def prediction(
        self, block: Block, sigma2: Floats, rng: np.random.Generator, n: int = 1
    ) -> tuple[Floats, Floats, Floats]:
        """Line-of-sight velocities, errors included, of one parameter set: mean, mean square, and draws.

        Parameters
        ----------
        block : Block
        sigma2 : array (n_nodes, n_stars) [km^2 / s^2]
            sigma_r^2 at the nodes.
        rng : numpy.random.Generator
        n : int
            Independent draws of every star.

        Returns
        -------
        arrays (n_stars,) [km/s], (n_stars,) [km^2 / s^2], (n, n_stars) [km/s]
        """
        weight, variance, streaming = self._along_sight(block, sigma2)
        mean, square = ((weight * of).sum(axis=0) for of in (streaming, variance + streaming**2))
        share, outliers = np.cumsum(weight, axis=0), float(np.squeeze(self.beside["outlier_fraction"]))
        square = (1.0 - outliers) * square + outliers * self.outlier_sigma**2 + block.error_squared[0][0]
        drawn = [self._drawn(block, share, variance, streaming, rng) for _ in range(n)]
        return (1.0 - outliers) * mean, np.asarray(square), np.stack(drawn)

    def _along_sight(self, block: Block, sigma2: Floats) -> tuple[Floats, Floats, Floats]:
        """Weight, variance and mean of the velocity along the sight line at the nodes, arrays (n_nodes, n_stars)."""

        def at_nodes(value: Array) -> Floats:
            return np.asarray(np.broadcast_to(value, (1, *sigma2.shape))[0])

        weight, beta = at_nodes(block.weights(self.tracer)), at_nodes(block.anisotropy(self.anisotropy))
        mean = self._mean(block)
        streaming = at_nodes(mean[0] if mean else 0.0)
        variance = _not_below(sigma2 * (1.0 - beta * block.sin2_psi) - streaming**2)
        return weight / weight.sum(axis=0), variance, streaming

    def _drawn(
        self, block: Block, share: Floats, variance: Floats, streaming: Floats, rng: np.random.Generator
    ) -> Floats:
        """One velocity of each star, array (n_stars,) [km/s]; `share` is the cumulative weight of the nodes."""
        n_nodes, n = share.shape
        node = np.minimum((rng.random(n) > share).sum(axis=0), n_nodes - 1), np.arange(n)
        shape = float(np.squeeze(self.beside["kurtosis"]))
        v = streaming[node] + kurtosis.draw(variance[node], shape, rng)
        outlier = rng.random(n) < float(np.squeeze(self.beside["outlier_fraction"]))
        v = np.where(outlier, self.outlier_sigma * rng.standard_normal(n), v)
        return np.asarray(v + np.sqrt(block.error_squared[0][0]) * rng.standard_normal(n))


def ln_constant(block: Block) -> float:
    """What the densities of `Law` and `ln_outlier` leave out: the factors of 2 pi, and the unit of proper motions."""
    return float(block.n_on_sky * np.log(KMS_PER_KPC_MASYR) - len(block.seen) * _LN_SQRT_2PI)


def ln_outlier(block: Block, weight: Array, sigma: float) -> Array:
    """ln of the density of stars that do not belong to the halo, as of `Law.ln_p` before constants.

    Parameters
    ----------
    block : Block
    weight : array (..., n_nodes, n_stars)
        Of the nodes.
    sigma : float [km/s]
        Their dispersion in every direction.

    Returns
    -------
    array (..., n_stars)
    """
    if len(block.seen) > 1:
        terms = gaussian.in_space(block.v, block.along, block.error_squared, sigma**2, 0.0)
        return _ln_average(*terms, weight, block)
    exponent, variance = gaussian.along_sight(block.v[0], sigma**2 + block.error_squared[0])
    return (-exponent - 0.5 * np.log(variance))[..., 0, :]


def mixed(ln_p: Array, other: Array, fraction: Array) -> Array:
    """ln of (1 - fraction) p + fraction other.

    Parameters
    ----------
    ln_p, other : array (..., n_stars), dimensionless
    fraction : float or array (..., 1), dimensionless
    """
    xp, ln_p, fraction, other = join(ln_p, fraction, other)
    return xp.logaddexp(xp.log1p(-fraction) + ln_p, xp.log(xp.maximum(fraction, _LEAST)) + other)


def _ln_average(exponent: Array, determinant: Array, weight: Array, block: Block) -> Array:
    """ln of the density averaged over the nodes, array (n_sets, n_stars)."""
    xp, exponent, determinant, weight = join(exponent, determinant, weight)
    least = exponent.min(axis=-2)
    least = xp.where(xp.isfinite(least), least, 0.0)
    above = weight * block.jacobian() if block.n_on_sky else weight
    total = (above * xp.exp(least[..., None, :] - exponent) / xp.sqrt(determinant)).sum(axis=-2)
    ln_sum = xp.where(total > 0.0, xp.log(xp.maximum(total, _LEAST)), -xp.inf) - least
    return ln_sum if block.tracer_weight is not None else ln_sum - xp.log(weight.sum(axis=-2))


def is_zero(value: Array) -> bool:
    """Whether a value is the number zero; an array (n_sets, 1), own units, never counts as one."""
    return isinstance(value, float | int) and value == 0.0


def _column_of(value: Array) -> Array:
    """A number of each parameter set as array (n_sets, 1, 1); a float stays one."""
    return value[..., None] if getattr(value, "ndim", 0) else value


def _not_below(variance: Array) -> Array:
    """Variances of which streaming leaves nothing are held at a (km/s)^2 that no halo reaches."""
    return namespace(variance).maximum(variance, 1.0)
