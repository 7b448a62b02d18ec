"""Streams and clumps in the sample: one file a method, found through the registry.

`find` is the whole search: a registered method, the table of its groups with the known structures they look like, and
the excess of close pairs, all against null catalogues.
"""

from haloscale.substructure.base import SubstructureMethod, substructure_methods
from haloscale.substructure.groups import describe, false_rates, find
from haloscale.substructure.known import known_structures, on_known_structures
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.pairs import pair_excess
from haloscale.substructure.phase_space import PhaseSpace, phase_space

__all__ = [
    "FourDistance",
    "PhaseSpace",
    "SubstructureMethod",
    "describe",
    "false_rates",
    "find",
    "known_structures",
    "on_known_structures",
    "pair_excess",
    "phase_space",
    "substructure_methods",
]
