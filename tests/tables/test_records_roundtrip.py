"""Every record of the run folder comes back as it was written, with the names and units of the contract."""

import csv
import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haloscale import tables
from haloscale.errors import RunFolderError
from haloscale.records import (
    Band,
    Chain,
    Cut,
    CutFlow,
    DispersionProfile,
    Estimate,
    MassProfile,
    Parameter,
    Sample,
    SamplingStatus,
    Summary,
)

CONTRACT = [
    "row", "l", "b", "distance", "distance_error", "x", "y", "z", "r", "v_helio", "v_helio_error", "v_gsr",
    "group_id", "bin",
]  # fmt: skip


def sample(n: int = 7, seed: int = 3) -> Sample:
    rng = np.random.default_rng(seed)
    floats = {f.name: rng.normal(size=n) for f in dataclasses.fields(Sample) if f.name != "extra"}
    whole = {name: rng.integers(-1, 5, n) for name in ("row", "group_id", "bin")}
    extra = {
        "feh": rng.normal(size=n),
        "n_visits": rng.integers(1, 3, n),
        "known_object": np.array(["", "M 13"] * n, object)[:n],
    }
    extra["feh"][:1] = np.nan
    return Sample(**{**floats, **whole}, extra=extra)


def profile() -> DispersionProfile:
    gap = np.array([120.5, 110.25, np.nan])
    radii = {"r_low": np.array([5.0, 8, 10]), "r_high": np.array([8.0, 10, 14]), "r": np.array([6.5, 9, 12])}
    counts = {"n": np.array([30, 12, 0]), "in_fit": np.array([True, True, False])}
    return DispersionProfile(
        **radii, **counts, r_mean=np.array([6.25, 9.1, np.nan]),
        sigma_los=gap, sigma_los_lower=gap - 5, sigma_los_upper=gap + 6,
        mean_v_gsr=-gap / 9, mean_v_gsr_error=gap / 11, mean_sin2_psi=gap / 300,
    )  # fmt: skip


def mass_profile() -> MassProfile:
    r = np.geomspace(5, 120, 4)
    names = [f.name for f in dataclasses.fields(MassProfile) if f.name not in ("r", "catalogues")]
    bands = {name: Band(r * i, r * i - 1, r * i + 1 / 3) for i, name in enumerate(names, 1)}
    return MassProfile(r, **bands)


def sampling(**changes: Any) -> SamplingStatus:
    return dataclasses.replace(SamplingStatus("reliable", 1.002, 1500.0, 31.5, 3000, 600, 0.7), **changes)


def chain() -> Chain:
    rng = np.random.default_rng(1)
    prior = {"prior": "log_uniform", "low": 1e11, "high": np.float64(1e13)}
    parameters = (
        Parameter("m_vir", "solMass", r"$M_\mathrm{vir}$", "halo mass", prior),
        Parameter("c", "", "$c$", "concentration", {"prior": "uniform", "low": 1, "high": 100}),
    )
    index = np.arange(12)
    return Chain(parameters, rng.normal(size=(12, 2)), -rng.random(12), np.ones(12), index % 3, index // 3, sampling())


def cutflow() -> CutFlow:
    return CutFlow(
        (Cut("z_min", 100, 80), Cut('feh_max, odd "name"', 80, 80, False, "no column feh,\nnone"), Cut("r", 80, 0))
    )


def summary() -> Summary:
    m_vir = Estimate(1.1e12, 0.9e12, 1.3e12, "solMass", "halo, 200 x critical")
    c = Estimate(12.0, 12.0, 12.0, "", "r_vir / r_-2", fixed=True)
    return Summary(
        {"m_vir": m_vir, "c": c}, {"r_vir": m_vir}, 6016, 5000, 0, 4990, 11.5, 12, sampling(), "zhai2018", 1, "0.1.0",
        ("one bin – left out",), {"m_vir": 1.3e12}, "simulated",
    )  # fmt: skip


PAIRS: dict[str, tuple[Callable[[], Any], Callable[..., None], Callable[..., Any]]] = {
    "sample.parquet": (sample, tables.write_sample, tables.read_sample),
    "dispersion.ecsv": (profile, tables.write_dispersion, tables.read_dispersion),
    "mass_profile.ecsv": (mass_profile, tables.write_mass_profile, tables.read_mass_profile),
    "chain.parquet": (chain, tables.write_chain, tables.read_chain),
    "cutflow.csv": (cutflow, tables.write_cutflow, tables.read_cutflow),
    "summary.json": (summary, tables.write_summary, tables.read_summary),
}
every_record = pytest.mark.parametrize("name", PAIRS)


def assert_equal(one: Any, other: Any) -> None:
    if dataclasses.is_dataclass(one):
        assert type(one) is type(other)
        for f in dataclasses.fields(one):
            assert_equal(getattr(one, f.name), getattr(other, f.name))
    elif isinstance(one, np.ndarray):
        assert one.dtype.kind == other.dtype.kind
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_equal(a, b)
    else:
        assert one == other


@every_record
def test_comes_back_as_written(tmp_path: Path, name: str) -> None:
    make, write, read = PAIRS[name]
    write(tmp_path / name, make())
    assert_equal(read(tmp_path / name), make())


@every_record
def test_same_record_same_bytes(tmp_path: Path, name: str) -> None:
    make, write, read = PAIRS[name]
    write(tmp_path / name, make())
    first = (tmp_path / name).read_bytes()
    write(tmp_path / name, make())
    assert (tmp_path / name).read_bytes() == first
    write(tmp_path / ("again-" + name), read(tmp_path / name))
    assert (tmp_path / ("again-" + name)).read_bytes() == first


@every_record
def test_missing_and_damaged_files(tmp_path: Path, name: str) -> None:
    make, write, read = PAIRS[name]
    with pytest.raises(RunFolderError, match="does not exist"):
        read(tmp_path / name)
    write(tmp_path / name, make())
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2] + b"\x00,\xff")
    with pytest.raises(RunFolderError, match="cannot be read"):
        read(tmp_path / name)


