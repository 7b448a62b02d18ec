"""The rows of a study: CSV, or ECSV where the columns have units."""

import numpy as np

from haloscale.tables import read_study, write_study

TABLE = {"index": np.arange(3.0), "m_vir": np.array([1.5e12, np.nan, 2.25e12]), "rank": np.array([4.0, 99.0, 0.0])}


def test_what_is_written_is_read_back(tmp_path):
    for name, units in (("rows.csv", None), ("rows.ecsv", {"index": "", "m_vir": "solMass", "rank": ""})):
        write_study(tmp_path / name, TABLE, units)
        back = read_study(tmp_path / name)
        assert list(back) == list(TABLE)
        for key, values in TABLE.items():
            np.testing.assert_array_equal(back[key], values)


def test_units_and_whole_numbers_stand_in_the_file(tmp_path):
    write_study(tmp_path / "rows.ecsv", TABLE, {"index": "", "m_vir": "solMass", "rank": ""})
    text = (tmp_path / "rows.ecsv").read_text()
    assert "{name: m_vir, unit: solMass, datatype: float64}" in text
    assert "{name: rank, datatype: int64}" in text
