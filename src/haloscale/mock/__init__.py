"""Simulated catalogues of known truth: a halo in equilibrium, seen from the Sun by a survey with errors and limits.

Every star is labelled simulated (`raw` column ``simulated``), and its true values travel in `raw` columns ``true_*``.
"""

from haloscale.mock.bias import COMPLETE, DEPTH_LIMITED, PredictedBias, bias_note, predicted_bias
from haloscale.mock.catalogue import simulate, simulate_simple
from haloscale.mock.footprint import ALL_SKY, LAMOST_LIKE, Footprint
from haloscale.mock.observation import Errors
from haloscale.mock.truth import Truth

__all__ = [
    "ALL_SKY",
    "COMPLETE",
    "DEPTH_LIMITED",
    "LAMOST_LIKE",
    "Errors",
    "Footprint",
    "PredictedBias",
    "Truth",
    "bias_note",
    "predicted_bias",
    "simulate",
    "simulate_simple",
]
