"""Any function beta(r) as an anisotropy: its integrating factor by fixed quadrature."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from haloscale.anisotropy.base import Anisotropy
from haloscale.arrays import Array, join, namespace, spread
from haloscale.errors import InputError
from haloscale.records import Floats

R_LOW, R_HIGH = 1e-3, 1e6
"""Radii [kpc] between which the function is asked; beyond, beta keeps its value there."""

_STEP = 0.25
_NODES, _WEIGHTS = ((np.polynomial.legendre.leggauss(8)[k] + (1.0 - k)) / 2.0 for k in (0, 1))


@dataclass(frozen=True)
class FromFunction(Anisotropy):
    """The anisotropy that a function gives; for Python only, since a configuration holds no functions.

    Parameters
    ----------
    beta : callable
        r : array of any shape [kpc] -> beta in the same shape, or one number. Below 1.
    breaks : tuple of float
        Radii [kpc] where beta jumps or bends.

    Raises
    ------
    InputError
        If the function takes no arrays, its result has another shape, or beta is not below 1.

    Notes
    -----
    g(s) / g(r) = exp(2 int beta d ln r), by eight Gauss-Legendre nodes a step of 1/4 in ln r: good to 1e-9 for a beta
    that is smooth over such a step, from 1e-3 to 1e6 kpc. Beyond, beta is taken as constant.
    """

    beta: Callable[[Any], Any]
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "breaks", tuple(sorted(float(r) for r in self.breaks)))
        probe = np.array([8.0, 20.0, 50.0])
        try:
            values = self.beta(probe)
            fits = np.shape(values) in ((), probe.shape)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise InputError(
                f"the function {getattr(self.beta, '__name__', self.beta)!r} does not take an array of radii",
                "a function of an array of radii [kpc] that returns beta in the same shape",
                "write it with numpy functions, or wrap it in numpy.vectorize",
            )

        if namespace(values) is np and not np.all(np.asarray(values) < 1.0):
            raise InputError(
                f"the function gives beta = {np.max(values):g} at {', '.join(f'{r:g}' for r in probe)} kpc",
                "beta below 1: there sigma_theta = sigma_phi = 0",
                "give a function whose values are numbers below 1",
            )

    def beta_at(self, r: Array) -> Array:
        """The function itself, its end values beyond 1e-3 and 1e6 kpc; see `Anisotropy.beta_at`."""
        xp, r = join(r)
        return spread(self.beta(xp.clip(r, R_LOW, R_HIGH)), r)

    def factor_ratio(self, s: Array, r: Array) -> Array:
        """exp of twice the integral of beta from ln r to ln s; see `Anisotropy.factor_ratio`."""
        total = self._integral(s) - self._integral(r)
        return namespace(total).exp(2.0 * total)

    @cached_property
    def _knots(self) -> Floats:
        """ln r where the steps of the quadrature meet, ascending."""
        low, high = np.log(R_LOW), np.log(R_HIGH)
        inside = [np.log(r) for r in self.breaks if R_LOW < r < R_HIGH]
        return np.unique(np.concatenate([np.linspace(low, high, round((high - low) / _STEP) + 1), inside]))

    @cached_property
    def _kept(self) -> dict[str, Array]:
        return {}

    def _at_knots(self) -> Array:
        """The integral from the first knot to each; kept unless its values are known to JAX alone."""
        if "integral" in self._kept:
            return self._kept["integral"]
        steps = np.diff(self._knots)
        parts = self._within(self._knots[:-1], steps)
        xp = namespace(parts)
        integral = xp.concatenate([xp.zeros(1), xp.cumsum(parts)])
        if isinstance(integral, np.ndarray):
            self._kept["integral"] = integral
        return integral

    def _within(self, ln_r: Array, step: Array) -> Array:
        """Integral of beta over one step of ln r."""
        xp, ln_r, step = join(ln_r, step)
        nodes, weights = (a.reshape(-1, *(1 for _ in np.shape(ln_r))) for a in (_NODES, _WEIGHTS))
        return (weights * self.beta_at(xp.exp(ln_r + step * nodes))).sum(0) * step

    def _integral(self, r: Array) -> Array:
        """Integral of beta d ln r from the first knot, its end values carried on beyond the knots."""
        xp, r, at_knots = join(r, self._at_knots())
        ln_r, knots = xp.log(r), self._knots
        inside = xp.clip(ln_r, knots[0], knots[-1])
        index = xp.clip(xp.searchsorted(knots, inside, side="right") - 1, 0, len(knots) - 2)
        start = xp.asarray(knots)[index]
        return at_knots[index] + self._within(start, inside - start) + (ln_r - inside) * self.beta_at(r)
