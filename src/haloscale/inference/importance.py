"""Importance sampling: mixtures of Student's t as proposals, weights of draws pooled over several of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import special

from haloscale.inference.standard import log_unit_normal, normal_points
from haloscale.records import Floats

_DEGREES = 8.0
"""Degrees of freedom: tails that a normal never outgrows, at 95 % of a normal's efficiency in two dimensions."""

_SMALLEST_SHARE = 0.005
_APART = 0.7
_THINNEST = 1e-8
_N_RADII = 1024
_WIDE_SHARE, _WIDE = 0.1, 2.0


class Proposal(Protocol):
    """A normalised density."""

    def log_density(self, z: Floats) -> Floats:
        """Natural logarithm of the density at z, array (n, n_parameters) [widths of the prior]."""


class MadeOfUniform(Proposal, Protocol):
    """One that draws."""

    def draw(self, uniform: Floats) -> Floats:
        """Points made of uniform ones, array (n, n_parameters + 2), dimensionless."""


class UnitNormal:
    """The prior, in the coordinates of `Standard`."""

    def log_density(self, z: Floats) -> Floats:
        """Natural logarithm of the density at z, array (n, n_parameters) [widths of the prior]."""
        return log_unit_normal(z)


@dataclass(frozen=True)
class StudentMixture:
    """A mixture of multivariate t distributions with eight degrees of freedom.

    Parameters
    ----------
    share : array (n_parts,)
        Of the probability; adds up to one.
    mean : array (n_parts, n_parameters)
    scale : array (n_parts, n_parameters, n_parameters)
        Matrix in place of the covariance, which is 4/3 of it.
    """

    share: Floats
    mean: Floats
    scale: Floats

    @cached_property
    def _root(self) -> Floats:
        return np.asarray(np.linalg.cholesky(self.scale))

    @cached_property
    def _inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self._root))

    def draw(self, uniform: Floats) -> Floats:
        """Points made of uniform ones, array (n, n_parameters + 2), dimensionless."""
        part = np.searchsorted(np.cumsum(self.share)[:-1], uniform[:, 0], side="right")
        chi2 = 2.0 * special.gammaincinv(_DEGREES / 2.0, np.clip(uniform[:, 1], 1e-10, 1.0 - 1e-10))
        away = np.einsum("nij,nj->ni", self._root[part], normal_points(uniform[:, 2:]))
        return np.asarray(self.mean[part] + away * np.sqrt(_DEGREES / chi2)[:, None])

    def log_density_by_part(self, z: Floats) -> Floats:
        """Logarithm of share times density of each part at z, array (n, n_parameters) [widths of the prior]."""
        n, nu = self.mean.shape[1], _DEGREES
        constant = special.gammaln((nu + n) / 2.0) - special.gammaln(nu / 2.0) - 0.5 * n * np.log(nu * np.pi)
        columns = []
        for share, mean, inverse in zip(self.share, self.mean, self._inverse, strict=True):
            away = inverse @ (z - mean).T
            volume = -np.log(np.diag(inverse)).sum()
            shape = -0.5 * (nu + n) * np.log1p((away * away).sum(axis=0) / nu)
            columns.append(np.log(share) + constant - volume + shape)
        return np.array(columns)

    def log_density(self, z: Floats) -> Floats:
        """Natural logarithm of the density at z, array (n, n_parameters) [widths of the prior]."""
        return np.asarray(special.logsumexp(self.log_density_by_part(z), axis=0))

    def refitted(self, z: Floats, weight: Floats, n_steps: int = 1) -> "StudentMixture":
        """The mixture with shares, means and scales of weighted points.

        Parameters
        ----------
        z : array (n, n_parameters) [widths of the prior]
        weight : array (n,), dimensionless
        n_steps : int
            More than one where there are several parts.

        Notes
        -----
        Steps of Cappe et al. 2008, Stat. Comput. 18, 447. Where few points count, the old scale keeps its say.
        """
        if n_steps > 1:
            return self.refitted(z, weight).refitted(z, weight, n_steps - 1)
        log_parts = self.log_density_by_part(z)
        belongs = np.exp(log_parts - special.logsumexp(log_parts, axis=0)) * (weight / weight.sum())
        old = zip(belongs, self.mean, self.scale, strict=True)
        found = [_part(part, z, mean, scale) for part, mean, scale in old]
        share = np.maximum(belongs.sum(axis=1), _SMALLEST_SHARE)
        return StudentMixture(share / share.sum(), np.array([m for m, _ in found]), np.array([s for _, s in found]))

    def split(self, times: int) -> "StudentMixture":
        """Each part in two along its longest axis, so often."""
        if not times:
            return self
        mean, scale = [], []
        for centre, matrix in zip(self.mean, self.scale, strict=True):
            values, axes = np.linalg.eigh(matrix)
            along = _APART * np.sqrt(values[-1]) * axes[:, -1]
            mean += [centre - along, centre + along]
            scale += [matrix - np.outer(along, along)] * 2
        return StudentMixture(np.repeat(self.share, 2) / 2.0, np.array(mean), np.array(scale)).split(times - 1)

    def guarded(self) -> "StudentMixture":
        """With a tenth of the draws from parts twice as wide: what lies outside shows in the weights."""
        share = np.concatenate([(1.0 - _WIDE_SHARE) * self.share, _WIDE_SHARE * self.share])
        scale = np.concatenate([self.scale, _WIDE**2 * self.scale])
        return StudentMixture(share, np.concatenate([self.mean, self.mean]), scale)

    @staticmethod
    def unit(n: int) -> "StudentMixture":
        """One part in n dimensions, of unit scale about the origin."""
        return StudentMixture(np.ones(1), np.zeros((1, n)), np.eye(n)[None])

    @staticmethod
    def efficiency(n: int) -> float:
        """Share of draws that count where the density sought is a normal in n dimensions and the proposal fits it.

        Notes
        -----
        One over the mean of density over proposal under the normal, in which every direction is like the others; the
        proposal is guarded. 0.92 in two dimensions, 0.75 in ten.
        """
        share = (np.arange(_N_RADII) + 0.5) / _N_RADII
        away = np.zeros((_N_RADII, n))
        away[:, 0] = np.sqrt(2.0 * special.gammaincinv(n / 2.0, share))
        fitting = StudentMixture.unit(n).guarded()
        return 1.0 / float(np.exp(log_unit_normal(away) - fitting.log_density(away)).mean())


