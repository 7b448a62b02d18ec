"""Streams and clumps in the sample: one file a method, found through the registry."""

from haloscale.substructure.base import SubstructureMethod, substructure_methods

__all__ = ["SubstructureMethod", "substructure_methods"]
