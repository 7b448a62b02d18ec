"""vary.csv: what is written is read back, and damage is told."""

from math import isnan
from pathlib import Path

import pytest

from haloscale import tables
from haloscale.errors import RunFolderError
from haloscale.robustness import AS_CONFIGURED, Interval, Refit, Robustness

VALUES = {
    "m_vir": Interval(1e12, 9e11, 1.2e12),
    "c": Interval(15, 14, 17),
    "m_within_100kpc": Interval(8e11, 7e11, 9e11),
}
STUDY = Robustness(
    Refit(AS_CONFIGURED, AS_CONFIGURED, values=VALUES, chi2=11.5, n_points=12, n_in_bins=900, status="reliable"),
    (
        Refit(
            "bins", "half, shifted", "dispersion.edges=[5,10]", 'a "reason"', True, VALUES, 3.25, 6, 900, "tentative"
        ),
        Refit("disk", "heavy", "mass.disk.m=9e10", "", False, note="said; twice"),
    ),
)


def test_round_trip(tmp_path: Path) -> None:
    tables.write_robustness(tmp_path / "vary.csv", STUDY)
    again = tables.read_robustness(tmp_path / "vary.csv")
    assert again.base == STUDY.base
    assert again.refits[0] == STUDY.refits[0]
    failed = again.refits[1]
    assert (failed.status, failed.note, failed.counted) == ("failed", "said; twice", False)
    assert isnan(failed.chi2)
    assert failed.values == {}


def test_changes_stand_in_the_table(tmp_path: Path) -> None:
    tables.write_robustness(tmp_path / "vary.csv", STUDY)
    header, _, first, failed = (tmp_path / "vary.csv").read_text().splitlines()
    column = header.split(",").index("m_vir_change_percent")
    assert "0.00,0.00" in first
    assert failed.split(",")[column] == ""


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    tables.write_robustness(tmp_path / "vary.csv", STUDY)
    lines = (tmp_path / "vary.csv").read_text().splitlines()
    (tmp_path / "vary.csv").write_text("\n".join([lines[0], lines[2]]))
    with pytest.raises(RunFolderError, match=r"vary\.csv cannot be read"):
        tables.read_robustness(tmp_path / "vary.csv")
