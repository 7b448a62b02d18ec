"""The tables of the page `substructure`: both searches on one simulated catalogue with streams and clumps planted."""

from functools import cache
from typing import Any

import numpy as np
from generate.layout import NBSP, table

from haloscale import mock
from haloscale.frames import ZHAI2018, locate
from haloscale.mock import streams
from haloscale.records import Bools, Ints, StarTable, Substructure, in_large_groups
from haloscale.substructure.groups import find

N_STARS = 8000
N_NULLS = 20
MAX_MEMBERS = 10
Z_MIN = 5.0
"""As in the recipes [kpc]."""
LENGTHS = (0.015, 0.02, 0.025, 0.03, 0.035)
STREAM = 0
"""Position of the stream in the planted structures; clumps are the others."""


def tables() -> dict[str, str]:
    """The tables, by name of their file."""
    return {"fof": methods(), "linking": linking()}


def numbers() -> dict[str, str]:
    """The numbers in the text, by name."""
    return {"fof_stars": f"{N_STARS:,}"}


@cache
def catalogue() -> tuple[StarTable, Ints]:
    """A simulated halo with the structures of `mock.streams`, off the disk, and the structure of each star."""
    rng = np.random.default_rng(2009)
    stars = mock.simulate_simple(mock.Truth(), rng, 10 * N_STARS, distance_fractional_error=0.13, v_error=7.0)
    halo = np.flatnonzero(_off_the_disk(locate(stars, ZHAI2018)))
    whole, label = streams.with_structures(stars.take(halo[:N_STARS]), rng)
    kept = _off_the_disk(whole)
    return whole.take(kept), label[kept]


@cache
def search(method: str, **options: Any) -> tuple[Ints, Substructure]:
    """Group of each star, and what the search knows of itself."""
    stars, _ = catalogue()
    rng = np.random.default_rng(1)
    grouping, found = find(stars, rng, method, MAX_MEMBERS, n_nulls=N_NULLS, **options)
    return grouping.group_id, found


def methods() -> str:
    """Both searches with their own choice of the linking."""
    head = ["", "chosen", *_HEAD]
    chosen = (("fof_4distance", "linking_length"), ("fof_adaptive", "nu"))
    rows = [[f"`{name}`", _setting(search(name)[1], key), *_row(*search(name))] for name, key in chosen]
    return table(head, rows)


def linking() -> str:
    """The classic search at given linking lengths."""
    rows = [[f"{x:g}", *_row(*search("fof_4distance", linking_length=x))] for x in LENGTHS]
    return table(["`linking_length`", *_HEAD], rows)


def _off_the_disk(stars: StarTable) -> Bools:
    return np.asarray(abs(stars["z"]) >= Z_MIN)


_HEAD = ["groups", "stars removed", "of the stream", "of the clumps", "purity", "false members in a null"]


def _row(group_id: Ints, found: Substructure) -> list[str]:
    _, label = catalogue()
    removed = in_large_groups(group_id, MAX_MEMBERS)
    stream, clumps = label == STREAM, label > STREAM
    purity = (removed & (label >= 0)).sum() / removed.sum() if removed.any() else np.nan
    groups, share = int(found.groups.removed.sum()), [removed[which].mean() for which in (stream, clumps)]
    return [str(groups), f"{removed.sum():,}", *(_percent(x) for x in (*share, purity)), f"{found.false_members:.1f}"]


def _setting(found: Substructure, key: str) -> str:
    return f"`{key}` = {found.settings[key]:.4g}" if key in found.settings else "nothing"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}{NBSP}%" if np.isfinite(share) else "–"