def test_sample_columns_in_the_order_of_the_contract_with_units(tmp_path: Path) -> None:
    tables.write_sample(tmp_path / "sample.parquet", sample())
    schema = pq.read_schema(tmp_path / "sample.parquet")
    assert schema.names == [*CONTRACT, "sin2_psi", "feh", "n_visits", "known_object"]
    units = {f.name: (f.metadata or {}).get(b"unit", b"").decode() for f in schema}
    assert {units[n] for n in ("distance", "distance_error", "x", "y", "z", "r")} == {"kpc"}
    assert {units[n] for n in ("v_helio", "v_helio_error", "v_gsr")} == {"km / s"}
    assert {units[n] for n in ("l", "b")} == {"deg"}
    assert {units[n] for n in ("row", "bin", "group_id", "sin2_psi", "feh")} == {""}


def test_empty_sample(tmp_path: Path) -> None:
    tables.write_sample(tmp_path / "sample.parquet", sample(0))
    assert len(tables.read_sample(tmp_path / "sample.parquet")) == 0


def test_dispersion_as_astropy_reads_it(tmp_path: Path) -> None:
    tables.write_dispersion(tmp_path / "dispersion.ecsv", profile())
    table = Table.read(tmp_path / "dispersion.ecsv")
    assert {n: str(table[n].unit) for n in ("r_low", "r_high", "r", "r_mean")} == dict.fromkeys(
        ("r_low", "r_high", "r", "r_mean"), "kpc"
    )
    assert all(str(table[n].unit) == "km / s" for n in table.colnames if n.startswith(("sigma", "mean_v")))
    assert table["sigma_los"].mask.tolist() == [False, False, True]
    assert table["n"].tolist() == [30, 12, 0]
    assert table["in_fit"].dtype == bool


def test_chain_columns(tmp_path: Path) -> None:
    tables.write_chain(tmp_path / "chain.parquet", chain())
    table = pq.read_table(tmp_path / "chain.parquet")
    assert table.column_names == ["chain", "draw", "log_posterior", "weight", "m_vir", "c"]
    np.testing.assert_array_equal(table["c"].to_numpy(), chain()["c"])


def test_cutflow_header_and_lines(tmp_path: Path) -> None:
    tables.write_cutflow(tmp_path / "cutflow.csv", cutflow())
    with (tmp_path / "cutflow.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["cut", "n_before", "n_after", "applied", "note"]
    assert lines[2] == ['feh_max, odd "name"', "80", "80", "false", "no column feh,\nnone"]


def test_summary_is_laid_out_as_the_contract_says(tmp_path: Path) -> None:
    odd = dataclasses.replace(summary(), sampling=sampling(rhat=np.float64("inf"), tau=None), chi2=math.nan, truth={})
    tables.write_summary(tmp_path / "summary.json", odd)
    content = json.loads((tmp_path / "summary.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    assert content["parameters"]["m_vir"] == {
        "median": 1.1e12, "lower": 0.9e12, "upper": 1.3e12, "unit": "solMass", "definition": "halo, 200 x critical",
    }  # fmt: skip
    assert content["parameters"]["c"]["fixed"] is True
    assert content["sample"] == {"n_read": 6016, "n_kept": 5000, "n_removed_substructure": 0, "n_in_bins": 4990}
    assert content["fit"] == {"chi2": None, "n_points": 12}
    assert content["sampling"]["rhat"] is None
    assert (content["recipe"], content["seed"], content["version"]) == ("zhai2018", 1, "0.1.0")
    assert "truth" not in content
    assert math.isnan(tables.read_summary(tmp_path / "summary.json").chi2)


def test_the_evidence_comes_back_and_a_run_folder_without_one_is_read(tmp_path: Path) -> None:
    state = sampling(log_evidence=-7.21, log_evidence_error=0.01, n_divergent=3)
    tables.write_summary(tmp_path / "summary.json", dataclasses.replace(summary(), sampling=state))
    tables.write_chain(tmp_path / "chain.parquet", dataclasses.replace(chain(), sampling=state))
    assert tables.read_summary(tmp_path / "summary.json").sampling == state
    assert tables.read_chain(tmp_path / "chain.parquet").sampling == state
    content = json.loads((tmp_path / "summary.json").read_text())
    for key in ("log_evidence", "log_evidence_error", "n_divergent"):
        del content["sampling"][key]
    (tmp_path / "summary.json").write_text(json.dumps(content))
    assert tables.read_summary(tmp_path / "summary.json").sampling == sampling()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=1, max_size=8))
def test_ecsv_keeps_every_digit(tmp_path: Path, values: list[float]) -> None:
    column = np.array(values)
    others = ("n", "in_fit", "catalogues")
    changed = {f.name: column for f in dataclasses.fields(DispersionProfile) if f.name not in others}
    record = DispersionProfile(**changed, n=np.arange(len(column)), in_fit=column > 0)
    tables.write_dispersion(tmp_path / "d.ecsv", record)
    assert_equal(tables.read_dispersion(tmp_path / "d.ecsv"), record)
