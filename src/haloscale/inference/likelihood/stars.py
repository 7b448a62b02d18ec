"""Star by star: the velocity of each star given its measured position, averaged over where it may truly be."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Final

import numpy as np

from haloscale.anisotropy.base import check_below_one
from haloscale.arrays import Array, join, namespace
from haloscale.errors import ConfigError, InputError
from haloscale.inference.likelihood.base import Data, Likelihood, likelihoods
from haloscale.inference.likelihood.bins import DispersionBins
from haloscale.inference.likelihood.block import Block, block_of, joined, settled
from haloscale.inference.likelihood.nodes import BLOCK, Nodes, blocks, geometry
from haloscale.inference.likelihood.radial import RadialVariance, Spline
from haloscale.inference.model import Galaxy, GalaxyModel, part_of
from haloscale.inference.nuisance import Calibration, Outliers
from haloscale.inference.priors import Prior
from haloscale.jeans.panels import breaks_of
from haloscale.records import Floats, Ints, Sample
from haloscale.registry import params

_LARGE_BLOCK: Final = 2**22
"""Nodes at once under JAX, which compiles each block anew."""
_LN_SQRT_2PI: Final = 0.5 * np.log(2.0 * np.pi)
_FAR: Final = 15.0
"""Radius [kpc] beyond which line-of-sight velocities hardly tell beta (Hattori et al. 2017)."""
_SHOWN: Final = 5
_LEAST: Final = 1e-300
"""Stands for a fraction of zero where its logarithm is taken."""
_NO_OUTLIERS: Final = Outliers()
_OFFSET, _SCALE = "v_offset", "distance_scale"
_TAIL: Final = 1e-4
"""Probability of each tail of the prior of distance_scale in which the spline extrapolates."""


@likelihoods.register("stars")
def stars(
    data: Data,
    model: GalaxyModel,
    *,
    n_nodes: int = 15,
    outlier_fraction: Annotated[float | Prior, params(Outliers)["outlier_fraction"]] = 0.0,
    outlier_sigma: float = 500.0,
) -> Likelihood:
    """Gaussian in the line-of-sight velocity of each star, averaged over its true distance.

    Parameters
    ----------
    data : Data
    model : GalaxyModel
    n_nodes : int
        True distances tried for each star, around the measured one.
    outlier_fraction : float or Prior
        Fraction of the stars that do not belong to the halo; where it is a prior, the model holds it as a parameter.
    outlier_sigma : float
        Dispersion of their velocities, km/s.

    Raises
    ------
    InputError
        No star can be used, or an option lies outside its range.
    """
    if outlier_sigma <= 0.0:
        raise InputError(f"likelihood.outlier_sigma = {outlier_sigma:g} km/s", "a dispersion above 0", "give about 500")
    fixed = Outliers() if isinstance(outlier_fraction, Prior) else Outliers(outlier_fraction)
    return StarByStar(data, model, n_nodes, fixed, outlier_sigma)


class StarByStar:
    """Sum over the stars of ln p(v | measured position).

    Parameters
    ----------
    data : Data
        Stars in a radial bin are used; the binned profile serves `chi2` alone.
    model : GalaxyModel
    n_nodes : int
    outlier_fraction : float
    outlier_sigma : float [km/s]

    Notes
    -----
    p(v) = sum_k w_k N(v; 0, V_k) / sum_k w_k over nodes d_k in ln d, w_k = nu(r_k) d_k^3 times the weight of the
    quadrature and the cuts on true position, V_k = sigma_r^2(r_k) [1 - beta(r_k) sin^2 psi_k] + v_error^2. Cuts on what
    was observed cancel. sigma_r^2 is evaluated on knots in ln r and carried to the nodes by a cubic spline.
    """

    def __init__(
        self,
        data: Data,
        model: GalaxyModel,
        n_nodes: int = 15,
        outliers: Outliers = _NO_OUTLIERS,
        outlier_sigma: float = 500.0,
    ) -> None:
        self._data, self._outliers, self._outlier_sigma = data, outliers, outlier_sigma
        self._free = frozenset(key for c in model.components if c.table == "catalogue" for key in c.free)
        placed, self.advice = _placed(data, n_nodes)
        self._spline = _spline(placed, model, data)
        self._variance = RadialVariance(model, self._spline.r)
        made = (block_of(nodes, data.sample, self._spline) for nodes in placed)
        self._blocks = tuple(block if self._scale_free else settled(block, model) for block in made)
        self.star = np.concatenate([block.star for block in self._blocks])
        self._binned = DispersionBins(replace(data, projection="per_star", circular_velocity=None), model)
        self.advice += (*self._binned.advice, *_advice(data, model, data.sample.r[self.star]))

    @property
    def _scale_free(self) -> bool:
        return _SCALE in self._free

    @property
    def n_points(self) -> int:
        """Bins of the profile that `chi2` compares."""
        return self._binned.n_points

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared residuals of the binned profile, sin^2 psi that of its stars, shape of the galaxy's batch."""
        return self._binned.chi2(galaxy)

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the probability density of the velocities, shape of the galaxy's batch."""
        cubic = self._spline.coefficients(self._variance(galaxy))
        xp, batch, cubic = namespace(cubic), cubic.shape[:-2], cubic.reshape(-1, *cubic.shape[-2:])
        own, limit = (self._blocks, BLOCK) if xp is np else (self._large_blocks, _LARGE_BLOCK)
        step = 1 if self._scale_free else max(1, limit // own[0].weight.size)
        sums = [
            self._sum(cubic[at : at + step], galaxy, slice(at, at + step), own) for at in range(0, len(cubic), step)
        ]
        return xp.concatenate(sums).reshape(batch)

    @cached_property
    def _large_blocks(self) -> tuple[Block, ...]:
        size = max(1, _LARGE_BLOCK // self._blocks[0].weight.size)
        return tuple(joined(self._blocks[start : start + size]) for start in range(0, len(self._blocks), size))

    def _sum(self, cubic: Array, galaxy: Galaxy, sets: slice, own: Sequence[Block]) -> Array:
        """ln p of some parameter sets, array (n_sets,)."""
        tracer, anisotropy = part_of(galaxy.tracer, sets), part_of(galaxy.anisotropy, sets)
        nuisance = {table: part_of(model, sets) for table, model in galaxy.nuisance.items()}
        outliers = nuisance.get("likelihood", self._outliers)
        total = 0.0
        for block in own:
            moved = self._calibrated(block, nuisance.get("catalogue"))
            variance = _interpolated(cubic, moved) * moved.projection(anisotropy) + moved.error_squared
            ln_p = _ln_average(variance, moved.weights(tracer), moved)
            total = total + self._with_outliers(ln_p, moved, outliers.outlier_fraction).sum(axis=-1)
        return total - _LN_SQRT_2PI * len(self.star)

    def _calibrated(self, block: Block, calibration: Calibration | None) -> Block:
        if calibration is not None and _OFFSET in self._free:
            block = block.shifted(calibration.v_offset - self._data.v_offset)
        if calibration is not None and _SCALE in self._free:
            scale = calibration.distance_scale / self._data.distance_scale
            block = block.scaled(scale, self._data.frame, self._spline)
        return block

    def _with_outliers(self, ln_p: Array, block: Block, fraction: Array) -> Array:
        if isinstance(fraction, float) and fraction == 0.0:
            return ln_p
        xp, ln_p, fraction, v = join(ln_p, fraction, block.v)
        variance = self._outlier_sigma**2 + block.error_squared
        other = -0.5 * (v * v / variance + np.log(variance))
        return xp.logaddexp(xp.log1p(-fraction) + ln_p, xp.log(xp.maximum(fraction, _LEAST)) + other)


def _interpolated(cubic: Array, block: Block) -> Array:
    """sigma_r^2 at the nodes, array (n_sets, n_nodes, n_stars) [km^2 / s^2]."""
    xp, x = namespace(cubic), block.step
    c = [xp.take(cubic[:, power], block.interval, axis=-1, mode="clip") for power in range(4)]
    return ((c[3] * x + c[2]) * x + c[1]) * x + c[0]


def _ln_average(variance: Array, weight: Array, block: Block) -> Array:
    """ln of the Gaussian averaged over the nodes, times sqrt(2 pi), array (n_sets, n_stars)."""
    xp = namespace(variance)
    exponent = (0.5 * block.v * block.v)[..., None, :] / variance
    least = exponent.min(axis=-2)
    terms = weight * xp.exp(least[..., None, :] - exponent) / xp.sqrt(variance)
    ln_sum = xp.log(terms.sum(axis=-2)) - least
    return ln_sum if block.tracer_weight is not None else ln_sum - xp.log(weight.sum(axis=-2))


def _placed(data: Data, n_nodes: int) -> tuple[list[Nodes], tuple[str, ...]]:
    """The nodes of the stars that can be used, and a sentence on those that cannot."""
    sample, advice = data.sample, list[str]()
    inside = np.flatnonzero(sample.bin >= 0)
    columns = sample.distance, sample.v_gsr, sample.v_helio_error, sample.distance_error
    known = np.all([np.isfinite(column[inside]) for column in columns], axis=0)
    known &= (sample.distance[inside] > 0) & (sample.distance_error[inside] >= 0)
    advice += _left_out(sample, inside[~known], "without a distance, a velocity or their errors")
    placed, excluded = list[Nodes](), list[Ints]()
    for nodes in blocks(sample, inside[known], n_nodes, data.frame, data.true_selection):
        excluded.append(nodes.star[nodes.excluded])
        placed += [kept] if len((kept := nodes.without(nodes.excluded)).star) else []
    reason = "whose every possible distance lies outside likelihood.true_selection"
    advice += _left_out(sample, np.concatenate([*excluded, inside[:0]]), reason)
    if not placed:
        raise InputError(
            f"none of the {len(inside)} stars in the radial bins can be used" + "".join(f"; {a}" for a in advice),
            'for likelihood.kind = "stars", stars with distance, velocity and both errors',
            "relax the selection or likelihood.true_selection, or check the columns of the catalogue",
        )
    return placed, tuple(advice)


def _left_out(sample: Sample, stars: Ints, reason: str) -> list[str]:
    if not len(stars):
        return []
    rows = ", ".join(str(row) for row in sample.row[stars[:_SHOWN]])
    more = ", ..." if len(stars) > _SHOWN else ""
    return [f"stars {reason} are left out: {len(stars)} (row{'s' * (len(stars) > 1)} {rows}{more})"]


def _spline(placed: list[Nodes], model: GalaxyModel, data: Data) -> Spline:
    """The spline that carries sigma_r^2 to the nodes, bent where a fixed tracer or anisotropy is."""
    ends = [(nodes.r.min(), nodes.r.max()) for nodes in placed]
    for scale in _scales(model, data):
        for nodes in placed:
            r, _ = geometry(scale * nodes.distance, data.sample.l[nodes.star], data.sample.b[nodes.star], data.frame)
            ends.append((r.min(), r.max()))
    r_low, r_high = float(min(low for low, _ in ends)), float(max(high for _, high in ends))
    galaxy = model.middle
    check_below_one(galaxy.anisotropy, r_low, r_high)
    parts = {"tracer": galaxy.tracer, "anisotropy": galaxy.anisotropy}
    breaks = breaks_of(*(part for table, part in parts.items() if model.is_fixed(table)))
    return Spline(r_low, r_high, [float(radius) for radius in breaks])


def _scales(model: GalaxyModel, data: Data) -> Floats:
    """What the distances may be multiplied by, relative to those of the sample, where that is free."""
    priors = [c.values[_SCALE] for c in model.components if c.table == "catalogue" and _SCALE in c.free]
    if priors and data.true_selection is not None:
        raise ConfigError(
            "catalogue.distance_scale is free, and likelihood.true_selection is given",
            "a sample selected on true position, whose distances have a known scale, or no likelihood.true_selection",
            "--set catalogue.distance_scale=1, or --set likelihood.true_selection=off",
        )
    tried = [prior.quantile(np.linspace(_TAIL, 1.0 - _TAIL, 9)) for prior in priors]
    return np.ravel(tried) / data.distance_scale


def _advice(data: Data, model: GalaxyModel, r: Floats) -> tuple[str, ...]:
    said, far = list[str](), int((r > _FAR).sum())
    if model.component("anisotropy").free and far:
        said.append(
            f"the anisotropy is free, and {far} of {len(r)} stars lie beyond {_FAR:g} kpc, where line-of-sight "
            "velocities hardly tell it (Hattori et al. 2017): there it follows its prior, and the mass follows it"
        )
    return tuple(said)
