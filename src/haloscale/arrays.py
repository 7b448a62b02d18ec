"""The one place that asks which array library a computation runs in.

NumPy is the default; an argument that is a JAX array (or a tracer of `jax.grad`, `jax.jit`, `jax.vmap`) takes the
whole expression to `jax.numpy`. Scalars and NumPy arrays beside it are joined to it here.
"""

import sys
from typing import Any

import numpy as np

Array = Any
"""An array of either library, or a Python float standing for a 0-d array."""

_NATIVE = (float, int, np.ndarray, np.generic, list, tuple)


def namespace(*values: Array) -> Any:
    """The array namespace (`numpy` or `jax.numpy`) that the values share.

    Parameters
    ----------
    *values : float or array (...) [any unit]
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
    *values : float or array (...) [any unit]
        Arguments of one expression.

    Returns
    -------
    tuple
        (namespace, value, value, ...)
    """
    xp = namespace(*values)
    return (xp, *(v if isinstance(v, (float, int)) else xp.asarray(v) for v in values))


def special(xp: Any) -> Any:
    """The special functions of an array namespace: `scipy.special` or `jax.scipy.special`.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`, from `namespace`.

    Returns
    -------
    module
        With `gammainc`, `gammaincc`, `gammaln`, ... under the same names.
    """
    if xp is np:
        import scipy.special as functions
    else:
        import jax.scipy.special as functions
    return functions


def ndim(value: Array) -> int:
    """Number of dimensions of a float or an array (...) [any unit]."""
    return getattr(value, "ndim", 0)


def spread(value: Array, over: Array) -> Array:
    """The value in the shape that it and `over` broadcast to; a float over a float stays one.

    Parameters
    ----------
    value, over : float or array (...) [any unit]
    """
    if isinstance(over, (float, int)):
        return value
    xp, value, over = join(value, over)
    return xp.broadcast_to(value, np.broadcast_shapes(np.shape(value), np.shape(over)))


def any_below(values: Array, limit: float) -> bool:
    """Whether some element lies below the limit; under JAX, where values may be unknown while tracing, always true.

    It lets NumPy skip the second branch of a `where`; the result must not depend on it.

    Parameters
    ----------
    values : float or array (...) [any unit]
    limit : float [the same]
    """
    if isinstance(values, np.ndarray):
        return values.size > 0 and bool(values.min() < limit)
    return not isinstance(values, (float, int)) or values < limit


def power_series(x: Array, coefficients: tuple[float, ...]) -> Array:
    """Sum of coefficients[k] x^k by Horner's rule.

    Parameters
    ----------
    x : float or array (...) dimensionless
    coefficients : tuple of float
    """
    total: Array = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


def _is_jax(value: Array) -> bool:
    if "jax" not in sys.modules:
        return False
    from array_api_compat import is_jax_array

    return bool(is_jax_array(value))
