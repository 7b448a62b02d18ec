"""Coordinates in which a curved ridge is straight: each axis less a parabola in the wider ones."""

from dataclasses import dataclass

import numpy as np

from haloscale.inference.importance import StudentMixture, effective_size
from haloscale.records import Floats

_FARTHEST = 4.0
"""Widths beyond which the parabolas go on flat, so that no far draw is thrown farther."""
_INERTIA = 10.0
"""Independent draws that must speak for a curvature before half of it is believed."""


@dataclass(frozen=True)
class Bend:
    """A map of unit density between coordinates z and straight ones x, triangular in the axes from wide to thin.

    Parameters
    ----------
    mean : array (n,)
    axes : array (n, n)
        Principal axes as columns, the widest first.
    width : array (n,)
        Standard deviations along them.
    curves : tuple of array (n_terms,)
        For each axis but the widest the coefficients of the parabola in those before it.

    Notes
    -----
    A triangular map of second order (Marzouk et al. 2016, Handbook of Uncertainty Quantification): what a thin ridge of
    the posterior does along its length is taken out before a t distribution is laid over it.
    """

    mean: Floats
    axes: Floats
    width: Floats
    curves: tuple[Floats, ...]

    @classmethod
    def of(cls, z: Floats, weight: Floats) -> "Bend":
        """The bend of weighted points z, array (n_points, n) [widths of the prior]; weight, array (n_points,)."""
        share = weight / weight.sum()
        mean = share @ z
        away = z - mean
        variance, axes = np.linalg.eigh(np.einsum("p,pi,pj->ij", share, away, away))
        axes, width = axes[:, ::-1], np.sqrt(np.maximum(variance[::-1], 1e-16))
        y = (away @ axes) / width
        known = effective_size(weight)
        return cls(mean, axes, width, tuple(_curve(y, i, known * share) for i in range(1, len(mean))))

    def straight(self, z: Floats) -> Floats:
        """Straight coordinates of z, array (n_points, n) [widths of the prior]."""
        y = ((z - self.mean) @ self.axes) / self.width
        x = y.copy()
        for i, curve in enumerate(self.curves, 1):
            x[:, i] -= _terms(y[:, :i]) @ curve
        return np.asarray(x)

    def bent(self, x: Floats) -> Floats:
        """The points whose straight coordinates are x, array (n_points, n), dimensionless."""
        y = x.copy()
        for i, curve in enumerate(self.curves, 1):
            y[:, i] += _terms(y[:, :i]) @ curve
        return np.asarray(self.mean + (y * self.width) @ self.axes.T)

    @property
    def log_density(self) -> float:
        """Logarithm of a volume in x over that in z."""
        return -float(np.log(self.width).sum())


@dataclass(frozen=True)
class Bent:
    """A mixture that lies in straight coordinates, as a proposal for z.

    Parameters
    ----------
    bend : Bend
    mixture : StudentMixture
        In straight coordinates.
    plain : StudentMixture
        In those of z; its draws show where the parabolas lead astray.
    share : float
        Of the draws that are plain.
    """

    bend: Bend
    mixture: StudentMixture
    plain: StudentMixture
    share: float

    def draw(self, uniform: Floats) -> Floats:
        """Points made of uniform ones, array (n_points, n + 2), dimensionless."""
        first = uniform[:, 0]
        is_plain = first < self.share
        part = np.where(is_plain, first / self.share, (first - self.share) / (1.0 - self.share))
        uniform = np.column_stack([part, uniform[:, 1:]])
        z = np.empty((len(uniform), uniform.shape[1] - 2))
        z[is_plain] = self.plain.draw(uniform[is_plain])
        z[~is_plain] = self.bend.bent(self.mixture.draw(uniform[~is_plain]))
        return z

    def log_density(self, z: Floats) -> Floats:
        """Natural logarithm of the density at z, array (n_points, n) [widths of the prior]."""
        bent = self.mixture.log_density(self.bend.straight(z)) + self.bend.log_density
        plain = self.plain.log_density(z)
        return np.asarray(np.logaddexp(np.log1p(-self.share) + bent, np.log(self.share) + plain))


def _terms(y: Floats) -> Floats:
    """One, the coordinates and their products in pairs, array (n_points, n_terms)."""
    y = np.clip(y, -_FARTHEST, _FARTHEST)
    i, k = np.triu_indices(y.shape[1])
    return np.column_stack([np.ones(len(y)), y, y[:, i] * y[:, k]])


def _curve(y: Floats, i: int, count: Floats) -> Floats:
    """Coefficients of axis i in those before it; `count` : array (n_points,) of independent draws."""
    terms = _terms(y[:, :i])
    weighted = terms * count[:, None]
    inertia = np.full(terms.shape[1], _INERTIA)
    inertia[0] = 0.0
    return np.asarray(np.linalg.solve(weighted.T @ terms + np.diag(inertia), weighted.T @ y[:, i]))
