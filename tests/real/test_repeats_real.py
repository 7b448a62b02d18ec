"""Repeat observations in the LAMOST DR3 halo giants (counts: METHODS, section 1, by another program)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.records import StarTable
from haloscale.repeats import merge_repeats


@pytest.fixture(scope="module")
def giants(shared: Callable[[str], Path]) -> StarTable:
    path = shared("data/lamost-dr3-halo-rgb/LMDR3_haloRGB2.dat")
    rows = np.genfromtxt(path, names=True, usecols=range(18), dtype=None, encoding="utf-8")
    columns = {name: np.asarray(rows[name], float) for name in ("ra", "dec", "teff", "logg", "feh")}
    columns |= {"v_helio": np.asarray(rows["rv"], float), "v_helio_error": np.full(len(rows), 7.0)}
    return StarTable({"row": np.arange(len(rows)), **columns}, "lamost_dr3_halo_rgb")


@pytest.mark.parametrize(("radius", "positions"), [(3.0, 4446), (1.0, 4452)])
def test_the_number_of_positions(giants: StarTable, radius: float, positions: int) -> None:
    merged, cut = merge_repeats(giants, radius)
    assert len(giants) == 5171
    assert len(merged) == positions
    assert cut is not None
    assert (cut.n_before, cut.n_after) == (5171, positions)
    assert merged["n_visits"].sum() == 5171


def test_at_a_tenth_of_an_arcsec_the_digits_of_the_file_decide(giants: StarTable) -> None:
    # Positions are given to 0.036 arcsec, so pairs pile up about this radius: one pair more or less than 4520.
    merged, _ = merge_repeats(giants, 0.1)
    assert abs(len(merged) - 4520) <= 1


def test_repeats_differ_by_a_few_km_s(giants: StarTable) -> None:
    # 4.2 km/s rms between repeats (data README): far below 5 sigma of 7 km/s, so only a handful can be variable.
    merged, _ = merge_repeats(giants, 3.0)
    assert merged["velocity_variable"].sum() <= 5
