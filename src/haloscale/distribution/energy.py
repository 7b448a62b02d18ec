"""The distribution function of a tracer: f1 on a grid of radii, checked to be positive, then as a table over energy."""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from haloscale.arrays import Array, join
from haloscale.distribution.conditions import possible_sets, reason_of, resolution_of
from haloscale.distribution.inversion import System, f1_over_h
from haloscale.distribution.orbits import orbits_of
from haloscale.distribution.potential import with_fast_potential
from haloscale.distribution.table import ORDER, EnergyTable, tabulate
from haloscale.errors import NumericalError

R_LOW, R_HIGH, R_REF = 1.0, 3000.0, 10.0
"""Radii [kpc] between which f1 is tabulated, and at which the density is one, unless said otherwise."""

_STEP: Final = 0.1
"""Spacing of the energies in ln r_E for a density without a scale."""
_STEPS_A_BEND: Final = 5.0
"""Energies over the finest interval of ln r in which the density bends."""
_KNOTS_A_STEP: Final = 3
_CENTRE: Final = 8.0
"""psi_c of the table is psi at r_low over this."""
_OUTERMOST: Final = 1e18
"""Radius [kpc] beyond every node of the inversion that matters."""


@dataclass(frozen=True)
class EnergyDistribution:
    """f(E, L) = L^(-2 beta_0) f1(Q) of a tracer, Q = E - L^2 / (2 r_a^2); E = psi - v^2 / 2 is the binding energy.

    Its integral over velocities at r is nu(r) / nu(r_ref), so that p(v | r) = f nu(r_ref) / nu(r).

    Parameters
    ----------
    system : System
        The models it belongs to.
    table : EnergyTable
        ln f1 over energy.
    positive : bool or bool array (...)
        Whether f1 is positive at every energy of the grid: false where no such equilibrium exists, and f is then zero.
    reason : str or None
        Why the first set that is not positive is not; None where all are, and under JAX, where it is not known.
    r_low, r_high, r_ref : float [kpc]
        Radii of the ends of the table, beyond which f1 is a power law of the energy; and of unit density.
    """

    system: System
    table: EnergyTable
    positive: Array
    reason: str | None
    r_low: float
    r_high: float
    r_ref: float

    def ln_f1(self, energy: Array) -> Array:
        """ln f1 at each energy (of Osipkov and Merritt, Cuddeford: at each Q), -inf where the star is not bound.

        Parameters
        ----------
        energy : array (..., n) [(km/s)^2]
            The leading axes are those of the sets, or of length one; for a single set any shape.

        Returns
        -------
        array (..., n), ln of [kpc^(2 beta_0) (km/s)^(2 beta_0 - 3)]
        """
        value = self.table(energy)
        if isinstance(self.positive, np.ndarray | np.bool_) and self.positive.all():
            return value
        xp, value, positive = join(value, self.positive)
        return xp.where(positive.reshape(*positive.shape, *(1,) * (value.ndim - positive.ndim)), value, -math.inf)

    def ln_f(self, energy: Array, angular_momentum: Array) -> Array:
        """ln f at each energy and angular momentum.

        Parameters
        ----------
        energy : array (..., n) [(km/s)^2]
            As of `ln_f1`.
        angular_momentum : array (..., n) [kpc km/s]
            L = r v_t, positive.

        Returns
        -------
        array (..., n), ln of [(km/s)^-3]
        """
        orbits = self.system.orbits
        xp, energy, momentum = join(energy, angular_momentum)
        if not orbits.has_constant_beta:
            energy = energy - 0.5 * (momentum / _aligned(orbits.r_a, energy)) ** 2
        return self.ln_f1(energy) - 2.0 * _aligned(orbits.beta_0, energy) * xp.log(momentum)

    def require_positive(self) -> None:
        """Raise `NumericalError` with the reason if f1 is not positive in every set."""
        if not np.all(np.asarray(self.positive)):
            raise NumericalError(self.reason or "f1 is not positive at every energy")


def _aligned(value: Array, energy: Array) -> Array:
    """A parameter (..., 1) with as many dimensions as the energies of its sets."""
    n = getattr(value, "ndim", 0)
    return value if n < 2 else value.reshape(*value.shape, *(1,) * (energy.ndim - n))