def _part(belongs: Floats, z: Floats, old_mean: Floats, old_scale: Floats) -> tuple[Floats, Floats]:
    total = float(belongs.sum())
    if total <= 0:
        return old_mean, old_scale
    known = effective_size(belongs)
    n = len(old_mean)
    trust = known / (known + n * (n + 3) / 2.0)  # as many draws as a mean and a covariance have numbers: half
    mean = trust * (belongs @ z) / total + (1.0 - trust) * old_mean
    away = z - mean
    scale = np.einsum("n,ni,nj->ij", belongs, away, away) / total
    scale = trust * scale + (1.0 - trust) * old_scale
    return mean, scale + _THINNEST * np.diag(z.var(axis=0))


def effective_size(weight: Floats) -> float:
    """(sum w)^2 / sum w^2 of weights, array (n,), dimensionless; 0 where all are."""
    top = float(weight.max(initial=0.0))
    return float((weight / top).sum() ** 2 / ((weight / top) ** 2).sum()) if top > 0 else 0.0


@dataclass(frozen=True)
class Pool:
    """Draws from several proposals, each with the density that was sought there.

    Parameters
    ----------
    proposals : tuple of (Proposal, int)
        With the number of draws of each.
    z : array (n, n_parameters) [widths of the prior]
    height : array (n,)
        Logarithm of the unnormalised density.
    """

    proposals: Sequence[tuple[Proposal, int]]
    z: Floats
    height: Floats

    def joined(self, proposal: Any, z: Floats, height: Floats) -> "Pool":
        """With more draws z, array (n_more, n_parameters) [widths of the prior], and their heights, array (n_more,)."""
        last, n = self.proposals[-1]
        same = last is proposal
        rest, count = (self.proposals[:-1], n) if same else (self.proposals, 0)
        return Pool(
            (*rest, (proposal, count + len(z))), np.concatenate([self.z, z]), np.concatenate([self.height, height])
        )

    @cached_property
    def weight(self) -> Floats:
        """Weight of each draw, array (n,), 1 in the mean: the density over the mixture of all proposals.

        Notes
        -----
        The balance heuristic (Veach & Guibas 1995; Cornuet et al. 2012, Scand. J. Stat. 39, 798): no draw of an early,
        poor proposal is lost, and none spoils the rest.
        """
        return np.asarray(np.exp(self._log_weight - self.log_integral))

    def log_integral_error(self, ess: float) -> float:
        """Its standard error where the effective sample size is `ess`; evenly spread draws do better."""
        return float(np.sqrt(max(1.0 / ess - 1.0 / len(self.z), 0.0))) if ess > 0 else float("inf")

    @cached_property
    def ess(self) -> float:
        """Effective sample size of the pooled draws, (sum w)^2 / sum w^2."""
        return effective_size(self.weight)

    def ess_seen_from(self, z: Floats, height: Floats) -> float:
        """The same as points see it that walked through the posterior.

        Parameters
        ----------
        z : array (n, n_parameters) [widths of the prior]
        height : array (n,), dimensionless
            Logarithm of the unnormalised density there.

        Notes
        -----
        (sum w)^2 / sum w^2 is the number of draws over the mean of w under the posterior. Draws that missed a part of
        the posterior do not know of the large weights there; walkers in it do.
        """
        return len(self.z) / float(np.exp(height - self._log_mixture(z) - self.log_integral).mean())

    def _log_mixture(self, z: Floats) -> Floats:
        parts = [np.log(n / len(self.z)) + proposal.log_density(z) for proposal, n in self.proposals]
        return np.asarray(special.logsumexp(np.array(parts), axis=0))

    @cached_property
    def _log_weight(self) -> Floats:
        return self.height - self._log_mixture(self.z)

    @cached_property
    def log_integral(self) -> float:
        """Logarithm of the integral of the density, the mean of density over mixture: the evidence in `Standard`."""
        return float(special.logsumexp(self._log_weight) - np.log(len(self.z)))
