"""Stars whose places and velocities are known in space: simulations, and systems seen from nowhere in particular."""

import numpy as np

from haloscale.arrays import Array, join, namespace
from haloscale.errors import InputError
from haloscale.inference.likelihood.radial import RadialVariance, Spline
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.jeans.panels import breaks_of
from haloscale.records import Floats


class KnownPositions:
    """Gaussian in the three components of the velocity of each star at its known place.

    There is no observer, no frame and no selection: of use from Python, for simulated stars.

    Parameters
    ----------
    position : array (n, 3) [kpc]
        From the centre.
    velocity : array (n, 3) [km/s]
    velocity_error : float or array (n,) [km/s]
        Of each component.
    model : GalaxyModel

    Raises
    ------
    InputError
        Shapes that do not fit, a star at the centre, a number that is not finite, a negative error.

    Notes
    -----
    Along r the variance is sigma_r^2 + error^2, across it (1 - beta) sigma_r^2 + error^2 in each of two directions.
    """

    advice: tuple[str, ...] = ()

    def __init__(
        self, position: Floats, velocity: Floats, model: GalaxyModel, velocity_error: float | Floats = 0.0
    ) -> None:
        position, velocity = np.asarray(position, float), np.asarray(velocity, float)
        error = np.broadcast_to(np.asarray(velocity_error, float), position.shape[:1])
        _check(position, velocity, error)
        self._r = np.linalg.norm(position, axis=1)
        radial = np.einsum("ij,ij->i", position, velocity) / self._r
        self._radial_squared = radial**2
        self._across_squared = np.maximum(np.einsum("ij,ij->i", velocity, velocity) - radial**2, 0.0)
        self._error_squared = error**2
        middle = model.middle
        fixed = [
            part for t, part in (("tracer", middle.tracer), ("anisotropy", middle.anisotropy)) if model.is_fixed(t)
        ]
        self._spline = Spline(self._r.min(), self._r.max(), [float(radius) for radius in breaks_of(*fixed)])
        self._place = self._spline.place(np.log(self._r))
        self._variance = RadialVariance(model, self._spline.r)

    @property
    def n_points(self) -> int:
        """Measured velocities: three a star."""
        return 3 * len(self._r)

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared velocities over their variances, shape of the galaxy's batch."""
        along, across = self._variances(galaxy)
        return (self._radial_squared / along + self._across_squared / across).sum(axis=-1)

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the probability density of the velocities, shape of the galaxy's batch."""
        along, across = self._variances(galaxy)
        xp = namespace(along)
        spread = (0.5 * xp.log(along) + xp.log(across)).sum(axis=-1)
        return -0.5 * self.chi2(galaxy) - spread - 0.5 * self.n_points * np.log(2.0 * np.pi)

    def _variances(self, galaxy: Galaxy) -> tuple[Array, Array]:
        """Along r and across it, with the errors, array (..., n) [km^2 / s^2]."""
        cubic = self._spline.coefficients(self._variance(galaxy))
        interval, x = self._place
        xp, cubic, interval = join(cubic, interval)
        c = [xp.take(cubic[..., power, :], interval, axis=-1) for power in range(4)]
        sigma2 = ((c[3] * x + c[2]) * x + c[1]) * x + c[0]
        across = sigma2 * (1.0 - galaxy.anisotropy.beta_at(self._r))
        return sigma2 + self._error_squared, across + self._error_squared


def _check(position: Floats, velocity: Floats, error: Floats) -> None:
    if position.ndim != 2 or position.shape[1] != 3 or position.shape != velocity.shape or not len(position):
        raise InputError(
            f"positions of shape {position.shape} and velocities of shape {velocity.shape}",
            "two arrays of the same shape (n, 3)",
            "stack x, y, z and vx, vy, vz as columns",
        )
    bad = ~np.isfinite(np.c_[position, velocity, error]).all(axis=1) | (error < 0) | ~position.any(axis=1)
    if bad.any():
        raise InputError(
            f"star {int(np.argmax(bad))} ({int(bad.sum())} such stars) stands at the centre, has a number that is not "
            "finite, or a negative error",
            "finite positions off the centre, finite velocities, errors of 0 or more",
            "leave these stars out",
        )
