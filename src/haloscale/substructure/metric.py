"""The 4distance: how far two stars are apart on the sky, in distance and in velocity, weighted by their errors."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from haloscale.records import Bools, Floats, Ints
from haloscale.substructure.friends import chained, joined, pairs_within
from haloscale.substructure.phase_space import PhaseSpace

D_MAX: Final = 130.0
"""Distance scale of Starkenburg et al. (2009) [kpc]; Janesh et al. (2016) take 100 kpc."""

V_MAX: Final = 500.0
"""Velocity scale of both [km/s]."""

_APART: Final = 1e-12
"""Equal points are set this far apart for the search tree, which cannot divide them otherwise."""

_LOOSE: Final = 0.05
"""Share of the stars, by distance and by velocity, whose small weights are kept from slowing the search of the rest."""

_SMALL: Final = 2000
"""Stars below which one search is as fast as two."""


@dataclass(frozen=True)
class FourDistance:
    """The metric of Starkenburg et al. (2009), before it meets a sample.

    Parameters
    ----------
    d_max : float
        Distance scale [kpc]: 130 in Starkenburg et al. (2009), 100 in Janesh et al. (2016).
    v_max : float
        Velocity scale [km/s].

    Notes
    -----
    delta_4d^2 = w_phi phi^2 + w_d (d_i - d_j)^2 + w_v (v_i - v_j)^2 with w_phi = 1/pi^2,
    w_d = [(s_d,i/d_i)^2 + (s_d,j/d_j)^2] / (2 <s_d/d>^2 d_max^2), w_v = [s_v,i^2 + s_v,j^2] / (2 <s_v>^2 v_max^2):
    stars with errors above the average are further apart. s_d and s_v are the errors, <> is the mean over the sample.

    Where an error is zero or missing the weight would vanish or be undefined. Where no star of the sample has one,
    w_d = 1/d_max^2 and w_v = 1/v_max^2, as without errors; a single star without one is given the mean error of the
    others. `Separations.notes` says for how many stars.
    """

    d_max: float = D_MAX
    v_max: float = V_MAX

    def among(self, stars: PhaseSpace) -> "Separations":
        """The metric with the weights of these stars."""
        distance, velocity = self.weights(stars)
        return Separations(stars, distance, velocity)

    def weights(self, stars: PhaseSpace) -> tuple[Floats, Floats]:
        """A weight a star, of which w_d and w_v of a pair are the means over its two stars.

        Returns
        -------
        distance : array (n,) [kpc^-2]
        velocity : array (n,) [km^-2 s^2]
        """
        of_distance = _relative_square(stars.distance_fraction()) / self.d_max**2
        return of_distance, _relative_square(stars.velocity_error()) / self.v_max**2

    def embedding(self, stars: PhaseSpace) -> Floats:
        """`Separations.embedding` of the stars, array (n, 5) [-]."""
        return self.among(stars).embedding

    def separation(self, stars: PhaseSpace, i: Ints, j: Ints) -> Floats:
        """delta_4d of pairs of the stars. For many calls over one sample keep `among(stars)`.

        Parameters
        ----------
        stars : PhaseSpace
        i, j : int array (n_pairs,) [-]

        Returns
        -------
        array (n_pairs,) [-]
        """
        return self.among(stars).between(i, j)


@dataclass(frozen=True)
class Separations:
    """The 4distance among the stars of one sample.

    Parameters
    ----------
    stars : PhaseSpace
    distance_weight : array (n,) [kpc^-2]
        A star's share of w_d, from `FourDistance.weights`.
    velocity_weight : array (n,) [km^-2 s^2]
        A star's share of w_v.
    """

    stars: PhaseSpace
    distance_weight: Floats
    velocity_weight: Floats

    @cached_property
    def directions(self) -> Floats:
        """Unit vectors towards the stars, array (n, 3) [-]."""
        return self.stars.directions()

    @cached_property
    def embedding(self) -> Floats:
        """Points whose Euclidean separation is at most delta_4d, array (n, 5) [-].

        Of each weight the smallest of the sample, and the chord for the angle: every ball holds all the stars within
        that 4distance, and some more.
        """
        return self._embedded(_lowest(self.distance_weight), _lowest(self.velocity_weight))

    def components(self, linking_length: float) -> Ints:
        """The stars that friends of friends chain together: delta_4d below the linking length.

        Memory is bounded whatever the number of pairs; see `friends.chained`.

        Parameters
        ----------
        linking_length : float

        Returns
        -------
        int array (n,) [-]
            Component of each star.
        """
        labels = np.arange(len(self.stars))
        for stars, points, rows in self._layers:
            friends = partial(self._are_friends, linking_length, stars)
            known = np.unique(labels[stars], return_inverse=True)[1]
            found = chained(known, points, _reach(linking_length), friends, rows)
            _, first, which = np.unique(found, return_index=True, return_inverse=True)
            labels = joined(labels, [(stars, stars[first[which]])])
        return labels

    def close_pairs(self, separation: float) -> Iterator[tuple[Ints, Ints, Floats]]:
        """All pairs of stars with delta_4d below a separation, block by block.

        Parameters
        ----------
        separation : float

        Yields
        ------
        i, j : int array (n_pairs,) [-]
            Each pair once over all blocks.
        delta : array (n_pairs,) [-]
        """
        for stars, points, rows in self._layers:
            for first, second in pairs_within(points, _reach(separation), rows=rows):
                i, j = stars[first], stars[second]
                delta = self.between(i, j)
                close = delta < separation
                yield i[close], j[close], delta[close]

    def between(self, i: Ints, j: Ints) -> Floats:
        """delta_4d of the pairs, array (n_pairs,) [-].

        Parameters
        ----------
        i, j : int array (n_pairs,) [-]
        """
        of_distance, of_velocity = self.distance_weight, self.velocity_weight
        squared = (self.angle(i, j) / math.pi) ** 2
        squared += 0.5 * (of_distance[i] + of_distance[j]) * (self.stars.distance[i] - self.stars.distance[j]) ** 2
        squared += 0.5 * (of_velocity[i] + of_velocity[j]) * (self.stars.v[i] - self.stars.v[j]) ** 2
        return np.asarray(np.sqrt(squared))

    def angle(self, i: Ints, j: Ints) -> Floats:
        """Angle between the stars of each pair, array (n_pairs,) [rad].

        Parameters
        ----------
        i, j : int array (n_pairs,) [-]
        """
        chord = self.directions[i] - self.directions[j]
        # The arc cosine of the text-book form loses all digits of a small angle; the chord keeps them.
        half = 0.5 * np.sqrt(np.einsum("ij,ij->i", chord, chord))
        return np.asarray(2.0 * np.arcsin(np.minimum(half, 1.0)))

    @property
    def notes(self) -> tuple[str, ...]:
        """For how many stars the weights had to do without an error."""
        fractions, errors = self.stars.distance_fraction(), self.stars.velocity_error()
        return (
            *_note("distance", np.isnan(fractions), "1/d_max^2"),
            *_note("velocity", np.isnan(errors), "1/(500 km/s)^2"),
        )

    @cached_property
    def _layers(self) -> tuple[tuple[Ints, Floats, Ints | None], ...]:
        """(stars, points, rows): all pairs of these stars with one among the rows, embedded at most delta_4d apart.

        A few stars with tiny errors would make the smallest weights useless for all. They are a layer of their own.
        """
        of_distance, of_velocity = self.distance_weight, self.velocity_weight
        everyone = np.arange(len(self.stars))
        if len(everyone) < _SMALL:
            return ((everyone, self.embedding, None),)
        low = np.quantile(of_distance, _LOOSE), np.quantile(of_velocity, _LOOSE)
        loose = (of_distance < low[0]) | (of_velocity < low[1])
        if not loose.any():
            return ((everyone, self.embedding, None),)
        tight = np.flatnonzero(~loose)
        points = self._embedded(of_distance[tight].min(), of_velocity[tight].min())[tight]
        return (tight, points, None), (everyone, self.embedding, np.flatnonzero(loose))

    def _embedded(self, distance_weight: float, velocity_weight: float) -> Floats:
        points = np.empty((len(self.stars), 5))
        points[:, :3] = self.directions / math.pi
        points[:, 3] = self.stars.distance * math.sqrt(distance_weight)
        points[:, 4] = self.stars.v * math.sqrt(velocity_weight)
        points[:, 0] += np.linspace(0.0, _APART, len(points))
        return points

    def _are_friends(self, linking_length: float, stars: Ints, i: Ints, j: Ints) -> Bools:
        return np.asarray(self.between(stars[i], stars[j]) < linking_length)


def _reach(separation: float) -> float:
    """Radius of the search: no pair is to be lost to the last digits of a coordinate."""
    return separation * (1.0 + 1e-9) + 10.0 * _APART


def _lowest(weight: Floats) -> float:
    return float(weight.min()) if len(weight) else 0.0


def _relative_square(error: Floats) -> Floats:
    """(error / mean error)^2; 1 where the error is not known."""
    known = np.isfinite(error)
    if not known.any():
        return np.ones_like(error)
    return np.where(known, (error / error[known].mean()) ** 2, 1.0)


def _note(quantity: str, lacking: Bools, weight: str) -> tuple[str, ...]:
    n = int(lacking.sum())
    if not n:
        return ()
    if n == len(lacking):
        return (f"no star has a {quantity} error: the weight of the {quantity} is {weight} for all {n} stars",)
    return (
        f"{n} of {len(lacking)} stars without a {quantity} error are given the mean {quantity} error of the others",
    )
