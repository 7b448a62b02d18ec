"""One pure function a stage: (its configuration, records) -> record. No file is read or written here."""

from haloscale.stages.answering import mass_profile, summarise
from haloscale.stages.fitting import all_stars, fit, posterior
from haloscale.stages.joining import join
from haloscale.stages.measuring import circular_velocity, edges, measure_profile
from haloscale.stages.model import frame, galaxy_model
from haloscale.stages.notes import Notes
from haloscale.stages.predicting import predictive_check
from haloscale.stages.predicting_velocities import has_velocities_in_space, velocity_check
from haloscale.stages.selecting import Selected, distance_scale, find_distances, removed, select_sample, select_stars

__all__ = [
    "Notes",
    "Selected",
    "all_stars",
    "circular_velocity",
    "distance_scale",
    "edges",
    "find_distances",
    "fit",
    "frame",
    "galaxy_model",
    "has_velocities_in_space",
    "join",
    "mass_profile",
    "measure_profile",
    "posterior",
    "predictive_check",
    "removed",
    "select_sample",
    "select_stars",
    "summarise",
    "velocity_check",
]
