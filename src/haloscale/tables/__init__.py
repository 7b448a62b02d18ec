"""Reading catalogues, and writing and reading every record of the run folder; the only place that parses units.

Catalogues: `read_catalogue` (FITS, CSV, ECSV, VOTable, MRT, Parquet, text), `write_star_table`. Records: a pair
``write_NAME(path, record)`` and ``read_NAME(path)`` each. Files appear whole or not at all, and the same record gives
the same bytes.
"""

from haloscale.tables.atomic import atomic_path, atomic_write
from haloscale.tables.catalogue import read_catalogue
from haloscale.tables.chain import read_chain, write_chain
from haloscale.tables.cutflow import read_cutflow, write_cutflow
from haloscale.tables.profiles import read_dispersion, read_mass_profile, write_dispersion, write_mass_profile
from haloscale.tables.sample import read_sample, write_sample
from haloscale.tables.star_table import write_star_table
from haloscale.tables.summary import read_summary, write_summary
from haloscale.tables.units import STANDARD_UNITS

__all__ = [
    "STANDARD_UNITS",
    "atomic_path",
    "atomic_write",
    "read_catalogue",
    "read_chain",
    "read_cutflow",
    "read_dispersion",
    "read_mass_profile",
    "read_sample",
    "read_summary",
    "write_chain",
    "write_cutflow",
    "write_dispersion",
    "write_mass_profile",
    "write_sample",
    "write_star_table",
    "write_summary",
]
