"""Reading catalogues, and writing and reading every record of the run folder; the only place that parses units.

Catalogues: `read_catalogue` (FITS, CSV, ECSV, VOTable, MRT, Parquet, text), `write_star_table`. Records: a pair
``write_NAME(path, record)`` and ``read_NAME(path)`` each. Files appear whole or not at all, and the same record gives
the same bytes.
"""

from haloscale.tables.all_stars import read_all_stars, write_all_stars
from haloscale.tables.atomic import atomic_path, atomic_write, in_plain_words
from haloscale.tables.catalogue import read_catalogue
from haloscale.tables.chain import read_chain, write_chain
from haloscale.tables.cutflow import read_cutflow, write_cutflow
from haloscale.tables.distances import (
    check_target,
    read_distances,
    read_posteriors,
    write_distances,
    write_posteriors,
)
from haloscale.tables.predictive import read_predictive, write_predictive
from haloscale.tables.profiles import (
    read_circular_velocity,
    read_dispersion,
    read_mass_profile,
    write_circular_velocity,
    write_dispersion,
    write_mass_profile,
)
from haloscale.tables.robustness import read_robustness, write_robustness
from haloscale.tables.sample import read_sample, write_sample
from haloscale.tables.star_table import write_star_table
from haloscale.tables.study import read_study, write_study
from haloscale.tables.substructure import read_groups, read_pairs, write_groups, write_pairs
from haloscale.tables.summary import read_summary, write_summary
from haloscale.tables.targets import check_distinct
from haloscale.tables.units import STANDARD_UNITS
from haloscale.tables.velocities import read_velocities, write_velocities, write_velocity_histograms

__all__ = [
    "STANDARD_UNITS",
    "atomic_path",
    "atomic_write",
    "check_distinct",
    "check_target",
    "in_plain_words",
    "read_all_stars",
    "read_catalogue",
    "read_chain",
    "read_circular_velocity",
    "read_cutflow",
    "read_dispersion",
    "read_distances",
    "read_groups",
    "read_mass_profile",
    "read_pairs",
    "read_posteriors",
    "read_predictive",
    "read_robustness",
    "read_sample",
    "read_study",
    "read_summary",
    "read_velocities",
    "write_all_stars",
    "write_chain",
    "write_circular_velocity",
    "write_cutflow",
    "write_dispersion",
    "write_distances",
    "write_groups",
    "write_mass_profile",
    "write_pairs",
    "write_posteriors",
    "write_predictive",
    "write_robustness",
    "write_sample",
    "write_star_table",
    "write_study",
    "write_summary",
    "write_velocities",
    "write_velocity_histograms",
]
