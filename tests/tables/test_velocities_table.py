"""velocities.ecsv and velocity_histograms.ecsv come back as they were written, with their units."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from astropy.table import Table

from haloscale import folder, tables
from haloscale.errors import RunFolderError
from haloscale.records import COMPONENTS, ComponentCheck, Counts, Predicted, VelocityCheck

N_BINS, N_STEPS = 3, 20


def predicted(rng):
    return Predicted(*rng.normal(100, 10, (7, N_BINS)))


def check(seed=1):
    rng = np.random.default_rng(seed)
    components = {
        name: ComponentCheck(
            rng.integers(100, 900, N_BINS),
            *[predicted(rng) for _ in range(5)],
            Counts(rng.integers(0, 90, (N_BINS, N_STEPS)), *rng.uniform(0, 90, (3, N_BINS, N_STEPS))),
        )
        for name in COMPONENTS
    }
    where = np.array([[5.0, 10.0, 18.0], [10.0, 18.0, 120.0], [8.5, 13.0, 25.0]])
    limits = {"mean": 3.25, "sigma": 4.5, "core": 4.5, "distance": 3.75}
    verdict = 'The velocities do not fit: "v_phi" at 18-120 kpc; 95 %.'
    steps = np.linspace(-500, 500, N_STEPS + 1)
    return VelocityCheck(*where, components, predicted(rng), steps, 200, limits, 0.005, False, verdict)


def same(old, new):
    if is_dataclass(old):
        for field in fields(old):
            same(getattr(old, field.name), getattr(new, field.name))
    elif isinstance(old, dict):
        assert list(old) == list(new)
        for name in old:
            same(old[name], new[name])
    else:
        np.testing.assert_array_equal(old, new)


def test_they_come_back(tmp_path):
    made = {"": check(), "giants": check(2)}
    folder.write_velocities(tmp_path, made)
    again = folder.read_velocities(tmp_path, ("", "giants", "absent"))
    assert list(again) == ["", "giants"]
    for name in made:
        same(made[name], again[name])
    assert again[""].fits is False
    assert again[""].components["v_r"].counts.observed.dtype.kind == "i"


def test_they_state_their_units(tmp_path):
    folder.write_velocities(tmp_path, {"": check()})
    table, histograms = (Table.read(tmp_path / name) for name in ("velocities.ecsv", "velocity_histograms.ecsv"))
    assert {str(table[name].unit) for name in ("mean_observed", "sigma_upper_95")} == {"km / s"}
    assert {str(histograms[name].unit) for name in ("v_low", "v_high")} == {"km / s"}
    assert {str(part["r_low"].unit) for part in (table, histograms)} == {"kpc"}
    assert table["kurtosis_lower"].unit is table["mean_tail"].unit is table["beta_median"].unit is None
    assert len(table) == 4 * N_BINS
    assert len(histograms) == 4 * N_BINS * N_STEPS
    row = histograms[(histograms["component"] == "v_phi") & (histograms["r_low"] == 18) & (histograms["v_low"] == 50)]
    assert row["observed"][0] == check().components["v_phi"].counts.observed[2, 11]


def test_equal_checks_are_equal_bytes(tmp_path):
    for name in ("a", "b"):
        tables.write_velocities(tmp_path / name, check())
        tables.write_velocity_histograms(tmp_path / f"{name}_h", check())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a_h").read_bytes() == (tmp_path / "b_h").read_bytes()


@pytest.mark.parametrize("name", ["velocities.ecsv", "velocity_histograms.ecsv"])
def test_a_damaged_file_is_named(tmp_path, name):
    folder.write_velocities(tmp_path, {"": check()})
    path = tmp_path / name
    path.write_text(path.read_text().replace("component", "part"))
    with pytest.raises(RunFolderError, match=name.replace(".", r"\.")):
        folder.read_velocities(tmp_path)
    path.unlink()
    if name == "velocity_histograms.ecsv":
        with pytest.raises(RunFolderError, match=r"velocity_histograms\.ecsv"):
            folder.read_velocities(tmp_path)
