"""The verdict on the velocities in words: which component is named, where, in which sense, and what is made of it."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale.records import COMPONENTS, ComponentCheck, Counts, Predicted, VelocityCheck
from haloscale.stages.verdict_on_velocities import verdict_on_velocities

LOW, HIGH = np.array([5.0, 10.0, 18.0, 26.0]), np.array([10.0, 18.0, 26.0, 40.0])
STEPS = np.linspace(-500.0, 500.0, 21)


def around(middle, width):
    middle = np.full(4, middle)
    return Predicted(
        middle, middle, middle - width, middle + width, middle - 2 * width, middle + 2 * width, np.full(4, 0.5)
    )


def component():
    counts = np.full((4, 20), 10.0)
    sides = around(0.0, 6.0), around(100.0, 4.0), around(100.0, 4.0), around(0.0, 0.5), around(0.05, 0.01)
    return ComponentCheck(np.full(4, 200), *sides, Counts(counts.astype(int), counts, counts - 3, counts + 3))


def said(*changes, p=0.005):
    """The verdict where (component, quantity, bin, observed) differ from what is predicted."""
    parts = {name: component() for name in COMPONENTS}
    for name, quantity, k, value in changes:
        old = getattr(parts[name], quantity)
        observed = old.observed.copy()
        observed[k] = value
        parts[name] = replace(parts[name], **{quantity: replace(old, observed=observed)})
    limits = {"mean": 3.5, "sigma": 4.0, "core": 4.0, "distance": 4.5}
    check = VelocityCheck(LOW, HIGH, LOW, parts, around(0.5, 0.1), STEPS, 200, limits, p, True, "")
    found = verdict_on_velocities(check)
    assert set(found) == {"fits", "verdict"}
    return found["fits"], found["verdict"]


def test_velocities_that_fit():
    fits, text = said(("v_r", "mean", 1, 15.0), p=0.42)
    assert fits
    assert text.startswith("Velocities fit in all bins")
    assert "42 %" in text


@pytest.mark.parametrize(
    ("changes", "words", "reading"),
    [
        (
            [("v_phi", "mean", 3, -30.0)],
            "v_phi at 26-40 kpc: the stars lag by 30 km/s behind the model (mean -30 km/s where -12 to +12 is",
            "a stream or rotation that the model lacks",
        ),
        (
            [("v_phi", "mean", k, 40.0 + k) for k in range(4)],
            "v_phi at 5-40 kpc: the stars rotate 43 km/s faster than the model (mean at 26-40 kpc +43",
            "distances or a motion of the Sun that are wrong",
        ),
        ([("v_r", "mean", 0, -25.0)], "v_r at 5-10 kpc: the stars fall inwards by 25 km/s", "a stream"),
        ([("v_theta", "mean", 0, 25.0)], "v_theta at 5-10 kpc: the stars move southwards by 25 km/s", "a stream"),
        ([("v_gsr", "mean", 0, -25.0)], "v_gsr at 5-10 kpc: the stars approach by 25 km/s", "a stream"),
        (
            [("v_theta", "sigma", 0, 70.0), ("v_theta", "sigma", 2, 60.0), ("v_theta", "distance", 0, 0.3)],
            "v_theta at 5-10 and 18-26 kpc: the stars move slower than it allows (dispersion at 18-26 kpc 60 km/s "
            "where 92 to 108 is predicted)",
            "another anisotropy",
        ),
        ([("v_phi", "sigma", 1, 130.0)], "the stars move faster", "another anisotropy, or proper-motion errors"),
        ([("v_phi", "sigma", 1, 160.0)], "the stars move faster", "nearer stars taken for distant ones"),
        (
            [("v_phi", "sigma", 1, 130.0), ("v_phi", "kurtosis", 1, 30.0)],
            "the stars move faster",
            "nearer stars taken for distant ones",
        ),
        ([("v_r", "core", 1, 130.0)], "v_r at 10-18 kpc: most stars move faster", "contamination that heats"),
        (
            [("v_theta", "core", 0, 70.0), ("v_theta", "sigma", 0, 160.0)],
            "v_theta at 5-10 kpc: the stars move faster",
            "nearer stars taken for distant ones",
        ),
        ([("v_gsr", "sigma", 1, 130.0)], "v_gsr at 10-18 kpc: the stars move faster", "contamination that heats"),
        ([("v_gsr", "sigma", 1, 70.0)], "v_gsr at 10-18 kpc: the stars move slower", "another mass or tracer density"),
        ([("v_r", "distance", 2, 0.2)], "v_r at 18-26 kpc: the distribution has another shape", "substructure"),
    ],
)
def test_what_is_off_is_named(changes, words, reading):
    fits, text = said(*changes)
    assert not fits
    assert text.startswith("The velocities do not fit: ")
    assert words in text
    assert reading in text.split("Most likely: ")[1]
    assert text.endswith("The error bars hold only if the model is right.")


def test_a_distance_names_the_velocity_where_stars_are_too_many():
    parts = component()
    counts = parts.counts.observed.copy()
    counts[2, 12] = 60
    changed = replace(parts, counts=replace(parts.counts, observed=counts))
    changed = replace(changed, distance=replace(parts.distance, observed=np.array([0.05, 0.05, 0.2, 0.05])))
    limits = {"mean": 3.5, "sigma": 4.0, "core": 4.0, "distance": 4.5}
    others = {name: component() for name in COMPONENTS} | {"v_phi": changed}
    check = VelocityCheck(LOW, HIGH, LOW, others, around(0.5, 0.1), STEPS, 200, limits, 0.005, True, "")
    text = verdict_on_velocities(check)["verdict"]
    assert "60 stars from +100 to +150 km/s where 10 are predicted" in text


def test_no_more_than_four_are_said_and_the_farthest_first():
    changes = [
        (name, "mean", k, 30.0 + 3 * i) for i, (name, k) in enumerate(zip(COMPONENTS, (0, 1, 2, 3), strict=True))
    ]
    changes += [(name, "sigma", 0, 120.0 + i) for i, name in enumerate(COMPONENTS)]
    _, text = said(*changes)
    named = text.split("Most likely")[0]
    assert named.count(" kpc: ") == 4
    assert named.index("v_phi at 26-40 kpc: the stars rotate") < named.index("v_theta at 18-26 kpc: the stars move")


def test_what_is_off_most_is_named_even_if_nothing_is_beyond_the_limits():
    _, text = said(("v_r", "mean", 0, 20.0))
    assert "v_r at 5-10 kpc: the stars fly outwards by 20 km/s" in text
