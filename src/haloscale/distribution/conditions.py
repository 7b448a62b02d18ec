"""When a distribution function exists: what is refused before it is computed, and why one failed."""

import math
from functools import reduce
from typing import Any, Final

import numpy as np

from haloscale.arrays import Array, join, ndim
from haloscale.distribution.inversion import System
from haloscale.distribution.orbits import BETA_LOW
from haloscale.errors import InputError

SHARP: Final = 0.01
"""A bend narrower than this in ln r counts as sharp."""
P_LOW: Final = 0.3
"""Smallest fall of h far out, h ~ r^-p: f1 errs by 1e-4 there, and below it the integral to infinity is not summed."""
_FAR: Final = 1e15
"""Radius [kpc] at which a density has reached the power law of its far end."""


def smoothness_of(tracer: Any) -> Array:
    """Finest interval of ln r over which the slope of a tracer changes; infinite where the tracer does not say.

    Parameters
    ----------
    tracer : TracerDensity

    Returns
    -------
    float or array (..., 1), dimensionless
    """
    return getattr(tracer, "smoothness", math.inf)


def possible_sets(system: System) -> Array:
    """Which sets can have a distribution function at all.

    Parameters
    ----------
    system : System

    Returns
    -------
    bool or bool array (...)

    Raises
    ------
    InputError
        Where numbers, not arrays, leave none: a density that falls too slowly, a sharp break.
    """
    beta, smoothness, p = system.orbits.beta_0, smoothness_of(system.tracer), system.steepness(_FAR)
    if isinstance(p, (float, int)) and p < P_LOW:
        raise _too_shallow(p, float(system.anisotropy.beta_at(_FAR)))
    if isinstance(smoothness, (float, int)) and smoothness < SHARP:
        raise InputError(
            f"the distribution function of a tracer density that bends within {smoothness:g} in ln r",
            f"a bend {SHARP:g} wide or wider: below beta = 1/2 no positive distribution function has a sharp break, "
            "above it has a jump or a cusp there",
            "give the break a width (tracer.width) of 0.02 or more",
        )
    needed = (p >= P_LOW, smoothness >= SHARP, beta > BETA_LOW, beta < 1.0)
    xp, *needed_sets = join(*(condition[..., 0] if ndim(condition) else condition for condition in needed))
    return reduce(xp.logical_and, needed_sets)


def _too_shallow(p: float, beta: float) -> InputError:
    return InputError(
        f"far out log_slope = {-p - 2.0 * beta:.4g} and beta = {beta:.4g}",
        f"log_slope + 2 beta of {-P_LOW:g} or less: r^(2 beta) times the density must vanish at infinity, and not so "
        "slowly that the integral over it cannot be summed",
        "take a steeper tracer density or a smaller beta",
    )


def reason_of(valid: Array, possible: Array, r: Array) -> str | None:
    """Why the first set without a distribution function has none, in a sentence; None where every set has one.

    Parameters
    ----------
    valid : bool array (..., n_r)
        Where f1 is positive.
    possible : bool or bool array (...)
    r : array (n_r,) [kpc]
        Radii that label the energies.
    """
    rows = np.atleast_2d(np.asarray(valid)).reshape(-1, len(r))
    allowed = np.broadcast_to(np.asarray(possible), np.asarray(valid).shape[:-1]).reshape(-1)
    wrong = np.flatnonzero(~(rows.all(axis=-1) & allowed))
    if not len(wrong):
        return None
    first, several = wrong[0], f" ({len(wrong)} of {len(rows)} sets)" if len(rows) > 1 else ""
    if not allowed[first]:
        return (
            "no distribution function: beta must lie between -1/2 and 1, log_slope + 2 beta far out be "
            f"{-P_LOW:g} or less, and a break be {SHARP:g} wide in ln r or wider{several}"
        )
    at = r[~rows[first]]
    return (
        f"f1 is not positive at the energies psi(r) of r = {at[0]:.3g} to {at[-1]:.3g} kpc: no equilibrium has this "
        f"density, anisotropy and mass; take a smoother density or another beta{several}"
    )


def resolution_of(tracer: Any) -> float:
    """The finest interval of ln r over which any set's density bends, as a number.

    Parameters
    ----------
    tracer : TracerDensity

    Returns
    -------
    float

    Raises
    ------
    InputError
        While JAX traces it, where it is not known.
    """
    smoothness = smoothness_of(tracer)
    try:
        values = np.asarray(smoothness, dtype=float)
    except Exception as error:
        if type(error).__name__ != "TracerArrayConversionError":
            raise
        raise InputError(
            f"{type(tracer).__name__}: how finely it bends is not known while JAX compiles",
            "a number",
            "give solve(..., step=...): a third of the finest interval of ln r over which the slope changes",
        ) from None
    return float(np.min(values, where=values >= SHARP, initial=math.inf))
