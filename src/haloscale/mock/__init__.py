"""Simulated catalogues of known truth: a halo in equilibrium, seen from the Sun by a survey with errors and limits.

Every star is labelled simulated (`raw` column ``simulated``), and its true values travel in `raw` columns ``true_*``.
"""

from haloscale.mock.bias import COMPLETE, DEPTH_LIMITED, FROM_SPECTRA, PredictedBias, bias_note, predicted_bias
from haloscale.mock.catalogue import simulate, simulate_simple
from haloscale.mock.footprint import ALL_SKY, LAMOST_LIKE, Footprint
from haloscale.mock.giants import GiantErrors, simulate_giants
from haloscale.mock.magnitudes import PhotometricErrors, Photometry
from haloscale.mock.observation import Errors
from haloscale.mock.spectra import SEGUE_LIKE, simulate_spectra
from haloscale.mock.truth import Truth

__all__ = [
    "ALL_SKY",
    "COMPLETE",
    "DEPTH_LIMITED",
    "FROM_SPECTRA",
    "LAMOST_LIKE",
    "SEGUE_LIKE",
    "Errors",
    "Footprint",
    "GiantErrors",
    "PhotometricErrors",
    "Photometry",
    "PredictedBias",
    "Truth",
    "bias_note",
    "predicted_bias",
    "simulate",
    "simulate_giants",
    "simulate_simple",
    "simulate_spectra",
]
