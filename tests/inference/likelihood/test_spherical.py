"""Components about the Galactic centre: against the vectors of the simulation, and against plain vector algebra."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale import mock
from haloscale.frames import MODERN, ZHAI2018, locate, sky_axes
from haloscale.inference.likelihood.seen import proper_motions, sight_lines
from haloscale.inference.likelihood.spherical import to_spherical
from haloscale.records import Sample


@pytest.fixture(scope="module", params=[ZHAI2018, MODERN], ids=["zhai2018", "modern"])
def placed(request):
    """Stars with errors of the proper motions alone, their sample and their frame."""
    frame = request.param
    truth, none = replace(mock.Truth(), frame=frame), mock.Errors(distance_fractional=0.0, v=0.0, jitter=0.0)
    rng = np.random.default_rng(2)
    stars = mock.simulate(
        truth, rng, n_stars=40, footprint=mock.ALL_SKY, errors=none, contamination=0.0, repeat_fraction=0.0,
        missing_fraction=0.0,
    )  # fmt: skip
    columns = locate(stars, frame).columns
    own = {name: columns[name] for name in Sample.__dataclass_fields__ if name in columns}
    extra = {name: columns[name] for name in ("pmra", "pmra_error", "pmdec", "pmdec_error")}
    minus = np.full(len(stars), -1)
    return stars, Sample(**own, group_id=minus, bin=0 * minus, extra=extra), frame


def seen(sample, frame):
    """Measured velocities along the three axes in the rest frame of the Galaxy."""
    axes = sight_lines(sample, frame), *proper_motions(sample, frame)[1]
    return axes, np.array([s.rest + s.rate * sample.distance for s in axes])


def test_they_are_those_of_the_simulation(placed):
    """Its phi is right-handed: against rotation."""
    stars, sample, frame = placed
    _, measured = seen(sample, frame)
    found = to_spherical(sample, frame, np.arange(40), measured)
    expected = [stars.raw["true_v_r"], stars.raw["true_v_theta"], -stars.raw["true_v_phi"]]
    noise = 4.74 * sample.distance * sample.extra["pmra_error"]
    assert np.median(noise) < 10
    assert (np.linalg.norm(found - expected, axis=0) < 5 * noise + 0.1).all()
    assert np.linalg.norm(found, axis=0) == pytest.approx(np.linalg.norm(measured, axis=0))


def test_they_are_projections_on_the_vectors_of_the_place(placed):
    _, sample, frame = placed
    axes, _ = seen(sample, frame)
    star, many = np.array([7, 3, 30]), np.random.default_rng(1).normal(0, 100, (3, 5, 3))
    found = to_spherical(sample, frame, star, many)
    x_sign = 1.0 if frame.handedness == "right" else -1.0
    for i, k in enumerate(star):
        position = np.array([x_sign * sample.x[k], sample.y[k], sample.z[k]])
        north, outwards = np.array([0.0, 0.0, 1.0]), position / np.linalg.norm(position)
        onwards = np.cross(position, north)  # at the Sun, x = -r0, along y
        onwards /= np.linalg.norm(onwards)
        southwards = np.cross(outwards, onwards)
        assert southwards[2] < 0
        for j in range(5):
            v = sum(many[c, j, i] * axes[c].axis[:, k] for c in range(3))
            assert found[:, j, i] == pytest.approx([v @ outwards, v @ southwards, v @ onwards])


def test_a_star_that_turns_with_the_sun_has_v_phi_alone():
    """At the Sun's own place, seen towards the anticentre, one moving along rotation is moving towards l = 90."""
    l, b, zero = np.array([180.0]), np.array([0.0]), np.zeros(1)
    sight, _, _ = sky_axes(l, b, ZHAI2018)
    assert sight[:, 0] == pytest.approx([-1.0, 0.0, 0.0], abs=1e-12)
    columns = {"row": zero.astype(int), "l": l, "b": b, "distance": zero + 2, "distance_error": zero}
    columns |= dict.fromkeys(("x", "y", "z", "v_helio", "v_helio_error", "v_gsr", "sin2_psi"), zero)
    pm = {"pm_l": zero, "pm_l_error": zero + 0.1, "pm_b": zero, "pm_b_error": zero + 0.2}
    sample = Sample(**columns, r=zero + 10, group_id=zero.astype(int), bin=zero.astype(int), extra=pm)
    axes, _ = seen(sample, ZHAI2018)
    velocity = np.array([[200.0 * s.axis[1, 0]] for s in axes])
    assert to_spherical(sample, ZHAI2018, np.array([0]), velocity)[:, 0] == pytest.approx([0, 0, 200], abs=1e-9)
    assert np.isnan(to_spherical(replace(sample, extra={}), ZHAI2018, np.array([0]), velocity)).all()
