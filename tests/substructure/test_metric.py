"""The 4distance against its definition, written out star by star."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.substructure.friends import components, group_ids
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.phase_space import PhaseSpace

RNG = np.random.default_rng


def by_definition(stars, d_max=130.0):
    """delta_4d of all pairs, array (n, n), by the formula of Starkenburg et al. (2009) with its arc cosine."""
    l, b = np.radians(stars.l), np.radians(stars.b)
    cosine = np.cos(b)[:, None] * np.cos(b) * np.cos(l[:, None] - l) + np.sin(b)[:, None] * np.sin(b)
    phi = np.arccos(np.clip(cosine, -1.0, 1.0))
    fraction, error = stars.distance_error / stars.distance, stars.v_error
    w_d = (fraction[:, None] ** 2 + fraction**2) / (2.0 * np.mean(fraction) ** 2) / d_max**2
    w_v = (error[:, None] ** 2 + error**2) / (2.0 * np.mean(error) ** 2) / 500.0**2
    square = phi**2 / math.pi**2
    square += w_d * (stars.distance[:, None] - stars.distance) ** 2 + w_v * (stars.v[:, None] - stars.v) ** 2
    return np.sqrt(square)


def catalogue(n, seed, spread=0.6):
    """Stars all over the sky, the poles and both sides of l = 0 among them, some of them twice."""
    rng = RNG(seed)
    l, b = rng.uniform(0.0, 360.0, n), np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, n)))
    l[: n // 5] = rng.choice([0.0, 1e-9, 359.999, 360.0, -0.001], n // 5)
    b[n // 5 : n // 4] = rng.choice([-90.0, 90.0, 89.9], n // 4 - n // 5)
    distance, v = np.exp(rng.normal(3.0, 0.5, n)), rng.normal(0.0, 100.0, n)
    errors = distance * 0.15 * np.exp(rng.normal(0.0, spread, n)), 5.0 * np.exp(rng.normal(0.0, spread, n))
    stars = PhaseSpace(l, b, distance, errors[0], v, errors[1])
    return stars.take(np.append(np.arange(n - n // 10), rng.integers(0, n, n // 10)))


def all_pairs(n):
    return np.triu_indices(n, 1)


@pytest.mark.parametrize("d_max", [130.0, 100.0])
def test_separation_is_the_definition(d_max):
    stars = catalogue(80, 1)
    i, j = all_pairs(80)
    exact = by_definition(stars, d_max)[i, j]
    # The arc cosine of the definition is good to 1e-8 rad only.
    np.testing.assert_allclose(FourDistance(d_max).separation(stars, i, j), exact, rtol=1e-9, atol=1e-8)


def test_small_angles_keep_their_digits():
    same = np.zeros(2)
    stars = PhaseSpace(np.array([10.0, 10.0]), np.array([60.0, 60.0 + 1e-7]), same + 20.0, same, same, same)
    np.testing.assert_allclose(FourDistance().separation(stars, [0], [1]), 1e-7 / 180.0, rtol=1e-6)


def test_antipodes_are_one_apart():
    same = np.zeros(2)
    stars = PhaseSpace(np.array([0.0, 180.0]), np.array([-30.0, 30.0]), same + 20.0, same, same, same)
    np.testing.assert_allclose(FourDistance().separation(stars, [0], [1]), 1.0)


def test_the_embedding_is_never_further():
    stars = catalogue(100, 2)
    points, (i, j) = FourDistance().embedding(stars), all_pairs(100)
    apart = np.linalg.norm(points[i] - points[j], axis=1)
    assert points.shape == (100, 5)
    assert (apart <= by_definition(stars)[i, j] + 2e-8).all()


def test_without_errors_the_weights_are_those_of_the_scales():
    stars = catalogue(30, 3)
    stars = stars.with_motion(stars.distance, np.full(30, np.nan), stars.v, np.zeros(30))
    separations = FourDistance(100.0).among(stars)
    np.testing.assert_array_equal(separations.distance_weight, np.full(30, 1e-4))
    np.testing.assert_array_equal(separations.velocity_weight, np.full(30, 1.0 / 500.0**2))
    assert len(separations.notes) == 2
    assert "no star has a distance error" in separations.notes[0]
    assert "1/(500 km/s)^2 for all 30 stars" in separations.notes[1]


def test_a_star_without_an_error_has_the_mean_of_the_others():
    stars = catalogue(30, 4)
    d_error, v_error = stars.distance_error.copy(), stars.v_error.copy()
    d_error[3], v_error[[5, 6]] = 0.0, (np.nan, 0.0)
    lacking = FourDistance().among(stars.with_motion(stars.distance, d_error, stars.v, v_error))
    d_error, v_error = d_error.copy(), v_error.copy()
    d_error[3] = stars.distance[3] * np.delete(d_error / stars.distance, 3).mean()
    v_error[[5, 6]] = np.delete(v_error, [5, 6]).mean()
    filled = FourDistance().among(stars.with_motion(stars.distance, d_error, stars.v, v_error))
    np.testing.assert_allclose(lacking.distance_weight, filled.distance_weight)
    np.testing.assert_allclose(lacking.velocity_weight, filled.velocity_weight)
    assert [note.split(" without")[0] for note in lacking.notes] == ["1 of 30 stars", "2 of 30 stars"]
    assert filled.notes == ()


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 60),
    length=st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.5, 2.0]),
    spread=st.sampled_from([0.0, 0.3, 1.5]),
)
def test_components_and_pairs_are_those_of_every_pair_looked_at(seed, n, length, spread):
    stars = catalogue(n, seed, spread)
    agrees_with_brute_force(stars, length)


@pytest.mark.parametrize(("length", "spread"), [(0.03, 0.3), (0.06, 0.3), (0.06, 0.0), (0.06, 1.5), (0.4, 0.3)])
def test_the_layers_of_a_larger_catalogue_lose_nothing(length, spread):
    agrees_with_brute_force(catalogue(2100, 7, spread), length)


def agrees_with_brute_force(stars, length):
    n, separations = len(stars), FourDistance().among(stars)
    i, j = all_pairs(n)
    delta = separations.between(i, j)
    linked = delta < length
    expected = group_ids(components(n, [(i[linked], j[linked])]))
    np.testing.assert_array_equal(group_ids(separations.components(length)), expected)
    found = list(separations.close_pairs(length))
    codes = [np.minimum(a, b) * n + np.maximum(a, b) for a, b, _ in found]
    np.testing.assert_array_equal(np.sort(np.concatenate([*codes, []])), i[linked] * n + j[linked])
    assert all((d < length).all() for _, _, d in found)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_star(n):
    stars = catalogue(20, 5).take(np.arange(n))
    assert FourDistance().embedding(stars).shape == (n, 5)
    assert len(FourDistance().among(stars).components(0.1)) == n


def test_equal_stars_are_one_group():
    stars = catalogue(40, 6).take(np.zeros(5000, dtype=int))
    assert len(np.unique(FourDistance().among(stars).components(1e-6))) == 1
