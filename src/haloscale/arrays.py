"""The one place that asks which array library a computation runs in.

NumPy is the default; an argument that is a JAX array (or a tracer of `jax.grad`, `jax.jit`, `jax.vmap`) takes the
whole expression to `jax.numpy`. Scalars and NumPy arrays beside it are joined to it here.
"""

import sys
from typing import Any

import numpy as np

Array = Any
"""An array of either library, or a Python float standing for a 0-d array."""

_NATIVE = (float, int, np.ndarray, np.generic)


def namespace(*values: Array) -> Any:
    """The array namespace (`numpy` or `jax.numpy`) that the values share.

    Parameters
    ----------
    *values : float or array
        Arguments of one expression.

    Returns
    -------
    module
        `numpy` unless one of the values belongs to JAX.
    """
    for value in values:
        if not isinstance(value, _NATIVE) and _is_jax(value):
            import jax.numpy

            return jax.numpy
    return np


def join(*values: Array) -> tuple[Any, ...]:
    """The shared namespace, then every value as an array of it (Python floats stay as they are).

    Parameters
    ----------
    *values : float or array
        Arguments of one expression.

    Returns
    -------
    tuple
        (namespace, value, value, ...)
    """
    xp = namespace(*values)
    return (xp, *(v if isinstance(v, (float, int)) else xp.asarray(v) for v in values))


def ndim(value: Array) -> int:
    """Number of dimensions of a float or an array."""
    return getattr(value, "ndim", 0)


def _is_jax(value: Array) -> bool:
    if "jax" not in sys.modules:
        return False
    from array_api_compat import is_jax_array

    return bool(is_jax_array(value)) or isinstance(value, sys.modules["jax"].core.Tracer)
