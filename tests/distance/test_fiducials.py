"""Sequences of the giant branch: the ridge lines themselves, their continuation to the tip, and what lies between."""

import csv
from importlib.resources import files

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from haloscale.distance.fiducials import DEFAULT_CLUSTERS, fiducials
from haloscale.errors import ConfigError


def rows(name: str) -> list[dict[str, str]]:
    text = files("haloscale").joinpath(f"data/{name}").read_text()
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def test_the_ridge_lines_are_returned_at_their_own_clusters():
    sequences, table = fiducials(), rows("giant_branch_fiducials.csv")
    feh = {row["cluster"]: float(row["feh"]) for row in rows("giant_branch_clusters.csv")}
    for name in DEFAULT_CLUSTERS:
        points = [(float(r["m_r"]), float(r[name])) for r in table if r[name]]
        m_r, gr0 = np.array(points).T
        np.testing.assert_allclose(sequences.colour(m_r, np.full(len(m_r), feh[name])), gr0, atol=3e-4)
    assert sequences.names == DEFAULT_CLUSTERS


def test_bright_ends_go_on_with_the_slope_of_their_brightest_three_tenths():
    sequences = fiducials()
    line = dict(zip(np.round(sequences.m_r, 1), sequences.gr0[sequences.names.index("NGC6791")], strict=True))
    slope = (line[0.3] - line[0.0]) / 0.3
    assert line[-3.3] == pytest.approx(line[0.0] - 3.3 * slope, abs=1e-12)
    assert sequences.starts.tolist() == [-2.8, -3.0, -2.3, 0.0]


@pytest.mark.parametrize(
    "names",
    [DEFAULT_CLUSTERS, ("M15", "M92", "M30", "M68", "M2", "M79", "M13", "M3", "NGC288", "M5", "M71", "NGC6791")],
)
def test_fainter_is_bluer_everywhere(names):
    m_r, feh, gr0 = fiducials(names).table(0.025)
    assert (np.diff(gr0, axis=1) < 0).all()
    assert (m_r[0], m_r[-1]) == (-3.3, 3.0)
    assert gr0.shape == (len(feh), len(m_r))


def test_between_clusters_the_cubic_is_monotone_and_beyond_them_the_last_sequence_holds():
    sequences, m_r = fiducials(), np.array([-2.0, -1.0, 0.0, 2.0])
    at = np.stack([sequences.colour(m_r, np.full(4, f)) for f in np.linspace(-2.31, 0.42, 200)])
    assert (np.diff(at, axis=0) >= -1e-9).all()
    for beyond, end in ((-3.0, -2.31), (1.0, 0.42)):
        np.testing.assert_array_equal(sequences.colour(m_r, np.full(4, beyond)), sequences.colour(m_r, np.full(4, end)))
    four = [sequences.gr0[i, np.isclose(sequences.m_r, -1.0)][0] for i in range(4)]
    expected = PchipInterpolator(sequences.feh, four)(-1.0)
    assert sequences.colour(np.array([-1.0]), np.array([-1.0]))[0] == pytest.approx(expected, abs=1e-5)


def test_outside_the_range_of_magnitude_there_is_no_colour():
    assert np.isnan(fiducials().colour(np.array([-3.5, 3.2]), np.array([-1.0, -1.0]))).all()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("M92", "NGC6792"), "'NGC6792'.*\n.*M92.*\n.*did you mean 'NGC6791'"),
        (("M92",), "1 clusters"),
        ((), "0 clusters"),
    ],
)
def test_bad_choices_of_clusters(names, message):
    with pytest.raises(ConfigError, match=message):
        fiducials(names)
