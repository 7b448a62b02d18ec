"""One structure planted into the catalogue and sought: a row of numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from haloscale import stages
from haloscale.config import RunConfig
from haloscale.errors import SelectionError
from haloscale.inject.design import Design
from haloscale.mock import streams
from haloscale.records import Bools, Grouping, Ints, StarTable, in_large_groups
from haloscale.run import generator, read_stars
from haloscale.selection import select
from haloscale.study import Row
from haloscale.substructure.base import substructure_methods
from haloscale.substructure.phase_space import PhaseSpace, phase_space

LEAST: Final = 50
"""Stars that a catalogue must have: the errors of a planted star are those of one of so many at its distance."""

_MEASURED: Final = (
    *("visible", "l", "b", "distance_found", "v_gsr", "v_gsr_spread"),
    *("n_found", "completeness", "purity", "detected", "n_groups", "n_false", "n_newly_removed", "n_no_longer_removed"),
)


@dataclass(frozen=True)
class Start:
    """What every injection starts from.

    Parameters
    ----------
    design : Design
    stars : StarTable
        Located, selected, and such as can be searched.
    grouping : Grouping
        What the search finds in them without planting.
    removed : bool array (n,)
        Stars of the groups that are removed then.
    """

    design: Design
    stars: StarTable
    grouping: Grouping
    removed: Bools

    @property
    def false_rates(self) -> tuple[float, float]:
        """Groups that are removed, and stars in them, in a null catalogue; NaN where the method has none."""
        most = self.design.config.substructure.max_members
        large = [sizes[sizes > most] for sizes in self.grouping.null_sizes]
        if not large:
            return math.nan, math.nan
        return float(np.mean([len(sizes) for sizes in large])), float(np.mean([sizes.sum() for sizes in large]))


def start(design: Design) -> Start:
    """Read the catalogue, make the cuts, and search it as it is.

    Raises
    ------
    InputError
        The catalogue cannot be used, or too few of its stars pass the cuts.
    """
    config = design.config
    stars, _, _ = stages.select_stars(config, read_stars(design.catalogue, config), design.strict)
    stars = stars.take(phase_space(stars)[1])
    if len(stars) < LEAST:
        raise SelectionError(
            f"{len(stars)} stars of {design.catalogue.name} pass the cuts",
            f"at least {LEAST}, among which structures can be planted",
            "widen the cuts under [selection], or give a larger catalogue",
        )
    if (most := max(asked.stars for asked in design.structures)) > len(stars):
        raise SelectionError(
            f"--stars {most}: more than the {len(stars)} stars of {design.catalogue.name} that pass the cuts",
            "structures smaller than the sample they are planted into",
            "give fewer",
        )
    grouping = search(config, stars, generator(config.seed, "sample"))
    return Start(design, stars, grouping, in_large_groups(grouping.group_id, config.substructure.max_members))


def search(config: RunConfig, stars: StarTable, rng: np.random.Generator) -> Grouping:
    """The groups that the configured method finds."""
    given = config.substructure
    return substructure_methods[given.method](stars, rng, max_members=given.max_members, **given.options())


def inject(begun: Start, index: int) -> Row:
    """Plant structure `index` and search the catalogue again.

    Returns
    -------
    dict of str to float
        ``index, stars, width, length, distance`` (NaN: that of a random star) as asked for, ``planted`` (0 where the
        catalogue has no place for it), ``visible`` (share of its stars that the sample would hold), ``l, b`` [deg] of
        the mean direction, ``distance_found`` (median) [kpc] and ``v_gsr, v_gsr_spread`` [km/s] as observed, and what
        `recovery` measures; NaN where nothing was planted.
    """
    design, asked = begun.design, begun.design.structure(index)
    numbers = np.random.SeedSequence(design.config.seed, spawn_key=(index,)).spawn(2)
    planting, searching = (np.random.default_rng(sequence) for sequence in numbers)
    row = {"index": index, "stars": asked.stars, "width": asked.width, "length": asked.length}
    row |= {"distance": math.nan if asked.distance is None else asked.distance, "planted": 0}
    row |= dict.fromkeys(_MEASURED, math.nan)
    try:
        planted = _plant(begun, index, planting)
    except SelectionError:  # no place for it: it counts as not planted, and the others go on
        return row
    frame = stages.frame(design.config)
    whole = streams.append(begun.stars, streams.as_table(begun.stars, planted.stars, planted.like, frame))
    group_id = search(design.config, whole, searching).group_id
    found = recovery(group_id, begun.removed, design.config.substructure.max_members)
    return row | {"planted": asked.stars, "visible": planted.visible} | _as_observed(planted.stars) | found


def recovery(group_id: Ints, removed_before: Bools, max_members: int) -> Row:
    """How well the planted stars, which stand after those of the catalogue, were found.

    Parameters
    ----------
    group_id : int array (n_stars + n_planted,)
        Group of each star, -1: none.
    removed_before : bool array (n_stars,)
        Stars of the catalogue that are removed without planting.
    max_members : int
        Larger groups are removed.

    Returns
    -------
    dict of str to float
        ``n_found``: planted stars in removed groups. ``completeness``: their share of all planted stars.
        ``n_groups``: removed groups that hold planted stars. ``n_false``: stars of the catalogue in these groups that
        are not removed without planting. ``purity``: n_found / (n_found + n_false), NaN where none is found.
        ``detected``: 1 if in one removed group more than half of all members are planted. ``n_newly_removed``,
        ``n_no_longer_removed``: stars of the catalogue, wherever they are, whose removal the planting changed.
    """
    n = len(removed_before)
    removed = in_large_groups(group_id, max_members)
    planted = np.arange(len(group_id)) >= n
    holding = np.unique(group_id[planted & removed])
    members = np.isin(group_id, holding)
    n_found, n_false = int((planted & removed).sum()), int((members[:n] & ~removed_before).sum())
    shares = [float(planted[group_id == g].mean()) for g in holding]
    return {
        "n_found": n_found,
        "completeness": n_found / (len(group_id) - n),
        "purity": n_found / (n_found + n_false) if n_found else math.nan,
        "detected": float(max(shares, default=0.0) > 0.5),
        "n_groups": len(holding),
        "n_false": n_false,
        "n_newly_removed": int((removed[:n] & ~removed_before).sum()),
        "n_no_longer_removed": int((removed_before & ~removed[:n]).sum()),
    }


def _plant(begun: Start, index: int, rng: np.random.Generator) -> streams.Planted:
    design, asked = begun.design, begun.design.structure(index)
    frame, cuts = stages.frame(design.config), design.config.selection.cuts()

    def accept(seen: PhaseSpace, like: Ints) -> Bools:
        return _passes(streams.as_table(begun.stars, seen, like, frame), cuts)

    return streams.plant(
        phase_space(begun.stars)[0],
        rng,
        n=asked.stars,
        width=asked.width,
        length=asked.length,
        distance=asked.distance,
        v_spread=design.v_spread,
        r0=float(frame.r0),
        accept=accept,
    )


def _passes(seen: StarTable, cuts: Mapping[str, object]) -> Bools:
    """Which stars the cuts of the sample leave."""
    passed = np.zeros(len(seen), dtype=bool)
    stale = "known_object" if cuts.get("known_objects") else ""  # a copy from another place; `select` finds it anew
    columns = {name: column for name, column in seen.columns.items() if name != stale}
    numbered = replace(seen, columns={**columns, "row": np.arange(len(seen))})
    try:
        kept, _ = select(numbered, cuts)
    except SelectionError:  # none is left
        return passed
    passed[kept["row"]] = True
    return passed


def _as_observed(stars: PhaseSpace) -> Row:
    x, y, z = stars.directions().mean(axis=0)
    return {
        "l": float(np.degrees(np.arctan2(y, x)) % 360.0),
        "b": float(np.degrees(np.arctan2(z, np.hypot(x, y)))),
        "distance_found": float(np.median(stars.distance)),
        "v_gsr": float(stars.v.mean()),
        "v_gsr_spread": float(stars.v.std()),
    }
