"""The records that travel between the stages: frozen dataclasses of plain arrays in internal units.

Reading and writing them is the task of `haloscale.tables`; drawing them that of `haloscale.figures`.
"""

from haloscale.records.answer import Chain, Estimate, Parameter, Run, SamplingStatus, Summary
from haloscale.records.profiles import Band, CircularVelocity, DispersionProfile, MassProfile
from haloscale.records.stars import Bools, Cut, CutFlow, Floats, Ints, Sample, StarTable

__all__ = [
    "Band",
    "Bools",
    "Chain",
    "CircularVelocity",
    "Cut",
    "CutFlow",
    "DispersionProfile",
    "Estimate",
    "Floats",
    "Ints",
    "MassProfile",
    "Parameter",
    "Run",
    "Sample",
    "SamplingStatus",
    "StarTable",
    "Summary",
]
