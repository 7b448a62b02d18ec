"""Distances of the stars: one file a method, found through the registry.

`giant_distances` and `giant_posterior` work on arrays, without a catalogue.
"""

from haloscale.distance.base import DistanceMethod, distance_methods, find_distances
from haloscale.distance.giant_branch import giants_of
from haloscale.distance.giant_distances import GiantSettings, giant_distances, giant_posterior, giant_posteriors
from haloscale.distance.magnitudes import Giants

__all__ = [
    "DistanceMethod",
    "GiantSettings",
    "Giants",
    "distance_methods",
    "find_distances",
    "giant_distances",
    "giant_posterior",
    "giant_posteriors",
    "giants_of",
]