def solve(
    mass: Any,
    tracer: Any,
    anisotropy: Any,
    *,
    r_low: float = R_LOW,
    r_high: float = R_HIGH,
    r_ref: float = R_REF,
    step: float | None = None,
) -> EnergyDistribution:
    """The distribution function of a tracer in equilibrium in a mass model, of one parameter set or a batch.

    Parameters
    ----------
    mass : MassModel
    tracer : TracerDensity
    anisotropy : Constant, OsipkovMerritt or Cuddeford
        Models whose parameters are arrays (n_sets, 1) give a table a set.
    r_low, r_high : float [kpc]
        The table reaches from psi(r_high) to psi(r_low).
    r_ref : float [kpc]
        Radius of unit density.
    step : float, optional
        Spacing of the energies in ln r_E. Default: a third of the tracer's `smoothness`, at most 0.1.

    Returns
    -------
    EnergyDistribution

    Raises
    ------
    InputError
        For an anisotropy without a known f, a beta of -1/2 or less, a density that falls too slowly for its beta, a
        sharp break; each where it is given as a number. In a batch such a set is not positive.

    Notes
    -----
    Eddington (1916), Osipkov (1979), Merritt (1985), Cuddeford (1991); Binney & Tremaine (2008), section 4.3.
    """
    given = System(mass, tracer, anisotropy, orbits_of(anisotropy))
    possible = possible_sets(given)
    mass = with_fast_potential(mass, r_low / (2.0 * _CENTRE), _OUTERMOST)
    system = replace(given, mass=mass)
    step = step or min(_STEP, resolution_of(tracer) / _STEPS_A_BEND)
    r = np.exp(_grid(r_low, r_high, step))
    ratio = f1_over_h(system, r, _STEPS_A_BEND * step)
    xp, ratio, possible = join(ratio, possible)
    valid = ratio > 0.0
    ln_f1 = xp.log(xp.where(valid, ratio, 1.0)) + ln_h(system, r, r_ref)
    energies = [-mass.potential(at) for at in (r, *(np.array([end]) for end in (r_low / _CENTRE, r_low, r_high)))]
    table = tabulate(*_alike(ln_f1, energies), _KNOTS_A_STEP * (len(r) - ORDER))
    reason = reason_of(valid, possible, r) if xp is np else None
    return EnergyDistribution(given, table, valid.all(-1) & possible, reason, r_low, r_high, r_ref)


def ln_h(system: System, r: Array, r_ref: float) -> Array:
    """ln of h = r^(2 beta_0) (1 + r^2 / r_a^2)^(1 - beta_0) nu(r) / nu(r_ref).

    Parameters
    ----------
    system : System
    r : array (n_r,) [kpc]
        Rising and closely spaced: steps are added up, since a ratio over many of them may be too small a number.
    r_ref : float [kpc]

    Returns
    -------
    array (..., n_r), ln of [kpc^(2 beta_0)]
    """
    nearest = int(np.argmin(np.abs(np.log(r / r_ref))))
    xp, steps, anchor, factor = join(
        system.tracer.density_ratio(r[1:], r[:-1]),
        system.tracer.density_ratio(r[nearest : nearest + 1], r_ref),
        system.orbits.factor(r),
    )
    ln_steps = xp.cumsum(xp.log(steps), axis=-1)
    total = xp.concatenate([xp.zeros_like(ln_steps[..., :1]), ln_steps], axis=-1)
    return total - total[..., nearest : nearest + 1] + xp.log(anchor) + xp.log(factor)


def _grid(r_low: float, r_high: float, step: float) -> Array:
    """ln r of the energies: ORDER / 2 of them beyond each end."""
    n = math.ceil(math.log(r_high / r_low) / step)
    return math.log(r_low) + math.log(r_high / r_low) / n * np.arange(-(ORDER // 2), n + ORDER // 2 + 1)


def _alike(value: Array, energies: list[Array]) -> tuple[Array, Array, tuple[Array, ...]]:
    """(energy, value, ends) with the same leading axes."""
    xp, value, *energies = join(value, *energies)
    sets = np.broadcast_shapes(*(a.shape[:-1] for a in (value, *energies)))
    value, energy, *ends = (xp.broadcast_to(a, (*sets, a.shape[-1])) for a in (value, *energies))
    return energy, value, tuple(ends)
