"""Star by star: the velocity of each star given its measured position, averaged over where it may truly be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Final, Literal

import numpy as np

from haloscale.arrays import Array, namespace
from haloscale.errors import ConfigError, InputError
from haloscale.inference.likelihood.base import Data, Likelihood, likelihoods
from haloscale.inference.likelihood.bins import DispersionBins
from haloscale.inference.likelihood.block import Block, block_of, joined, settled
from haloscale.inference.likelihood.law import Law
from haloscale.inference.likelihood.nodes import BLOCK
from haloscale.inference.likelihood.radial import RadialVariance
from haloscale.inference.likelihood.seen import exact_motions, sight_lines
from haloscale.inference.likelihood.seen import proper_motions as motions_of
from haloscale.inference.likelihood.sun import Moving
from haloscale.inference.likelihood.usable import (
    left_out,
    none_left,
    placed,
    spline_over,
    split,
    usable,
)
from haloscale.inference.model import Galaxy, GalaxyModel, part_of
from haloscale.inference.nuisance import Kinematics
from haloscale.inference.priors import Prior
from haloscale.records import Floats
from haloscale.registry import params

_LARGE_BLOCK: Final = 2**22
"""Nodes at once under JAX, which compiles each block anew."""
_FAR: Final = 15.0
"""Radius [kpc] beyond which line-of-sight velocities hardly tell beta (Hattori et al. 2017)."""
_BESIDE: Final = params(Kinematics)


@dataclass(frozen=True)
class Options:
    """How the stars are compared with the model; see `stars`."""

    n_nodes: int = 15
    proper_motions: str = "auto"
    beside: Kinematics = Kinematics()  # noqa: RUF009
    outlier_sigma: float = 500.0


@likelihoods.register("stars")
def stars(
    data: Data,
    model: GalaxyModel,
    *,
    n_nodes: int = 15,
    proper_motions: Literal["auto", "always", "never"] = "auto",
    outlier_fraction: Annotated[float | Prior, _BESIDE["outlier_fraction"]] = 0.0,
    outlier_sigma: float = 500.0,
    rotation: Annotated[float | Prior, _BESIDE["rotation"]] = 0.0,
    rotation_gradient: Annotated[float | Prior, _BESIDE["rotation_gradient"]] = 0.0,
    kurtosis: Annotated[float | Prior, _BESIDE["kurtosis"]] = 0.0,
) -> Likelihood:
    """Gaussian in the velocity of each star, in space where proper motions are known, averaged over its true distance.

    Parameters
    ----------
    data : Data
    model : GalaxyModel
    n_nodes : int
        True distances tried for each star, around the measured one.
    proper_motions : str
        Use them where the catalogue has them: "always", "never", or "auto": where they are to tell the anisotropy or
        the rotation, one of which is free. With both fixed the line of sight alone is the safer scale, since the
        Gaussian of three components weighs radially anisotropic halos too light.
    outlier_fraction : float or Prior
        Fraction of the stars that do not belong to the halo; where it is a prior, the model holds it as a parameter.
    outlier_sigma : float
        Dispersion of their velocities, km/s.
    rotation : float or Prior
        Mean streaming in the plane at 20 kpc, km/s along Galactic rotation.
    rotation_gradient : float or Prior
        Its change over a factor 10 in r, km/s.
    kurtosis : float or Prior
        Excess kurtosis of the line-of-sight velocities; only without proper motions.

    Raises
    ------
    InputError
        No star can be used, or an option lies outside its range.
    """
    if outlier_sigma <= 0.0:
        raise InputError(f"likelihood.outlier_sigma = {outlier_sigma:g} km/s", "a dispersion above 0", "give about 500")
    given = {
        "outlier_fraction": outlier_fraction,
        "rotation": rotation,
        "rotation_gradient": rotation_gradient,
        "kurtosis": kurtosis,
    }
    fixed = Kinematics(**{key: value for key, value in given.items() if not isinstance(value, Prior)})
    return StarByStar(data, model, Options(n_nodes, proper_motions, fixed, outlier_sigma))


def wants_motions(proper_motions: str, free: Iterable[str]) -> bool:
    """Whether proper motions are used where a catalogue has them, with these keys free; see `stars`."""
    if proper_motions != "auto":
        return proper_motions == "always"
    return any(key.startswith(("anisotropy.", "likelihood.rotation")) for key in free)


class StarByStar:
    """Sum over the stars of ln p(velocity | measured position).

    Parameters
    ----------
    data : Data
        Stars in a radial bin are used; the binned profile serves `chi2` alone.
    model : GalaxyModel
    options : Options

    Notes
    -----
    p = sum_k w_k N(v_k; 0, S_k) / sum_k w_k over nodes d_k in ln d, w_k = nu(r_k) d_k^3 times the weight of the
    quadrature and the cuts on true position. Along the sight line S_k = sigma_r^2(r_k) [1 - beta(r_k) sin^2 psi_k] +
    v_error^2; with proper motions v_k and S_k, the velocity ellipsoid plus the errors, have three components, and the
    numerator has the factor (4.74047 d_k)^2. Cuts on what was observed cancel. sigma_r^2 is evaluated on knots in ln r
    and carried to the nodes by a cubic spline.
    """

    def __init__(self, data: Data, model: GalaxyModel, options: Options = Options()) -> None:
        self._data, self._options = data, options
        self._moving = Moving(model, data)
        can_be, self.advice = usable(data.sample)
        sight, (has_motion, motions) = sight_lines(data.sample, data.frame), self._motions()
        self.advice += exact_motions((has_motion, motions), can_be)
        kinds = zip(split(can_be, has_motion), ((sight, *motions) if motions else (sight,), (sight,)), strict=True)
        groups, excluded = [], []
        for chosen, seen in kinds:
            nodes, out = placed(data, chosen, options.n_nodes)
            groups += [(part, seen) for part in nodes]
            excluded.append(out)
        without_place = "whose every possible distance lies outside likelihood.true_selection"
        self.advice += left_out(data.sample, np.concatenate(excluded), without_place)
        if not groups:
            raise none_left(data.sample, "stars", self.advice)
        self._spline = spline_over([nodes for nodes, _ in groups], model, data)
        self._variance = RadialVariance(model, self._spline.r)
        made = (block_of(nodes, data.sample, seen, data.frame, self._spline) for nodes, seen in groups)
        self._blocks = tuple(block if self._moving.places else settled(block, model) for block in made)
        self.star = np.concatenate([block.star for block in self._blocks])
        self._binned = DispersionBins(replace(data, projection="per_star", circular_velocity=None), model)
        self.advice += (*self._binned.advice, *_advice(self._data, model, self._blocks))
        self._check_kurtosis()

    def _motions(self) -> Any:
        if not wants_motions(self._options.proper_motions, self._moving.free):
            return np.zeros(len(self._data.sample), dtype=bool), None
        return motions_of(self._data.sample, self._data.frame)

    def _check_kurtosis(self) -> None:
        asked = "likelihood.kurtosis" in self._moving.free or self._options.beside.kurtosis != 0.0
        if asked and any(block.n_on_sky for block in self._blocks):
            raise ConfigError(
                "likelihood.kurtosis is set, and the catalogue has proper motions",
                "line-of-sight velocities alone: the shape of the distribution in space is not one number",
                "--set likelihood.proper_motions=never, or leave likelihood.kurtosis out",
            )

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
        step = 1 if self._moving.places else max(1, limit // own[0].weight.size)
        sums = [
            self._sum(cubic[at : at + step], galaxy, slice(at, at + step), own) for at in range(0, len(cubic), step)
        ]
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
            In the order of `star`.
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
            In the order of `star` and the frame of the sample, velocity errors included.
        """
        cubic = self._spline.coefficients(self._variance(galaxy))
        cubic = cubic.reshape(-1, *cubic.shape[-2:])
        for k in range(len(cubic)):
            yield self._prediction(cubic[k : k + 1], galaxy, slice(k, k + 1), rng, n_each)

    def by_star(self, galaxy: Galaxy) -> Floats:
        """ln p of each star at one parameter set, array (n_stars,), in the order of `star`."""
        cubic = self._spline.coefficients(self._variance(galaxy)).reshape(1, 4, -1)
        moved = self._moved(galaxy, slice(None), self._blocks)
        return np.concatenate([law.ln_p(block, block.interpolated(cubic))[0] for block, law in moved])

    @cached_property
    def _large_blocks(self) -> tuple[Block, ...]:
        size = max(1, _LARGE_BLOCK // self._blocks[0].weight.size)
        return tuple(
            joined(part[start : start + size])
            for kind in (True, False)
            if (part := [block for block in self._blocks if bool(block.n_on_sky) is kind])
            for start in range(0, len(part), size)
        )

    def _sum(self, cubic: Array, galaxy: Galaxy, sets: slice, own: Sequence[Block]) -> Array:
        """ln p of some parameter sets, array (n_sets,)."""
        total = 0.0
        for block, part in self._moved(galaxy, sets, own):
            total = total + part.ln_p(block, block.interpolated(cubic)).sum(axis=-1)
        return total

    def _moved(self, galaxy: Galaxy, sets: slice, own: Sequence[Block]) -> Iterator[tuple[Block, Law]]:
        """The blocks where the parameters put them, each with the law of their velocities."""
        nuisance = {table: part_of(model, sets) for table, model in galaxy.nuisance.items()}
        beside = self._moving.beside(nuisance, self._options.beside)
        law = Law(part_of(galaxy.tracer, sets), part_of(galaxy.anisotropy, sets), beside, self._options.outlier_sigma)
        for block in own:
            yield self._moving.moved(block, nuisance, self._spline), law

    def _prediction(
        self, cubic: Array, galaxy: Galaxy, sets: slice, rng: np.random.Generator, n_each: int
    ) -> tuple[Floats, Floats, Floats]:
        parts = []
        for still in self._blocks:
            ((block, law),) = self._moved(galaxy, sets, [still])
            mean, square, v = law.prediction(block, block.interpolated(cubic)[0], rng, n_each)
            to_sample = np.ravel(block.seen[0].rest - block.v[0])
            parts.append((mean + to_sample, square + (2.0 * mean + to_sample) * to_sample, v + to_sample))
        mean, square, v = (np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))
        return mean, square, v


def _advice(data: Data, model: GalaxyModel, blocks: Sequence[Block]) -> tuple[str, ...]:
    said = list[str]()
    known = sum(len(block.star) for block in blocks if block.n_on_sky)
    alone = [block.r for block in blocks if not block.n_on_sky]
    n_alone, far = sum(map(len, alone)), sum(int((r > _FAR).sum()) for r in alone)
    if known:
        said.append(
            f"proper motions are used of {known} stars; {n_alone} have line-of-sight velocities alone. The Gaussian "
            "of three components weighs radially anisotropic halos too light, by some 6 % at beta = 0.5"
        )
    if model.component("anisotropy").free and far > known:
        said.append(
            f"the anisotropy is free, and {far} of {n_alone + known} stars of which only the line of sight is used lie "
            f"beyond {_FAR:g} kpc, where that hardly tells it (Hattori et al. 2017): there it follows its prior, and "
            "the mass follows it"
        )
    return tuple(said)
