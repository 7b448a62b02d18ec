"""groups.ecsv and pairs.ecsv: what is written is read back, to the last bit, and damage is told."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale import tables
from haloscale.errors import RunFolderError
from haloscale.records import Groups, PairExcess, Substructure

NUMBERS = ("l", "b", "extent", "length", "distance", "distance_spread", "v_gsr", "v_gsr_spread", "chance")


def substructure(n: int = 3, **changes: Any) -> Substructure:
    rng = np.random.default_rng(11)
    sizes = np.sort(rng.integers(2, 60, n))[::-1]
    known = rng.random(n) < 0.5
    groups = Groups(
        group_id=np.arange(n), n_members=sizes, removed=sizes > 10,
        **{name: rng.normal(0, 100, n) for name in NUMBERS},
        structure=tuple("Sagittarius, \"trailing\" arm" if k else "unknown" for k in known),
        structure_fraction=np.where(known, rng.random(n), np.nan), structure_chance=np.where(known, 1 / 3, np.nan),
    )  # fmt: skip
    settings = {"nu": 0.1 + 0.2, "linking_length": np.float64(1e-5), "n_nulls": 30}
    found = Substructure("fof_adaptive", 10, settings, 20, 0.05, np.float64(2 / 3), groups)
    return dataclasses.replace(found, **changes)


def pairs() -> PairExcess:
    low = np.geomspace(1e-3, 1, 4)
    return PairExcess(low, 2 * low, np.array([5.0, 0, 17, 1e12]), np.array([0.0, 1 / 3, 4, 1e12]), np.full(4, np.nan))


def assert_same(one: Any, other: Any) -> None:
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype.kind == b.dtype.kind, field.name
            np.testing.assert_array_equal(a, b)
        elif dataclasses.is_dataclass(a):
            assert_same(a, b)
        elif isinstance(a, float) and np.isnan(a):
            assert np.isnan(b)
        else:
            assert a == b, field.name


@pytest.mark.parametrize(
    "found",
    [
        substructure(),
        substructure(0),
        substructure(1, false_groups=np.nan, false_members=np.nan, n_nulls=0, settings={}),
        substructure(40),
    ],
    ids=["several", "none", "one, no nulls", "many"],
)
def test_groups_come_back_as_written(found: Substructure, tmp_path: Path) -> None:
    path = tmp_path / "groups.ecsv"
    tables.write_groups(path, found)
    again = tables.read_groups(path)
    assert_same(again, found)
    first = path.read_bytes()
    tables.write_groups(path, again)
    assert path.read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == ["groups.ecsv"]


@settings(max_examples=30)
@given(values=st.lists(st.floats(), min_size=1, max_size=5), rate=st.floats())
def test_any_number_survives(values: list[float], rate: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = substructure(len(values), false_members=rate, settings={"x": rate})
    found = dataclasses.replace(found, groups=dataclasses.replace(found.groups, chance=np.array(values)))
    path = tmp_path_factory.getbasetemp() / "any-groups.ecsv"
    tables.write_groups(path, found)
    again = tables.read_groups(path)
    np.testing.assert_array_equal(again.groups.chance, np.array(values))
    np.testing.assert_array_equal([again.false_members, again.settings["x"]], [rate, rate])


def test_pairs_are_left_to_their_own_file(tmp_path: Path) -> None:
    tables.write_groups(tmp_path / "groups.ecsv", substructure(pairs=pairs()))
    assert tables.read_groups(tmp_path / "groups.ecsv").pairs is None


def test_pairs_come_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "pairs.ecsv"
    tables.write_pairs(path, pairs())
    assert_same(tables.read_pairs(path), pairs())
    first = path.read_bytes()
    tables.write_pairs(path, tables.read_pairs(path))
    assert path.read_bytes() == first


def test_the_tables_as_astropy_reads_them(tmp_path: Path) -> None:
    tables.write_groups(tmp_path / "groups.ecsv", substructure())
    table = Table.read(tmp_path / "groups.ecsv")
    units = {name: str(table[name].unit or "") for name in table.colnames}
    assert {units[name] for name in ("l", "b", "extent", "length")} == {"deg"}
    assert {units[name] for name in ("distance", "distance_spread")} == {"kpc"}
    assert {units[name] for name in ("v_gsr", "v_gsr_spread")} == {"km / s"}
    assert table.meta["method"] == "fof_adaptive"
    assert table.meta["settings"] == {"nu": 0.1 + 0.2, "linking_length": 1e-5, "n_nulls": 30}
    assert (table.meta["n_nulls"], table.meta["false_groups"], table.meta["max_members"]) == (20, 0.05, 10)


def test_every_field_of_the_records_is_in_the_files(tmp_path: Path) -> None:
    tables.write_groups(tmp_path / "groups.ecsv", substructure())
    tables.write_pairs(tmp_path / "pairs.ecsv", pairs())
    groups, held = Table.read(tmp_path / "groups.ecsv"), Table.read(tmp_path / "pairs.ecsv")
    assert groups.colnames == [field.name for field in dataclasses.fields(Groups)]
    assert held.colnames == [field.name for field in dataclasses.fields(PairExcess)]
    assert [*groups.meta, "groups", "pairs"] == [field.name for field in dataclasses.fields(Substructure)]


@pytest.mark.parametrize("name", ["groups", "pairs"])
def test_missing_and_damaged_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.ecsv"
    read = {"groups": tables.read_groups, "pairs": tables.read_pairs}[name]
    with pytest.raises(RunFolderError, match="does not exist"):
        read(path)
    tables.write_groups(path, substructure()) if name == "groups" else tables.write_pairs(path, pairs())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RunFolderError, match="cannot be read"):
        read(path)
    path.write_text(path.read_text().replace("n_", "m_"))
    with pytest.raises(RunFolderError, match="cannot be read"):
        read(path)
