"""Numbers as a page gets them."""

import json
import math
from typing import Any

import numpy as np
import pytest

from haloscale.inference.priors import LogNormal, LogUniform, Normal, Uniform
from haloscale.web.curves import numbers, published, slider_range


@pytest.mark.parametrize("value", [0.0, 1.0, -123.456789012, 6.8e10 / 3, 1.2345678949e-9, 3e-320, 1e300, math.pi])
def test_numbers_keep_the_digits_that_are_asked_for(value: float) -> None:
    (shown,) = numbers([value])
    assert shown == pytest.approx(value, rel=5e-7, abs=1e-300)
    assert len(json.dumps(shown).strip("-").replace(".", "").lstrip("0")) <= 20


def test_what_is_no_number_is_null() -> None:
    assert numbers(np.array([1.0, np.nan, -np.inf])) == [1.0, None, None]
    assert json.loads(json.dumps(numbers([np.nan]), allow_nan=False)) == [None]


def test_sliders_end_where_priors_do_or_far_out() -> None:
    assert slider_range(Uniform(-0.5, 0.9)) == (-0.5, 0.9)
    assert slider_range(LogUniform(1.0, 100.0)) == (1.0, 100.0)
    low, high = slider_range(Normal(0.0, 1.0))
    assert low == pytest.approx(-2.88, abs=0.01)
    assert high == pytest.approx(2.88, abs=0.01)
    low, high = slider_range(LogNormal(0.0, 1.0))
    assert 0 < low < 1 < high < 100


def test_published_values_have_their_source_and_end_at_the_radius() -> None:
    found = published(60.0)
    assert all(point["label"] and point["r"] <= 60.0 for points in found.values() for point in points)
    assert min(len(points) for points in found.values()) > 3


def test_mass_and_concentration_are_told_also_where_they_are_fixed(client: Any) -> None:
    free = client.show("curves")["curves"]
    assert not {"m_vir", "c"} & set(free["derived"])
    fixed = client.show("curves", settings={"mass.halo.c": 6.0})["curves"]
    assert fixed["derived"]["c"]["value"] == 6.0
    assert [p["name"] for p in fixed["free"]] == ["m_vir"]
