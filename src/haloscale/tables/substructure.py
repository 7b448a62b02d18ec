"""The groups of stars and the pairs a search for substructure found: groups.ecsv and pairs.ecsv."""

import os
from typing import Any, Final

import numpy as np

from haloscale.constants import DEG, KMS, KPC
from haloscale.records import Groups, PairExcess, Substructure
from haloscale.tables.atomic import reading
from haloscale.tables.ecsv import read_ecsv, write_ecsv

_GROUPS: Final = {
    "group_id": "", "n_members": "", "removed": "", "l": DEG, "b": DEG, "extent": DEG, "length": DEG, "distance": KPC,
    "distance_spread": KPC, "v_gsr": KMS, "v_gsr_spread": KMS, "chance": "", "structure": "", "structure_fraction": "",
    "structure_chance": "",
}  # fmt: skip
_PAIRS: Final = dict.fromkeys(("separation_low", "separation_high", "n_pairs", "n_null", "n_null_sd"), "")
_ABOUT: Final = ("method", "max_members", "settings", "n_nulls", "false_groups", "false_members")


def write_groups(path: str | os.PathLike[str], found: Substructure) -> None:
    """Write the groups as ECSV, one row each, with units; method, settings and false rates stand in the header.

    The pairs have a file of their own: `write_pairs`. Errors: `RunFolderError` if it cannot be written.
    """
    columns = {name: np.asarray(getattr(found.groups, name)) for name in _GROUPS}
    columns["structure"] = np.array(found.groups.structure, dtype=str)
    about = {name: getattr(found, name) for name in _ABOUT}
    about["settings"] = {str(name): _plain(value) for name, value in found.settings.items()}
    write_ecsv(path, columns, _GROUPS, {name: _plain(value) for name, value in about.items()})


def read_groups(path: str | os.PathLike[str]) -> Substructure:
    """Read what `write_groups` wrote; `pairs` is None. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path):
        columns, meta = read_ecsv(path)
        structure = tuple(str(name) for name in columns.pop("structure"))
        groups = Groups(**{name: columns[name] for name in _GROUPS if name != "structure"}, structure=structure)
        return Substructure(**{name: meta[name] for name in _ABOUT}, groups=groups)


def write_pairs(path: str | os.PathLike[str], pairs: PairExcess) -> None:
    """Write the pairs against their 4distance as ECSV, one row a bin; nothing in it has a unit.

    Errors: `RunFolderError` if it cannot be written.
    """
    write_ecsv(path, {name: np.asarray(getattr(pairs, name), dtype=float) for name in _PAIRS}, _PAIRS)


def read_pairs(path: str | os.PathLike[str]) -> PairExcess:
    """Read what `write_pairs` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path):
        columns, _ = read_ecsv(path)
        return PairExcess(**{name: columns[name] for name in _PAIRS})


def _plain(value: Any) -> Any:
    """The value without NumPy, as the header of a file holds it."""
    return value.item() if isinstance(value, np.generic) else value
