"""Simulated giants follow the priors that they are drawn from."""

import numpy as np
import pytest
from scipy.stats import kstest

from haloscale import mock
from haloscale.distance.fiducials import fiducials
from haloscale.errors import ConfigError


def test_magnitudes_follow_the_luminosity_function():
    table = mock.simulate_giants(np.random.default_rng(1), 20_000, luminosity_slope=0.32)
    m_r, k = table.raw["true_m_r"], 0.32 * np.log(10)
    low, high = np.exp(k * np.array([-3.3, 3.0]))
    assert kstest(m_r, lambda m: (np.exp(k * m) - low) / (high - low)).pvalue > 0.01


def test_measurements_scatter_about_the_truth_as_their_errors_say():
    table = mock.simulate_giants(np.random.default_rng(2), 20_000, feh=(-1.5, 0.4), luminosity_slope=0.0)
    raw = table.raw
    truth = {
        "rmag0": raw["true_dm"] + raw["true_m_r"],
        "gr0": fiducials().colour(raw["true_m_r"], raw["true_feh"]),
        "feh": raw["true_feh"],
    }
    for name, true in truth.items():
        assert kstest((table[name] - true) / table[f"{name}_error"], "norm").pvalue > 0.001
    np.testing.assert_allclose(raw["true_distance"], 10 ** (raw["true_dm"] / 5 - 2))
    assert abs(raw["true_feh"].mean() + 1.5) < 0.02
    assert raw["simulated"].all()


def test_the_same_seed_gives_the_same_stars():
    first, second = (mock.simulate_giants(np.random.default_rng(7), 50) for _ in range(2))
    for name in first.columns:
        np.testing.assert_array_equal(first[name], second[name])


def test_at_least_one_star():
    with pytest.raises(ConfigError, match="at least one"):
        mock.simulate_giants(np.random.default_rng(1), 0)
