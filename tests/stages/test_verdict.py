"""The verdict in words: what is named, in which sense, and what is made of it."""

import numpy as np
import pytest

from haloscale.records import Predicted, PredictiveCheck
from haloscale.stages.verdict import verdict

LOW = np.array([5.0, 10.0, 20.0, 30.0, 40.0])
HIGH = np.array([10.0, 20.0, 30.0, 40.0, 80.0])


def predicted(observed, median, width):
    one = np.ones(len(LOW))
    sides = (median - width, median + width, median - 2 * width, median + 2 * width)
    return Predicted(np.asarray(observed, float), median * one, *(side * one for side in sides), 0.5 * one)


def check(sigma=(110,) * 5, mean=(0,) * 5, p=(0.5, 0.5)):
    n = np.full(5, 200)
    quantities = predicted(sigma, 110.0, 4.0), predicted(mean, 0.0, 8.0), predicted([0] * 5, 0.0, 0.3)
    return PredictiveCheck(LOW, HIGH, (LOW + HIGH) / 2, n, *quantities, 500, *p, True, "")


def said(**given):
    found = verdict(check(**given))
    assert set(found) == {"fits", "verdict"}
    return found["fits"], found["verdict"]


def test_a_model_that_fits():
    fits, text = said(sigma=(114, 106, 110, 109, 112), p=(0.42, 0.13))
    assert fits
    assert text.startswith("The model fits: in all 5 bins")
    assert "42 %" in text
    assert "13 %" in text


@pytest.mark.parametrize(
    ("sigma", "words", "reading"),
    [
        ((110, 110, 110, 128, 110), "the stars at 30-40 kpc move faster than it allows (dispersion 128 km/s where 102 "
         "to 118 is predicted)", "substructure or contamination"),
        ((90, 110, 110, 110, 110), "the stars at 5-10 kpc move slower", "inside 20 kpc another anisotropy"),
        ((110, 110, 92, 110, 110), "the stars at 20-30 kpc move slower", "a tracer that falls more steeply"),
        ((90, 110, 110, 128, 130), "the stars at 30-80 kpc move faster", "inside 20 kpc another anisotropy"),
        ((128, 110, 128, 110, 128), "the stars at 5-10, 20-30 and 40-80 kpc move faster", "substructure"),
    ],
)  # fmt: skip
def test_dispersions_that_are_off(sigma, words, reading):
    fits, text = said(sigma=sigma, p=(0.002, 0.5))
    assert not fits
    assert text.startswith("The model does not fit: ")
    assert words in text
    assert reading in text
    assert text.endswith("The error bars hold only if the model is right.")


def test_one_bin_far_off_is_named_though_the_others_hide_it():
    fits, text = said(sigma=(110, 110, 110, 110, 128), p=(0.2, 0.5))
    assert not fits
    assert "40-80 kpc" in text
    assert said(sigma=(110, 110, 110, 110, 123), p=(0.2, 0.5))[0]


def test_many_small_deviations_name_the_farthest():
    fits, text = said(sigma=(116, 104, 117, 104, 116), p=(0.005, 0.5))
    assert not fits
    assert "the stars at 20-30 kpc move faster" in text


def test_means_alone():
    fits, text = said(mean=(0, 0, -30, -40, 5), p=(0.5, 0.002))
    assert not fits
    assert text.startswith("The model fits the dispersions, not the mean velocities: the stars at 20-40 kpc stream")
    assert "(mean velocity at 30-40 kpc -40 km/s where -16 to +16 is predicted)" in text
    assert "streams or rotation" in text


def test_a_bin_without_width_is_passed_over():
    flat = check()
    flat.sigma_los.upper[2] = flat.sigma_los.lower[2] = flat.sigma_los.median[2]
    with np.errstate(invalid="ignore"):
        assert verdict(flat)["fits"]
