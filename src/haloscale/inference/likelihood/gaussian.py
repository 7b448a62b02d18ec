"""Gaussian velocities of stars of which one, two or three components were measured."""

from collections.abc import Sequence

from haloscale.arrays import Array, namespace


def along_sight(v: Array, variance: Array) -> tuple[Array, Array]:
    """Half the squared deviation, and the variance, of one component.

    Parameters
    ----------
    v : array (...) [km/s]
    variance : array (...) [km^2 / s^2]
        With that of the error.

    Returns
    -------
    exponent, determinant : array (...)
        The density is exp(-exponent) / sqrt(2 pi determinant).
    """
    return 0.5 * v * v / variance, variance


def in_space(
    v: Sequence[Array], along: Sequence[Array], error_squared: Sequence[Array], across: Array, excess: Array
) -> tuple[Array, Array]:
    """The same for several components of a velocity ellipsoid that points to the centre.

    Parameters
    ----------
    v : sequence of array (...) [km/s]
        One for each component.
    along : sequence of array (...), dimensionless
        Components of the unit vector from the centre to the star.
    error_squared : sequence of array (...) [km^2 / s^2]
    across : array (...) [km^2 / s^2]
        sigma_theta^2 = sigma_phi^2 = (1 - beta) sigma_r^2.
    excess : array (...) [km^2 / s^2]
        sigma_r^2 - sigma_theta^2 = beta sigma_r^2.

    Returns
    -------
    exponent, determinant : array (...) [-, (km/s)^(2 n)]

    Notes
    -----
    The covariance is diagonal but for a matrix of rank one, D + excess r r^T, so that its inverse (Sherman & Morrison
    1950) and its determinant need no linear algebra.
    """
    precision = [1.0 / (across + error) for error in error_squared]
    weighted = [u * p for u, p in zip(along, precision, strict=True)]
    rr = _dot(weighted, along)
    rv = _dot(weighted, v)
    growth = 1.0 + excess * rr
    vv = _dot([p * x for p, x in zip(precision, v, strict=True)], v)
    determinant = growth
    for p in precision:
        determinant = determinant / p
    return 0.5 * (vv - excess * rv * rv / growth), determinant


def streaming(
    v: Sequence[Array],
    along: Sequence[Array],
    error_squared: Sequence[Array],
    across: Array,
    excess: Array,
    mean: Sequence[Array],
) -> tuple[Array, Array]:
    """The same with a mean velocity; the second moments about zero are those of the Jeans equation.

    Parameters
    ----------
    v : sequence of array (...) [km/s]
    along : sequence of array (...), dimensionless
    error_squared : sequence of array (...) [km^2 / s^2]
    across, excess : array (...) [km^2 / s^2]
        As for `in_space`.
    mean : sequence of array (...) [km/s]
        Mean velocity along each component.

    Returns
    -------
    exponent, determinant : array (...) [-, (km/s)^(2 n)]
        The exponent is infinite where the stars stream faster than the second moments allow.

    Notes
    -----
    Covariance = second moments - mean mean^T: one more matrix of rank one, taken off.
    """
    precision = [1.0 / (across + error) for error in error_squared]
    apart = [x - m for x, m in zip(v, mean, strict=True)]
    growth = 1.0 + excess * sum(p * u * u for p, u in zip(precision, along, strict=True))

    def form(a: Sequence[Array], b: Sequence[Array]) -> Array:
        ra = sum(p * u * x for p, u, x in zip(precision, along, a, strict=True))
        rb = sum(p * u * x for p, u, x in zip(precision, along, b, strict=True))
        return sum(p * x * y for p, x, y in zip(precision, a, b, strict=True)) - excess * ra * rb / growth

    left = 1.0 - form(mean, mean)
    xp = namespace(left)
    safe = xp.where(left > 0.0, left, 1.0)
    cross = form(apart, mean)
    exponent = 0.5 * (form(apart, apart) + cross * cross / safe)
    determinant = growth * safe
    for p in precision:
        determinant = determinant / p
    return xp.where(left > 0.0, exponent, xp.inf), determinant


def _dot(a: Sequence[Array], b: Sequence[Array]) -> Array:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total
