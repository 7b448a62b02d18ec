"""Velocities drawn from a distribution function, star by star, at given radii.

With the tangential velocity widened by (1 + r^2 / r_a^2)^(1/2), speed and direction are independent: the speed v has
density v^(2 - 2 beta_0) f1(psi - v^2 / 2), and sin^2 of the angle from the radius follows Beta(1 - beta_0, 1/2).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from haloscale.distribution.energy import EnergyDistribution
from haloscale.errors import InputError
from haloscale.records import Floats

_STEP_R: Final = 0.1
"""Spacing of the table in ln r."""
_STEP_CHANCE: Final = 0.2
"""Spacing of the table in the logit of the probability."""
_CHANCE_HIGH: Final = 37.0
"""Largest logit: a random double between 0 and 1 is 2^-53 = exp(-36.7) or more."""
_SPEED_HIGH, _STEP_SPEED = 40.0, 0.05
"""Range and spacing of the logit of v / v_esc over which its density is summed."""
_TINY: Final = 1e-200
"""Densities below this times the highest are left out: they are no longer summed exactly."""


def draw_velocities(distribution: EnergyDistribution, r: Floats, rng: np.random.Generator) -> Floats:
    """Velocities of stars at given radii.

    Parameters
    ----------
    distribution : EnergyDistribution
        Of one parameter set.
    r : array (n,) [kpc]
        Between its r_low and r_high.
    rng : numpy Generator

    Returns
    -------
    array (n, 3) [km/s]
        Along r, theta and phi.

    Raises
    ------
    InputError
        For a batch, or a radius outside the range.
    NumericalError
        If f1 is not positive.

    Notes
    -----
    The speed is the inverse of its cumulative distribution, interpolated by cubics in ln r and in the logit of the
    probability: it errs by less than 1e-5 in the probability, at every radius and for any number of stars.
    """
    _check(distribution, r)
    system, n = distribution.system, len(r)
    if not n:
        return np.empty((0, 3))
    chance = rng.random(n)
    speed = SpeedTable.of(distribution, float(r.min()), float(r.max())).speed(r, chance)
    sin2 = rng.beta(1.0 - float(np.asarray(system.orbits.beta_0).item()), 0.5, n)
    sign = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    across = speed * np.sqrt(sin2 / system.orbits.widening(r))
    angle = rng.uniform(0.0, 2.0 * np.pi, n)
    return np.stack([sign * speed * np.sqrt(1.0 - sin2), across * np.cos(angle), across * np.sin(angle)], axis=1)


def _check(distribution: EnergyDistribution, r: Floats) -> None:
    if distribution.table.sets:
        raise InputError(
            f"velocities asked of {math.prod(distribution.table.sets)} parameter sets at once",
            "one set",
            "draw from one distribution function after the other",
        )
    distribution.require_positive()
    low, high = distribution.r_low, distribution.r_high
    outside = ~((r >= low) & (r <= high))
    if outside.any():
        raise InputError(
            f"a star at r = {r[outside][0]:.4g} kpc",
            f"radii of the distribution function, {low:g} to {high:g} kpc",
            "solve for a wider range: solve(..., r_low=, r_high=)",
        )


@dataclass(frozen=True)
class SpeedTable:
    """logit(v / v_esc) over ln r and the logit of the probability of a smaller speed.

    Parameters
    ----------
    distribution : EnergyDistribution
    ln_r : array (n_r,) [ln kpc]
        Evenly spaced.
    values : array (n_r, n_chances), dimensionless
        At the logits of probability from -_CHANCE_HIGH to _CHANCE_HIGH, evenly spaced.
    """

    distribution: EnergyDistribution
    ln_r: Floats
    values: Floats

    @classmethod
    def of(cls, distribution: EnergyDistribution, r_low: float, r_high: float) -> "SpeedTable":
        """The table of a range of radii [kpc]."""
        n = max(1, math.ceil(math.log(r_high / r_low) / _STEP_R))
        ln_r: Floats = math.log(r_low) + _STEP_R * np.arange(-1.0, n + 2.0)
        psi = -distribution.system.mass.potential(np.exp(ln_r))
        return cls(distribution, ln_r, np.stack([_inverse(distribution, float(p)) for p in psi]))

    def speed(self, r: Floats, chance: Floats) -> Floats:
        """Speed below which a fraction `chance` of the stars at r are.

        Parameters
        ----------
        r : array (n,) [kpc]
        chance : array (n,), dimensionless
            From 0 to 1.

        Returns
        -------
        array (n,) [km/s]
            In the widened velocity space; at constant beta the speed itself.
        """
        tiny = math.exp(-_CHANCE_HIGH)
        chance = np.clip(chance, tiny, 1.0 - tiny)
        row, weights_r = _stencil((np.log(r) - self.ln_r[0]) / _STEP_R, len(self.ln_r))
        logit = np.log(chance) - np.log1p(-chance)
        column, weights_c = _stencil((logit + _CHANCE_HIGH) / _STEP_CHANCE, self.values.shape[1])
        flat, start = self.values.ravel(), row * self.values.shape[1] + column
        value = np.zeros(len(r))
        for i, weight_r in enumerate(weights_r):
            along = sum(w * flat[start + i * self.values.shape[1] + k] for k, w in enumerate(weights_c))
            value += weight_r * along
        escape = np.sqrt(-2.0 * self.distribution.system.mass.potential(r))
        return np.asarray(escape / (1.0 + np.exp(-value)))


def _inverse(distribution: EnergyDistribution, psi: float) -> Floats:
    """logit(v / v_esc) at even steps of the logit of probability, where the potential is psi."""
    from scipy.interpolate import CubicHermiteSpline

    x = np.arange(-_SPEED_HIGH, _SPEED_HIGH + _STEP_SPEED / 2, _STEP_SPEED)
    part, rest = 1.0 / (1.0 + np.exp(-x)), 1.0 / (1.0 + np.exp(x))
    beta = float(np.asarray(distribution.system.orbits.beta_0).item())
    ln_f1 = distribution.ln_f1(psi * rest * (1.0 + part))
    ln_density = (3.0 - 2.0 * beta) * np.log(part) + np.log(rest) + ln_f1
    density = np.exp(ln_density - ln_density.max())
    kept = density > _TINY
    x, density = x[kept], density[kept]
    below, above = _cumulative(density), _cumulative(density[::-1])[::-1]
    logit = np.log(below) - np.log(above)
    slope = 1.0 / (density * (1.0 / below + 1.0 / above))
    n = 2 * round(_CHANCE_HIGH / _STEP_CHANCE)
    at = np.clip(-_CHANCE_HIGH + _STEP_CHANCE * np.arange(n + 1), logit[0], logit[-1])
    return np.asarray(CubicHermiteSpline(logit, x, slope)(at))


def _cumulative(density: Floats) -> Floats:
    """Integral from the far end to each point; before the first one the density is an exponential."""
    from scipy.integrate import cumulative_simpson

    growth = math.log(density[1] / density[0]) / _STEP_SPEED
    return np.asarray(density[0] / growth + cumulative_simpson(density, dx=_STEP_SPEED, initial=0.0))


def _stencil(position: Floats, n: int) -> tuple[np.ndarray, tuple[Floats, ...]]:
    """First of four neighbours on an even grid of n points, and their weights in the cubic through them."""
    first = np.clip(position.astype(int) - 1, 0, n - 4)
    t = position - first - 1.0
    return first, (
        -t * (t - 1.0) * (t - 2.0) / 6.0,
        (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
        -(t + 1.0) * t * (t - 2.0) / 2.0,
        (t + 1.0) * t * (t - 1.0) / 6.0,
    )
