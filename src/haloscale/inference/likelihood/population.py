"""The distribution functions of a galaxy's stars, one population or two, at points in phase space."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from haloscale import distribution
from haloscale.anisotropy.constant import Constant
from haloscale.arrays import Array, join, namespace
from haloscale.distribution.potential import with_fast_potential
from haloscale.inference.likelihood.points import Points
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.inference.priors import Prior
from haloscale.tracer.power_law import PowerLaw

R_REF: Final = 20.0
"""Radius [kpc] of unit density, at which `second_fraction` is stated."""
_LOWEST: Final = -0.5
_RARE: Final = 1e-3
_LEAST: Final = 1e-300
_NOTHING: Final = -1e30
"""Stands for the logarithm of zero."""


@dataclass(frozen=True)
class Population:
    """Stars of one density and anisotropy, and their share at 20 kpc.

    Parameters
    ----------
    tracer : TracerDensity
    anisotropy : Anisotropy
    share : float or array (n_sets, 1)
    """

    tracer: Any
    anisotropy: Any
    share: Array = 1.0


def populations(galaxy: Galaxy, beside: Mapping[str, Array]) -> tuple[Population, ...]:
    """The populations of a galaxy.

    Parameters
    ----------
    galaxy : Galaxy
    beside : mapping of str to array (n_sets, 1), own units
        The values of `nuisance.Kinematics`.
    """
    share = beside["second_fraction"]
    if isinstance(share, float | int) and share == 0.0:
        return (Population(galaxy.tracer, galaxy.anisotropy),)
    second = PowerLaw(log_slope=beside["second_log_slope"]), Constant(beta=beside["second_beta"])
    return Population(galaxy.tracer, galaxy.anisotropy, 1.0 - share), Population(*second, share)


def prior_advice(model: GalaxyModel, second_log_slope: float) -> tuple[str, ...]:
    """What to say of the priors: those of beta that reach too low, those that let two populations change places.

    Parameters
    ----------
    model : GalaxyModel
    second_log_slope : float
        Of the second population, where it is fixed.
    """
    lows = {key: _range(beta)[0] for key, beta in betas(model).items() if isinstance(beta, Prior)}
    low = [f"{key} ({least:.3g})" for key, least in lows.items() if least < _LOWEST]
    said = _exchangeable(model, second_log_slope)
    if low:
        said += (
            f"the prior of {' and '.join(low)} reaches below {_LOWEST:g}, where no distribution function is known "
            "here: those values count as impossible, and ln Z counts them in",
        )
    return said


def betas(model: GalaxyModel) -> dict[str, float | Prior]:
    """The anisotropies that a model states: beta, or at the centre where it changes, and a free one of the second."""
    own = model.component("anisotropy").values
    found = {key: own[key] for key in ("beta", "beta_0") if key in own}
    return found | {key: beta for key, beta in _second(model).items() if key == "second_beta"}


def _second(model: GalaxyModel) -> Mapping[str, Any]:
    """What is free of the second population, and of all else that the table `likelihood` has."""
    return next((c.values for c in model.components if c.table == "likelihood"), {})


def _exchangeable(model: GalaxyModel, second_log_slope: float) -> tuple[str, ...]:
    second, known = _second(model), betas(model)
    pairs = (
        (known.get("beta"), known.get("second_beta")),
        (model.component("tracer").values.get("log_slope"), second.get("second_log_slope", second_log_slope)),
    )
    if "second_fraction" not in second or not all(_overlap(*pair) for pair in pairs):
        return ()
    return (
        "the priors of beta and second_beta overlap: the two populations can change places, and a posterior of two "
        "equal peaks takes long to sample; keep them apart, such as beta above 0.5 and second_beta below",
    )


def _overlap(*values: float | Prior | None) -> bool:
    """Whether two values may be the same, each a number, a prior, or unknown."""
    if None in values:
        return False
    (a_low, a_high), (b_low, b_high) = map(_range, values)
    return a_low <= b_high and b_low <= a_high


def _range(value: Any) -> tuple[float, float]:
    if isinstance(value, Prior):
        return float(value.quantile(_RARE)), float(value.quantile(1.0 - _RARE))
    return float(value), float(value)


class Distributions:
    """ln of the density in phase space, of all populations, of some parameter sets.

    Parameters
    ----------
    mass : MassModel
    of : tuple of Population
    spin : float or array (n_sets, 1), dimensionless
    spline : Spline
        Radii at which the potential is evaluated.
    """

    def __init__(self, mass: Any, of: tuple[Population, ...], spin: Array, spline: Spline) -> None:
        self._of, self._spin = of, spin
        fast = with_fast_potential(mass, float(spline.r[0]), float(spline.r[-1]))
        self._psi = spline.coefficients(-fast.potential(spline.r))
        r_low = min(distribution.energy.R_LOW, float(spline.r[0]))
        self._functions = [distribution.solve(mass, one.tracer, one.anisotropy, r_low=r_low, r_ref=R_REF) for one in of]

    @property
    def reason(self) -> str | None:
        """Why a population of the first set has no distribution function; None where all have one."""
        return next((f.reason for f in self._functions if f.reason), None)

    @property
    def exist(self) -> Array:
        """Whether every population has a distribution function, bool array (n_sets, 1), or (1, 1) for all sets."""
        made = [namespace(f.positive).reshape(f.positive, (-1, 1)) for f in self._functions]
        return made[0] if len(made) == 1 else made[0] & made[1]

    def ln_f(self, points: Points) -> Array:
        """ln f at points, array (n_sets, n_points, n_stars), ln of [(km/s)^-3]; the density at 20 kpc is one.

        Parameters
        ----------
        points : Points
        """
        energy = self._potential(points) - points.half_v2
        parts = [
            self._one(function, energy, points) + _ln(one.share)
            for one, function in zip(self._of, self._functions, strict=True)
        ]
        xp = namespace(parts[0])
        total = parts[0]
        if len(parts) > 1:  # of two that are both -inf the logarithm of the sum has no gradient
            total = xp.logaddexp(*(xp.maximum(part, _NOTHING) for part in parts))
            total = xp.where(total > 0.5 * _NOTHING, total, -xp.inf)
        if isinstance(self._spin, float | int) and self._spin == 0.0:
            return total
        return total + xp.log(xp.maximum(1.0 + _column(self._spin) * points.turning, _LEAST))

    def _potential(self, points: Points) -> Array:
        xp, cubic = namespace(self._psi), self._psi.reshape(-1, *self._psi.shape[-2:])
        x = points.step
        c = [xp.take(cubic[:, power], points.interval, axis=-1, mode="clip") for power in range(4)]
        return ((c[3] * x + c[2]) * x + c[1]) * x + c[0]

    def _one(self, function: distribution.EnergyDistribution, energy: Array, points: Points) -> Array:
        orbits = function.system.orbits
        if not orbits.has_constant_beta:
            xp, ln_l = join(points.ln_l)
            flat = xp.broadcast_to(xp.exp(ln_l), energy.shape)
            return _as_sets(function, energy, flat)
        ln_f1 = function.ln_f1(energy if function.table.sets else energy[0])
        return ln_f1.reshape(energy.shape) - 2.0 * _column(orbits.beta_0) * points.ln_l


def ln_density(of: tuple[Population, ...], r: Array) -> Array:
    """ln of the density of all populations over that at 20 kpc, array (..., n_r).

    Parameters
    ----------
    of : tuple of Population
    r : array (n_r,) [kpc]
    """
    parts = [_ln_ratio(one.tracer, r) + _ln(one.share, columns=False) for one in of]
    return parts[0] if len(parts) == 1 else namespace(parts[0]).logaddexp(*parts)


def _ln_ratio(tracer: Any, r: Array) -> Array:
    ratio = tracer.density_ratio(r, R_REF)
    return namespace(ratio).log(ratio)


def _as_sets(function: distribution.EnergyDistribution, energy: Array, momentum: Array) -> Array:
    if function.table.sets:
        return function.ln_f(energy, momentum)
    return function.ln_f(energy[0], momentum[0]).reshape(energy.shape)


def _ln(share: Array, *, columns: bool = True) -> Array:
    if isinstance(share, float | int):
        return float(np.log(max(share, _LEAST)))
    xp = namespace(share)
    ln_share = xp.log(xp.maximum(share, _LEAST))
    return _column(ln_share) if columns else ln_share


def _column(value: Array) -> Array:
    """A number of each parameter set as array (n_sets, 1, 1); a float stays one."""
    return namespace(value).reshape(value, (-1, 1, 1)) if getattr(value, "ndim", 0) else value
