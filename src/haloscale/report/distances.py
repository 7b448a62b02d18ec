"""Distances from photometry on the page: how they were found, how well, and against the catalogue's own."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any, Final

import numpy as np

from haloscale.distance import distance_methods
from haloscale.figures.distance_comparison import agreement, compared, ratios
from haloscale.figures.distance_error import placed
from haloscale.photometry import options_used
from haloscale.records import Bools, Run, Sample
from haloscale.report.content import flatten

NO_DISTANCE: Final = "distance found"
"""The line of the cut flow that leaves out stars without a distance."""

_EDGES: Final = (0.0, 10.0, 20.0, 40.0, 80.0, inf)
"""Of the rows of the table [kpc]."""


@dataclass(frozen=True)
class DistanceRow:
    """Stars between two distances as text: number, typical errors, and what they are to the catalogue's own."""

    bounds: str
    n: str
    modulus_error: str
    error: str
    ratio: str
    scatter: str


def section(run: Run) -> dict[str, Any]:
    """What the page shows of the distances; empty where they were not found from photometry."""
    known = placed(run.sample)
    if not known.any():
        return {}
    settings = run.config.get("distance", {})
    used = options_used(settings, run.sample.extra)
    return {
        "sentences": sentences(run),
        "method": settings.get("method", "?"),
        "settings": [(key, value) for key, value in flatten(used) if key != "method"],
        "rows": rows(run.sample),
        "has_own": bool(compared(run.sample).any()),
    }


def sentences(run: Run) -> list[str]:
    """How the distances were found, how well they are known, and how they compare, in plain words."""
    sample, known = run.sample, placed(run.sample)
    d, error = sample.distance[known], sample.distance_error[known] / sample.distance[known]
    near, middle, far = np.quantile(d, [0.05, 0.5, 0.95])
    said = [
        f"Distances from photometry: {_count(int(known.sum()))}. {_method(run.config)}",
        f"Half of the stars are beyond {middle:.1f} kpc, nine in ten between {near:.1f} and {far:.1f} kpc; the median "
        f"error is {100 * np.median(error):.1f} %.",
    ]
    if known.sum() < 2:
        said = said[:1]
    return [*said, *_without(run), *_against_the_catalogue(sample)]


def _method(config: Mapping[str, Any]) -> str:
    """The first line of the method's own description, as a sentence."""
    name = config.get("distance", {}).get("method", "")
    described = inspect.getdoc(distance_methods[name]) if name in distance_methods else None
    return f"{described.splitlines()[0].rstrip('.')}." if described else ""


def _without(run: Run) -> list[str]:
    """How many stars were left without a distance and why, as the cut flow has it."""
    lost = [cut for cut in run.cutflow if cut.name == NO_DISTANCE and cut.n_before > cut.n_after]
    return [
        f"Of {cut.n_before:,} stars {cut.n_before - cut.n_after:,} were given none and are left out ({cut.note})."
        for cut in lost
    ]


def _against_the_catalogue(sample: Sample) -> list[str]:
    if not compared(sample).any():
        return []
    found = agreement(ratios(sample))
    said = f"Over the distances that the catalogue itself states they have a median ratio of {found.text}"
    spread = f" and a scatter of {100 * found.scatter:.1f} %" if found.n > 1 else ""
    return [f"{said}{spread} ({_count(found.n)})."]


def rows(sample: Sample) -> list[DistanceRow]:
    """One row a range of distances that holds stars."""
    known = placed(sample)
    found = []
    for low, high in pairwise(_EDGES):
        inside: Bools = known & (sample.distance >= low) & (sample.distance < high)
        if inside.any():
            bounds = f"beyond {low:.0f}" if high == inf else f"{low:.0f}–{high:.0f}"
            found.append(_row(sample, inside, bounds))
    return found


def _row(sample: Sample, inside: Bools, bounds: str) -> DistanceRow:
    low, high = (np.asarray(sample.extra[name], float)[inside] for name in ("dm_p16", "dm_p84"))
    error = 100 * sample.distance_error[inside] / sample.distance[inside]
    both = (inside & compared(sample))[compared(sample)]
    ratio, scatter = "–", "–"
    if both.any():
        of = agreement(ratios(sample)[both])
        ratio = of.text
        scatter = f"{100 * of.scatter:.1f}" if of.n > 1 else "–"
    modulus = f"{np.nanmedian((high - low) / 2):.2f}"
    return DistanceRow(bounds, f"{inside.sum():,}", modulus, f"{np.median(error):.1f}", ratio, scatter)


def _count(n: int) -> str:
    return f"{n:,} {'star' if n == 1 else 'stars'}"
