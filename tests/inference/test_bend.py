"""Coordinates along a curved ridge."""

import numpy as np
import pytest
from scipy import integrate

from haloscale.inference.bend import Bend, Bent
from haloscale.inference.importance import StudentMixture


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def banana(rng, n=4000, width=0.05):
    along = rng.standard_normal(n)
    return np.column_stack([along, 0.3 * along**2 + width * rng.standard_normal(n), 0.5 * rng.standard_normal(n)])


def bent(points, share=0.2):
    bend = Bend.of(points, np.ones(len(points)))
    one = StudentMixture.unit(points.shape[1])
    straight = one.refitted(bend.straight(points), np.ones(len(points))).guarded()
    return bend, Bent(bend, straight, one.refitted(points, np.ones(len(points))).guarded(), share)


def test_there_and_back(rng):
    points = banana(rng)
    bend, _ = bent(points)
    assert bend.bent(bend.straight(points)) == pytest.approx(points, abs=1e-12)
    far = 30.0 * rng.standard_normal((50, 3))
    assert bend.bent(bend.straight(far)) == pytest.approx(far, abs=1e-9)


def test_a_parabola_is_straight_in_its_coordinates(rng):
    points = banana(rng)
    x = Bend.of(points, np.ones(len(points))).straight(points)
    width = np.sqrt(np.linalg.eigvalsh(np.cov(x.T)))
    # what is across the parabola is as thin as it was made, in units of the widths along the principal axes
    volume = np.prod(width) / np.exp(Bend.of(points, np.ones(len(points))).log_density)
    assert volume == pytest.approx(1.0 * 0.05 * 0.5, rel=0.1)


def test_few_draws_bend_little(rng):
    """Of a round cloud of as many draws as there are terms the parabolas stay small."""
    x = rng.standard_normal((40, 5))
    found = Bend.of(x, np.ones(40))
    assert max(np.abs(curve[1:]).max() for curve in found.curves) < 0.6


def test_weights_count_as_repeats(rng):
    points = banana(rng, 60)
    weight = rng.integers(1, 4, 60)
    one, two = Bend.of(points, weight.astype(float)), Bend.of(np.repeat(points, weight, axis=0), np.ones(weight.sum()))
    assert one.mean == pytest.approx(two.mean)
    assert one.width == pytest.approx(two.width)


def test_the_density_is_normalised_and_that_of_its_draws(rng):
    points = banana(rng)[:, :2]
    _, proposal = bent(points)
    x, y = np.linspace(-40, 40, 1601), np.linspace(-60, 60, 4801)
    density = np.exp(proposal.log_density(np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)))
    density = density.reshape(len(x), len(y))
    assert integrate.simpson(integrate.simpson(density, x=y), x=x) == pytest.approx(1.0, abs=0.01)
    drawn = proposal.draw(rng.random((40_000, 4)))
    inside = (np.abs(drawn[:, 0]) < 1) & (np.abs(drawn[:, 1] - 0.5) < 0.3)
    i, k = np.abs(x) <= 1 + 1e-9, np.abs(y - 0.5) <= 0.3 + 1e-9
    expected = integrate.simpson(integrate.simpson(density[i][:, k], x=y[k]), x=x[i])
    assert inside.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / len(drawn)))
