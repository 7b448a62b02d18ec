"""From a catalogue to the sample: errors, repeats, distances, positions, cuts, substructure, bins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from haloscale.calibration import calibrate_columns, fill_velocity_errors
from haloscale.config import JointConfig, RunConfig
from haloscale.dispersion.base import radial_bins
from haloscale.distance.base import distance_methods, drop_flagged, flag_note
from haloscale.frames import complete_positions, locate
from haloscale.records import (
    MODULI,
    Bools,
    CutFlow,
    Grouping,
    Sample,
    StarTable,
    Substructure,
    in_large_groups,
)
from haloscale.repeats import merge_repeats
from haloscale.selection import select
from haloscale.stages.measuring import edges
from haloscale.stages.model import frame
from haloscale.stages.notes import Notes
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.groups import find
from haloscale.substructure.removal import removal
from haloscale.surveys.base import surveys

_NAMED: Final = (
    *("row", "l", "b", "distance", "distance_error", "x", "y", "z", "r"),
    *("v_helio", "v_helio_error", "v_gsr", "sin2_psi"),
)


_EXTRA: Final = (
    *("ra", "dec", "feh", "feh_error", "teff", "logg", "pmra", "pmra_error", "pmdec", "pmdec_error", "pmra_pmdec_corr"),
    *("pm_l", "pm_l_error", "pm_b", "pm_b_error", "n_visits", "velocity_variable", "known_object"),
    *("gr0", "gr0_error", "rmag0", "rmag0_error", "ebv", *MODULI, "m_r", "flag"),
    *("catalogue_distance", "catalogue_distance_error"),
)
"""Columns that the sample keeps beside the named ones, where the catalogue has them."""


@dataclass(frozen=True)
class Selected:
    """What the selection leaves: the sample, the cut flow, remarks for the user, and the groups if they were sought.

    `substructures` has the groups by catalogue where there are several.
    """

    sample: Sample
    cutflow: CutFlow
    notes: Notes
    substructure: Substructure | None = None
    substructures: Mapping[str, Substructure] = field(default_factory=dict)


def select_sample(config: RunConfig, table: StarTable, strict: bool, rng: np.random.Generator) -> Selected:
    """Catalogue to sample: errors filled, visits merged, distances, positions, cuts, substructure, bins.

    Parameters
    ----------
    config : RunConfig
    table : StarTable
    strict : bool
        Refuse cuts whose column the catalogue lacks.
    rng : numpy.random.Generator
        For the null catalogues of the search for substructure.

    Returns
    -------
    Selected

    Raises
    ------
    InputError
        If no star is left, or the catalogue lacks what is needed.

    Notes
    -----
    Stars in groups of more than ``substructure.max_members`` are the last line of the cut flow, but stay in the sample,
    in no bin.
    """
    stars, cutflow, notes = select_stars(config, table, strict)
    grouping, found = _groups(config, stars, rng)
    removed = in_large_groups(grouping.group_id, config.substructure.max_members)
    if found is not None:
        cutflow = cutflow.then(removal(found, removed))
    return Selected(_sample(config, stars, grouping, removed), cutflow, (*notes, *grouping.notes), found)


def select_stars(config: RunConfig, table: StarTable, strict: bool) -> tuple[StarTable, CutFlow, Notes]:
    """Catalogue to the located stars that pass the cuts, substructure not yet sought. Errors: as `select_sample`."""
    survey, notes = surveys[config.catalogue.survey], list[str]()
    offset = config.catalogue.applied("v_offset")
    stars, dropped, note = fill_velocity_errors(complete_positions(table), survey.v_helio_error_typical)
    notes += [note] if note else []
    stars, merged = merge_repeats(calibrate_columns(stars, v_offset=offset), config.selection.merge_radius)
    stars = find_distances(config, stars)
    notes += [note] if (note := flag_note(stars)) else []
    stars, placed = drop_flagged(stars)
    stars, cuts = select(locate(stars, frame(config)), config.selection.cuts(), strict=strict)
    cutflow = CutFlow(tuple(c for c in (dropped, merged, placed) if c) + tuple(cuts))
    notes += [f"cut not applied: {c.name} ({c.note})" for c in cutflow if not c.applied]
    return stars, cutflow, (*notes, *_flag_notes(stars))


def find_distances(config: RunConfig, table: StarTable) -> StarTable:
    """Distances by the configured method, times `catalogue.distance_scale`; every row stays, flagged or not.

    Raises
    ------
    InputError
        The catalogue lacks what the method needs.
    """
    found = distance_methods[config.distance.method](table, **config.distance.options())
    return calibrate_columns(found, distance_scale=distance_scale(config))


def distance_scale(config: RunConfig) -> float:
    """What every distance is multiplied by; where that is free, the median of its prior."""
    return config.catalogue.applied("distance_scale")


def removed(config: RunConfig, sample: Sample) -> Bools:
    """Stars that are in no bin because they are in a large group of their catalogue, mask (n,)."""
    if not isinstance(config, JointConfig):
        return sample.removed(config.substructure.max_members)
    of, found = np.asarray(sample.extra["catalogue"]), np.zeros(len(sample), bool)
    for name, member in config.catalogues.items():
        found |= (of == name) & sample.removed(member.substructure.max_members)
    return found


def _flag_notes(stars: StarTable) -> list[str]:
    said = []
    known = int(np.count_nonzero(stars["known_object"] != ""))
    if known:
        said.append(
            f"stars in known globular clusters or dwarf galaxies: {known} (selection.known_objects = true cuts them)"
        )
    variable = int(stars["velocity_variable"].sum()) if "velocity_variable" in stars else 0
    if variable:
        said.append(f"stars whose visits differ by more than 5 sigma in velocity: {variable}, merged and flagged")
    return said


def _groups(config: RunConfig, stars: StarTable, rng: np.random.Generator) -> tuple[Grouping, Substructure | None]:
    given = config.substructure
    if not given.searches:
        return substructure_methods[given.method](stars, rng, max_members=given.max_members), None
    return find(stars, rng, given.method, given.max_members, **given.options())


def _sample(config: RunConfig, stars: StarTable, grouping: Grouping, removed: Bools) -> Sample:
    bins = radial_bins(stars["r"], edges(config, stars["r"][~removed]))
    missing = np.full(len(stars), np.nan)
    return Sample(
        **{name: stars.columns.get(name, missing) for name in _NAMED},
        group_id=grouping.group_id,
        bin=np.where(removed, -1, bins),
        extra=_extra(stars),
    )


def _extra(stars: StarTable) -> dict[str, Any]:
    """Columns beside the named ones; the label and the true distance of simulated stars travel with them."""
    known = {name: stars.raw[name] for name in ("simulated", "true_distance") if name in stars.raw}
    return {name: stars[name] for name in _EXTRA if name in stars} | known
