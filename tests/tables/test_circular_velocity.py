"""circular_velocity.ecsv and bias.csv: what is written comes back, gaps and negative squares included."""

import numpy as np
import pytest
from astropy.table import Table

from haloscale import tables
from haloscale.errors import RunFolderError
from haloscale.records import CircularVelocity

NAN = np.nan
POINTS = CircularVelocity(
    np.array([5.0, 8, 10]), np.array([8.0, 10, 14]), np.array([6.5, 9, 12]), np.array([241.3, 0.0, NAN]),
    np.array([230.1, 0.0, NAN]), np.array([250.9, 81.7, NAN]), np.array([58225.7, -1234.5, NAN]),
    np.array([52946.0, -9000.1, NAN]), np.array([62950.8, 6674.9, NAN]), np.array([10.4, 40.85, NAN]),
    np.array([True, False, False]), ("in the fit", "V_circ^2 is not positive", "no dispersion"),
)  # fmt: skip


def test_round_trip(tmp_path):
    path = tmp_path / "circular_velocity.ecsv"
    tables.write_circular_velocity(path, POINTS)
    again = tables.read_circular_velocity(path)
    for name in POINTS.__dataclass_fields__:
        assert np.array_equal(getattr(again, name), getattr(POINTS, name), equal_nan=name not in ("in_fit", "note"))
    assert isinstance(again.note, tuple)
    table = Table.read(path)
    assert str(table["v_circ"].unit) == "km / s"
    assert str(table["v_circ_squared"].unit) == "km2 / s2"
    assert table["v_circ"].mask.tolist() == [False, False, True]
    tables.write_circular_velocity(tmp_path / "again.ecsv", again)
    assert (tmp_path / "again.ecsv").read_bytes() == path.read_bytes()


def test_bias_table_round_trip(tmp_path):
    made = {"index": np.arange(3.0), "m_vir_sigma": np.array([1.1e12, NAN, 9.87654321e11]), "at_edge": np.zeros(3)}
    tables.write_study(tmp_path / "bias.csv", made)
    again = tables.read_study(tmp_path / "bias.csv")
    assert list(again) == list(made)
    assert all(np.array_equal(again[name], made[name], equal_nan=True) for name in made)
    assert (tmp_path / "bias.csv").read_text().splitlines()[2] == "1,,0"


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "circular_velocity.ecsv").write_text("r\n1\n")
    with pytest.raises(RunFolderError, match="circular_velocity"):
        tables.read_circular_velocity(tmp_path / "circular_velocity.ecsv")
    (tmp_path / "bias.csv").write_text("a,b\n1,2,3\n")
    with pytest.raises(RunFolderError, match=r"bias\.csv"):
        tables.read_study(tmp_path / "bias.csv")
