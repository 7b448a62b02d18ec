"""Planted streams and clumps: of the shape, motion, errors and footprint that were asked for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haloscale import mock
from haloscale.errors import SelectionError
from haloscale.frames import MODERN, ZHAI2018, locate
from haloscale.mock import streams
from haloscale.mock.orbit import V_CIRC, Orbit, great_circle
from haloscale.substructure.phase_space import PhaseSpace, phase_space


def catalogue(n=3000, footprint=mock.ALL_SKY, distance_error=0.13, v_error=7.0, seed=1):
    given = {"footprint": footprint, "distance_fractional_error": distance_error, "v_error": v_error}
    return mock.simulate_simple(mock.Truth(), np.random.default_rng(seed), n, **given)


@pytest.fixture(scope="module")
def stars():
    return phase_space(locate(catalogue()))[0]


@pytest.fixture(scope="module")
def exact():
    """Without errors."""
    return phase_space(locate(catalogue(distance_error=0.0, v_error=0.0)))[0]


def angles(planted, axes):
    """Along the great circle and from it [deg]."""
    middle, ahead, pole = axes
    n = planted.directions()
    return np.degrees(np.arctan2(n @ ahead, n @ middle)), np.degrees(np.arcsin(n @ pole))


@settings(max_examples=30)
@given(st.floats(0.0, 0.8), st.floats(0.0, 2 * np.pi), st.floats(10.0, 100.0))
def test_the_motion_is_the_one_that_changes_the_distance(eccentricity, phase, distance):
    """Seen from the centre: dr/dt = (dr / dphi) V_CIRC / d_g, and the angular momentum is the same all along."""
    axes = great_circle(np.array([0.0, 0.6, 0.8]), None, np.random.default_rng(1))
    orbit = Orbit(axes, distance, eccentricity, phase, width=0.0, depth=0.0, v_spread=0.0, r0=0.0)
    along, step = np.linspace(-2, 2, 41), 1e-5
    r, velocity = orbit.motion(along)
    outwards = np.outer(np.cos(along), axes[0]) + np.outer(np.sin(along), axes[1])
    onwards = np.outer(-np.sin(along), axes[0]) + np.outer(np.cos(along), axes[1])
    mean = distance / (1 + eccentricity * np.cos(phase))
    slope = (orbit.motion(along + step)[0] - orbit.motion(along - step)[0]) / (2 * step)
    v_r, v_t = np.sum(velocity * outwards, axis=1), np.sum(velocity * onwards, axis=1)
    assert np.allclose(v_r, slope * V_CIRC / mean, atol=1e-4)
    assert np.allclose(r * v_t, mean * V_CIRC)
    assert np.interp(0.0, along, r) == pytest.approx(distance)


def test_stars_lie_about_the_great_circle_as_wide_and_long_as_asked(exact):
    pole = (40.0, 20.0)
    axes = great_circle(np.array([0.0, 0.0, 1.0]), pole, np.random.default_rng(1))
    found = streams.plant(exact, np.random.default_rng(2), n=4000, width=3.0, length=90.0, pole=pole, distance=30.0)
    along, across = angles(found.stars, axes)
    assert across.std() == pytest.approx(3.0, rel=4 / np.sqrt(8000))
    centred = (along - np.degrees(np.angle(np.exp(1j * np.radians(along)).mean())) + 180) % 360 - 180
    assert np.ptp(centred) == pytest.approx(90.0, abs=1.5)
    assert centred.std() == pytest.approx(90.0 / np.sqrt(12), rel=0.05)


def test_a_clump_is_round_deep_as_wide_and_moves_as_one(exact):
    found = streams.plant(exact, np.random.default_rng(3), n=3000, width=2.0, distance=40.0, v_spread=10.0).stars
    middle = found.directions().mean(axis=0)
    off = np.degrees(np.arccos(np.clip(found.directions() @ (middle / np.linalg.norm(middle)), -1, 1)))
    assert np.sqrt(np.mean(off**2) / 2) == pytest.approx(2.0, rel=0.06)
    assert found.distance.mean() == pytest.approx(40.0, abs=0.2)
    assert found.distance.std() == pytest.approx(40.0 * np.radians(2.0), rel=0.06)
    assert 9.5 < found.v.std() < 18.0  # its own, and the perspective of at most some 300 km/s over 2 deg


def test_errors_are_those_of_like_stars_and_scatter_what_is_observed():
    table = locate(catalogue())
    near = table["distance"] < 20  # near stars have other errors than far ones
    fraction, v_error = np.where(near, 0.05, 0.2), np.where(near, 3.0, 30.0)
    table = table.with_columns(distance_error=fraction * table["distance"], v_helio_error=v_error)
    known = phase_space(table)[0]
    for distance, f, e in ((10.0, 0.05, 3.0), (45.0, 0.2, 30.0)):
        asked = {"n": 3000, "width": 0.1, "distance": distance, "distance_spread": 0.0, "v_spread": 0.0}
        made = streams.plant(known, np.random.default_rng(4), **asked).stars
        assert made.distance_fraction() == pytest.approx(np.full(3000, f))
        assert np.all(made.v_error == e)
        assert np.log(made.distance / distance).std() == pytest.approx(f, rel=0.06)
        assert made.v.std() == pytest.approx(e, rel=0.06)


def test_what_is_unknown_of_a_like_star_stays_unknown(exact):
    none = np.full(len(exact), np.nan)
    unknown = replace(exact, distance_error=none, v_error=none)
    made = streams.plant(unknown, np.random.default_rng(5), n=50, width=1.0, distance=20.0, distance_spread=0.0).stars
    assert np.isnan(made.distance_error).all()
    assert np.isnan(made.v_error).all()
    assert made.distance == pytest.approx(np.full(50, 20.0))


def test_nothing_is_planted_outside_the_footprint(stars):
    north = stars.take((stars.b > 30) & (stars.l < 180))
    for seed in range(5):
        made = streams.plant(north, np.random.default_rng(seed), n=60, width=3.0, length=50.0)
        assert made.stars.b.min() > 20
        to_stars = made.stars.directions() @ north.directions().T
        third = np.sort(north.directions() @ north.directions().T, axis=1)[:, -4]
        assert np.all(to_stars.max(axis=1) >= third[to_stars.argmax(axis=1)] - 1e-12)
        assert 0 < made.visible <= 1
    assert streams.plant(stars, np.random.default_rng(1), n=60, width=1.0).visible > 0.9


def test_the_cuts_hold_for_planted_stars_and_the_number_is_of_those_that_pass(stars):
    def far(seen, like):
        assert len(seen) == len(like)
        return seen.distance > 30

    made = streams.plant(stars, np.random.default_rng(1), n=40, width=2.0, distance=30.0, accept=far)
    assert len(made.stars) == len(made.like) == 40
    assert made.stars.distance.min() > 30
    assert 0.3 < made.visible < 0.7


def test_a_structure_without_a_place_is_told(stars):
    with pytest.raises(SelectionError, match="no place for a structure of 20 stars, 2 deg wide and 30 deg long, at 9"):
        streams.plant(
            stars, np.random.default_rng(1), n=20, width=2.0, length=30.0, distance=900.0,
            accept=lambda seen, like: seen.distance < 300,
        )  # fmt: skip


@pytest.mark.parametrize("frame", [ZHAI2018, MODERN])
def test_in_a_table_they_are_stars_like_the_others(frame):
    table = locate(catalogue(500), frame)
    known, _ = phase_space(table)
    made = streams.plant(known, np.random.default_rng(6), n=30, width=2.0, length=40.0, r0=frame.r0)
    whole = streams.append(table, streams.as_table(table, made.stars, made.like, frame))
    assert len(whole) == 530
    assert len(np.unique(whole["row"])) == 530
    again = phase_space(locate(whole, frame))[0].take(np.arange(500, 530))
    for name in PhaseSpace.__dataclass_fields__:
        assert getattr(again, name) == pytest.approx(getattr(made.stars, name))
    assert np.array_equal(whole["feh"][500:], table["feh"][made.like])
    assert {name: len(column) for name, column in {**whole.columns, **whole.raw}.items()} == dict.fromkeys(
        {**table.columns, **table.raw}, 530
    )


def test_a_halo_with_a_sagittarius_like_wrap_and_clumps():
    table, label = streams.with_structures(catalogue(4000, distance_error=0.0), np.random.default_rng(7))
    assert np.array_equal(np.bincount(label + 1), [4000, 475, 60, 40, 28, 20, 14])
    wrap = phase_space(table)[0].take(label == 0)
    l, b = np.radians(streams.SAGITTARIUS_LIKE["pole"])
    pole = np.array([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)])
    assert np.degrees(np.arcsin(wrap.directions() @ pole)).std() == pytest.approx(5.0, rel=0.15)
    assert np.quantile(wrap.distance, [0.02, 0.98]) == pytest.approx([20, 60], rel=0.25)
    assert 90 < wrap.v.std() < 200
    for k in range(1, 6):
        clump = phase_space(table)[0].take(label == k)
        asked = streams.CLUMPS[k - 1]
        middle = clump.directions().mean(axis=0)
        off = np.degrees(np.arccos(clump.directions() @ middle / np.linalg.norm(middle)))
        assert np.sqrt(np.mean(off**2) / 2) == pytest.approx(asked["width"], rel=0.5)
        assert clump.v.std() < 2 * asked["v_spread"] + 8


def test_the_same_generator_gives_the_same_stars(stars):
    one, two = (streams.plant(stars, np.random.default_rng(9), n=20, width=2.0, length=30.0) for _ in range(2))
    assert np.array_equal(one.stars.distance, two.stars.distance)
    assert np.array_equal(one.like, two.like)
