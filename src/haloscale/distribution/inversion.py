"""f1 at energies labelled by radius, E = psi(r_E): a fractional derivative of h(psi), integrated over radius."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from haloscale.arrays import Array, join, special
from haloscale.distribution.orbits import Orbits
from haloscale.distribution.quadrature import far_nodes, near_nodes, near_weights, near_width, scale_of


@dataclass(frozen=True)
class System:
    """A tracer in equilibrium: what its distribution function is made from.

    Parameters
    ----------
    mass : object with potential(r)
    tracer : object with density_ratio(s, r) and log_slope_at(r)
    anisotropy : object with factor_ratio(s, r) and beta_at(r)
    orbits : Orbits
        Of the anisotropy.
    """

    mass: Any
    tracer: Any
    anisotropy: Any
    orbits: Orbits

    @property
    def ndim(self) -> int:
        """Largest number of dimensions of the models' parameters."""
        return max(getattr(part, "ndim", 0) for part in (self.mass, self.tracer, self.anisotropy))

    @property
    def is_scale_free(self) -> bool:
        """Whether `h_ratio(s, r)` depends on s / r alone."""
        return bool(getattr(self.tracer, "scale_free", False) and getattr(self.anisotropy, "scale_free", False))

    def h_ratio(self, s: Array, r: Array) -> Array:
        """h(s) / h(r).

        Parameters
        ----------
        s, r : float or array, broadcasting with each other and the parameters [kpc]
        """
        return self.tracer.density_ratio(s, r) * self.anisotropy.factor_ratio(s, r)

    def steepness(self, r: Array) -> Array:
        """p = -d ln h / d ln r at r, float or array (..., n_r) [kpc]."""
        return -(self.tracer.log_slope_at(r) + 2.0 * self.anisotropy.beta_at(r))


def f1_over_h(system: System, r: Array, resolution: float) -> Array:
    """f1(psi(r)) / h(r), h = r^(2 beta_0) (1 + r^2 / r_a^2)^(1 - beta_0) nu.

    Parameters
    ----------
    system : System
    r : array (n_r,) or (..., n_r) [kpc]
        Radii that label the energies.
    resolution : float
        Finest interval of ln r over which the density bends, dimensionless.

    Returns
    -------
    array (..., n_r) [(km/s)^(2 beta_0 - 3)]

    Notes
    -----
    With b = beta_0 - 1/2 and E = psi(r_E),

        f1(E) = N b FP int_0^E h'(psi) (E - psi)^(b-1) dpsi,
        N = 2^beta_0 / [(2 pi)^(3/2) Gamma(1 - beta_0) Gamma(beta_0 + 1/2)],

    for every beta_0 from -1/2 to 1: where b < 0 the integral is Hadamard's finite part, which equals Eddington's form
    with h'' and its boundary term; at b = 0 it is h'(E), by continuity. Over radius, h' dpsi = h p dln r with
    p = -d ln h / d ln r: no second derivative of the density is needed. It converges for every p > 0 far out.
    """
    r = r.reshape((1,) * (system.ndim - r.ndim) + r.shape)
    breaks = getattr(system.tracer, "breaks", ())
    xp, r, b, energy, p, *breaks = join(
        r, system.orbits.beta_0 - 0.5, -system.mass.potential(r), system.steepness(r), *breaks
    )
    if not isinstance(b, (float, int)):
        b = xp.where((b > -1.0) & (b < 0.5), b, 0.0)  # a set that has no f anyway must not raise warnings
    scale, near, y = scale_of(xp, p), near_width(resolution), near_nodes()
    t_near = (near * scale)[..., None] * y
    t_far, w_far = far_nodes(xp, scale, near, [xp.log(at / r) for at in breaks])
    shape = np.broadcast_shapes(t_near.shape[:-1], t_far.shape[:-1])
    t = xp.concatenate([xp.broadcast_to(a, (*shape, a.shape[-1])) for a in (t_near, t_far)], axis=-1)
    dh, drop = _at_nodes(system, r, energy, t)
    power = (b if isinstance(b, (float, int)) else b[..., None]) - 1.0
    n = len(y)
    first = dh[..., :n] * (drop[..., :n] / t_near) ** power * near_weights(xp, b)[..., None, :]
    rest = dh[..., n:] * drop[..., n:] ** power * w_far
    return _prefactor(xp, b + 0.5) * ((near * scale) ** b * first.sum(-1) + b * rest.sum(-1))


def _at_nodes(system: System, r: Array, energy: Array, t: Array) -> tuple[Array, Array]:
    """h p, relative to h(r), and E - psi at s = r exp(t), both broadcasting to (..., n_r, n_nodes)."""
    xp, r, energy, t = join(r, energy, t)
    ratio = xp.exp(t)
    s = r[..., None] * ratio
    drop = energy[..., None] + _flat(system.mass.potential, s)
    if system.is_scale_free:  # the same fall from every radius
        ratio = ratio[..., :1, :]
        return _flat(lambda u: system.h_ratio(u, 1.0) * system.steepness(u), ratio), drop
    start = xp.broadcast_to(r[..., None], s.shape)
    return _flat(system.h_ratio, s, start) * _flat(system.steepness, s), drop


def _flat(function: Any, *arrays: Array) -> Array:
    """A function of (..., n) applied to arrays (..., n_r, n_nodes)."""
    last = arrays[0].shape[-2:]
    value = function(*(a.reshape(*a.shape[:-2], last[0] * last[1]) for a in arrays))
    return value.reshape(*value.shape[:-1], *last)


def _prefactor(xp: Any, beta: Array) -> Array:
    if isinstance(beta, (float, int)):
        return 2.0**beta / ((2.0 * math.pi) ** 1.5 * math.gamma(1.0 - beta) * math.gamma(beta + 0.5))
    gammaln = special(xp).gammaln
    return xp.exp(beta * math.log(2.0) - gammaln(1.0 - beta) - gammaln(beta + 0.5)) / (2.0 * math.pi) ** 1.5
