"""Null catalogues: what they keep of the sample, and what they forget."""

import numpy as np
import pytest

from haloscale.errors import ConfigError
from haloscale.substructure.nulls import null_catalogues
from haloscale.substructure.phase_space import PhaseSpace

KINDS = ("like", "shuffle", "smooth")


def galactocentric(stars):
    towards = stars.directions()[:, 0]
    return np.sqrt(stars.distance**2 - 16.0 * stars.distance * towards + 64.0)


def halo(n, seed=1):
    """Stars of a spherical halo seen from 8 kpc, whose dispersion falls with the radius and whose depth is seen only
    on one side of the sky."""
    rng = np.random.default_rng(seed)
    r = 5.0 * (1.0 - rng.uniform(0.0, 0.98, 6 * n)) ** -0.8
    unit = rng.standard_normal((6 * n, 3))
    x, y, z = (r[:, None] * unit / np.linalg.norm(unit, axis=1)[:, None]).T
    x = x + 8.0  # the Galactic centre lies towards l = 0, 8 kpc away
    d = np.sqrt(x**2 + y**2 + z**2)
    seen = np.flatnonzero((np.abs(z) > 4.0) & (d < np.where(z > 0, 80.0, 30.0)))[:n]
    error = rng.uniform(0.05, 0.25, len(seen)) * d[seen]
    v = rng.normal(0.0, 160.0 * (r[seen] / 10.0) ** -0.4)
    l, b = np.degrees(np.arctan2(y, x))[seen] % 360.0, np.degrees(np.arcsin(z / d))[seen]
    return PhaseSpace(l, b, d[seen], error, v, rng.uniform(2.0, 12.0, len(seen)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_footprint_stays(kind):
    stars = halo(300)
    for null in null_catalogues(stars, np.random.default_rng(2), 3, kind):
        np.testing.assert_array_equal(null.l, stars.l)
        np.testing.assert_array_equal(null.b, stars.b)


@pytest.mark.parametrize("kind", ["like", "shuffle"])
def test_distances_keep_their_errors_and_velocities_theirs(kind):
    stars = halo(500)
    (null,) = null_catalogues(stars, np.random.default_rng(3), 1, kind)
    of = dict(zip(stars.distance, stars.distance_error, strict=True))
    assert all(of[d] == e for d, e in zip(null.distance, null.distance_error, strict=True))
    np.testing.assert_array_equal(np.sort(null.distance), np.sort(stars.distance))
    speed_error = dict(zip(np.abs(stars.v), stars.v_error, strict=True))
    assert all(speed_error[abs(v)] == e for v, e in zip(null.v, null.v_error, strict=True))
    assert (null.distance != stars.distance).mean() > 0.9


def test_a_smooth_null_draws_new_numbers_with_the_errors_of_the_sample():
    stars = halo(4000)
    (null,) = null_catalogues(stars, np.random.default_rng(3), 1, "smooth")
    assert not np.isin(null.v, stars.v).any()
    fraction = stars.distance_error / stars.distance
    assert np.isin(np.round(null.distance_error / null.distance, 9), np.round(fraction, 9)).all()
    quantiles = [0.1, 0.5, 0.9]
    np.testing.assert_allclose(np.quantile(null.distance, quantiles), np.quantile(stars.distance, quantiles), rtol=0.1)


@pytest.mark.parametrize("kind", ["like", "smooth"])
def test_the_dispersion_against_radius_stays(kind):
    stars = halo(6000)
    (null,) = null_catalogues(stars, np.random.default_rng(4), 1, kind)
    r, of_null = galactocentric(stars), galactocentric(null)
    for low, high in ((6.0, 10.0), (10.0, 18.0), (25.0, 60.0)):
        want = stars.v[(r > low) & (r < high)].std()
        assert null.v[(of_null > low) & (of_null < high)].std() == pytest.approx(want, rel=0.12)
    (shuffled,) = null_catalogues(stars, np.random.default_rng(4), 1, "shuffle")
    outer = galactocentric(shuffled) > 25.0
    assert shuffled.v[outer].std() > 1.2 * stars.v[r > 25.0].std()


def test_like_stars_keep_the_depth_towards_the_centre_and_away_from_it():
    stars = halo(6000)
    towards = stars.directions()[:, 0] > 0.7
    away = stars.directions()[:, 0] < -0.5
    (like,), (shuffled,) = (null_catalogues(stars, np.random.default_rng(5), 1, k) for k in ("like", "shuffle"))

    def depths(catalogue):
        return np.median(catalogue.distance[towards]) / np.median(catalogue.distance[away])

    assert depths(like) == pytest.approx(depths(stars), rel=0.15)
    assert abs(np.log(depths(shuffled))) < 0.3 * abs(np.log(depths(stars)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_does_not_survive(kind):
    stars = halo(3000)
    n = 60
    columns = [np.array(getattr(stars, name)) for name in ("l", "b", "distance", "distance_error", "v", "v_error")]
    rng = np.random.default_rng(6)
    for column, centre, width in zip(
        columns, (90.0, 50.0, 40.0, 4.0, 150.0, 5.0), (2.0, 2.0, 2.0, 0, 6.0, 0), strict=True
    ):
        column[:n] = rng.normal(centre, width, n)
    stream = PhaseSpace(*columns)

    def inside(s):
        on_sky = (np.abs(s.l - 90.0) < 8.0) & (np.abs(s.b - 50.0) < 6.0)
        return np.count_nonzero(on_sky & (np.abs(s.distance - 40.0) < 6.0) & (np.abs(s.v - 150.0) < 20.0))

    assert inside(stream) >= n - 2
    mean = np.mean([inside(null) for null in null_catalogues(stream, rng, 20, kind)])
    assert mean < 0.15 * n


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_stars_are_no_trouble(kind, n):
    stars = halo(50).take(np.arange(n))
    (null,) = null_catalogues(stars, np.random.default_rng(1), 1, kind)
    assert len(null) == n
    assert np.isfinite(null.v).all()
    assert (null.distance > 0).all()


def test_the_same_generator_gives_the_same_nulls():
    stars = halo(200)
    for kind in KINDS:
        first, second = (list(null_catalogues(stars, np.random.default_rng(9), 2, kind)) for _ in range(2))
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a.distance, b.distance)
            np.testing.assert_array_equal(a.v, b.v)


def test_an_unknown_kind_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match="shuffle"):
        list(null_catalogues(halo(20), np.random.default_rng(1), 1, "shufle"))
