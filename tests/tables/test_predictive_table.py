"""predictive.ecsv comes back as it was written, with its units; a folder without it is as good as before."""

from dataclasses import fields, replace

import numpy as np
import pytest
from astropy.table import Table

from haloscale import tables
from haloscale.errors import RunFolderError
from haloscale.records import Predicted, PredictiveCheck


def check():
    rng = np.random.default_rng(1)
    quantities = (Predicted(*rng.normal(100, 10, (7, 3))) for _ in range(3))
    where = np.array([[5.0, 8.0, 10.0], [8.0, 10.0, 14.0], [6.5, 9.0, 12.0]])
    verdict = 'The model does not fit: "faster" at 8-10 kpc; 120 km/s: predicted 100 to 110 %.'
    return PredictiveCheck(*where, np.array([10, 200, 3000]), *quantities, 500, 0.25, 0.002, False, verdict)


def test_it_comes_back(tmp_path):
    made, path = check(), tmp_path / "predictive.ecsv"
    tables.write_predictive(path, made)
    again = tables.read_predictive(path)
    for field in fields(PredictiveCheck):
        old, new = getattr(made, field.name), getattr(again, field.name)
        if isinstance(old, Predicted):
            for part in fields(Predicted):
                np.testing.assert_array_equal(getattr(old, part.name), getattr(new, part.name))
        else:
            np.testing.assert_array_equal(old, new)
    assert again.fits is False
    table = Table.read(path)
    assert (str(table["sigma_los_observed"].unit), str(table["r_low"].unit)) == ("km / s", "kpc")
    assert table["kurtosis_upper"].unit is None
    assert table["mean_v_gsr_tail"].unit is None


def test_equal_checks_are_equal_bytes(tmp_path):
    for name in ("a", "b"):
        tables.write_predictive(tmp_path / name, check())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "predictive.ecsv"
    tables.write_predictive(path, replace(check(), verdict="short"))
    path.write_text(path.read_text().replace("p_sigma_los", "p_other"))
    with pytest.raises(RunFolderError, match=r"predictive\.ecsv"):
        tables.read_predictive(path)
