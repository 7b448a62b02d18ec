"""Star by star with the exact distribution function f(E, L): no assumption on the shape of the velocities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

import numpy as np

from haloscale.arrays import Array, join, namespace
from haloscale.constants import KMS_PER_KPC_MASYR
from haloscale.errors import InputError
from haloscale.inference.likelihood import replica
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.likelihood.bins import DispersionBins
from haloscale.inference.likelihood.block import Block
from haloscale.inference.likelihood.law import is_zero, mixed
from haloscale.inference.likelihood.nodes import BLOCK
from haloscale.inference.likelihood.points import Place, Points, points_of
from haloscale.inference.likelihood.population import Distributions, Population, betas, populations, prior_advice
from haloscale.inference.likelihood.seen import exact_motions, proper_motions
from haloscale.inference.likelihood.sun import Moving
from haloscale.inference.likelihood.swarm import (
    Motions,
    Part,
    emptied,
    groups_of,
    lean,
    ln_norm,
    ln_other,
    part_of_group,
    spared,
    uniform_numbers,
)
from haloscale.inference.likelihood.usable import left_out, none_bound, none_left, rows_of, spline_over, usable
from haloscale.inference.model import Galaxy, GalaxyModel, one_of, part_of
from haloscale.inference.nuisance import Kinematics
from haloscale.inference.priors import Prior
from haloscale.records import Floats
from haloscale.registry import params

_BESIDE: Final = params(Kinematics)
_ISOTROPIC: Final = 0.3
"""Largest beta for which plain points do."""
_STEEPEST: Final = 0.97
"""Polar points are drawn no more densely than for this beta: it serves all below 0.98."""
_FOR_MOMENTS: Final = 10
"""Replicas that stand for the mean and the mean square of a star's velocity."""
_SEVERAL: Final = 100
"""Stars that are not all unbound unless something is wrong."""
_HIGH: Final = 0.999
"""Share of a prior of beta up to which the points serve."""


@dataclass(frozen=True)
class Options:
    """How the stars are compared with the model; see `df`."""

    n_samples: int
    use_motions: bool
    beside: Kinematics
    outlier_sigma: float


@likelihoods.register("df")
def df(
    data: Data,
    model: GalaxyModel,
    *,
    n_samples: int = 128,
    proper_motions: Literal["always", "never"] = "always",
    outlier_fraction: Annotated[float | Prior, _BESIDE["outlier_fraction"]] = 0.001,
    outlier_sigma: float = 500.0,
    spin: Annotated[float | Prior, _BESIDE["spin"]] = 0.0,
    second_fraction: Annotated[float | Prior, _BESIDE["second_fraction"]] = 0.0,
    second_beta: Annotated[float | Prior, _BESIDE["second_beta"]] = 0.0,
    second_log_slope: Annotated[float | Prior, _BESIDE["second_log_slope"]] = -4.0,
) -> "ExactDistribution":
    """Exact distribution function f(E, L) in the velocity of each star, averaged over its errors; unbiased in space.

    Parameters
    ----------
    data : Data
    model : GalaxyModel
    n_samples : int
        Points over distance and velocity for each star, a power of two; the run says whether they are enough.
    proper_motions : str
        "always": where the catalogue has them; "never": line-of-sight velocities alone.
    outlier_fraction : float or Prior
        Fraction of the stars that do not belong to the halo; above zero, one unbound star has no veto.
    outlier_sigma : float
        Dispersion of their velocities, km/s.
    spin : float or Prior
        Odd part of the distribution function: f (1 + spin L_z / L).
    second_fraction : float or Prior
        Fraction of the stars at 20 kpc that belong to a second population.
    second_beta, second_log_slope : float or Prior
        Its anisotropy and the slope of its density.

    Raises
    ------
    InputError
        No star can be used, an option lies outside its range, or the models have no distribution function.
    """
    if outlier_sigma <= 0.0:
        raise InputError(f"likelihood.outlier_sigma = {outlier_sigma:g} km/s", "a dispersion above 0", "give about 500")
    if n_samples < 2 or n_samples & (n_samples - 1):
        raise InputError(f"likelihood.n_samples = {n_samples}", "a power of two of at least 2", "give 64 or 128")
    given = {
        "outlier_fraction": outlier_fraction,
        "spin": spin,
        "second_fraction": second_fraction,
        "second_beta": second_beta,
        "second_log_slope": second_log_slope,
    }
    fixed = Kinematics(**{key: value for key, value in given.items() if not isinstance(value, Prior)})
    return ExactDistribution(data, model, Options(n_samples, proper_motions == "always", fixed, outlier_sigma))


