"""Percentiles of gridded densities against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from haloscale.distance.percentiles import means, quantiles

P = np.array([0.05, 0.16, 0.5, 0.84, 0.95])


@pytest.mark.parametrize("width", [1.2, 2.0, 7.0])
def test_a_gaussian_on_a_coarse_grid(width):
    x = np.arange(101.0)
    centres = np.linspace(45.0, 46.0, 11)
    density = np.exp(-0.5 * ((x - centres[:, None]) / width) ** 2).astype(np.float32)
    expected = centres[:, None] + width * norm.ppf(P)
    np.testing.assert_allclose(quantiles(density, P), expected, atol=0.03)
    np.testing.assert_allclose(means(density, x), centres, atol=1e-4)


@given(st.lists(st.floats(0.0, 1.0), min_size=12, max_size=40).filter(lambda v: sum(v) > 0.1))
def test_percentiles_rise_with_their_probability(values):
    padded = np.array([[0.0, 0.0, 0.0, *values, 0.0, 0.0, 0.0]], np.float32)
    found = quantiles(padded, P)[0]
    assert (np.diff(found) >= -1e-6).all()
    assert ((found >= 0) & (found <= padded.shape[1] - 1)).all()
