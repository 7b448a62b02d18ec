"""The samples of several catalogues as one."""

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from haloscale.config import RunConfig
from haloscale.dispersion.base import radial_bins
from haloscale.records import CutFlow, Floats, Groups, Sample, Substructure
from haloscale.stages.measuring import edges
from haloscale.stages.notes import Notes
from haloscale.stages.selecting import Selected, removed

_SAME_STAR: Final = 1.0
"""Angle [arcsec] below which two stars are taken for the same."""

_UNKNOWN: Final[Mapping[str, Any]] = {"f": np.nan, "i": -1, "b": False}
"""What stands for a value that another catalogue does not have, by kind of column; texts are empty."""


def join(config: RunConfig, selected: Mapping[str, Selected]) -> Selected:
    """The stars that the selections of several catalogues leave, as one sample in bins that all share.

    Parameters
    ----------
    config : RunConfig
    selected : mapping of str to Selected
        By the name of the catalogue; a single one, without a name, stays as it is.

    Returns
    -------
    Selected
        Groups keep a number each that no group of another catalogue has.
    """
    if list(selected) == [""]:
        return selected[""]
    numbered, first = {}, 0
    for name, one in selected.items():
        numbered[name] = _numbered_from(first, one)
        first = max(first, int(numbered[name].sample.group_id.max(initial=-1)) + 1)
    whole = _concatenated({name: one.sample for name, one in numbered.items()})
    out = removed(config, whole)
    bins = np.where(out, -1, radial_bins(whole.r, edges(config, whole.r[~out])))
    cuts = [replace(cut, catalogue=name) for name, one in numbered.items() for cut in one.cutflow]
    notes = [f"{name}: {note}" for name, one in numbered.items() for note in one.notes]
    found = {name: one.substructure for name, one in numbered.items() if one.substructure is not None}
    return Selected(replace(whole, bin=bins), CutFlow(tuple(cuts)), (*notes, *_in_common(numbered)), None, found)


def _numbered_from(first: int, one: Selected) -> Selected:
    group_id, found = one.sample.group_id, one.substructure
    sample = replace(one.sample, group_id=np.where(group_id >= 0, group_id + first, -1))
    return replace(one, sample=sample, substructure=None if found is None else _groups_from(first, found))


def _groups_from(first: int, found: Substructure) -> Substructure:
    groups: Groups = replace(found.groups, group_id=found.groups.group_id + first)
    return replace(found, groups=groups)


def _concatenated(samples: Mapping[str, Sample]) -> Sample:
    parts = list(samples.values())
    named = {f.name: np.concatenate([getattr(s, f.name) for s in parts]) for f in fields(Sample) if f.name != "extra"}
    names = dict.fromkeys(name for s in parts for name in s.extra)
    whose = np.concatenate([np.full(len(s), name, dtype=object) for name, s in samples.items()])
    return Sample(**named, extra={"catalogue": whose, **{name: _column(name, parts) for name in names}})


def _column(name: str, parts: list[Sample]) -> NDArray[Any]:
    kind = next(s.extra[name] for s in parts if name in s.extra).dtype
    unknown = np.array(_UNKNOWN.get(kind.kind, ""), dtype=object if kind.kind in "OSU" else kind)
    return np.concatenate([s.extra[name] if name in s.extra else np.full(len(s), unknown) for s in parts])


def _in_common(selected: Mapping[str, Selected]) -> Notes:
    """A remark for each pair of catalogues that hold the same stars."""
    said = []
    for (a, one), (b, other) in combinations(selected.items(), 2):
        n = n_in_common(*(_directions(s.sample) for s in (one, other)))
        if n:
            stars = "star is" if n == 1 else "stars are"
            said.append(
                f"{n} {stars} in {a} and in {b} (within {_SAME_STAR:g} arcsec) and count twice: the errors are "
                "too small for it; cut them from one of the two"
            )
    return tuple(said)


def n_in_common(a: Floats, b: Floats) -> int:
    """How many of the unit vectors a, array (n_a, 3) dimensionless, have one of b, array (n_b, 3), at their place."""
    from scipy.spatial import KDTree

    if len(a) == 0 or len(b) == 0:
        return 0
    nearest, _ = KDTree(b).query(a)
    return int(np.count_nonzero(nearest < np.deg2rad(_SAME_STAR / 3600.0)))


def _directions(sample: Sample) -> Floats:
    l, b = np.deg2rad(sample.l), np.deg2rad(sample.b)
    return np.stack([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)], axis=-1)