class ExactDistribution:
    """Sum over the stars of ln p(velocity | measured position), with p(v | x) = f(E, L) / nu.

    Parameters
    ----------
    data : Data
        Stars in a radial bin are used; the binned profile serves `chi2` alone.
    model : GalaxyModel
    options : Options

    Notes
    -----
    Of each star, the mean over points of d^3 f (with proper motions times (4.74047 d)^2) over the mean of nu d^3.
    Points and normalisation honour the cuts on true position; cuts on what was observed cancel.
    """

    def __init__(self, data: Data, model: GalaxyModel, options: Options) -> None:
        self._data, self._model, self._options = data, model, options
        self._moving = Moving(model, data)
        motions = _motions(data, options)
        can_be, self.advice = usable(data.sample, motions[0])
        self.advice += (*exact_motions(motions, can_be), *prior_advice(model, options.beside.second_log_slope))
        rng = np.random.default_rng([data.seed, options.n_samples])
        power = _power_of(model, options)
        groups, excluded = groups_of(data, can_be, motions, options.n_samples)
        self.advice += left_out(data.sample, excluded, "whose every distance lies outside likelihood.true_selection")
        if not groups:
            raise none_left(data.sample, "df", self.advice)
        self._spline = spline_over([group.nodes for group in groups], model, data)
        numbers = (uniform_numbers(rng, options.n_samples, len(group.nodes.star)) for group in groups)
        pairs = zip(groups, numbers, strict=True)
        parts = (part_of_group(group, data, uniform, power, self._spline) for group, uniform in pairs)
        self._parts = tuple(self._settled(part) for part in parts)
        self.star = np.concatenate([part.cloud.star for part in self._parts])
        self._binned = DispersionBins(replace(data, projection="per_star", circular_velocity=None), model)
        self.veto = ""
        self.advice += (*self._binned.advice, *self._first_look())

    @property
    def n_points(self) -> int:
        """Bins of the profile that `chi2` compares."""
        return self._binned.n_points

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared residuals of the binned profile, sin^2 psi that of its stars, shape of the galaxy's batch."""
        return self._binned.chi2(galaxy)

    @property
    def n_samples(self) -> int:
        """Points of each star."""
        return self._options.n_samples

    def with_samples(self, n_samples: int) -> "ExactDistribution":
        """The same with another number of points for each star."""
        return ExactDistribution(self._data, self._model, replace(self._options, n_samples=n_samples))

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the probability density of the velocities, shape of the galaxy's batch."""
        batch = np.broadcast_shapes(*(np.shape(v)[:-1] for v in _arrays_of(galaxy)))
        n_sets = int(np.prod(batch)) if batch else 1
        total = galaxy.total
        xp = namespace(*_arrays_of(galaxy))
        step = n_sets if xp is not np else max(1, BLOCK // (self.n_samples * len(self._parts[0].cloud.star)))
        step = 1 if self._moving.places else step
        sums = []
        for at in range(0, n_sets, step):
            sets = slice(at, at + step)
            sums.append(self._sum(part_of(total, sets), galaxy, sets))
        return xp.concatenate(sums).reshape(batch)

    def replicate(self, galaxy: Galaxy, rng: np.random.Generator) -> Floats:
        """Line-of-sight velocities that the model would give the stars, errors included, in the frame of the sample.

        Parameters
        ----------
        galaxy : Galaxy
            One set of parameters, or a batch.
        rng : numpy.random.Generator

        Returns
        -------
        array (n_sets, n_stars) [km/s]
            In the order of `star`; NaN of stars without one.
        """
        return np.concatenate([v for _, _, v in self.predictions(galaxy, rng)])

    def predictions(
        self, galaxy: Galaxy, rng: np.random.Generator, n_each: int = 1
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """For each parameter set, the mean velocity of each star, its mean square, and replicas of it.

        Parameters
        ----------
        galaxy : Galaxy
            One set of parameters, or a batch.
        rng : numpy.random.Generator
        n_each : int
            Replicas of every star.

        Yields
        ------
        tuple of arrays (n_stars,) [km/s], (n_stars,) [km^2 / s^2], (n_each, n_stars) [km/s]
            In the order of `star` and the frame of the sample, velocity errors included. Mean and mean square are those
            of ten or more replicas, other ones than are given.
        """
        for k in range(max(len(np.ravel(v)) for v in _arrays_of(galaxy))):
            _, (drawn, *_) = self.in_space(galaxy, rng, k, n=n_each + _FOR_MOMENTS)
            others = drawn[n_each:]
            yield others.mean(axis=0), (others**2).mean(axis=0), drawn[:n_each]

    def in_space(self, galaxy: Galaxy, rng: np.random.Generator, k: int = 0, n: int = 1) -> tuple[Floats, Floats]:
        """Velocities of the stars at their measured distances, and those that the model would give them.

        Parameters
        ----------
        galaxy : Galaxy
        rng : numpy.random.Generator
        k : int
            Which of its parameter sets.
        n : int
            Replicas.

        Returns
        -------
        measured, replicated : array (3, n_stars), array (3, n, n_stars) [km/s]
            Along the sight line and two axes across it, in the rest frame of the Galaxy and the order of `star`; NaN
            where not measured.
        """
        motions = _motions(self._data, self._options)
        groups, _ = groups_of(self._data, self.star, motions, self.n_samples)
        single = one_of(galaxy, k)
        values = self._moving.beside(single.nuisance, self._options.beside)
        beside = {key: float(np.squeeze(value)) for key, value in values.items()}
        of, place = populations(single, beside), self._moving.place(single.nuisance)
        distances, true = replica.velocities(groups, single.total, of, beside["spin"], place, rng, n)
        outlier = [rng.random(d.shape) < beside["outlier_fraction"] for d in distances]
        odd = [self._options.outlier_sigma * rng.standard_normal(v.shape) for v in true]
        true = [np.where(out, other, v) for out, other, v in zip(outlier, odd, true, strict=True)]
        made = [replica.observed(*part, place, rng) for part in zip(groups, distances, true, strict=True)]
        return np.concatenate([replica.as_measured(g) for g in groups], axis=1), np.concatenate(made, axis=-1)

    def by_star(self, galaxy: Galaxy) -> Floats:
        """ln p of each star at one parameter set, array (n_stars,), in the order of `star`."""
        law = self._law(part_of(galaxy.total, slice(None)), galaxy, slice(None))
        return np.concatenate([np.atleast_2d(law.ln_p(part))[0] for part in self._parts])

    def _sum(self, mass: Any, galaxy: Galaxy, sets: slice) -> Array:
        law, total = self._law(mass, galaxy, sets), 0.0
        for part in self._parts:
            total = total + law.ln_p(part).sum(axis=-1)
        return total

    def _law(self, mass: Any, galaxy: Galaxy, sets: slice) -> "_Law":
        nuisance = {table: part_of(model, sets) for table, model in galaxy.nuisance.items()}
        beside = self._moving.beside(nuisance, self._options.beside)
        own = replace(galaxy, tracer=part_of(galaxy.tracer, sets), anisotropy=part_of(galaxy.anisotropy, sets))
        of = populations(own, beside)
        functions = Distributions(mass, of, beside["spin"], self._spline)
        return _Law(self, of, functions, beside["outlier_fraction"], nuisance)

    def _settled(self, part: Part) -> Part:
        """The part with all that no free parameter touches computed, and without what that was computed from."""
        if self._moving.anything:
            return part
        data, n = self._data, len(part.cloud.star)
        points = points_of(part.cloud, Place(data.frame.r0), self._spline, data.frame, data.true_selection)
        spins = "likelihood.spin" in self._moving.free or not is_zero(self._options.beside.spin)
        done = replace(spared(part, self.n_samples), points=lean(points, spins=spins))
        if not (self._model.is_fixed("tracer") and self._second_fixed):
            return done
        of = populations(self._model.middle, {k: getattr(self._options.beside, k) for k in _BESIDE})
        norm = np.reshape(ln_norm(part.block, part.ln_node, of), n)
        other = np.reshape(ln_other(part.block, of, self._options.outlier_sigma), n)
        return replace(done, ln_norm=norm, ln_other=other, block=emptied(part.block))

    @property
    def _second_fixed(self) -> bool:
        return not any(key.startswith("likelihood.second_") for key in self._moving.free)

    def _first_look(self) -> Iterator[str]:
        """What the middle of the priors says of the stars: those that no point of binds."""
        law = self._law(self._model.middle.total, self._model.middle, slice(None))
        if law.functions.reason:
            yield f"at the middle of the priors there is {law.functions.reason}"
            return
        ln_p = np.concatenate([np.atleast_2d(law.ln_halo(part, law.points(part)))[0] for part in self._parts])
        unbound = self.star[~np.isfinite(ln_p)]
        if not len(unbound):
            return
        if len(unbound) == len(self.star) >= _SEVERAL:
            raise none_bound(len(self.star), self._model.middle.total)
        rows = rows_of(self._data.sample, unbound)
        free = "likelihood.outlier_fraction" in self._moving.free
        what = "they count as outliers there"
        if is_zero(self._options.beside.outlier_fraction) and not free:
            what = "they veto every model that does not bind them: give likelihood.outlier_fraction a small number"
            self.veto = f"{len(unbound)} stars (row {rows}) are not bound even at the middle of the priors"
        yield f"stars that the middle of the priors does not bind: {len(unbound)} (row {rows}); {what}"


@dataclass(frozen=True)
class _Law:
    """The populations and their distribution functions at some parameter sets, and where these put the stars."""

    of_stars: ExactDistribution
    populations: tuple[Population, ...]
    functions: Distributions
    outliers: Array
    nuisance: Mapping[str, Any]

    def ln_p(self, part: Part) -> Array:
        """ln of the density of what was measured of each star, array (n_sets, n_stars)."""
        block = self.block(part)
        ln_p = self.ln_halo(part, self.points(part), block)
        if is_zero(self.outliers):
            return ln_p
        sigma = self.of_stars._options.outlier_sigma
        other = part.ln_other if part.ln_other is not None else ln_other(block, self.populations, sigma)
        xp, ln_p, exist = join(mixed(ln_p, other, self.outliers), self.functions.exist)
        return xp.where(exist, ln_p, -np.inf)  # a halo that cannot be is no halo of outliers

    def ln_halo(self, part: Part, points: Points, block: Block | None = None) -> Array:
        """The same of the stars of the halo alone."""
        terms = self.functions.ln_f(points) + points.ln_weight
        xp = namespace(terms)
        top = terms.max(axis=-2)
        top = xp.where(xp.isfinite(top), top, 0.0)
        total = xp.exp(terms - top[..., None, :]).mean(axis=-2)
        ln_mean = xp.where(total > 0.0, xp.log(xp.maximum(total, 1e-300)), -xp.inf) + top
        norm = part.ln_norm
        if norm is None:
            norm = ln_norm(part.block if block is None else block, part.ln_node, self.populations)
        unit = 2.0 * np.log(KMS_PER_KPC_MASYR) if part.cloud.has_motion else 0.0
        return ln_mean - norm + unit

    def points(self, part: Part) -> Points:
        """Where the parameters put the points of the stars."""
        if part.points is not None:
            return part.points
        stars = self.of_stars
        place = stars._moving.place(self.nuisance)
        return points_of(part.cloud, place, stars._spline, stars._data.frame, stars._data.true_selection)

    def block(self, part: Part) -> Block:
        """Where the parameters put the distance nodes of the stars."""
        return self.of_stars._moving.moved(part.block, self.nuisance, self.of_stars._spline)


def _arrays_of(model: Any) -> list[Array]:
    """The parameters of a galaxy that are arrays of a batch."""
    values = [
        v
        for part in (*model.mass.values(), model.tracer, model.anisotropy, *model.nuisance.values())
        for v in _fields_of(part)
    ]
    return values or [np.zeros(1)]


def _fields_of(model: Any) -> Iterator[Array]:
    for value in vars(model).values():
        if getattr(value, "ndim", 0) and hasattr(value, "reshape"):
            yield value


def _motions(data: Data, options: Options) -> Motions:
    if not options.use_motions:
        return np.zeros(len(data.sample), dtype=bool), None
    return proper_motions(data.sample, data.frame)


def _power_of(model: GalaxyModel, options: Options) -> float:
    """How densely the polar points crowd: for the largest beta_0 that the priors allow; 0 where plain points do."""
    known = (0.0, options.beside.second_beta, *betas(model).values())
    highest = max(float(b.quantile(_HIGH)) if isinstance(b, Prior) else float(b) for b in known)
    return 0.0 if highest <= _ISOTROPIC else min(max(highest, 0.5), _STEEPEST)
