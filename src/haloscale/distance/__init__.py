"""Distances of the stars: one file a method, found through the registry."""

from haloscale.distance.base import DistanceMethod, distance_methods, find_distances

__all__ = ["DistanceMethod", "distance_methods", "find_distances"]
