"""The records that travel between the stages: frozen dataclasses of plain arrays in internal units.

Reading and writing them is the task of `haloscale.tables`; drawing them that of `haloscale.figures`.
"""

from haloscale.records.answer import AllStars, Chain, Estimate, Parameter, Run, SamplingStatus, Summary, settings_of
from haloscale.records.distances import MODULI, DistancePosterior, Distances
from haloscale.records.matches import Matches
from haloscale.records.predictive import Predicted, PredictiveCheck
from haloscale.records.profiles import Band, CircularVelocity, DispersionProfile, MassProfile
from haloscale.records.stars import Bools, Cut, CutFlow, Floats, Ints, Sample, StarTable, in_large_groups
from haloscale.records.substructure import Grouping, Groups, PairExcess, Substructure
from haloscale.records.velocities import COMPARED, COMPONENTS, SIGNED, ComponentCheck, Counts, VelocityCheck

__all__ = [
    "COMPARED",
    "COMPONENTS",
    "MODULI",
    "SIGNED",
    "AllStars",
    "Band",
    "Bools",
    "Chain",
    "CircularVelocity",
    "ComponentCheck",
    "Counts",
    "Cut",
    "CutFlow",
    "DispersionProfile",
    "DistancePosterior",
    "Distances",
    "Estimate",
    "Floats",
    "Grouping",
    "Groups",
    "Ints",
    "MassProfile",
    "Matches",
    "PairExcess",
    "Parameter",
    "Predicted",
    "PredictiveCheck",
    "Run",
    "Sample",
    "SamplingStatus",
    "StarTable",
    "Substructure",
    "Summary",
    "VelocityCheck",
    "in_large_groups",
    "settings_of",
]
